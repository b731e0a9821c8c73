from odoo import fields, models

from .copied_many2one import CopiedMany2one
from .leading_index import LeadingUniqueIndex


class HcOutreachDelivery(models.Model):
    """One step of one enrollment: the outbox. Unique by constraint: never twice.

    ``state`` moves ``due`` → ``done`` / ``skipped`` / ``failed`` in the same transaction as the effect.
    ``open``: a person has it (task, draft). ``sending``: committed before the wire; what a crash leaves
    there becomes ``doubt`` and is shown to a person, never sent again by itself.
    """

    _name = "hc.outreach.delivery"
    _description = "Step of a Customer"
    _order = "date_due desc, id desc"
    _rec_name = "step_id"
    _log_access = False

    enrollment_id = fields.Many2one(
        "hc.outreach.enrollment", required=True, ondelete="cascade", readonly=True, index=True
    )
    # of the plan; a step that is deleted alone takes its rows with it
    step_id = CopiedMany2one("hc.outreach.step", required=True, ondelete="cascade", readonly=True)
    # of the enrollment; by customer they are found through it
    plan_id = CopiedMany2one("hc.outreach.plan", required=True, ondelete="cascade", readonly=True)
    company_id = CopiedMany2one("res.company", required=True, ondelete="cascade", readonly=True)
    partner_id = CopiedMany2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", readonly=True
    )
    type = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("due", "Due"),
            ("open", "With a Person"),
            ("sending", "Being Sent"),
            ("done", "Done"),
            ("skipped", "Left out"),
            ("failed", "Failed"),
            ("doubt", "May Have Been Sent"),
        ],
        required=True,
        default="due",
        readonly=True,
    )
    priority = fields.Integer(default=1, readonly=True)
    date_due = fields.Datetime(required=True, readonly=True, help="Next look at it.")
    date_first_due = fields.Datetime(
        readonly=True, help="When it would have happened, had nothing held it."
    )
    date_done = fields.Datetime(readonly=True)
    date_expire = fields.Datetime(
        readonly=True, help="With a person: from when on the plan goes on without them."
    )
    tries = fields.Integer(readonly=True)
    outcome = fields.Char(readonly=True, help="The lane taken: yes, no, a, b, reached, …")
    reason_code = fields.Char(readonly=True)
    reason_args = fields.Json(
        readonly=True,
        groups="hc_crm.hc_crm_group_manager",
        help="May hold figures; the sentence made of it says what the reader may know.",
    )
    reason = fields.Char(compute="_compute_reason", help="Why it was left out, or waits.")
    error = fields.Text(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Colleague", readonly=True, ondelete="set null", index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, ondelete="set null", index="btree_not_null"
    )
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, ondelete="set null", index="btree_not_null"
    )
    message_id = fields.Many2one(
        "mail.message", readonly=True, ondelete="set null", index="btree_not_null"
    )
    subject = fields.Char(readonly=True, help="Of a draft: as a colleague may change it.")
    body = fields.Html(readonly=True, sanitize_style=True, prefetch=False)
    date_opened = fields.Datetime(
        readonly=True, help="When they first opened the mail, if it tells."
    )
    note = fields.Text(readonly=True, help="What the colleague wrote about the outcome.")

    # also the index by enrollment
    _once = LeadingUniqueIndex("enrollment_id", "step_id")
    _due_idx = models.Index("(date_due, priority DESC, id) WHERE state = 'due'")
    _step_idx = models.Index("(step_id, state)")
    _expire_idx = models.Index("(date_expire) WHERE state = 'open'")
