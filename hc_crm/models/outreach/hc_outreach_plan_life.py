from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .own_values import no_defaults, own_defaults, own_values

# Above how many people a second person has a look is asked of the first so many days.
ESTIMATE_DAYS = 30


class HcOutreachPlan(models.Model):
    """The life of a plan: draft, (approval,) running, paused, ended."""

    _inherit = "hc.outreach.plan"

    # -- what is ours to say --------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        return own_defaults(self, super().default_get(fields))

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create([own_values(self, vals) for vals in vals_list])
        for plan in plans:
            if not plan.version_ids and not self.env.context.get("hc_no_version"):
                plan = no_defaults(plan).sudo()
                plan.draft_version_id = plan.version_ids.create({"plan_id": plan.id})
        return plans

    def write(self, vals):
        vals = own_values(self, vals)
        self._check_not_ready()
        shares = {}
        if "pilot_share" in vals:
            shares = {
                plan: plan.pilot_share for plan in self if plan.state in ("running", "paused")
            }
        result = super().write(vals)
        for plan, share in shares.items():
            # by whatever way it grew, or those who wait would wait for ever
            if plan.pilot_share > share:
                plan.sudo()._let_waiting_in()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        self._check_not_ready()

    def _check_not_ready(self):
        """Ready plans are those of all companies: nobody changes them for the others.

        Only who answers for all companies may, and our own code.
        """
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        if ready := self.filtered("is_template"):
            raise UserError(
                self.env._(
                    "“%s” is a ready plan that all companies begin with. Press “Use It”, and change your own.",
                    ready[0].name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.sudo().filtered("enrollment_ids")
        if used:
            raise UserError(
                self.env._(
                    "“%s” turned to customers: what was done for them stays to be read. Archive it instead.",
                    used[0].name,
                )
            )

    @api.constrains(
        "pilot_share", "holdout_share", "late_days", "daily_limit", "human_days", "state"
    )
    def _check_numbers(self):
        """Of a draft the shares are looked at when it is to start."""
        for plan in self:
            ranges = {
                "late_days": (0, 3660),
                "daily_limit": (0, 1_000_000),
                "human_days": (-1, 3660),
            }
            if plan.state in ("running", "paused"):
                ranges |= {"pilot_share": (1, 100), "holdout_share": (0, 50)}
            for name, (least, most) in ranges.items():
                if not least <= plan[name] <= most:
                    raise UserError(
                        self.env._(
                            "%(field)s must be between %(least)s and %(most)s.",
                            field=self._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )

    @api.constrains("active")
    def _check_archived(self):
        for plan in self:
            if not plan.active and plan.state in ("running", "paused", "approval"):
                raise UserError(
                    self.env._("“%s” is under way: end it, then archive it.", plan.name)
                )

    def _check_may_run(self, operation="write"):
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._("Only administrators of Customer Care start, stop or change plans.")
            )
        self.check_access(operation)

    # -- buttons --------------------------------------------------------------------------------------

    def action_start(self):
        """Let the plan run, after a look at everything; above some number a second person starts it."""
        self._check_may_run("read" if any(self.mapped("is_template")) else "write")
        startable = self.filtered(lambda plan: plan.state in ("draft", "done"))
        if dialog := startable._warn_double("action_start"):
            return dialog
        for plan in self:
            if plan.is_template:
                raise UserError(
                    self.env._(
                        "“%s” is a ready template: press “Use It” and start the copy.", plan.name
                    )
                )
            if plan.state not in ("draft", "done"):
                raise UserError(self.env._("“%s” runs already.", plan.name))
            plan._check_startable()
            plan = plan.sudo()
            count = plan._count_recipients()
            limit = plan._approval_above()
            if count > limit:
                plan.state = "approval"
                plan.approver_id = plan.date_approved = False
                plan.asked_by_id = self.env.uid
                plan.message_post(
                    body=self.env._(
                        "It would reach about %(count)s people. Above %(limit)s somebody else has a look "
                        "and approves it.",
                        count=count,
                        limit=limit,
                    )
                )
            else:
                # what was approved once was another plan
                plan.approver_id = plan.date_approved = False
                plan._start()
        return True

    def action_approve(self):
        """A second person had a look: start, or let the changed steps go live."""
        self._check_may_run()
        looked_at = self.filtered(lambda plan: plan._is_looked_at())
        if dialog := looked_at._warn_double("action_approve"):
            return dialog
        for plan in self:
            if not plan._is_looked_at():
                raise UserError(self.env._("“%s” does not wait for approval.", plan.name))
            asked_by = plan.sudo().publish_asked_by_id or plan.sudo().asked_by_id
            if asked_by == self.env.user:
                raise UserError(
                    self.env._(
                        "You asked for “%s” yourself: let another administrator look at it.",
                        plan.name,
                    )
                )
            plan._check_startable()
            plan = plan.sudo()
            plan.write({"approver_id": self.env.uid, "date_approved": fields.Datetime.now()})
            if plan.state == "approval":
                plan._start()
            else:
                plan._publish_over(plan.publish_move)
        return True

    def action_reject(self):
        """Not yet: back to the drawing board. What runs goes on as it is."""
        self._check_may_run()
        plans = self.filtered(lambda plan: plan._is_looked_at()).sudo()
        plans.filtered(lambda plan: plan.state == "approval").state = "draft"
        plans.write({"publish_asked_by_id": False, "publish_move": False})
        return True

    def action_pause(self):
        self._check_may_run()
        plans = self.filtered(lambda plan: plan.state == "running").sudo()
        plans.write({"state": "paused", "date_paused": fields.Datetime.now()})
        return True

    def action_resume(self):
        """Go on without a flood: what became due meanwhile is spread."""
        self._check_may_run()
        if dialog := self.filtered(lambda plan: plan.state == "paused")._warn_double(
            "action_resume"
        ):
            return dialog
        for plan in self.filtered(lambda plan: plan.state == "paused"):
            plan._check_startable()
            plan = plan.sudo()
            plan._spread_overdue()
            plan.write({"state": "running", "date_paused": False})
            plan._trigger_work()
        return True

    def action_stop(self):
        """End the plan: all inside leave it."""
        self._check_may_run()
        for plan in self.filtered(
            lambda plan: plan.state in ("running", "paused", "approval")
        ).sudo():
            plan.write({"state": "done", "publish_asked_by_id": False, "publish_move": False})
            plan.env["hc.outreach.enrollment"].search(
                [("plan_id", "=", plan.id), ("state", "in", ("active", "waiting", "failed"))]
            )._leave("plan_ended")
        return True

    def action_expand(self, share=100):
        """Let more of those who wait for the pilot take part.

        :param share: percent of those who come in, more than so far
        """
        self._check_may_run()
        self.ensure_one()
        if (
            isinstance(share, bool)
            or not isinstance(share, int)
            or not self.pilot_share < share <= 100
        ):
            raise UserError(
                self.env._(
                    "Pilot: give a share above the %(now)s %% of now, up to 100.",
                    now=self.pilot_share,
                )
            )
        self.sudo().pilot_share = share  # which lets them in
        return True

    # -- behind them ----------------------------------------------------------------------------------

    def _approval_above(self):
        """Above how many people a second person starts a plan."""
        policy = (
            self.env["hc.contact.policy"].sudo().search([("company_id", "=", self.company_id.id)])
        )
        if policy:
            return policy.approval_above
        return (
            self.env["hc.contact.policy"]
            ._fields["approval_above"]
            .default(self.env["hc.contact.policy"])
        )

    def _count_recipients(self):
        """About how many people the plan reaches in its first month.

        Whoever meets its conditions, if they come in by hand or are there already; else as many as are
        known or expected to come in.
        """
        self.ensure_one()
        query = self._eligible_query()
        [[most]] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM (%s) AS eligible", query.select())
        )
        if self.entry_type == "manual" or self.include_existing:
            return most
        Entry = self.env["hc.outreach.entry"]
        today = Entry._today(self)
        rows, count = Entry._forecast(self, today, today + timedelta(days=ESTIMATE_DAYS))
        if rows is not None:
            [[count]] = self.env.execute_query(
                SQL("SELECT COUNT(DISTINCT partner_id) FROM (%s) AS coming", rows)
            )
        return min(count, most)

    def _start(self):
        """Publish the steps and run."""
        self.ensure_one()
        if self.draft_version_id:
            self._publish()
        self.write(
            {
                "state": "running",
                "date_started": self.date_started or fields.Datetime.now(),
                "date_paused": False,
                "entry_error": False,
            }
        )
        self._trigger_work()

    def _trigger_work(self):
        """Have the worker look soon."""
        if cron := self.env.ref("hc_crm.hc_outreach_work_cron", raise_if_not_found=False):
            cron.sudo()._trigger()

    def _let_waiting_in(self):
        """Begin with those of the waiting who are inside the share of the pilot now."""
        self.ensure_one()
        self.env.flush_all()
        holdout = self.holdout_share / 100
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE hc_outreach_enrollment
                   SET state = 'active', version_id = %(version)s, date_begin = %(now)s
                 WHERE plan_id = %(plan)s AND state = 'waiting'
                   AND draw < %(holdout)s + (1 - %(holdout)s) * %(pilot)s
                RETURNING id
                """,
                version=self.live_version_id.id,
                plan=self.id,
                now=self.env["hc.outreach.delivery"]._now(),
                holdout=holdout,
                # all of them, whatever the rounding of the draw
                pilot=self.pilot_share / 100 if self.pilot_share < 100 else 2,
            )
        )
        enrollments = self.env["hc.outreach.enrollment"].browse(sorted(row for [row] in rows))
        enrollments.invalidate_recordset(flush=False)
        self._begin_all(enrollments, self.env["hc.outreach.delivery"]._now())
        self._trigger_work()

    # -- pause and resume -----------------------------------------------------------------------------

    def _spread_overdue(self):
        """Spread over the coming days what became due while the plan was paused, at its usual pace.

        The usual pace is what became due on a day while it ran: those who waited come one after the other, at
        no more than twice as many a day. What is older than the plan's limit is left out by the worker.
        """
        self.ensure_one()
        self.env.flush_all()
        now = self.env["hc.outreach.delivery"]._now()
        self.env.cr.execute(
            SQL(
                """
                WITH overdue AS (
                    SELECT id, ROW_NUMBER() OVER (ORDER BY date_due, id) - 1 AS place
                      FROM hc_outreach_delivery
                     WHERE plan_id = %(plan)s AND state = 'due' AND date_due <= %(now)s
                       AND (%(days)s <= 0 OR reason_code IS NOT NULL
                            OR date_first_due >= %(now)s::timestamp - make_interval(days => %(days)s))
                ), pace AS (
                    SELECT GREATEST(1, COUNT(*)) / GREATEST(
                               EXTRACT(EPOCH FROM %(now)s::timestamp - %(paused)s::timestamp)::float8,
                               3600) AS per_second
                      FROM overdue
                )
                UPDATE hc_outreach_delivery AS d
                   SET date_due = %(now)s::timestamp
                                + make_interval(secs => place / (2 * per_second)),
                       reason_code = COALESCE(d.reason_code, 'spread')
                  FROM overdue, pace WHERE d.id = overdue.id
                """,
                plan=self.id,
                now=now,
                paused=self.date_paused or now,
                days=self.late_days,
            )
        )
        self.env["hc.outreach.delivery"].invalidate_model(["date_due", "reason_code"], flush=False)

    def _report_trouble(self, step, error):
        """Give the responsible one task about a step that goes wrong, if there is none yet."""
        self.ensure_one()
        plan = self.sudo()
        user = plan.user_id
        if not user or not user.active:
            return
        summary = self.env._("“%s” goes wrong", step._title())
        known = (
            self.env["mail.activity"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", plan.id),
                    ("summary", "=", summary),
                ],
                limit=1,
            )
        )
        if not known:
            plan.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=error, user_id=user.id
            )
