import json
from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL

from .own_context import now_of

# In the cache of the cursor: deliveries that a batch, or a request, gave to people.
GIVEN = "hc_outreach_given"


class HcOutreachDelivery(models.Model):
    """What a step calls when it has happened, or has not: rows are marked and the plan goes on.

    All of it is set-based and belongs to the transaction of the effect. A value may be given for all rows,
    or as ``{delivery id: value}``.
    """

    _inherit = "hc.outreach.delivery"

    def _set_done(self, outcome=None, **vals):
        """The step happened; the plan goes on (in the lane of ``outcome``).

        :param outcome: a lane, or ``{delivery id: lane}``
        :param vals: further fields of the delivery, each for all or ``{delivery id: value}``
        """
        now = self._now()
        self._mark({"state": "done", "date_done": now, "outcome": outcome, "error": None} | vals)
        self._go_on(outcome, now)

    def _set_open(self, date_expire=None, **vals):
        """A person has it now; the plan waits for them until ``date_expire``."""
        self._mark({"state": "open", "date_expire": date_expire, "error": None} | vals)
        self.env.cr.cache.setdefault(GIVEN, set()).update(self._ids)

    def _set_sending(self, **vals):
        """It is on its way; the plan goes on when it is known to be sent (``_set_done``)."""
        self._mark({"state": "sending", "error": None} | vals)

    def _set_skipped(self, code, args=None, outcome=None):
        """The step is left out for a reason; the plan goes on."""
        now = self._now()
        self._mark(
            {
                "state": "skipped",
                "date_done": now,
                "outcome": outcome,
                "reason_code": code,
                "reason_args": args,
            }
        )
        self._log_attempts("dropped", code=code, args=args)
        self._go_on(outcome, now)

    def _set_postponed(self, until, code, args=None):
        """Ask again at ``until`` (naive UTC)."""
        self._mark({"state": "due", "date_due": until, "reason_code": code, "reason_args": args})
        self._log_attempts("postponed", code=code, args=args, until=until)

    def _set_failed(self, error):
        """It went wrong and is shown in the list of what went wrong; the plan waits at this step."""
        self._mark({"state": "failed", "error": error})
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE hc_outreach_delivery SET tries = tries + 1 WHERE id = ANY(%s)", self.ids)
        )
        self.invalidate_recordset(["tries"], flush=False)
        self._tell_responsible(error)

    # -- writing rows ---------------------------------------------------------------------------------

    def _now(self):
        """The moment it is, for everything the engine decides. Simulations and tests set another one."""
        return now_of(self.env) or fields.Datetime.now()

    def _mark(self, vals):
        """Write fields of these rows in one statement.

        :param vals: ``{field: value for all, or {delivery id: value}}``; JSON fields take either too, told
            apart by keys that are all ids of ours
        """
        if not self:
            return
        self.flush_recordset(vals.keys())
        ids = list(self._ids)
        columns, sets = [SQL("%s::int4[]", ids)], []
        names = ["id"]
        for name, value in vals.items():
            field = self._fields[name]
            kind = field.column_type[0]
            if self._is_by_row(value, ids):
                names.append(name)
                columns.append(
                    SQL(
                        "%s::%s[]",
                        [self._to_column(field, value.get(row)) for row in ids],
                        SQL(kind),
                    )
                )
                sets.append(SQL("%s = v.%s", SQL.identifier(name), SQL.identifier(name)))
            else:
                sets.append(
                    SQL(
                        "%s = %s::%s",
                        SQL.identifier(name),
                        self._to_column(field, value),
                        SQL(kind),
                    )
                )
        self.env.cr.execute(
            SQL(
                "UPDATE hc_outreach_delivery AS d SET %s FROM unnest(%s) AS v(%s) WHERE d.id = v.id",
                SQL(", ").join(sets),
                SQL(", ").join(columns),
                SQL(", ").join(SQL.identifier(name) for name in names),
            )
        )
        self.invalidate_recordset(vals.keys(), flush=False)

    @staticmethod
    def _is_by_row(value, ids):
        return isinstance(value, dict) and bool(value) and value.keys() <= set(ids)

    @staticmethod
    def _to_column(field, value):
        if value is None or (value is False and field.type != "boolean"):
            return None
        if field.type == "many2one":
            return getattr(value, "id", value) or None
        if field.type == "json":
            return json.dumps(value)
        return str(value) if field.type in ("html", "text", "char") else value

    # -- going on -------------------------------------------------------------------------------------

    def _go_on(self, outcome, after):
        """Give each of these customers the next step of their plan, or let the plan end for them."""
        if not self:
            return
        enrollments = self.enrollment_id
        now = self._now()
        places = []  # (enrollment id, step just over, outcome)
        for delivery in self:
            lane = outcome.get(delivery.id) if isinstance(outcome, dict) else outcome
            places.append((delivery.enrollment_id.id, delivery.step_id, lane))
        enrollments._walk(places, after, now)

    def _log_attempts(self, outcome, code=None, args=None, until=None, subject=None, message=None):
        """Note in the ledger of contacts what became of steps that turn to the customer.

        :param outcome: see ``hc.contact.attempt``
        :param until: naive UTC, or ``{delivery id: naive UTC}``; so are the others
        """
        now = self._now()
        channels = self.env["hc.outreach.delivery"]._channel_ids()
        ids = list(self._ids)

        def of(value, delivery):
            return value.get(delivery.id) if self._is_by_row(value, ids) else value

        rows = []
        for step, deliveries in self.grouped("step_id").items():
            channel_id = channels.get(step._contact_channel())
            is_written = step._is_drafted()
            # what a colleague says or does is told by themselves; what they send is told here
            if not channel_id or (step.is_human and not is_written and outcome == "sent"):
                continue
            purpose = step.purpose_id or step.plan_id.purpose_id
            for delivery in deliveries:
                rows.append(
                    {
                        "partner_id": delivery.partner_id.id,
                        "company_id": delivery.company_id.id,
                        "purpose_id": purpose.id,
                        "channel_id": channel_id,
                        "date": now,
                        "outcome": outcome,
                        "is_budgeted": purpose.is_budgeted and (is_written or not step.is_human),
                        "by_person": is_written and outcome == "sent" and bool(delivery.user_id),
                        "subject": of(subject, delivery) or step._title(),
                        "reason_code": of(code, delivery) or False,
                        "reason_args": of(args, delivery) or False,
                        "date_until": of(until, delivery) or False,
                        "res_model": self._name,
                        "res_id": delivery.id,
                        "message_id": of(message, delivery) or False,
                    }
                )
        if rows:
            self.env["hc.contact.attempt"].sudo()._hc_log(rows)

    def _channel_ids(self):
        """``{key of hc.channel: id}``"""
        return {
            channel.key: channel.id
            for channel in self.env["hc.channel"].sudo().with_context(active_test=False).search([])
        }

    def _tell_responsible(self, error):
        """Whoever answers for the plan hears once per step that it goes wrong, not once per customer."""
        for step, _deliveries in self.grouped("step_id").items():
            step.plan_id._report_trouble(step, error)

    def _set_step_gone(self, by_key):
        """The plan has no such step any more: go on with the next one that it has.

        :param by_key: ``{key: step}`` of the version the customers moved to
        """
        if not self:
            return
        now = self._now()
        self._mark(
            {"state": "skipped", "date_done": now, "reason_code": "step_gone", "reason_args": None}
        )
        begin, ended = defaultdict(list), []
        for step, deliveries in self.grouped("step_id").items():
            coming = step._next_step()
            while coming and coming.key not in by_key:
                coming = coming._next_step()
            ids = deliveries.enrollment_id.ids
            if coming:
                begin[by_key[coming.key]] += ids
            else:
                ended += ids
        Enrollment = self.env["hc.outreach.enrollment"]
        Enrollment._walk(Enrollment._begin_steps(begin, now), now, now)
        Enrollment.browse(ended)._set_through(now)
