"""When an answer is due, and who gives it: working hours of whoever sees to it."""

from datetime import timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.fields import Domain

# Of a case that a colleague opened by hand: the working hours of the usual rules.
HOURS_ANSWER, HOURS_SOLVE = 8, 40
SOON = timedelta(hours=4)
TODO = "mail.mail_activity_data_todo"


class HcFeedbackCase(models.Model):
    _inherit = "hc.feedback.case"

    is_overdue = fields.Boolean(compute="_compute_due_state", search="_search_is_overdue")
    due_state = fields.Selection(
        [("late", "Overdue"), ("soon", "Due within hours"), ("ok", "In time"), ("done", "Solved")],
        string="Time", compute="_compute_due_state",
    )  # fmt: skip
    date_next = fields.Datetime(
        string="Due", compute="_compute_due_state", help="The first answer, then the solution."
    )

    @api.depends("is_open", "date_answered", "date_due_answer", "date_due")
    def _compute_due_state(self):
        now = fields.Datetime.now()
        for case in self:
            moments = (
                [case.date_due] if case.date_answered else [case.date_due_answer, case.date_due]
            )
            due = min(filter(None, moments), default=False)
            case.date_next = due if case.is_open else False
            if not case.is_open:
                case.due_state = "done"
            elif due and due < now:
                case.due_state = "late"
            else:
                case.due_state = "soon" if due and due < now + SOON else "ok"
            case.is_overdue = case.due_state == "late"

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self._overdue_domain()
        if set(value) == {True, False}:
            return Domain.TRUE
        return found if True in value else ~found

    # -- hours --------------------------------------------------------------------------------------

    def _calendar(self):
        """The working times of whoever sees to it, else of the company."""
        self.ensure_one()
        return self.user_id.resource_calendar_id or self.company_id.resource_calendar_id

    def _resource(self):
        return self.user_id.resource_ids.filtered(lambda r: r.company_id == self.company_id)[:1]

    def _plan_hours(self, hours, start):
        """Return when ``hours`` of work after ``start`` are over (naive UTC), days off left out."""
        calendar = self._calendar()
        planned = calendar and calendar.plan_hours(
            hours, start, compute_leaves=True, resource=self._resource() or None
        )
        # nobody works there, as far as the calendar knows
        return planned or start + timedelta(hours=hours)

    def _hours_between(self, start, end):
        """Working hours from ``start`` to ``end``, both naive UTC."""
        if end <= start:
            return 0.0
        calendar = self._calendar()
        if not calendar:
            return (end - start).total_seconds() / 3600
        return calendar.get_work_hours_count(start, end, compute_leaves=True)

    @api.model
    def _local_moment(self, moment, tz):
        """Return the naive UTC of a naive moment on the clocks of ``tz``."""
        return timezone(tz or "UTC").localize(moment).astimezone(utc).replace(tzinfo=None)

    def _hours_allowed(self):
        rule = self.rule_id
        return (rule.hours_answer, rule.hours_solve) if rule else (HOURS_ANSWER, HOURS_SOLVE)

    # -- begin --------------------------------------------------------------------------------------

    def _begin(self):
        """A new case: whose, by when, and told to who sees to it."""
        self.ensure_one()
        if not self.user_id:
            self.user_id = self._find_owner()
        answer, solve = self._hours_allowed()
        vals = {}
        if not self.date_due_answer:
            vals["date_due_answer"] = self._plan_hours(answer, self.date_open)
        if not self.date_due:
            vals["date_due"] = self._plan_hours(solve, self.date_open)
        if vals:
            self.write(vals)
        if self.is_open:
            self._remind_owner()

    @api.model
    def _is_colleague(self, user, company):
        return user.active and not user.share and company in user.company_ids

    def _find_owner(self):
        """Return who sees to it: the rule's person, the customer's, the topic's, the company's.

        Who left or is away is passed over for the next one, in the end for whom it escalates to. If all
        are away, the first who works here: somebody has to be named.
        """
        self.ensure_one()
        partner, company, rule = self.partner_id, self.company_id, self.rule_id
        topics = self.topic_ids | self.feedback_ids.topic_ids
        chain = [
            rule.user_id,
            partner.user_id,
            partner.commercial_partner_id.user_id,
            *topics.user_id,
            company.hc_case_user_id,
            rule.escalate_user_id,
            company.hc_case_escalate_user_id,
        ]
        able = list(
            dict.fromkeys(user for user in chain if user and self._is_colleague(user, company))
        )
        away = self._away_ids(able)
        here = [user for user in able if user.id not in away]
        return (here or able or [self.env["res.users"]])[0]

    def _away_ids(self, users):
        """Ids of those who have time off now, by the host's own means and by the app for time off."""
        ids = [user.id for user in users]
        now = fields.Datetime.now()
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id.user_id", "in", ids),
                ("time_type", "=", "leave"),
                ("date_from", "<=", now),
                ("date_to", ">", now),
            ]
        )
        away = set(leaves.resource_id.user_id.ids)
        if "leave_date_to" in self.env["res.users"]._fields:
            away |= {user.id for user in users if user.leave_date_to}
        return away

    # -- activities ---------------------------------------------------------------------------------

    def _remind_owner(self):
        """Let one activity stand for the next thing due; none once it is solved."""
        self.ensure_one()
        quiet = self.with_context(mail_notify_force_send=False)
        mine = quiet.activity_ids.filtered(lambda a: a.automated and a.user_id == self.user_id)
        if not self.is_open or not self.user_id:
            quiet.activity_ids.filtered("automated").unlink()
            return
        answered = bool(self.date_answered)
        due = (self.date_due if answered else self.date_due_answer) or self.date_due
        if not due:
            return  # just being opened
        vals = {
            "summary": self.env._("Solve the case")
            if answered
            else self.env._("Answer the customer"),
            "date_deadline": fields.Datetime.context_timestamp(
                self.with_context(tz=self.user_id.tz or self._calendar().tz), due
            ).date(),
        }
        if mine:
            mine[0].write(vals)
        else:
            quiet.activity_schedule(TODO, user_id=self.user_id.id, **vals)

    def _owner_changed(self, before):
        self.activity_ids.filtered(lambda a: a.automated and a.user_id == before).unlink()
        self._remind_owner()

    # -- overdue ------------------------------------------------------------------------------------

    @api.model
    def _cron_escalate(self, limit=200):
        """Tell whoever it escalates to, once: nobody should have to watch a list."""
        domain = self._overdue_domain() & Domain("date_escalated", "=", False)
        cases = self.search(domain, limit=limit).try_lock_for_update()
        for case in cases:
            case._escalate()
        if cases:
            self.env["ir.cron"]._commit_progress(len(cases), remaining=self.search_count(domain))

    def _escalate(self):
        self.ensure_one()
        company = self.company_id
        chain = [self.rule_id.escalate_user_id, company.hc_case_escalate_user_id,
                 company.hc_case_user_id, self.user_id]  # fmt: skip
        able = [user for user in chain if user and self._is_colleague(user, company)]
        away = self._away_ids(able)
        user = next((user for user in able if user.id not in away), able[0] if able else None)
        self.date_escalated = fields.Datetime.now()
        if self.priority != "1":
            self.priority = "1"
        what = self.env._("solution") if self.date_answered else self.env._("first answer")
        if user:
            self.with_context(mail_notify_force_send=False).activity_schedule(
                TODO,
                date_deadline=fields.Date.context_today(self.with_context(tz=user.tz)),
                user_id=user.id,
                summary=self.env._("Overdue: %(what)s", what=what),
            )
        self._message_log(body=self.env._("Overdue: the %(what)s was due.", what=what))
