import secrets

from odoo import fields, models

STATES = [
    ("waiting", "Waiting"),
    ("sending", "Being Sent"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("expired", "Not Answered"),
    ("skipped", "Not Asked"),
    ("failed", "Failed"),
]
TOKEN_BYTES = 24


class HcAsk(models.Model):
    """One person asked once about one thing: our own record of asking, from which response is counted."""

    _name = "hc.ask"
    _description = "Request for Feedback"
    _order = "date_due desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    rule_id = fields.Many2one("hc.ask.rule", index="btree_not_null", ondelete="set null")
    survey_id = fields.Many2one("survey.survey", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="cascade")
    occurrence = fields.Char(
        required=True,
        default="once",
        help="What it is about; nobody is asked twice about the same thing.",
    )
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    touchpoint = fields.Char()
    metric = fields.Char(help="Metric of the survey's first scored question, for the throttle.")
    channel = fields.Char(default="email", help="Key of an hc.channel.")
    lang = fields.Char()
    user_id = fields.Many2one("res.users", string="From", ondelete="set null")

    state = fields.Selection(STATES, required=True, default="waiting", index=True)
    reason_code = fields.Char()
    reason_args = fields.Json()
    date_due = fields.Datetime(required=True, default=fields.Datetime.now)
    date_sent = fields.Datetime()
    date_expire = fields.Datetime()
    date_answered = fields.Datetime()
    date_reminder = fields.Datetime(help="When to remind next.")
    reminders = fields.Integer()
    token = fields.Char(
        required=True, readonly=True, copy=False, groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(TOKEN_BYTES),
    )  # fmt: skip
    user_input_id = fields.Many2one(
        "survey.user_input", index="btree_not_null", ondelete="set null"
    )
    case_id = fields.Many2one(
        "hc.feedback.case", index="btree_not_null", ondelete="set null",
        help="Asked again after this case was solved.",
    )  # fmt: skip

    _occurrence_unique = models.UniqueIndex(
        "(partner_id, rule_id, occurrence) WHERE rule_id IS NOT NULL AND partner_id IS NOT NULL",
        "This person was asked about this already.",
    )
    _token_unique = models.UniqueIndex("(token)")
    _due_idx = models.Index("(date_due, id) WHERE state = 'waiting'")
