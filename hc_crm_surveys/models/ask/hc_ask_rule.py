from odoo import fields, models


class HcAskRule(models.Model):
    """When to ask whom: after which event, how long after, with which survey, how often at most."""

    _name = "hc.ask.rule"
    _description = "When to Ask"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    survey_id = fields.Many2one("survey.survey", required=True, index=True, ondelete="cascade")
    trigger = fields.Selection(
        "_trigger_selection", string="After", required=True,
        help="What happens with the customer before we ask.",
    )  # fmt: skip
    domain = fields.Char(string="Only Those", default="[]", help="Conditions on the document.")
    partner_domain = fields.Char(string="Only Customers", default="[]")
    delay_count = fields.Integer(string="How Long After", default=0)
    delay_unit = fields.Selection(
        [("hours", "hours"), ("days", "days")], required=True, default="days"
    )
    touchpoint = fields.Char(help="Technical name of the moment, kept on every answer.")
    purpose_id = fields.Many2one(
        "hc.consent.purpose", required=True, ondelete="restrict",
        default=lambda self: self.env.ref("hc_crm.hc_consent_purpose_feedback", raise_if_not_found=False),
    )  # fmt: skip
    template_id = fields.Many2one(
        "mail.template", string="Letter", ondelete="set null", domain=[("model", "=", "hc.ask")]
    )
    share = fields.Integer(
        string="Share Asked", default=100, help="Of 100 who could be asked, so many are."
    )
    throttle_days = fields.Integer(
        string="Not Again Within", default=90,
        help="Nobody is asked the same metric again before so many days, whichever rule asks.",
    )  # fmt: skip
    expire_days = fields.Integer(string="Answer Within", default=30)
    reminder_count = fields.Integer(string="Reminders", default=1)
    reminder_days = fields.Integer(string="Remind After", default=5)
    sender = fields.Selection(
        [("known", "The colleague they know"), ("company", "The company"), ("user", "A certain colleague")],
        required=True, default="known",
    )  # fmt: skip
    user_id = fields.Many2one("res.users", string="Sent By", ondelete="set null")

    def _trigger_selection(self):
        return [(key, info["label"]) for key, info in self._triggers().items()]

    def _triggers(self):
        """Return what can go before asking: ``{key: {"label", "model", …}}``; other addons add theirs."""
        return {"manual": {"label": self.env._("By hand"), "model": None}}
