"""Who gets a task, and when: nobody gets more than they can do, and nobody who is away."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

import pytz

from odoo import models
from odoo.tools import SQL

from ...engine.outreach import due
from ..consent.contact_decision import array
from .hc_outreach_delivery_marks import GIVEN
from .own_context import run_of

# First number of the advisory locks under which two workers do not fill up the same colleague at once.
COLLEAGUE_LOCK = 471_900_405
# Who is away longer than this is not waited for: somebody else is asked.
LONG_ABSENCE = timedelta(days=14)
# Tasks that wait for a free place ask again after at most so many working days.
SPREAD_DAYS = 20
# When work begins, for tasks that wait for the next morning: an hour in the colleague's own time zone.
MORNING = 8
# Another worker is giving tasks to the same colleague: its batch is over by then.
BUSY_MINUTES = 1


@dataclass
class Colleague:
    """What one colleague can take on."""

    free: int
    away_until: object = None  # naive UTC, or None: here
    busy: bool = False  # being filled up by another worker
    workdays: list = field(default_factory=list)
    tz: str = "UTC"
    waiting: int = 0  # tasks that wait for a free place, of this batch

    @property
    def ready(self):
        return self.free > 0 and not self.away_until and not self.busy


@dataclass
class Assignment:
    """Who got what: ids of deliveries."""

    given: dict = field(default_factory=dict)  # delivery id: user id
    waits: dict = field(default_factory=dict)  # delivery id: (naive UTC, code, args)
    nobody: list = field(default_factory=list)


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    def _assign(self, deliveries, rule=None):
        """Find a colleague for each of these deliveries of this step. Constant queries.

        First whoever the step names, or the backup if they are full or away and the step says so; if they
        left us or are away for long, the customer's salesperson, then whoever answers for the plan.

        :param rule: of ``user_rule``; the step's own by default
        :return: :class:`Assignment`
        """
        self.ensure_one()
        now = deliveries._now()
        rule = rule or self.user_rule
        # sudo, here and below: who works here and how much they have is asked on behalf of the plan
        deliveries = deliveries.sudo()
        step = self.sudo()
        wanted = step._wanted_users(deliveries, rule)
        backup = step.backup_user_id if step.overflow == "backup" else step.backup_user_id.browse()
        team = step._team_users() if rule == "team" else step.user_id.browse()
        everybody = team.union(backup, *set(wanted.values()))
        able = everybody.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        colleagues = step._colleagues(able, now)
        result = Assignment()
        for delivery in deliveries:
            step._assign_one(
                delivery.id, wanted[delivery.id], team, backup, colleagues, now, result
            )
        return result

    def _assign_one(self, key, wanted, team, backup, colleagues, now, result):
        def state(user):
            return colleagues.get(user.id)

        def give(user):
            state(user).free -= 1
            result.given[key] = user.id

        able = [user for user in wanted if state(user)]
        if team:
            members = [user for user in team if state(user)]
            if ready := [user for user in members if state(user).ready]:
                # in turn: whoever has most room
                return give(max(ready, key=lambda user: (state(user).free, -user.id)))
            able = members or able
        present = [
            user
            for user in able
            if not state(user).away_until or state(user).away_until - now <= LONG_ABSENCE
        ]
        first = next(iter(present or able), None)
        if first and state(first).ready:
            return give(first)
        if backup and state(backup) and state(backup).ready:
            return give(backup)
        if not first:
            return result.nobody.append(key)
        return self._wait_for(key, first, state(first), now, result)

    def _wait_for(self, key, user, colleague, now, result):
        args = {"user_id": user.id}
        if colleague.busy:
            until = now + timedelta(minutes=BUSY_MINUTES)
            result.waits[key] = (until, "workload", args)
        elif colleague.away_until:
            result.waits[key] = (colleague.away_until, "away", args)
        else:
            # spread: as many on each of the next days as they take
            limit = self._task_limit()
            days = min(1 + colleague.waiting // limit, SPREAD_DAYS)
            colleague.waiting += 1
            today = due.to_local(now, colleague.tz).date()
            day = due.nth_workday(today, days, colleague.workdays)
            until = due.at_hour(day, MORNING, colleague.tz)
            result.waits[key] = (until, "workload", args | {"limit": limit})

    # -- who ------------------------------------------------------------------------------------------

    def _wanted_users(self, deliveries, rule):
        """Return ``{delivery id: colleagues, the one to ask first in front}``."""
        known = self._known_users(deliveries.partner_id) if rule == "known" else {}
        Users = self.env["res.users"]
        plans, always = self.plan_id.user_id, Users
        if rule == "user":
            always = self.user_id
        elif rule == "plan":
            always = plans
        result, orders = {}, {}  # a few orders for thousands of rows
        for delivery in deliveries:
            partner = delivery.partner_id
            own = partner.user_id or partner.commercial_partner_id.user_id
            key = known.get(partner.id), own.id
            if key not in orders:
                first = Users.browse(key[0] or []) if rule == "known" else always
                # the order of a union of records is the order of asking
                orders[key] = Users.union(first, own, plans)
            result[delivery.id] = orders[key]
        return result

    def _team_users(self):
        team = self.team_id
        return team.member_ids.filtered("active") | team.user_id

    def _known_users(self, partners):
        """Return ``{partner id: id of the colleague who talked to them last}``.

        What a person logged, wrote to them, or met them for; our own automation does not count.
        """
        if not partners:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (partner_id) partner_id, user_id FROM (
                    SELECT i.partner_id, i.user_id, i.date
                    FROM hc_interaction i
                    WHERE i.partner_id = ANY(%(ids)s) AND i.user_id IS NOT NULL
                        AND i.is_automated IS NOT TRUE
                    UNION ALL
                    SELECT m.res_id, u.id, m.date
                    FROM mail_message m
                    JOIN res_users u ON u.partner_id = m.author_id AND u.share IS NOT TRUE
                    WHERE m.model = 'res.partner' AND m.res_id = ANY(%(ids)s)
                        AND m.message_type IN ('comment', 'email', 'sms')
                        AND m.is_internal IS NOT TRUE
                    UNION ALL
                    SELECT l.partner_id, u.id, m.date
                    FROM crm_lead l
                    JOIN mail_message m ON m.model = 'crm.lead' AND m.res_id = l.id
                    JOIN res_users u ON u.partner_id = m.author_id AND u.share IS NOT TRUE
                    WHERE l.partner_id = ANY(%(ids)s) AND m.message_type IN ('comment', 'email', 'sms')
                        AND m.is_internal IS NOT TRUE
                    UNION ALL
                    SELECT o.partner_id, u.id, m.date
                    FROM sale_order o
                    JOIN mail_message m ON m.model = 'sale.order' AND m.res_id = o.id
                    JOIN res_users u ON u.partner_id = m.author_id AND u.share IS NOT TRUE
                    WHERE o.partner_id = ANY(%(ids)s) AND m.message_type IN ('comment', 'email', 'sms')
                        AND m.is_internal IS NOT TRUE
                    UNION ALL
                    SELECT r.res_partner_id, e.user_id, e.start
                    FROM calendar_event_res_partner_rel r
                    JOIN calendar_event e ON e.id = r.calendar_event_id
                    WHERE r.res_partner_id = ANY(%(ids)s) AND e.user_id IS NOT NULL AND e.active
                        AND e.start < %(now)s
                ) AS talk
                ORDER BY partner_id, date DESC
                """,
                ids=partners.ids,
                now=self.env["hc.outreach.delivery"]._now(),
            )
        )
        return dict(rows)

    # -- how much -------------------------------------------------------------------------------------

    def _task_limit(self):
        """Open tasks that outreach gives one colleague at most, by the contact rules of the company."""
        Policy = self.env["hc.contact.policy"].sudo()
        policy = Policy.search([("company_id", "=", self.company_id.id)], limit=1)
        return max(policy.task_limit or Policy.default_get(["task_limit"])["task_limit"], 1)

    def _colleagues(self, users, now):
        """Return ``{user id: Colleague}``, having kept other workers from filling them up."""
        if not users:
            return {}
        limit = self._task_limit()
        mine = {
            user_id
            for [user_id] in self.env.execute_query(
                SQL(
                    "SELECT id FROM unnest(%s::int4[]) AS id WHERE pg_try_advisory_xact_lock(%s, id)",
                    users.ids,
                    COLLEAGUE_LOCK,
                )
            )
        }
        load = self._open_tasks(users)
        resources = self._resources(users)
        away = self._absences(users, resources, now)
        workdays = self._workdays_of(users, resources, now)
        return {
            user.id: Colleague(
                free=limit - load.get(user.id, 0),
                away_until=away.get(user.id),
                busy=user.id not in mine,
                workdays=workdays[user.id],
                tz=user.tz or self._company_zone(),
            )
            for user in users
        }

    def _open_tasks(self, users):
        """Return ``{user id: how many tasks of plans they have}``, as it is this moment.

        Whoever held a colleague before us may have given them tasks since our transaction began: what it
        sees is too old to tell. Another one is asked; what we gave ourselves meanwhile only we can see.
        """
        self.env.flush_all()
        own = array(self.env.cr.cache.get(GIVEN, ()))
        query = SQL(
            "SELECT user_id, COUNT(*) FROM hc_outreach_delivery WHERE state = 'open' "
            "AND user_id = ANY(%(users)s) AND id <> ALL(%(own)s) GROUP BY user_id",
            users=array(users.ids),
            own=own,
        )
        if self.env.registry.ready:
            with self.env.registry.cursor() as cr:
                cr.execute(query)
                load = dict(cr.fetchall())
        else:  # being installed: nobody else works, and only this transaction has the table
            load = dict(self.env.execute_query(query))
        ours = self.env.execute_query(
            SQL(
                "SELECT user_id, COUNT(*) FROM hc_outreach_delivery WHERE state = 'open' "
                "AND user_id = ANY(%s) AND id = ANY(%s) GROUP BY user_id",
                array(users.ids),
                own,
            )
        )
        for user_id, count in ours:
            load[user_id] = load.get(user_id, 0) + count
        return load

    def _company_zone(self):
        return self.company_id.sudo().resource_calendar_id.tz or "UTC"

    def _resources(self, users):
        """Return ``{user id: their resource in the company of the plan}``, of those who have one."""
        found = (
            self.env["resource.resource"]
            .sudo()
            .search(
                [("user_id", "in", users.ids), ("company_id", "in", [self.company_id.id, False])]
            )
        )
        return {resource.user_id.id: resource for resource in found}

    def _absences(self, users, resources, now):
        """Return ``{user id: naive UTC of coming back}`` of those who have time off now."""
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "in", [resource.id for resource in resources.values()]),
                    ("time_type", "=", "leave"),
                    ("date_from", "<=", now),
                    ("date_to", ">", now),
                ]
            )
        )
        away = {}
        for leave in leaves:
            user_id = leave.resource_id.user_id.id
            away[user_id] = max(away.get(user_id, leave.date_to), leave.date_to)
        if "leave_date_to" in users._fields:  # the app for time off
            for user in users:
                if user.leave_date_to and user.id not in away:
                    back = due.at_hour(user.leave_date_to, 0, user.tz)
                    if back > now:
                        away[user.id] = back
        return away

    def _workdays_of(self, users, resources, now):
        """Return ``{user id: sorted days they work}`` for the time of a deadline; a query per calendar."""
        days = 2 * max(self.deadline_days, SPREAD_DAYS)
        until = now + timedelta(days=days)
        company = self.company_id.sudo().resource_calendar_id
        usual = self._work_days(company, now, until)
        by_calendar = defaultdict(list)
        for user_id, resource in resources.items():
            if resource.calendar_id:
                by_calendar[resource.calendar_id].append(user_id)
        result = dict.fromkeys(users.ids, usual)
        for calendar, user_ids in by_calendar.items():
            own = self.env["resource.resource"].union(*(resources[user_id] for user_id in user_ids))
            intervals = calendar._work_intervals_batch(
                pytz.utc.localize(now - timedelta(days=1)),
                pytz.utc.localize(until + timedelta(days=due.SEARCH_DAYS)),
                resources=own,
            )
            tz = due.zone(calendar.tz)
            for user_id in user_ids:
                result[user_id] = sorted(
                    {
                        begin.astimezone(tz).date()
                        for begin, _end, _meta in intervals[resources[user_id].id]
                    }
                )
        return result

    # -- telling them ---------------------------------------------------------------------------------

    def _announce(self, deliveries):
        """Tell each colleague once how many new tasks there are for them.

        At the end of a run of the worker (``Run``), else when the transaction is kept.
        """
        if run := run_of(self.env):
            run.given.update(deliveries._ids)
            return
        cr = self.env.cr
        waiting = cr.precommit.data.get("hc_outreach_announce")
        if waiting is None:
            waiting = cr.precommit.data["hc_outreach_announce"] = set()
            cr.precommit.add(self.env["hc.outreach.delivery"].sudo()._announce_now)
        waiting.update(deliveries.ids)


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    def _announce_now(self, ids=None):
        if ids is None:
            ids = self.env.cr.precommit.data.pop("hc_outreach_announce", set())
        # what was rolled back meanwhile is due, not open
        found = self._read_group(
            [("id", "in", sorted(ids)), ("state", "=", "open")],
            ["user_id"],
            ["plan_id:recordset", "__count"],
        )
        for user, of_plans, count in found:
            if not user or user == self.env.user:
                continue
            thread = self.env["mail.thread"].with_context(lang=user.lang)
            plans = ", ".join(of_plans.with_context(lang=user.lang).mapped("name"))
            thread.message_notify(
                partner_ids=user.partner_id.ids,
                subject=thread.env._("A new task for you: %(plans)s", plans=plans)
                if count == 1
                else thread.env._(
                    "%(count)s new tasks for you: %(plans)s", count=count, plans=plans
                ),
                body=thread.env._(
                    "You find them in Customer Care under Today, and among your activities."
                ),
            )
