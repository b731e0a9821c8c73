from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .hc_interaction import EARLIEST_YEAR, MAX_SUMMARY

OVERDUE_BATCH = 1000
# What became of a promise is told by its buttons and its activity, and by nobody afterwards.
HISTORY = ("state", "date_closed", "activity_id")


def differs(record, vals):
    """Tell whether ``record`` holds other values than ``vals``: what is equal needs no syncing back."""

    def in_cache(name, value):
        return record._fields[name].convert_to_cache(value, record)

    return any(in_cache(name, record[name]) != in_cache(name, vals[name]) for name in vals)


class HcPromise(models.Model):
    """Something we told a customer we would do, by a day.

    The doing lives in an activity of its own type on the customer, so it shows up where colleagues
    already look; this record remembers what became of the word given: kept, kept late, or broken.
    """

    _name = "hc.promise"
    _description = "Promise to a Customer"
    _order = "date_due, id"
    _rec_name = "summary"
    _inherit = ["hc.linked"]
    _check_company_auto = True
    _hc_linked_fields = ("partner_id",)

    summary = fields.Char(string="What We Promised", required=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
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

    @api.constrains("summary")
    def _check_summary(self):
        for promise in self:
            if not promise.summary.strip():
                raise ValidationError(self.env._("What We Promised is empty. One line is enough."))
            if len(promise.summary) > MAX_SUMMARY:
                raise ValidationError(
                    self.env._(
                        "What We Promised holds %(length)s characters; %(max)s is the most.",
                        length=len(promise.summary),
                        max=MAX_SUMMARY,
                    )
                )

    @api.constrains("date_due")
    def _check_date_due(self):
        for promise in self:
            if promise.date_due.year < EARLIEST_YEAR:
                raise ValidationError(
                    self.env._(
                        "Due %(date)s: the year cannot be before %(year)s. Is a digit missing?",
                        date=promise.date_due,
                        year=EARLIEST_YEAR,
                    )
                )

    @api.constrains("user_id")
    def _check_user(self):
        for promise in self:
            if promise.user_id.sudo().share:
                raise ValidationError(
                    self.env._("Promised By: %(name)s is no colleague.", name=promise.user_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            if any(vals.get("state", "open") != "open" for vals in vals_list):
                self._raise_history()
            start = {"state": "open", "date_closed": False, "activity_id": False}
            vals_list = [{**vals, **start} for vals in vals_list]
        promises = super().create(vals_list)
        promises.filtered(lambda p: p.state == "open" and not p.activity_id)._schedule_activity()
        return promises

    def write(self, vals):
        if not self.env.su and any(name in vals for name in HISTORY):
            self._raise_history()
        res = super().write(vals)
        moved = {key: vals[key] for key in ("date_due", "user_id", "summary") if key in vals}
        if moved or {"partner_id", "company_id"} & vals.keys():
            # sudo: who may change the promise may change its activity
            promises = self.sudo().filtered(lambda p: p.state == "open")
            for promise in promises if {"partner_id", "company_id"} & vals.keys() else ():
                promise._own_activities().write(
                    {"res_id": promise.partner_id.id, "hc_company_id": promise.company_id.id}
                )
            if "date_due" in moved:
                moved["date_deadline"] = moved.pop("date_due")
            activities = promises._own_activities() if moved else promises.activity_id.browse()
            if differing := activities.filtered(lambda a: differs(a, moved)):
                differing.write(moved)
        return res

    def _raise_history(self):
        raise UserError(
            self.env._(
                "State: what became of a promise cannot be typed in. Use “Kept”, “Broken”, "
                "“No Longer Wanted” or “Reopen” on the promise."
            )
        )

    def _own_activities(self):
        """Return the activities that stand for these promises, whatever else is linked."""
        kind = self.env.ref("hc_crm.mail_activity_type_promise", raise_if_not_found=False)
        return self.activity_id.filtered(
            lambda a: a.res_model == "res.partner" and (not kind or a.activity_type_id == kind)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_activities(self):
        # sudo: the activity has no purpose without its promise, whoever it was given to
        promises = self.sudo().filtered(lambda p: p.state == "open")
        activities = promises._own_activities()
        promises.activity_id = False
        activities.unlink()

    def action_kept(self):
        """Mark as kept through its activity, so that the chatter tells the same story."""
        self.check_access("write")
        activities = self._open_only().sudo()._own_activities().with_env(self.env)
        if activities:
            activities._action_done()
        self.filtered(lambda p: p.state == "open")._close_kept()

    def action_broken(self):
        self._close_as("broken")

    def action_release(self):
        self._close_as("released")

    def action_reopen(self):
        self.check_access("write")
        closed = self.filtered(lambda p: p.state != "open")
        # sudo, here and below: only these actions write the history of a promise
        closed.sudo().write({"state": "open", "date_closed": False, "activity_id": False})
        closed._schedule_activity()

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def _schedule_activity(self):
        """Put an activity on each customer, all at once: a word may be given to a whole fair."""
        activities = self.env["mail.activity"].create(
            [
                {
                    "activity_type_id": self.env.ref("hc_crm.mail_activity_type_promise").id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": promise.partner_id.id,
                    "date_deadline": promise.date_due,
                    "summary": promise.summary,
                    "user_id": promise.user_id.id,
                    "hc_company_id": promise.company_id.id,
                }
                for promise in self
            ]
        )
        for promise, activity in zip(self.sudo(), activities, strict=True):
            promise.activity_id = activity

    def _open_only(self):
        if closed := self.filtered(lambda p: p.state != "open"):
            raise UserError(
                self.env._(
                    "The promise “%(summary)s” is closed already.", summary=closed[0].summary
                )
            )
        return self

    def _close_as(self, state):
        self.check_access("write")
        activities = self._open_only().sudo()._own_activities()
        self._hc_close(state, activity_id=False)
        activities.unlink()

    def _hc_close(self, state, **vals):
        self.sudo().write({"state": state, "date_closed": fields.Datetime.now(), **vals})

    def _close_kept(self):
        """Called when the activity is done: kept in time, or kept late."""
        today = fields.Date.context_today(self)
        for state, promises in self.grouped(
            lambda p: "kept" if p.date_due >= today else "late"
        ).items():
            promises._hc_close(state)

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
