from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.hc_crm.models.consent.contact_decision import NEVER, YES

MAX_LINES = 200  # names in the preview; the counts are of all


class HcImprovementInform(models.TransientModel):
    """Before anybody is told: who will hear, who not and why, and what they will read."""

    _name = "hc.improvement.inform"
    _description = "Inform Who Asked"

    improvement_id = fields.Many2one("hc.improvement", required=True, ondelete="cascade")
    line_ids = fields.One2many(
        "hc.improvement.inform.line", "inform_id", string="Who Will Hear", readonly=True
    )
    yes_count = fields.Integer(string="Will Hear", readonly=True)
    later_count = fields.Integer(string="Will Hear Later", readonly=True)
    never_count = fields.Integer(string="Will Not Hear", readonly=True)
    hidden_count = fields.Integer(string="Customers of Colleagues", readonly=True)
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), string="Language", required=True,
        default=lambda self: self.env.lang or "en_US",
    )  # fmt: skip
    subject = fields.Char(compute="_compute_letter")
    body = fields.Html(string="Letter", compute="_compute_letter", sanitize=False)

    @api.model_create_multi
    def create(self, vals_list):
        dialogs = super().create(vals_list)
        for dialog in dialogs:
            dialog._look()
        return dialogs

    def _look(self):
        """Ask about each of them, as things stand; nothing is noted or sent."""
        self.improvement_id._check_may_inform()
        found = self.improvement_id._who_hears()
        answers = [answer for answer, _decision in found.values()]
        people = self.env["res.partner"].with_context(active_test=False).browse(found)
        readable = people._filtered_access("read")
        order = {NEVER: 2, YES: 0}
        shown = sorted(
            readable, key=lambda one: (order.get(found[one.id][0], 1), one.display_name or "")
        )
        self.write(
            {
                "yes_count": answers.count(YES),
                "never_count": answers.count(NEVER),
                "later_count": len(answers) - answers.count(YES) - answers.count(NEVER),
                "hidden_count": len(people) - len(readable),
                "line_ids": [
                    fields.Command.create(
                        {
                            "partner_id": one.id,
                            "answer": found[one.id][0],
                            "reason": ""
                            if found[one.id][0] == YES
                            else found[one.id][1].reason(self.env),
                        }
                    )
                    for one in shown[:MAX_LINES]
                ],
            }
        )

    @api.depends("lang", "improvement_id")
    def _compute_letter(self):
        for dialog in self:
            content = dialog._example()
            dialog.subject, dialog.body = content["subject"], content["body"]

    def _example(self):
        """The letter to the first who will hear, or as it would be to me; stored nowhere."""
        improvement = self.improvement_id
        # lines can be written by whoever has the dialog: only of people whom they may read
        people = self.line_ids.partner_id._filtered_access("read")
        lines = self.line_ids.filtered(lambda one: one.partner_id in people)
        line = lines.filtered(lambda one: one.answer == YES)[:1] or lines[:1]
        partner = line.partner_id or self.env.user.partner_id
        feedback_id = improvement._people_waiting().get(partner.id)
        # superuser: the words of somebody whom the reader may see, see ``_look``
        feedback = self.env["hc.feedback"].sudo().browse(feedback_id or [])
        return improvement._render_letter(partner, feedback, self.lang)

    def action_test(self):
        """Send the letter to me, marked as a trial; it counts nowhere."""
        self.ensure_one()
        self.improvement_id._check_may_inform()
        user = self.env.user
        if not user.email:
            raise UserError(self.env._("You have no e-mail address yet: add it to your profile."))
        content = self._example()
        # sudo: a mail to oneself
        mail = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": self.env._("Trial: %(subject)s", subject=content["subject"]),
                    "body_html": content["body"],
                    "email_from": user.email_formatted,
                    "email_to": user.email_formatted,
                    "auto_delete": True,
                }
            )
        )
        mail._hc_trigger_queue()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("A trial is on its way to %(address)s.", address=user.email),
            },
        }

    def action_inform(self):
        self.ensure_one()
        count = self.improvement_id._inform()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s people get a letter, each as soon as they may be written to.",
                    count=count,
                )
                if count
                else self.env._("Everybody who asked has heard of it already, or is about to."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class HcImprovementInformLine(models.TransientModel):
    _name = "hc.improvement.inform.line"
    _description = "Who Will Hear of an Improvement"

    inform_id = fields.Many2one(
        "hc.improvement.inform", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    answer = fields.Selection(
        [("yes", "Will hear"), ("later", "Later"), ("never", "Will not hear")], readonly=True
    )
    reason = fields.Char(string="Why", readonly=True)
