from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

OVERDUE_BATCH = 1000


class HcPromise(models.Model):
    """Something we told a customer we would do, by a day.

    The doing lives in an activity of its own type on the customer, so it shows up where colleagues
    already look; this record remembers what became of the word given: kept, kept late, or broken.
    """

    _name = "hc.promise"
    _description = "Promise to a Customer"
    _order = "date_due, id"
    _rec_name = "summary"

    summary = fields.Char(string="What We Promised", required=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Promised By",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        help="The colleague who keeps the promise.",
    )
    date_promised = fields.Datetime(default=fields.Datetime.now, required=True)
    date_due = fields.Date(string="Due", required=True, index=True)
    date_closed = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("kept", "Kept"),
            ("late", "Kept Late"),
            ("broken", "Broken"),
            ("released", "No Longer Wanted"),
        ],
        default="open",
        required=True,
        index=True,
        copy=False,
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    activity_id = fields.Many2one(
        "mail.activity", copy=False, ondelete="set null", index="btree_not_null"
    )
    interaction_ids = fields.One2many("hc.interaction", "promise_id", string="Given in")

    @api.depends("state", "date_due")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for promise in self:
            promise.is_late = (
                promise.state == "open" and bool(promise.date_due) and promise.date_due < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = fields.Domain("state", "=", "open") & fields.Domain(
            "date_due", "<", fields.Date.context_today(self)
        )
        if set(value) == {True, False}:
            return fields.Domain.TRUE
        return late if True in value else ~late

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        promises.filtered(lambda p: p.state == "open" and not p.activity_id)._schedule_activity()
        return promises

    def write(self, vals):
        res = super().write(vals)
        moved = {
            "date_deadline" if key == "date_due" else key: vals[key]
            for key in ("date_due", "user_id", "summary")
            if key in vals
        }
        if moved and not self.env.context.get("hc_promise_syncing"):
            self.filtered(lambda p: p.state == "open").activity_id.with_context(
                hc_promise_syncing=True
            ).write(moved)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_activities(self):
        self.sudo().filtered(lambda p: p.state == "open").activity_id.with_context(
            hc_promise_closing=True
        ).unlink()

    def action_kept(self):
        """Mark as kept through its activity, so that the chatter tells the same story."""
        activities = self._open_only().activity_id
        if activities:
            activities._action_done()
        self.filtered(lambda p: p.state == "open")._close_kept()

    def action_broken(self):
        self._close_as("broken")

    def action_release(self):
        self._close_as("released")

    def action_reopen(self):
        closed = self.filtered(lambda p: p.state != "open")
        closed.write({"state": "open", "date_closed": False, "activity_id": False})
        closed._schedule_activity()

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def _schedule_activity(self):
        for promise in self:
            promise.activity_id = promise.partner_id.activity_schedule(
                "hc_crm.mail_activity_type_promise",
                date_deadline=promise.date_due,
                summary=promise.summary,
                user_id=promise.user_id.id,
            )

    def _open_only(self):
        if closed := self.filtered(lambda p: p.state != "open"):
            raise UserError(
                self.env._(
                    "The promise “%(summary)s” is closed already.", summary=closed[0].summary
                )
            )
        return self

    def _close_as(self, state):
        self._open_only()
        activities = self.activity_id
        self.write({"state": state, "date_closed": fields.Datetime.now(), "activity_id": False})
        activities.with_context(hc_promise_closing=True).unlink()

    def _close_kept(self):
        """Called when the activity is done: kept in time, or kept late."""
        today = fields.Date.context_today(self)
        for state, promises in self.grouped(
            lambda p: "kept" if p.date_due >= today else "late"
        ).items():
            promises.write({"state": state, "date_closed": fields.Datetime.now()})

    @api.model
    def _cron_break_overdue(self, grace_days=30):
        """A promise still open this long after its day was not kept; say so instead of hoping on."""
        domain = [
            ("state", "=", "open"),
            ("date_due", "<", fields.Date.today() - timedelta(days=grace_days)),
        ]
        overdue = self.search(domain, limit=OVERDUE_BATCH).try_lock_for_update()
        if not overdue:
            return
        overdue._close_as("broken")
        self.env["ir.cron"]._commit_progress(len(overdue), remaining=self.search_count(domain))
