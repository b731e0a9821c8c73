from odoo import api, fields, models
from odoo.tools import SQL

# So many have to have gone on from a stage before what they did is “usual”.
LEAST = 5
# Where nobody knows how long it usually takes: so many times what it should take.
TIMES_STANDARD = 3


class HcJourneyStage(models.Model):
    """What usually happens in a stage, worked out when all passages are; and what changes with it.

    ``usual_days`` and ``slow_days`` are the median and the 90th percentile of the time in it of everybody who
    left it, ``usual_next_number`` is where most of them went: 0 where fewer than ``LEAST`` did.
    """

    _inherit = "hc.journey.stage"

    rule_ids = fields.One2many(
        "hc.journey.rule", "stage_id", string="Customers Enter or Leave It When"
    )
    usual_days = fields.Float(readonly=True, copy=False)
    slow_days = fields.Float(readonly=True, copy=False)
    usual_count = fields.Integer(readonly=True, copy=False)
    usual_next_number = fields.Integer(readonly=True, copy=False)

    def write(self, vals):
        result = super().write(vals)
        if {"position", "parent_id", "active"} & vals.keys():
            self._hc_renew()
        return result

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_renew(self):
        self._hc_renew()

    def _hc_renew(self):
        """Only maps with customers on them have anything to work out."""
        self.journey_id.filtered("date_passages_full")._hc_renew()

    @api.model
    def _learn_usual(self, journey):
        """Work out what is usual in the stages of a journey. One query."""
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    SELECT stage_id, to_number, EXTRACT(EPOCH FROM date_to - date_from) / 86400.0 AS days
                      FROM hc_journey_passage
                     WHERE journey_id = %(journey)s AND touchpoint_number = 0 AND date_to IS NOT NULL
                ),
                usual AS (
                    SELECT stage_id, COUNT(*) AS count,
                           PERCENTILE_CONT(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days) AS days
                      FROM gone GROUP BY stage_id HAVING COUNT(*) >= %(least)s
                ),
                way AS (
                    SELECT DISTINCT ON (stage_id) stage_id, to_number
                      FROM gone WHERE to_number <> 0
                     GROUP BY stage_id, to_number HAVING COUNT(*) >= %(least)s
                     ORDER BY stage_id, COUNT(*) DESC, to_number
                )
                UPDATE hc_journey_stage AS stage
                   SET usual_count = COALESCE(usual.count, 0), usual_days = COALESCE(usual.days[1], 0),
                       slow_days = COALESCE(usual.days[2], 0),
                       usual_next_number = COALESCE(way.to_number, 0)
                  FROM hc_journey_stage AS one
                  LEFT JOIN usual ON usual.stage_id = one.id
                  LEFT JOIN way ON way.stage_id = one.id
                 WHERE one.id = stage.id AND stage.journey_id = %(journey)s
                """,
                journey=journey.id,
                least=LEAST,
            )
        )
        self.invalidate_model(
            ["usual_days", "slow_days", "usual_count", "usual_next_number"], flush=False
        )

    @api.model
    def _lost_limit(self, alias):
        """Return the SQL of the days after which whoever is silent in a stage is gone; NULL: nobody knows."""
        return SQL(
            "COALESCE(CASE WHEN %(stage)s.usual_count > 0 THEN GREATEST(%(stage)s.slow_days, 1) END, "
            "CASE WHEN %(stage)s.standard_days > 0 THEN %(times)s * %(stage)s.standard_days END)",
            stage=SQL.identifier(alias),
            times=TIMES_STANDARD,
        )
