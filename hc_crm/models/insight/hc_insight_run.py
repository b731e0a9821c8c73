from odoo import api, fields, models

KINDS = [("full", "All customers"), ("incremental", "Customers with news"), ("history", "Past months")]


class HcInsightRun(models.Model):
    """One pass over a company's customers: when, how long, what came out, how good it is."""

    _name = "hc.insight.run"
    _description = "Insight Run"
    _order = "id desc"
    _rec_name = "date_start"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    kind = fields.Selection(KINDS, required=True, default="incremental", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("left", "Left to another run"),
        ],
        required=True,
        default="waiting",
        index=True,
        readonly=True,
    )
    as_of = fields.Date(string="As of", readonly=True)
    date_start = fields.Datetime(string="Started", readonly=True)
    date_end = fields.Datetime(string="Ended", readonly=True)
    duration = fields.Float(string="Duration (s)", digits=(16, 1), readonly=True, aggregator=None)
    phase = fields.Char(readonly=True)
    progress = fields.Float(digits=(16, 0), readonly=True, aggregator=None)
    customer_count = fields.Integer(string="Customers", readonly=True)
    changed_count = fields.Integer(string="Looked at", readonly=True)
    method = fields.Selection(
        [("model", "Model"), ("rule", "One-line rule"), ("none", "Not enough history")],
        readonly=True,
    )
    params = fields.Json(readonly=True, prefetch=False)
    accuracy = fields.Json(readonly=True, prefetch=False)
    warnings = fields.Json(readonly=True, prefetch=False)
    warning_text = fields.Text(string="Mind", compute="_compute_warning_text")
    error = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", string="Started by", readonly=True, ondelete="set null")
