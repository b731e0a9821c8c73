import hashlib
import hmac
import json
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import webhook_http

# Calls that fail are made again after so many minutes; the other system knows them by their key.
RETRY_MINUTES = (2, 10, 30, 120, 360)
# A call begun so long ago was cut off: nobody knows whether it arrived.
DOUBT_MINUTES = 10
CALLS = 20  # in one go: each may take as long as the timeout
MAX_ERROR = 300  # characters of an answer that are kept


class HcOutreachStep(models.Model):
    """Tell another system.

    A call cannot be taken back, so it is no part of the worker's transaction. The row is marked as on its way
    and committed; then the call's beginning is committed, then it is made. What a crash cuts off is in doubt
    and shown. Each call carries ``Idempotency-Key``, the same at every try, and a signature:
    ``X-HC-Signature: sha256=…`` is the HMAC of ``<X-HC-Timestamp>.<body>`` with the secret of the step.
    """

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "webhook": {
                "label": self.env._("Tell another system"),
                "icon": "fa-plug",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    @api.constrains("webhook_url", "type")
    def _check_webhook_url(self):
        for step in self:
            if step.type == "webhook" and step.webhook_url and (why := step._webhook_problem()):
                raise ValidationError(self.env._("Address: %s", why))

    def _webhook_problem(self):
        """Return what is wrong with the address itself, in words, or None."""
        try:
            _scheme, host, _port, _path = webhook_http.split(self.webhook_url)
        except webhook_http.Refused as refused:
            return self._webhook_words(refused)
        try:
            if not webhook_http.is_public(host):
                return self._webhook_words("private")
        except ValueError:
            # a name, no number: what it leads to is asked right before each call
            if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
                return self._webhook_words("private")
        return None

    def _webhook_words(self, refused):
        return {
            "scheme": self.env._("it has to begin with https:// or http://."),
            "credentials": self.env._(
                "no name and password in the address. Use the secret instead."
            ),
            "private": self.env._(
                "it leads into our own network, where plans may not call anybody."
            ),
        }.get(str(refused), self.env._("it is no web address."))

    def _problems_webhook(self):
        if not self.webhook_url:
            return [self.env._("give the address of the other system.")]
        problem = self._webhook_problem()
        return [self.env._("the address: %s", problem)] if problem else []

    def _step_text_webhook(self):
        try:
            _scheme, host, _port, _path = webhook_http.split(self.webhook_url)
        except webhook_http.Refused:
            host = "?"
        return self.env._("Tell %s", host)

    def _run_webhook(self, deliveries):
        """Mark them as on their way; ``_cron_webhooks`` makes the calls."""
        deliveries._set_sending(webhook_date=None)
        cron = self.env.ref("hc_crm.hc_outreach_webhook_cron", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    webhook_date = fields.Datetime(
        readonly=True, help="When the call to the other system began; committed before it is made."
    )

    @api.model
    def _cron_webhooks(self):
        """Make the calls that are due, one transaction each before and after."""
        work = self.env["hc.outreach.delivery"].sudo()
        work._webhooks_in_doubt()
        while True:
            done = 0
            for delivery_id in work._webhooks_waiting().ids:
                done += work.browse(delivery_id)._call_webhook(commit=self.env.cr.commit)
            remaining = len(work._webhooks_waiting())
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining) or not done:
                break

    @api.model
    def _webhooks_waiting(self):
        return self.search(
            [
                ("type", "=", "webhook"),
                ("state", "=", "sending"),
                ("webhook_date", "=", False),
                ("date_due", "<=", self._now()),
            ],
            order="priority desc, date_due, id",
            limit=CALLS,
        )

    def _call_webhook(self, commit):
        """Make one call.

        :param commit: called before the call and after it: what was begun must be known if we crash
        :return: 1 if it was this process's to make
        """
        self.ensure_one()
        row = self.try_lock_for_update()
        row.invalidate_recordset(["state", "webhook_date"], flush=False)
        if not row or row.state != "sending" or row.webhook_date:
            commit()
            return 0
        step = row.step_id
        url, body = step.webhook_url, row._webhook_body()
        headers = row._webhook_headers(body, step.webhook_secret)
        row._mark({"webhook_date": fields.Datetime.now()})
        commit()
        error, final = row._webhook_try(url, body, headers)
        self.env.invalidate_all()
        if not error:
            row._set_done()
        elif final or row.tries >= len(RETRY_MINUTES):
            row._set_failed(error)
        else:
            row._mark(
                {
                    "webhook_date": None,
                    "tries": row.tries + 1,
                    "date_due": row._now() + timedelta(minutes=RETRY_MINUTES[row.tries]),
                    "error": error,
                }
            )
        commit()
        return 1

    def _webhook_try(self, url, body, headers):
        """Return ``(what went wrong or None, whether trying again is of no use)``."""
        step = self.step_id
        try:
            status, answer = webhook_http.post(url, body, headers)
        except webhook_http.Refused as refused:
            return self.env._("Address: %s", step._webhook_words(refused)), True
        except OSError as error:
            return self.env._("The other system did not answer: %s", str(error)[:MAX_ERROR]), False
        if 200 <= status < 300:
            return None, False
        text = self.env._(
            "The other system said %(status)s: %(answer)s", status=status, answer=answer[:MAX_ERROR]
        )
        # “too many” and “not now” go away; what is wrong with the call does not
        return text, status < 500 and status not in (408, 425, 429)

    def _webhook_body(self):
        partner, enrollment = self.partner_id, self.enrollment_id
        return json.dumps(
            {
                "id": self.id,
                "plan": {"id": self.plan_id.id, "name": self.plan_id.name},
                "step": {"key": self.step_id.key, "name": self.step_id._title()},
                "occurrence": enrollment.occurrence,
                "record": {"model": enrollment.res_model or None, "id": enrollment.res_id or None},
                "customer": {
                    "id": partner.id,
                    "name": partner.display_name,
                    "email": partner.email or None,
                    "phone": partner.phone or None,
                    "ref": partner.ref or None,
                },
            },
            ensure_ascii=False,
        ).encode()

    def _webhook_headers(self, body, secret):
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Odoo hc_crm",
            "Idempotency-Key": f"{uuid}-{self.id}",
        }
        if secret:
            stamp = str(int(time.time()))
            digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
            headers |= {"X-HC-Timestamp": stamp, "X-HC-Signature": f"sha256={digest.hexdigest()}"}
        return headers

    @api.model
    def _webhooks_in_doubt(self):
        """Calls that a crash cut off may have arrived: shown to a person, never made again by themselves."""
        cut_off = self.search(
            [
                ("type", "=", "webhook"),
                ("state", "=", "sending"),
                ("webhook_date", "<", fields.Datetime.now() - timedelta(minutes=DOUBT_MINUTES)),
            ]
        ).try_lock_for_update()
        if cut_off:
            cut_off._mark({"state": "doubt", "reason_code": "doubt", "reason_args": None})
