from odoo import models
from odoo.exceptions import UserError

# What a customer reads, and from whom.
WORDS = {
    "subject", "body_html", "email_from", "reply_to", "attachment_ids", "report_template_ids", "lang",
    "model_id",
}  # fmt: skip


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def write(self, vals):
        if not self.env.su and not WORDS.isdisjoint(vals):
            self._hc_check_not_looked_at()
        return super().write(vals)

    def update_field_translations(self, field_name, translations, source_lang=""):
        if not self.env.su and field_name in WORDS:
            self._hc_check_not_looked_at()
        return super().update_field_translations(field_name, translations, source_lang=source_lang)

    def _hc_check_not_looked_at(self):
        """Whoever approves a plan approves the words they have before them."""
        # superuser: whoever writes mails need not know of plans
        steps = self.env["hc.outreach.step"].sudo()
        domain = [
            ("mail_template_id", "in", self.ids),
            "|",
            ("plan_id.state", "=", "approval"),
            ("plan_id.publish_asked_by_id", "!=", False),
            ("version_id.state", "!=", "retired"),
        ]
        if step := steps.search(domain, limit=1):
            raise UserError(
                self.env._(
                    "Somebody is looking at the plan “%s” and at these words before they go out. Press “Not "
                    "Yet” there to change them.",
                    step.plan_id.name,
                )
            )
