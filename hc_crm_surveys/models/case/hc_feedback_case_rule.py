from odoo import fields, models

from ..feedback.hc_feedback import BANDS, SENTIMENTS, SOURCES
from ..question.survey_question import METRICS


class HcFeedbackCaseRule(models.Model):
    """Which feedback becomes a case, whose, and by when."""

    _name = "hc.feedback.case.rule"
    _description = "Rule for Cases"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade")
    metric = fields.Selection(METRICS)
    source = fields.Selection(SOURCES)
    band = fields.Selection(BANDS)
    sentiment = fields.Selection(SENTIMENTS, string="Tone")
    keywords = fields.Char(help="Any of these words in the comment, separated by commas.")
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")
    partner_domain = fields.Char(string="Only Customers", default="[]")
    action = fields.Selection(
        [("case", "Open a case"), ("thank", "Thank them"), ("referral", "Ask for a referral"),
         ("review", "Ask for a public review")],
        required=True, default="case",
    )  # fmt: skip
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", ondelete="set null",
        help="Empty: the customer's own person, else whoever answers for the topic.",
    )  # fmt: skip
    hours_answer = fields.Float(string="Answer Within", default=8, help="Working hours.")
    hours_solve = fields.Float(string="Solve Within", default=40, help="Working hours.")
    escalate_user_id = fields.Many2one("res.users", string="Escalate To", ondelete="set null")
