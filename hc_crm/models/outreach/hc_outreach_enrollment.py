from odoo import fields, models

from .copied_many2one import CopiedMany2one
from .leading_index import LeadingIndex


class HcOutreachEnrollment(models.Model):
    """One person inside a plan, for one occurrence. Unique by constraint: never twice."""

    _name = "hc.outreach.enrollment"
    _description = "Customer in an Outreach Plan"
    _order = "date_entered desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    # of the version
    plan_id = CopiedMany2one(
        "hc.outreach.plan", required=True, ondelete="cascade", readonly=True, index=True
    )
    # a version that somebody went through takes them with it: see there
    version_id = CopiedMany2one(
        "hc.outreach.version", required=True, ondelete="cascade", readonly=True
    )
    # of the plan, as they came in
    company_id = CopiedMany2one("res.company", required=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", readonly=True
    )
    occurrence = fields.Char(
        required=True,
        readonly=True,
        help="What it is about: once, the year of a birthday, sale.order,45, …",
    )
    res_model = fields.Char(string="Began with Model", readonly=True)
    res_id = fields.Many2oneReference(string="Began with", model_field="res_model", readonly=True)
    date_occurred = fields.Datetime(readonly=True, help="The event, or the day (date plus days).")
    date_entered = fields.Datetime(required=True, default=fields.Datetime.now, readonly=True)
    date_begin = fields.Datetime(
        readonly=True,
        help="When the plan begins for them: later than they came in, if it takes only so many a day.",
    )
    date_left = fields.Datetime(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting for the Pilot to Expand"),
            ("active", "Under Way"),
            ("done", "Went through"),
            ("goal", "Reached the Goal"),
            ("exited", "Left"),
            ("failed", "Stopped by an Error"),
            ("holdout", "Hold-out"),
        ],
        required=True,
        default="active",
        readonly=True,
    )
    exit_code = fields.Char(
        readonly=True,
        help="Why they left: replied, exit_condition, archived, erased, merged, plan_ended, by_hand, …",
    )
    # of the version
    step_id = CopiedMany2one(
        "hc.outreach.step", string="Next Step", ondelete="set null", readonly=True
    )
    date_goal = fields.Datetime(readonly=True)
    is_pilot = fields.Boolean(readonly=True)
    draw = fields.Float(
        readonly=True,
        help="A number from 0 to 1 that hangs on plan and person alone: pilot, hold-out and A/B.",
    )
    delivery_ids = fields.One2many("hc.outreach.delivery", "enrollment_id")

    # also the index by customer
    _once = models.UniqueIndex("(partner_id, plan_id, occurrence)")
    # also the index by plan
    _state_idx = LeadingIndex("plan_id", "state")
