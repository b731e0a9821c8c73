from odoo import fields, models


class HcContactPolicy(models.Model):
    """How one company treats its customers' time: when, how often, and when to leave it to people."""

    _name = "hc.contact.policy"
    _description = "Contact Rules"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    hour_from = fields.Float(
        string="Not before", required=True, default=9.0, help="In the customer's own time zone."
    )
    hour_to = fields.Float(string="Not after", required=True, default=19.0)
    on_monday = fields.Boolean(default=True)
    on_tuesday = fields.Boolean(default=True)
    on_wednesday = fields.Boolean(default=True)
    on_thursday = fields.Boolean(default=True)
    on_friday = fields.Boolean(default=True)
    on_saturday = fields.Boolean(default=True)
    on_sunday = fields.Boolean(default=False)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Public Holidays of",
        default=lambda self: self.env.company.resource_calendar_id,
        help="Nobody is contacted on days off of this working calendar.",
    )
    budget_count = fields.Integer(
        string="At Most",
        required=True,
        default=3,
        help="Contacts of ours by themselves, on all channels.",
    )
    budget_days = fields.Integer(string="Within Days", required=True, default=14)
    human_days = fields.Integer(
        string="Leave Them Alone after a Talk",
        required=True,
        default=3,
        help="Days during which nothing goes out by itself after a colleague called, met or wrote.",
    )
    complaint_days = fields.Integer(
        string="A Complaint Stays Open",
        required=True,
        default=30,
        help="Days after which a bad feeling that nobody answered no longer counts as an open complaint.",
    )
    task_limit = fields.Integer(
        string="Open Tasks per Colleague",
        required=True,
        default=8,
        help="Outreach gives nobody more open tasks than this.",
    )
    approval_above = fields.Integer(
        string="Second Pair of Eyes above",
        required=True,
        default=200,
        help="A plan that would reach more people than this is started by a second person.",
    )
    show_inferences = fields.Boolean(
        string="Show What We Work Out",
        default=True,
        help="Customers see in the preference centre what we work out about them, in plain words.",
    )

    _company_uniq = models.UniqueIndex(
        "(company_id)", "There is one set of contact rules per company."
    )
