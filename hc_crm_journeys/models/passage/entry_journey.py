from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.hc_crm.models.links import check_links
from odoo.addons.hc_crm.models.outreach.hc_outreach_plan_reach import HcOutreachPlan as ReachedPlan

STAGE_WAYS = [
    ("entered", "Enter It"),
    ("left", "Leave It"),
    ("overdue", "Are in It Longer than It Should Take"),
]
STAGE_FIELDS = ("entry_stage_id", "entry_stage_way")


class HcOutreachPlan(models.Model):
    _inherit = "hc.outreach.plan"

    REACH = (*ReachedPlan.REACH, *STAGE_FIELDS)

    entry_stage_id = fields.Many2one("hc.journey.stage", string="Stage", ondelete="set null")
    entry_stage_way = fields.Selection(STAGE_WAYS, string="Who", default="entered")

    @api.depends(*STAGE_FIELDS)
    def _compute_entry_text(self):
        return super()._compute_entry_text()

    @api.constrains(*STAGE_FIELDS)
    def _check_entry_stage(self):
        self._check_entry()

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ["entry_stage_id"])
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], ["entry_stage_id"])
        result = super().write(vals)
        if "state" not in vals and not vals.keys().isdisjoint(STAGE_FIELDS):
            # another stage is another entry: what fits already by then is not news
            begun = self.filtered("entry_watermark")
            begun._entry_forget()
            begun._entry_start(anew=True)
        return result

    def _same_way(self):
        """Two plans about different stages turn to nobody twice for one thing."""
        found = super()._same_way()
        if self.entry_type != "journey":
            return found
        return [
            (plan, count)
            for plan, count in found
            if all(plan.sudo()[name] == self.sudo()[name] for name in STAGE_FIELDS)
        ]


class HcOutreachEntry(models.AbstractModel):
    """Somebody enters a stage of a journey, leaves it, or stays longer than they should."""

    _inherit = "hc.outreach.entry"

    @api.model
    def _entries(self):
        return super()._entries() | {"journey": self.env._("They come to a stage of a journey")}

    def _entry_fields_journey(self):
        return ["entry_stage_id", "entry_stage_way", "recipient"]

    def _entry_check_journey(self, plan):
        stage = plan.entry_stage_id
        if not stage:
            return [self._missing("entry_stage_id")]
        problems = []
        if plan.company_id and stage.company_id != plan.company_id:
            problems.append(
                self.env._(
                    "%(field)s: “%(stage)s” is another company's.",
                    field=self._label("entry_stage_id"),
                    stage=stage.name,
                )
            )
        if not stage.active:
            problems.append(
                self._missing_text(
                    self.env._(
                        "%(field)s: “%(stage)s” is not on its map any more.",
                        field=self._label("entry_stage_id"),
                        stage=stage.name,
                    )
                )
            )
        if plan.entry_stage_way == "overdue" and stage.standard_days <= 0:
            problems.append(
                self._missing_text(
                    self.env._(
                        "%(field)s: say on the map how long “%(stage)s” should take.",
                        field=self._label("entry_stage_id"),
                        stage=stage.name,
                    )
                )
            )
        return problems

    def _entry_profiled_journey(self, plan):
        return True

    def _entry_text_journey(self, plan):
        stage = plan.entry_stage_id.name
        return {
            "left": self.env._("Every customer who leaves “%(stage)s”", stage=stage),
            "overdue": self.env._(
                "Every customer who is in “%(stage)s” longer than it should take", stage=stage
            ),
        }.get(plan.entry_stage_way) or self.env._(
            "Every customer who enters “%(stage)s”", stage=stage
        )

    def _entry_journey(self, plan, scope):
        # what becomes known late is dated back, so what was seen before is read again
        return self._stage_rows(plan, scope.start, scope.now)

    def _stage_rows(self, plan, start, until):
        """Return the SELECT of those who entered, left or became overdue from ``start`` to ``until``."""
        way = plan.entry_stage_way or "entered"
        moment = {
            "entered": SQL("passage.date_from"),
            "left": SQL("passage.date_to"),
            "overdue": SQL("passage.date_from + stage.standard_days * INTERVAL '1 day'"),
        }[way]
        where = [
            SQL("passage.stage_id = %s AND passage.touchpoint_number = 0", plan.entry_stage_id.id),
            SQL("%s <= %s", moment, until),
        ]
        if way == "overdue":
            where.append(SQL("passage.date_to IS NULL AND stage.standard_days > 0"))
        if start:
            where.append(SQL("%s >= %s", moment, start))
        elif way == "entered":
            # existing customers: those who are in it
            where.append(SQL("passage.date_to IS NULL"))
        return SQL(
            """
            SELECT COALESCE(contact.id, passage.partner_id),
                   ('hc.journey.passage,' || passage.stage_id || %(way)s || passage.res_model || ',' || passage.res_id)
                       ::varchar,
                   'hc.journey.passage'::varchar, passage.id, %(moment)s
              FROM hc_journey_passage AS passage
              JOIN hc_journey_stage AS stage ON stage.id = passage.stage_id
              LEFT JOIN res_partner AS contact ON contact.id = passage.contact_number
             WHERE %(where)s
            """,
            way=f",{way},",
            moment=moment,
            where=SQL(" AND ").join(where),
        )

    def _entry_forecast_journey(self, plan, date_from, date_to):
        """Who will be overdue is known in advance, as far as they do not go on before."""
        if plan.entry_stage_way != "overdue":
            return None
        return self._stage_rows(plan, *self._moments(plan, date_from, date_to))

    def _entry_expected_journey(self, plan, since):
        start, _until = self._moments(plan, since, since)
        return self._count(self._stage_rows(plan, start, fields.Datetime.now()))
