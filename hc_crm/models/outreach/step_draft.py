from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext, html_sanitize, is_html_empty

from ...engine.outreach.merge_fields import MARK, missing
from ..links import storable
from .own_context import QUIET

MAX_SUBJECT = 300  # characters; longer ones no mail program shows
MAX_BODY = 200_000  # characters of HTML


class HcOutreachStep(models.Model):
    """A message that a colleague makes personal: edits and sends it, or leaves it out, within some hours.

    Mails and text messages marked “only by a person” are run the same way.
    """

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "draft": {
                "label": self.env._("Personal draft"),
                "icon": "fa-pencil-square-o",
                "channel": "email",
                "human": True,
                "lanes": [],
            }
        }

    def _problems_draft(self):
        return self._template_problems() + self._problems_who()

    def _step_text_draft(self):
        return self.env._(
            "“%(template)s”, made personal by %(who)s within %(hours)s working hours; then %(fallback)s",
            template=self.mail_template_id.name or self.env._("A mail"),
            who=self._who_text(),
            hours=self.draft_hours,
            fallback=self.env._("sent as it is")
            if self.draft_fallback == "send"
            else self.env._("dropped"),
        )

    def _is_drafted(self):
        """Tell whether a colleague makes each of these messages personal before it goes out."""
        self.ensure_one()
        return self.type == "draft" or (self.never_automate and self.type in ("mail", "sms"))

    def _run_draft(self, deliveries):
        """Write the message for each customer and hand it to a colleague; send those that were approved."""
        approved = deliveries.filtered("is_approved")
        self._send_approved(approved)
        given = self._hand_over(deliveries - approved)
        if not given:
            return
        contents = self._draft_contents(given)
        given = given.filtered(lambda row: row.id in contents)
        draft_type = self.env.ref("hc_crm.mail_activity_type_draft", raise_if_not_found=False)
        tasks = self._make_tasks(
            given,
            draft_type or self._task_type(),
            self.summary or self.env._("Personalise and send: %s", self._title()),
            self.text,
        )
        tasks["date_expire"] = self._draft_windows(tasks["user_id"], given._now())
        given._set_open(
            is_draft=True,
            subject={key: content["subject"] for key, content in contents.items()},
            body={key: content["body"] for key, content in contents.items()},
            **tasks,
        )
        self._announce(given)

    def _draft_contents(self, deliveries):
        """Return ``{delivery id: {"subject", "body"}}``; who cannot get the message is marked."""
        if self.type == "sms":
            texts = self._words(self.text, deliveries.partner_id)
            return {
                row.id: {"subject": False, "body": self._as_html(texts[row.partner_id.id])}
                for row in deliveries
            }
        template = self.mail_template_id.sudo()
        if not template:
            raise UserError(self.env._("The template of the mail was deleted. Choose another one."))
        records = deliveries._template_records(template)
        deliveries.filtered(lambda row: row.id not in records)._set_skipped("record_gone")
        rows = deliveries.filtered(lambda row: row.id in records)
        rendered = self._render_mails(
            template, {records[row.id]: row.partner_id.lang or False for row in rows}
        )
        return {
            row.id: {
                "subject": self._show_gaps(rendered[records[row.id]]["subject"]),
                "body": self._show_gaps(rendered[records[row.id]]["body"]),
            }
            for row in rows
        }

    @api.model
    def _show_gaps(self, text):
        """A field that is empty stands there as such: the colleague sees it, and sending refuses it."""
        return Markup(MARK.sub(r"{{ \1 }}", str(text or "")))

    def _draft_windows(self, user_of, now):
        """Return ``{delivery id: naive UTC}`` until when each colleague has time, in their working hours."""
        users = self.env["res.users"].sudo().browse(set(user_of.values()))
        resources = self._resources(users)
        company = self.company_id.sudo().resource_calendar_id
        ends = {}
        for user in users:
            resource = resources.get(user.id)
            calendar = resource.calendar_id if resource and resource.calendar_id else company
            key = calendar, resource if calendar != company else None
            if key not in ends:
                ends[key] = self._work_time_after(
                    calendar, self.draft_hours, now, resource if calendar != company else None
                )
            ends[user.id] = ends[key]
        return {key: ends[user_id] for key, user_id in user_of.items()}

    def _send_approved(self, deliveries):
        """Send what a colleague released, or the window let go; ``subject`` and ``body`` stand in the rows."""
        if not deliveries:
            return
        if self.type == "sms":
            self._send_texts(
                deliveries, {row.id: html2plaintext(row.body or "").strip() for row in deliveries}
            )
            return
        template = self.mail_template_id.sudo()
        without = deliveries.filtered(lambda row: not row.partner_id.email_normalized)
        without._set_skipped("no_address")
        deliveries -= without
        contents = {}
        for row in deliveries:
            if gap := row._draft_gap(row.subject, row.body):
                row._set_failed(gap)
                continue
            contents[row.id] = {"subject": row.subject, "body": row.body, "email_from": None}
        deliveries.browse(contents)._queue_mails(self, template, contents)


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    is_draft = fields.Boolean(
        string="To Personalise", readonly=True, help="A message that a colleague makes personal."
    )
    is_approved = fields.Boolean(
        readonly=True, help="A draft that may go out: a colleague sent it, or its time was over."
    )

    def action_send_draft(self, subject=None, body=None):
        """Send the message as the colleague made it.

        What has changed meanwhile counts: who withdrew their consent gets nothing, and outside the hours in
        which they may be contacted it waits for the next morning.

        :param str subject: the new subject; the one that is there by default
        :param str body: HTML; sanitised
        :return: dict with ``state`` (``sent``, ``later`` or ``left_out``) and ``reason`` in words
        """
        self.ensure_one()
        self._check_may_record()
        delivery = self._lock_open()._check_is_draft()
        subject, body = delivery._clean_draft(subject, body)
        activity = delivery.activity_id
        delivery._mark(
            {
                "state": "due",
                "date_due": delivery._now(),
                "is_approved": True,
                "subject": subject or None,
                "body": body,
            }
        )
        delivery._process()
        if activity.exists():
            state = delivery.state
            words = {
                "sending": self.env._("Sent."),
                "done": self.env._("Sent."),
                "due": self.env._("Waits for a better moment."),
            }.get(state, self.env._("Not sent."))
            activity.with_context(hc_outreach_outcome=("sent", ""))._action_done(feedback=words)
        if delivery.state == "failed":
            raise UserError(delivery.error)
        answer = {"sending": "sent", "done": "sent", "due": "later"}.get(delivery.state, "left_out")
        reason = ""
        if answer != "sent":
            reason = delivery.step_id._reason_words(delivery.reason_code, delivery.reason_args)
        return {"state": answer, "reason": reason}

    def action_skip_draft(self, note=None):
        """Leave the message out for this customer; the plan goes on."""
        self._check_may_record()
        note = self._clean_note(note)
        for delivery in self._lock_open()._check_is_draft():
            activity = delivery.activity_id
            delivery._set_skipped("draft_dropped")
            delivery.note = note or False
            words = ". ".join(filter(None, (self.env._("Left out"), note)))
            activity.with_context(hc_outreach_outcome=("skipped", ""))._action_done(feedback=words)
        return True

    def _check_is_draft(self):
        if not all(row.is_draft for row in self):
            raise UserError(self.env._("This is a task, no message: say what came of it instead."))
        return self

    def _clean_draft(self, subject, body):
        """Return what is sent; :raises ValidationError: naming what is missing in it."""
        if subject is not None and not isinstance(subject, str):
            raise ValidationError(self.env._("Subject: has to be a text."))
        if body is not None and not isinstance(body, str):
            raise ValidationError(self.env._("Message: has to be a text."))
        subject = (self.subject or "") if subject is None else " ".join(storable(subject).split())
        if len(subject) > MAX_SUBJECT or len(body or "") > MAX_BODY:
            raise ValidationError(
                self.env._("Subject or message: it is too long for a mail. Shorten it.")
            )
        body = self.body if body is None else html_sanitize(storable(body), sanitize_style=True)
        if self.step_id.type != "sms" and not subject:
            raise ValidationError(self.env._("Subject: is empty. Say what the message is about."))
        if is_html_empty(body):
            raise ValidationError(
                self.env._("Message: is empty. Write something, or leave it out.")
            )
        if gap := self._draft_gap(subject, body):
            raise ValidationError(gap)
        return subject, body

    def _draft_gap(self, subject, body):
        """Return what was not filled in, in words, or None."""
        gaps = missing(subject) or missing(body, html2plaintext(str(body or "")[:1000]))
        if not gaps:
            return None
        return self.env._(
            "The text has a gap: “%(gap)s”. Write what belongs there, then send it.", gap=gaps[0]
        )

    # -- may it happen now ----------------------------------------------------------------------------

    def _decided(self, step):
        """A colleague may write a draft whenever they like; when it goes out, what counts is that moment.

        What a colleague sends is their act; what goes out because nobody looked at it is ours.
        """
        if not step._is_drafted():
            return super()._decided(step)
        approved = self.filtered("is_approved")
        ours = approved.filtered(lambda row: not row.user_id)
        allowed = (self - approved)._decided_as(step, human=True, obey_later=False)
        allowed |= (approved - ours)._decided_as(step, human=True)
        allowed |= ours._decided_as(step, human=False)
        # in the order in which they were due
        return self & allowed

    def _decided_as(self, step, human, obey_later=True):
        """Ask as for a person's act or for our own; mark who may not, return the others."""
        channel = step._contact_channel()
        if not self or not channel:
            return self
        plan = step.plan_id
        options = {"company": plan.company_id, "human": human}
        if plan._rests_on_figures():
            options["profiled"] = True
        if plan.human_days >= 0:
            options["human_days"] = plan.human_days
        decisions = self.partner_id._hc_contact_decisions(
            channel, (step.purpose_id or plan.purpose_id).key, self._now(), **options
        )
        allowed, groups = [], {}
        for row in self:
            decision = decisions[row.partner_id.id]
            if decision.answer == "yes" or (decision.answer == "later" and not obey_later):
                allowed.append(row.id)
            else:
                groups.setdefault((decision.answer, decision.code), {})[row.id] = decision
        for (answer, code), found in groups.items():
            self.browse(found)._obey(step, answer, code, found)
        return self.browse(allowed)

    # -- nobody looked at it --------------------------------------------------------------------------

    def _expire_one(self):
        if not self.is_draft:
            return super()._expire_one()
        activity = self.activity_id
        if self.step_id.draft_fallback == "send":
            # automation sends it: so what holds automation back is asked again, see _decided
            self._mark(
                {"state": "due", "date_due": self._now(), "is_approved": True, "user_id": None}
            )
        else:
            self._set_skipped("draft_expired")
        activity.with_context(hc_outreach_quiet=QUIET).unlink()
        return None

    def _move_expiry(self, day):
        """A draft waits until the end of the day it was put off to."""
        drafts = self.filtered("is_draft")
        for delivery in drafts:
            delivery.date_expire = fields.Datetime.to_datetime(day) + timedelta(days=1)
        return super(HcOutreachDelivery, self - drafts)._move_expiry(day)
