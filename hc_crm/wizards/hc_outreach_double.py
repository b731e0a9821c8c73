from odoo import api, fields, models
from odoo.exceptions import UserError


class HcOutreachDouble(models.TransientModel):
    """Asked before a second plan turns to the same people for the same thing."""

    _name = "hc.outreach.double"
    _description = "The Same People Twice?"

    plan_id = fields.Many2one("hc.outreach.plan", required=True, readonly=True, ondelete="cascade")
    act = fields.Selection(
        [
            ("use", "Make Another"),
            ("action_start", "Start"),
            ("action_approve", "Approve and Start"),
            ("action_resume", "Resume"),
        ],
        required=True,
        readonly=True,
    )
    other_ids = fields.Many2many("hc.outreach.plan", string="Other Plans", readonly=True)
    count = fields.Integer(readonly=True, help="Whom both may turn to.")
    text = fields.Text(compute="_compute_text")
    name = fields.Char(
        string="Call the New One",
        help="So that you and your colleagues can tell them apart.",
    )

    @api.depends("act", "other_ids", "count")
    def _compute_text(self):
        for dialog in self:
            names = ", ".join(f"“{plan.name}”" for plan in dialog.other_ids)
            if dialog.act == "use":
                states = dict(
                    self.env["hc.outreach.plan"]._fields["state"]._description_selection(self.env)
                )
                dialog.text = self.env._(
                    "You made a plan from this one before: %(plans)s. With a second one that runs, the same "
                    "customers get everything twice.",
                    plans=", ".join(
                        f"“{plan.name}” ({states[plan.state].lower()})" for plan in dialog.other_ids
                    ),
                )
            else:
                dialog.text = self.env._(
                    "%(plans)s begins with the same thing and is running. %(count)s people could come into "
                    "both, and would hear from you twice.",
                    plans=names,
                    count=dialog.count,
                )

    def action_open_other(self):
        """Go to the plan there is."""
        self.ensure_one()
        return self._open(self.other_ids[:1])

    def action_go_on(self):
        """It is meant so."""
        self.ensure_one()
        if self.act == "use":
            return self._open(self.plan_id._use_template((self.name or "").strip()))
        if self.act not in ("action_start", "action_approve", "action_resume"):
            raise UserError(self.env._("Close this, and press the button of the plan again."))
        getattr(self.plan_id.with_context(hc_double_known=True), self.act)()
        # superuser: a note of the plan's life, written by who may start it
        self.plan_id.sudo().message_post(
            body=self.env._(
                "%(who)s knows that it turns to the same people as %(plans)s.",
                who=self.env.user.name,
                plans=", ".join(f"“{plan.name}”" for plan in self.other_ids),
            )
        )
        return {"type": "ir.actions.act_window_close"}

    def _open(self, plan):
        return {
            "type": "ir.actions.act_window",
            "res_model": plan._name,
            "res_id": plan.id,
            "views": [(False, "form")],
        }
