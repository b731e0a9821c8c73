from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

WHICH = ("now", "overdue", "entered", "left", "dropped", "skipped", "repeated")
# A list of people by name is no longer than this.
MAX_PEOPLE = 5000


class HcJourney(models.Model):
    """Who is behind the figures of the map, and by what they come there: what opens on a click."""

    _inherit = "hc.journey"

    def action_hc_people(self, stage_uid, which, options=None):
        """Return the action that lists who is behind a figure of a stage.

        :param which: one of ``WHICH``
        :param options: as of ``hc_live``
        """
        self.ensure_one()
        self.check_access("read")
        options = self._live_options(options)
        stage = self._hc_thing("stage", stage_uid)
        if which not in WHICH:
            raise ValidationError(
                self.env._("“Which”: choose one of %(names)s.", names=", ".join(WHICH))
            )
        stages = self.env["hc.journey.stage"].search(
            [("journey_id", "=", self.id), ("id", "child_of", stage.id)]
        )
        title = {
            "now": self.env._("Now in “%(stage)s”", stage=stage.name),
            "overdue": self.env._("Overdue in “%(stage)s”", stage=stage.name),
            "entered": self.env._("Entered “%(stage)s”", stage=stage.name),
            "left": self.env._("Left “%(stage)s”", stage=stage.name),
            "dropped": self.env._("Gone silent in “%(stage)s”", stage=stage.name),
            "skipped": self.env._("Never in “%(stage)s”, but further", stage=stage.name),
            "repeated": self.env._("In “%(stage)s” again", stage=stage.name),
        }[which]
        if which == "skipped":
            return self._skipped_action(stages, title, options)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm_journeys.hc_journey_passage_action"
        )
        domain = self._live_domain(options) & Domain("stage_id", "in", stages.ids)
        domain &= Domain("touchpoint_number", "=", 0) & self._which_domain(which, options)
        return action | {
            "name": title,
            "display_name": title,
            "domain": list(domain),
            "context": {},
        }

    def action_hc_rules(self, stage_uid, cell_uid=None):
        """Return the action that shows by what customers enter a stage, or pass a touchpoint: a dialog.

        :param cell_uid: the card of the touchpoint, None for the stage itself
        """
        self.ensure_one()
        self.check_access("read")
        stage = self._hc_thing("stage", stage_uid)
        touchpoint = self.env["hc.journey.touchpoint"]
        if cell_uid:
            touchpoint = self._hc_thing("cell", cell_uid).touchpoint_ids
        rules = stage.rule_ids.filtered(lambda rule: rule.touchpoint_id == touchpoint)
        context = {"default_stage_id": stage.id, "default_touchpoint_id": touchpoint.id}
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers enter “%(stage)s” when …", stage=stage.name),
            "res_model": "hc.journey.rule",
            "target": "new",
            "context": context,
        }
        if touchpoint:
            action["name"] = self.env._(
                "Customers pass “%(touchpoint)s” when …", touchpoint=(touchpoint.name or "")[:60]
            )
        if len(rules) > 1 or (not rules and not self.env["hc.journey.rule"].has_access("create")):
            domain = [("stage_id", "=", stage.id), ("touchpoint_id", "=", touchpoint.id)]
            return action | {"domain": domain, "views": [(False, "list"), (False, "form")]}
        return action | {"res_id": rules.id, "views": [(False, "form")]}

    def _which_domain(self, which, options):
        since = options["since"]
        entered = Domain("date_from", ">=", since) if since else Domain.TRUE
        left = Domain("date_to", ">=", since) if since else Domain("date_to", "!=", False)
        return {
            "now": Domain("is_now", "=", True),
            "overdue": Domain("is_overdue", "=", True),
            "entered": entered,
            "left": left,
            "dropped": Domain("is_dropped", "=", True),
            "repeated": Domain("visit", ">", 1) & entered,
        }[which]

    def _skipped_action(self, stages, title, options):
        self.env.flush_all()
        ranks = self._stage_ranks()
        rows = self._live_rows(options)
        values = SQL(", ").join(SQL("(%s, %s)", stage, rank) for stage, rank in ranks.items())
        since = options["since"] or fields.Datetime.from_string("1900-01-01 00:00:00")
        found = self.env.execute_query(
            SQL(
                """
                WITH place (stage_id, rank) AS (VALUES %(ranks)s),
                row AS MATERIALIZED (
                    SELECT passage.partner_id, passage.stage_id, place.rank, passage.date_from
                      FROM (%(rows)s) AS passage JOIN place ON place.stage_id = passage.stage_id
                     WHERE passage.touchpoint_number = 0
                )
                SELECT DISTINCT row.partner_id FROM row JOIN place ON place.stage_id = ANY(%(stages)s)
                 WHERE row.date_from >= %(since)s AND row.rank > place.rank
                   AND (place.stage_id IN (SELECT stage_id FROM hc_journey_rule
                            WHERE active AND touchpoint_id IS NULL)
                        OR place.stage_id IN (SELECT stage_id FROM row WHERE date_from >= %(since)s))
                   AND NOT EXISTS (SELECT FROM row AS been WHERE been.partner_id = row.partner_id
                                      AND been.stage_id = place.stage_id)
                 ORDER BY 1 LIMIT %(limit)s
                """,
                ranks=values,
                rows=rows,
                stages=stages.ids,
                since=since,
                limit=MAX_PEOPLE,
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "res.partner",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", [row for [row] in found])],
        }
