from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize

from odoo.addons.hc_crm.models.consent.contact_decision import YES


class SurveyInvite(models.TransientModel):
    """The host's invitation to a survey with a metric keeps the rules of every other request for feedback.

    The host writes to people on its blacklist, again to those who have answered, and in one language for all.
    Here: who may not be written to now, was asked lately or has answered is left out, and said so; each
    letter is in the person's language as long as nobody changed its text; it stands on the contact; and it is
    counted as asked.
    """

    _inherit = "survey.invite"

    def _hc_is_ours(self):
        return bool(self.survey_id.sudo()._metric_question())

    def action_invite(self):
        self.ensure_one()
        if not self._hc_is_ours():
            return super().action_invite()
        left = []
        result = super(SurveyInvite, self.with_context(hc_left_out=left)).action_invite()
        if not left:
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "%(count)s were left out, because they may not be written to now, were asked lately, or "
                    "have answered: %(names)s",
                    count=len(left),
                    names=", ".join(left[:10]),
                ),
                "next": result,
            },
        }

    def _prepare_answers(self, partners, emails):
        if not self._hc_is_ours():
            return super()._prepare_answers(partners, emails)
        left = self.env.context.get("hc_left_out", [])
        allowed = self._hc_allowed(partners)
        left += [partner.display_name for partner in partners - allowed]
        free = self._hc_allowed_emails(emails)
        left += [email for email in emails if email not in free]
        if not allowed and not free:
            raise UserError(
                self.env._(
                    "Nobody of them can be asked: they may not be written to now, were asked lately, or have "
                    "answered."
                )
            )
        answers = super()._prepare_answers(allowed, free)
        self._hc_note(answers)
        return answers

    def _hc_allowed(self, partners):
        """Return those who may be written to now, were not asked lately, and have not answered."""
        company = self.env.company
        rule = self.env["hc.ask.rule"].sudo()._manual_rule(self.survey_id, company)
        purpose = rule.purpose_id.key or "feedback"
        lately = rule._asked_lately(partners, self.survey_id, company)
        decisions = partners._hc_contact_decisions("email", purpose, company=company)
        done = self._hc_done([("partner_id", "in", partners.ids)]).partner_id
        return partners.filtered(
            lambda partner: (
                decisions[partner.id].answer == YES
                and partner.id not in lately
                and partner.id not in done.ids
            )
        )

    def _hc_allowed_emails(self, emails):
        normal = {email: email_normalize(email) for email in emails}
        blocked = set(
            self.env["mail.blacklist"]
            .sudo()
            .search([("email", "in", [email for email in normal.values() if email])])
            .mapped("email")
        )
        done = {
            email_normalize(email)
            for email in self._hc_done([("email", "!=", False), ("partner_id", "=", False)]).mapped(
                "email"
            )
        }
        return [email for email in emails if normal[email] not in blocked | done]

    def _hc_done(self, domain):
        return (
            self.env["survey.user_input"]
            .sudo()
            .search(
                [
                    ("survey_id", "=", self.survey_id.id),
                    ("state", "=", "done"),
                    ("test_entry", "=", False),
                    *domain,
                ]
            )
        )

    def _hc_note(self, answers):
        """Keep a record of asking for everybody invited whom we know."""
        Ask = self.env["hc.ask"].sudo()
        company = self.env.company
        question = self.survey_id.sudo()._metric_question()
        now = fields.Datetime.now()
        known = Ask.search([("user_input_id", "in", answers.ids)])
        known.filtered(lambda ask: ask.state in ("sent", "expired")).write(
            {"state": "sent", "date_sent": now}
        )
        new = answers.filtered(lambda answer: answer.partner_id) - known.user_input_id
        asks = Ask.create(
            [
                {
                    "company_id": company.id,
                    "survey_id": self.survey_id.id,
                    "partner_id": answer.partner_id.id,
                    "occurrence": f"invite,{answer.id}",
                    "metric": question.metric,
                    "state": "sent",
                    "date_sent": now,
                    "date_expire": self.deadline or now + timedelta(days=30),
                    "user_id": self.env.uid,
                    "lang": answer.partner_id.lang,
                    "user_input_id": answer.id,
                }
                for answer in new
            ]
        )
        asks._log({ask.id: self.subject for ask in asks})

    def _send_mail(self, answer):
        if not self._hc_is_ours():
            return super()._send_mail(answer)
        wizard = self.with_context(hc_invite_lang=answer.partner_id.lang)
        mail = super(SurveyInvite, wizard)._send_mail(answer)
        values = {"auto_delete": False}
        if answer.partner_id:
            values |= {"model": "res.partner", "res_id": answer.partner_id.id}
            links = answer.partner_id._hc_contact_links("feedback", company=self.env.company)
            if url := links.get(answer.partner_id.id, {}).get("one_click"):
                values["headers"] = repr(
                    {
                        "List-Unsubscribe": f"<{url}>",
                        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                    }
                )
        mail.write(values)
        return mail

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Each letter in its person's language: the template's, where nobody changed the text."""
        if lang := self.env.context.get("hc_invite_lang"):
            kwargs["set_lang"] = lang
        return super()._render_field(field, res_ids, *args, **kwargs)
