from odoo import fields, models

from .hc_customer_insight import BANDS


class HcCustomerInsightHistory(models.Model):
    """How a customer stood at the end of a month. The running month is ``hc.customer.insight`` itself."""

    _name = "hc.customer.insight.history"
    _description = "Customer Insight, by Month"
    _order = "month desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    seller_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    seller_count = fields.Integer(readonly=True, aggregator=None)
    month = fields.Date(required=True, index=True, readonly=True)
    health = fields.Float(digits=(16, 0), readonly=True, aggregator="avg")
    health_band = fields.Selection(BANDS, readonly=True)
    churn_risk = fields.Float(string="Likely to Stop Buying", readonly=True, aggregator="avg")
    clv = fields.Monetary(string="Value Ahead", readonly=True)
    engagement = fields.Float(digits=(16, 0), readonly=True, aggregator="avg")
    frequency = fields.Integer(string="Purchases", readonly=True)
    monetary = fields.Monetary(string="Spent in Total", readonly=True)

    # also what reading one customer's months goes through
    _partner_month_uniq = models.UniqueIndex(
        "(partner_id, company_id, month)", "There is one line per customer, company and month."
    )
