import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..consent.contact_decision import array
from ..links import storable

# The right part of an MD5 as a number from 0 to 1.
DRAW_BITS = 2**32


class HcOutreachPlan(models.Model):
    """Who comes in: decided and written by one statement, however many they are."""

    _inherit = "hc.outreach.plan"

    @api.model
    def _read_domain(self, text):
        """Return the conditions kept in a field as text.

        :raises UserError: it cannot be read
        """
        try:
            return Domain(ast.literal_eval(text or "[]"))
        except (ValueError, TypeError, SyntaxError, RecursionError) as error:
            raise UserError(
                self.env._(
                    "The conditions “%(text)s” cannot be read. Choose them again from the list.",
                    text=text,
                )
            ) from error

    def _eligible_query(self):
        """Return the query of contacts who may come in at all, whatever happened."""
        self.ensure_one()
        # superuser: who may be described at all is not for the author to see, it adds to their conditions
        Partner = self.env["res.partner"].sudo().with_context(active_test=True)
        domain = Domain("company_id", "in", [False, self.company_id.id])
        if self._rests_on_figures():
            domain &= Partner._hc_profiling_domain()
        conditions = self._read_domain(self.partner_domain)
        if not conditions.is_true():
            seen = self._as_author().with_context(active_test=True)._search(conditions)
            domain &= Domain("id", "in", seen)
        return Partner._search(domain)

    def _draw_sql(self, partner_id):
        """Return SQL of the number from 0 to 1 that hangs on plan and person alone.

        :param partner_id: SQL of the person's id
        """
        self.ensure_one()
        return SQL(
            "(('x' || left(md5(%s || ',' || %s), 8))::bit(32)::bigint / %s::float8)",
            f"plan {self.id}",
            partner_id,
            DRAW_BITS,
        )

    def _enroll_from(self, select):
        """Enroll whoever a query yields and is not inside already, and give them their first step.

        One ``INSERT … SELECT … ON CONFLICT DO NOTHING``: to ask twice enrolls once. It leaves out who is
        archived, of another company, does not meet the plan's conditions, opted out of profiling (if the
        entry rests on figures) or may not come in again; it draws hold-out and pilot. Two transactions that
        enroll the same person at once do not both succeed: one of them is a serialization error, to be
        tried again.

        :param SQL select: with the columns ``partner_id``, ``occurrence``, ``res_model``, ``res_id``,
            ``date_occurred`` (naive UTC)
        :return: ``hc.outreach.enrollment``: who came in, whatever the state
        """
        self.ensure_one()
        if self.state != "running":
            raise UserError(
                self.env._("“%(plan)s” is not running: start it first.", plan=self.name)
            )
        plan = self.sudo()
        version = plan.live_version_id
        Enrollment = self.env["hc.outreach.enrollment"].sudo()
        self.env.flush_all()
        if plan.daily_limit > 0 or plan.reentry == "days":
            # Whoever enrolled since our snapshot makes this fail: both would have counted the same people.
            self.env.cr.execute(
                SQL(
                    "UPDATE hc_outreach_plan SET enroll_turn = COALESCE(enroll_turn, 0) + 1 WHERE id = %s",
                    plan.id,
                )
            )
        now = self.env["hc.outreach.delivery"]._now()
        eligible = plan._eligible_query()
        person = SQL(
            "partner.commercial_partner_id" if plan.recipient == "customer" else "partner.id"
        )
        holdout = min(max(plan.holdout_share, 0), 100) / 100
        pilot = min(max(plan.pilot_share, 0), 100) / 100
        first = version._first_step()
        # alike for everybody: their first step is written by the same statement
        due = first._due_alike(now) if first and plan.daily_limit <= 0 else None
        rows = self.env.execute_query(
            SQL(
                """
                WITH candidate AS (%(select)s),
                chosen AS (
                    SELECT DISTINCT ON (%(distinct)s)
                           target.id AS partner_id, %(occurrence)s AS occurrence, candidate.res_model,
                           candidate.res_id, candidate.date_occurred, %(draw)s AS draw
                      FROM candidate
                      JOIN res_partner AS partner ON partner.id = candidate.partner_id
                      JOIN res_partner AS target ON target.id = %(person)s
                     WHERE target.id IN (%(eligible)s) AND %(again)s
                     ORDER BY %(distinct)s, candidate.date_occurred, candidate.res_id
                ),
                entered AS (
                INSERT INTO hc_outreach_enrollment (
                    plan_id, version_id, company_id, partner_id, occurrence, res_model, res_id,
                    date_occurred, date_entered, date_begin, draw, is_pilot, step_id, state)
                SELECT %(plan)s, %(version)s, %(company)s, partner_id, occurrence, res_model, res_id,
                       date_occurred, %(now)s, %(now)s, draw, draw >= %(holdout)s AND %(pilot)s < 1,
                       CASE WHEN draw >= %(holdout)s
                             AND draw < %(holdout)s + (1 - %(holdout)s) * %(pilot)s
                            THEN %(first)s::int4 END,
                       CASE WHEN draw < %(holdout)s THEN 'holdout'
                            WHEN draw >= %(holdout)s + (1 - %(holdout)s) * %(pilot)s THEN 'waiting'
                            ELSE 'active' END
                  FROM chosen
                 ORDER BY date_occurred, partner_id
                ON CONFLICT (partner_id, plan_id, occurrence) DO NOTHING
                RETURNING id, partner_id, state)
                %(begin)s
                SELECT id, state FROM entered
                """,
                begin=plan._begin_sql(first, due) if due else SQL(),
                select=select,
                distinct=SQL("target.id")
                if plan.reentry in ("once", "days")
                else SQL("target.id, candidate.occurrence"),
                # by construction never twice: there is one occurrence only
                occurrence=SQL("'once'") if plan.reentry == "once" else SQL("candidate.occurrence"),
                draw=plan._draw_sql(SQL("target.id")),
                person=person,
                eligible=eligible.select(),
                again=plan._again_sql(now),
                plan=plan.id,
                version=version.id,
                first=first.id or None,
                company=plan.company_id.id,
                now=now,
                holdout=holdout,
                pilot=pilot,
            )
        )
        enrollments = Enrollment.browse(row for row, _state in rows)
        if due:
            enrollments.invalidate_model(["delivery_ids"], flush=False)
        else:
            active = Enrollment.browse(row for row, state in rows if state == "active")
            plan._begin_all(active, now, placed=True)
        plan.invalidate_recordset(["enrollment_ids"], flush=False)
        return enrollments

    def _entering(self, select, now, partner_id=None):
        """Who of those a query yields would come in, for whoever looks ahead.

        :param SQL select: as for ``_enroll_from``
        :param partner_id: of this person only
        :return: ``[(partner id, moment, draw)]``, in the order in which they come
        """
        self.ensure_one()
        plan = self.sudo()
        return self.env.execute_query(
            SQL(
                """
                SELECT target.id, candidate.date_occurred, %(draw)s
                  FROM (%(select)s) AS candidate JOIN res_partner AS target ON target.id = candidate.partner_id
                 WHERE target.id IN (%(eligible)s) AND %(again)s AND %(one)s
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_outreach_enrollment AS known
                        WHERE known.plan_id = %(plan)s AND known.partner_id = target.id
                          AND known.occurrence = candidate.occurrence)
                 ORDER BY candidate.date_occurred, target.id
                """,
                draw=plan._draw_sql(SQL("target.id")),
                select=select,
                eligible=plan._eligible_query().select(),
                again=plan._again_sql(now),
                one=SQL("target.id = %s", partner_id) if partner_id else SQL("TRUE"),
                plan=plan.id,
            )
        )

    def _begin_sql(self, step, due):
        """Return SQL that gives a step to those who came in (``entered``), due at one moment for all."""
        return SQL(
            """
            , begun AS (
                INSERT INTO hc_outreach_delivery (
                    enrollment_id, step_id, plan_id, company_id, partner_id, type, state, priority,
                    date_due, date_first_due, tries)
                SELECT id, %s, %s, %s, partner_id, %s, 'due', %s, %s::timestamp, %s::timestamp, 0
                  FROM entered WHERE state = 'active'
            )
            """,
            step.id,
            self.id,
            self.company_id.id,
            step.type,
            int(self.priority),
            due,
            due,
        )

    def _again_sql(self, now):
        """Return SQL that holds for a ``target`` who may come in (again)."""
        if self.reentry == "occurrence":
            return SQL("TRUE")
        since = SQL("TRUE")
        if self.reentry == "days":
            since = SQL(
                "before.date_entered > %s",
                fields.Datetime.subtract(now, days=max(self.reentry_days, 0)),
            )
        return SQL(
            """
            NOT EXISTS (
                SELECT 1 FROM hc_outreach_enrollment AS before
                 WHERE before.plan_id = %s AND before.partner_id = target.id AND %s
            )
            """,
            self.id,
            since,
        )

    def _begin_all(self, enrollments, now, placed=False):
        """Give the first step to those who came in; on later days, if the plan takes only so many a day."""
        if not enrollments:
            return
        after = now
        if self.daily_limit > 0:
            after = self._places(enrollments, now)
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_enrollment AS e SET date_begin = v.date_begin
                      FROM unnest(%s::int4[], %s::timestamp[]) AS v(id, date_begin) WHERE e.id = v.id
                    """,
                    list(after),
                    list(after.values()),
                )
            )
        first = self.live_version_id._first_step()
        if first:
            enrollments._begin_steps({first: list(enrollments._ids)}, after, placed)
        else:
            enrollments._set_through(now)

    def _places(self, enrollments, now):
        """Return when the plan begins for each: the places of a day are given in the order of coming in.

        :return: ``{enrollment id: naive UTC}``
        """
        taken = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT (date_begin::date - %(now)s::date), COUNT(*)
                      FROM hc_outreach_enrollment
                     WHERE plan_id = %(plan)s AND date_begin >= %(now)s::date AND id <> ALL(%(new)s)
                       AND state NOT IN ('waiting', 'holdout')
                     GROUP BY 1
                    """,
                    now=now,
                    plan=self.id,
                    new=list(enrollments._ids),
                )
            )
        )
        places, day = {}, 0
        for enrollment_id in enrollments._ids:
            while taken.get(day, 0) >= self.daily_limit:
                day += 1
            taken[day] = taken.get(day, 0) + 1
            places[enrollment_id] = fields.Datetime.add(now, days=day)
        return places

    def _enroll(self, partners, occurrence="once", record=None):
        """Enroll certain people, about something.

        :param partners: ``res.partner``
        :param str occurrence: what it is about; the same one never twice
        :param record: what it began with
        :return: ``hc.outreach.enrollment``: who came in
        """
        return self._enroll_from(
            SQL(
                """
                SELECT id AS partner_id, %s::varchar AS occurrence, %s::varchar AS res_model,
                       %s::int4 AS res_id, %s::timestamp AS date_occurred
                  FROM unnest(%s) AS id
                """,
                occurrence,
                record._name if record else None,
                record.id if record else None,
                self.env["hc.outreach.delivery"]._now(),
                array(partners._ids),
            )
        )

    def hc_enroll(self, partner_ids, occurrence=None):
        """Let people into a running plan by hand, or from another system (``/json/2``).

        :param partner_ids: ids of contacts that the user may change
        :param occurrence: what it is about, for example ``order S00042``: the same one never twice;
            without it, today
        :return: ``{"entered": how many came in, "known": how many were inside or may not come in}``
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Only colleagues let customers into a plan."))
        if not isinstance(partner_ids, list | tuple) or not all(
            type(partner_id) is int and 0 < partner_id < 2**31 for partner_id in partner_ids
        ):
            raise UserError(self.env._("partner_ids: give a list of ids of contacts."))
        if occurrence is not None and (
            not isinstance(occurrence, str)
            or storable(occurrence) != occurrence
            or not 0 < len(occurrence.strip()) <= 200
        ):
            raise UserError(self.env._("occurrence: give a text of at most 200 characters."))
        partners = self.env["res.partner"].browse(dict.fromkeys(partner_ids)).exists()
        partners.check_access("write")
        if not partners:
            raise UserError(self.env._("Choose at least one contact."))
        entered = self._enroll(
            partners, (occurrence or fields.Date.to_string(fields.Date.today())).strip()
        )
        return {"entered": len(entered), "known": len(partners) - len(entered)}
