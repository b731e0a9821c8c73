from odoo import api, models
from odoo.tools import SQL


class HcOutreachEntry(models.AbstractModel):
    """Somebody comes to be in a segment or drops out of it, or gets a persona.

    Only what happened to *them* counts: not who was in from the beginning, and not who came or went because
    somebody changed the conditions.
    """

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {
            "segment": self.env._("They enter or leave a segment"),
            "persona": self.env._("They become a persona"),
        }

    # -- segment --------------------------------------------------------------------------------

    def _entry_fields_segment(self):
        return ["entry_segment_id", "entry_segment_way"]

    def _entry_check_segment(self, plan):
        segment = plan.entry_segment_id
        if not segment:
            return [self._missing("entry_segment_id")]
        problems = []
        if segment.company_id and plan.company_id and segment.company_id != plan.company_id:
            problems.append(
                self.env._(
                    "%(field)s: “%(segment)s” is another company's.",
                    field=self._label("entry_segment_id"),
                    segment=segment.name,
                )
            )
        if not segment.active:
            problems.append(
                self._missing_text(
                    self.env._(
                        "%(field)s: “%(segment)s” is archived; nobody enters or leaves it any more.",
                        field=self._label("entry_segment_id"),
                        segment=segment.name,
                    )
                )
            )
        return problems

    def _entry_profiled_segment(self, plan):
        return plan.entry_segment_id.uses_insight

    def _entry_text_segment(self, plan):
        if plan.entry_segment_way == "left":
            return self.env._(
                "Every customer who leaves “%(name)s”", name=plan.entry_segment_id.name
            )
        return self.env._("Every customer who enters “%(name)s”", name=plan.entry_segment_id.name)

    def _entry_segment(self, plan, scope):
        return self._segment_rows(plan, scope.start, scope.since)

    def _segment_rows(self, plan, start, since=None):
        left = plan.entry_segment_way == "left"
        date = SQL("date_left" if left else "date_entered")
        where = [
            SQL("segment_id = %s", plan.entry_segment_id.id),
            SQL("(company_id IS NULL OR company_id = %s)", plan.company_id.id),
            SQL("%s IS NOT NULL", date),
        ]
        if left:
            where.append(SQL("left_cause = 'figures'"))
        elif start:
            where.append(SQL("entered_cause = 'figures'"))
        else:
            # existing customers: who is in, however they came
            where.append(SQL("date_left IS NULL"))
        return self._membership_rows("hc.segment.membership", date, where, start, since)

    def _membership_rows(self, model, date, where, start, since):
        if start:
            where.append(SQL("date_trunc('second', %s) >= %s", date, start))
        if since:
            where.append(SQL("%s >= %s", date, since))
        return SQL(
            """
            SELECT partner_id, (%(model)s || ',' || id)::varchar, %(model)s::varchar, id, %(date)s
              FROM %(table)s WHERE %(where)s
            """,
            model=model,
            date=date,
            table=SQL.identifier(self.env[model]._table),
            where=SQL(" AND ").join(where),
        )

    def _entry_expected_segment(self, plan, since):
        start, _until = self._moments(plan, since, since)
        return self._count(self._segment_rows(plan, start))

    # -- persona --------------------------------------------------------------------------------

    def _entry_fields_persona(self):
        return ["entry_persona_id"]

    def _entry_check_persona(self, plan):
        persona = plan.entry_persona_id
        if not persona:
            return [self._missing("entry_persona_id")]
        if persona.company_id and plan.company_id and persona.company_id != plan.company_id:
            return [
                self.env._(
                    "%(field)s: “%(persona)s” is another company's.",
                    field=self._label("entry_persona_id"),
                    persona=persona.name,
                )
            ]
        return []

    def _entry_profiled_persona(self, plan):
        return True

    def _entry_text_persona(self, plan):
        return self.env._("Every customer who becomes “%(name)s”", name=plan.entry_persona_id.name)

    def _entry_persona(self, plan, scope):
        return self._persona_rows(plan, scope.start, scope.since)

    def _persona_rows(self, plan, start, since=None):
        where = [SQL("persona_id = %s", plan.entry_persona_id.id), SQL("date_left IS NULL")]
        return self._membership_rows(
            "hc.persona.membership", SQL("date_entered"), where, start, since
        )

    def _entry_expected_persona(self, plan, since):
        start, _until = self._moments(plan, since, since)
        return self._count(self._persona_rows(plan, start))
