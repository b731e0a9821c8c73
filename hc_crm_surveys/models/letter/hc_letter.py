from datetime import timedelta

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models, tools
from odoo.fields import Domain

from odoo.addons.hc_crm.models.consent.contact_decision import LATER, YES

BATCH = 100
# What could not be said for so long is not news any more.
TOO_LATE = timedelta(days=60)


class HcLetter(models.AbstractModel):
    """A letter of ours to one person, sent by itself and once: when they may be written to.

    A row is the outbox: whether it was sent is noted in the transaction that makes the mail, and two workers
    never take the same row. Models that inherit it say whether a person gets several (by an index), and
    write ``_letter_template`` and ``_letter_purpose``.
    """

    _name = "hc.letter"
    _description = "Letter by Ourselves"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("sent", "Sent"), ("skipped", "Not Sent"), ("failed", "Failed")],
        required=True, default="waiting", index=True, readonly=True,
    )  # fmt: skip
    date_due = fields.Datetime(
        string="Not Before", required=True, default=fields.Datetime.now, readonly=True
    )
    date_sent = fields.Datetime(string="Sent On", readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_args = fields.Json(readonly=True, groups="hc_crm.hc_crm_group_manager")
    reason = fields.Char(string="Why", compute="_compute_reason")
    error = fields.Char(readonly=True)
    message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )

    @api.depends_context("uid", "lang", "tz")
    @api.depends("reason_code", "error")
    def _compute_reason(self):
        attempt = self.env["hc.contact.attempt"]
        for letter in self:
            # superuser: the sentence leaves out what the reader may not know
            args = letter.sudo().reason_args
            letter.reason = (
                attempt._reason_text(letter.reason_code, args)
                if letter.reason_code
                else letter.error
            )

    # -- to be written by those who inherit ---------------------------------------------------------

    def _letter_purpose(self):
        """Return the key of the purpose these letters have."""
        return "care"

    def _letter_template(self):
        """Return the ``mail.template`` of a row, about contacts."""
        raise NotImplementedError

    def _letter_decisions(self, purpose, company):
        return self.partner_id._hc_contact_decisions("email", purpose, company=company)

    # -- sending ------------------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what is due, batch by batch; each batch is decided, written and committed together."""
        due = Domain("state", "=", "waiting") & Domain("date_due", "<=", fields.Datetime.now())
        while letters := self.search(due, limit=BATCH, order="date_due, id"):
            taken = letters.try_lock_for_update()
            if not taken:
                break  # another worker has them
            taken._send()
            left = self.search_count(due)
            if not self.env["ir.cron"]._commit_progress(len(taken), remaining=left):
                break

    def _send(self):
        """Decide about each of these letters, and send those that may go. As superuser."""
        for (company, purpose), letters in self.grouped(
            lambda row: (row.company_id, row._letter_purpose())
        ).items():
            decisions = letters._letter_decisions(purpose, company)
            ready = letters.browse()
            for letter in letters:
                decision = decisions[letter.partner_id.id]
                if decision.answer == YES:
                    ready |= letter
                elif decision.answer == LATER and decision.until < letter.create_date + TOO_LATE:
                    letter.write(
                        {
                            "date_due": decision.until,
                            "reason_code": decision.code,
                            "reason_args": decision.args,
                        }
                    )
                    letter._log_attempt("postponed", purpose)
                else:
                    letter.write(
                        {
                            "state": "skipped",
                            "reason_code": decision.code
                            if decision.answer != LATER
                            else "too_late",
                            "reason_args": decision.args,
                        }
                    )
                    letter._log_attempt("dropped", purpose)
            for letter in ready:
                letter._send_one(purpose)

    def _letter_lang(self):
        return self.partner_id.lang or self.company_id.partner_id.lang or False

    def _render_letter(self):
        """Return ``{"subject", "body", "email_from", "missing"}`` in the person's language."""
        self.ensure_one()
        partner = self.partner_id
        step = self.env["hc.outreach.step"].with_company(self.company_id)
        template = self._letter_template().sudo().with_company(self.company_id)
        return step._render_mails(template, {partner.id: self._letter_lang()})[partner.id]

    def _send_one(self, purpose):
        """Make the mail and note that it was made; or note what is wrong with it."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                content = self._render_letter()
                if content["missing"]:
                    raise ValueError(
                        self.env._("The text has a gap: “%(what)s”.", what=content["missing"][0])
                    )
                mail = self._make_mail(content, purpose)
                self.write(
                    {
                        "state": "sent",
                        "date_sent": fields.Datetime.now(),
                        "reason_code": False,
                        "reason_args": False,
                        "error": False,
                        "message_id": mail.mail_message_id.id,
                    }
                )
                self._log_attempt("sent", purpose, content["subject"])
        except OperationalError:
            raise
        except Exception as error:
            # expressions of templates raise whatever they like; the others get their letters
            self.write({"state": "failed", "error": str(error).strip()[:300]})

    def _make_mail(self, content, purpose):
        partner, company = self.partner_id, self.company_id
        author, email_from = self._letter_sender()
        link = partner._hc_contact_links(purpose, company=company).get(partner.id) or {}
        headers = {"X-Auto-Response-Suppress": "OOF"}
        if url := link.get("one_click"):
            headers |= {
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        reply_to = partner._notify_get_reply_to_batch(
            defaults={partner.id: email_from}, author_ids={partner.id: author.id}
        )
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        mail = self.env["mail.mail"].create(
            {
                "model": "res.partner",
                "res_id": partner.id,
                "subject": content["subject"],
                "body_html": tools.mail.append_content_to_html(
                    content["body"] or "", self._letter_footer(link), plaintext=False
                ),
                "body": content["body"],
                "author_id": author.id,
                "email_from": email_from,
                "reply_to": reply_to.get(partner.id) or email_from,
                "recipient_ids": [fields.Command.link(partner.id)],
                "message_type": "email_outgoing",
                # the same letter is the same message, also when it is sent again
                "message_id": f"<{self._table}-{self.id}@{uuid}.hc-crm>",
                "headers": repr(headers),
                "auto_delete": False,
                "is_notification": False,
            }
        )
        mail._hc_trigger_queue()
        return mail

    def _letter_sender(self):
        """Who writes: whom they know, else the company. ``(partner, address)``"""
        partner, company = self.partner_id, self.company_id
        for user in (partner.user_id, partner.commercial_partner_id.user_id):
            if user.active and user.email and company in user.company_ids:
                return user.partner_id, user.email_formatted
        return company.partner_id, company.email_formatted or company.partner_id.email_formatted

    def _letter_footer(self, link):
        reader = self.with_context(lang=self.partner_id.lang or self.env.lang)
        parts = [
            Markup('<a href="%s">%s</a>') % (url, label)
            for url, label in (
                (
                    link.get("preferences"),
                    reader.env._("What would you like to hear from us?"),
                ),
                (link.get("unsubscribe"), reader.env._("No more of these mails")),
            )
            if url
        ]
        if not parts:
            return ""
        return Markup(
            '<p style="font-size: 12px; color: #666666; margin-top: 24px">%s</p>'
        ) % Markup(" · ").join(parts)

    def _log_attempt(self, outcome, purpose, subject=None):
        """Write the ledger: it counts in the budget, and stands on the timeline."""
        purpose = self.env["hc.consent.purpose"]._get(purpose)
        self.env["hc.contact.attempt"]._hc_log(
            [
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "channel_id": self.env["hc.channel"]._hc_get("email").id,
                    "purpose_id": purpose.id,
                    "outcome": outcome,
                    "is_budgeted": purpose.is_budgeted,
                    "subject": subject,
                    "reason_code": self.reason_code or None,
                    "reason_args": self.reason_args or None,
                    "date_until": self.date_due if outcome == "postponed" else None,
                    "res_model": self._name,
                    "res_id": self.id,
                    "message_id": self.message_id.id or None,
                }
            ]
        )

    def action_retry(self):
        """Try again what failed, after its text was put right."""
        self.check_access("read")
        # sudo: rows are written by the sender only
        self.sudo().filtered(lambda row: row.state == "failed").write(
            {"state": "waiting", "error": False, "date_due": fields.Datetime.now()}
        )
