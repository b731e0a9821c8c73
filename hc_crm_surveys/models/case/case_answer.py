"""The first answer is noted by itself: a colleague wrote to the customer, called or met them."""

from odoo import api, fields, models
from odoo.fields import Domain

# A machine is nobody's answer.
CONTACT_CHANNELS = (
    "call", "visit", "counter", "email", "sms", "chat", "social", "letter", "meeting",
)  # fmt: skip


class HcFeedbackCase(models.Model):
    _inherit = "hc.feedback.case"

    def _answer_vals(self, date):
        return {
            "date_answered": date,
            "hours_to_answer": self._hours_between(self.date_open, date),
        }

    @api.model
    def _note_answers(self, contacts):
        """Note the first answer in open cases of people who heard from us.

        :param contacts: ``[(partner id, company id or False, naive UTC)]``
        """
        if not contacts:
            return
        # superuser: whoever answered need not own the case
        Case = self.sudo()
        partners = self.env["res.partner"].sudo().browse({one[0] for one in contacts})
        customers = partners.commercial_partner_id
        cases = Case.search(
            Domain("is_open", "=", True)
            & Domain("date_answered", "=", False)
            & (
                Domain("partner_id", "in", (partners | customers).ids)
                | Domain("commercial_partner_id", "in", partners.ids)
            )
        )
        for case in cases:
            dates = [
                date
                for partner_id, company_id, date in contacts
                # a word to the company is one to its people, and the other way round; two people of one
                # company are two people
                if partner_id in (case.partner_id.id, case.commercial_partner_id.id)
                or case.partner_id
                == self.env["res.partner"].browse(partner_id).sudo().commercial_partner_id
                if not company_id or company_id == case.company_id.id
                if date >= case.date_open.replace(microsecond=0)
            ]
            if dates:
                case.write(case._answer_vals(min(dates)))
                case._remind_owner()

    def action_answered(self):
        """Called them: noted as a conversation, which is the first answer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Interaction"),
            "res_model": "hc.interaction.log",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": self._name,
                "active_ids": self.ids,
                "default_channel_id": self.env.ref("hc_crm.hc_channel_call").id,
            },
        }

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if len(self) == 1 and not self.sudo().date_answered:
            told = {one["id"] for one in recipients}
            partner = self.sudo().partner_id
            if partner.id in told:
                self.env["res.partner"]._hc_note_written(message, partner)
        return recipients


class HcInteraction(models.Model):
    _inherit = "hc.interaction"

    @api.model_create_multi
    def create(self, vals_list):
        interactions = super().create(vals_list)
        self.env["hc.feedback.case"]._note_answers(
            [
                (one.partner_id.id, one.company_id.id, one.date)
                for one in interactions.sudo()
                if one.direction == "out"
                and not one.is_automated
                and one.user_id
                and one.channel_id.key in CONTACT_CHANNELS
            ]
        )
        return interactions

    def action_hc_open_case(self):
        """Open the case of this customer, or one about what was said here."""
        self.ensure_one()
        self.check_access("read")
        feedback = self.env["hc.feedback"].search(
            [("origin_model", "=", self._name), ("origin_id", "=", self.id)], limit=1
        )
        if feedback:
            return feedback.action_hc_open_case()
        return self.env["hc.feedback.case"]._open_action(
            self.partner_id, self.company_id, name=self.summary
        )


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if len(self) == 1 and self.id in {one["id"] for one in recipients}:
            self._hc_note_written(message, self)
        return recipients

    def _hc_note_written(self, message, partner):
        """A letter went to ``partner``: an answer, if a colleague wrote it."""
        message = message.sudo()
        author = message.author_id
        if (
            message.message_type in ("comment", "email_outgoing")
            and not message.is_internal
            and author
            and author != partner
            and author.user_ids.filtered(lambda user: not user.share)
            and not message.subtype_id.internal
        ):
            self.env["hc.feedback.case"]._note_answers(
                [(partner.id, False, message.date or fields.Datetime.now())]
            )
