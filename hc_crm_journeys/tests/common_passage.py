from datetime import datetime, timedelta

from odoo.tools import SQL

from odoo.addons.hc_crm_surveys.tests.common import SurveysCommon

DAY = datetime(2026, 3, 1, 10)


class PassageCommon(SurveysCommon):
    """A map of four stages; customers come by interactions whose summary names the stage."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journey = cls.env["hc.journey"].create({"name": "Buying a coat"})
        cls.stages = cls.env["hc.journey.stage"].create(
            [
                {"journey_id": cls.journey.id, "uid": name, "name": name.title(), "position": place}
                for place, name in enumerate(("look", "try", "buy", "wear"))
            ]
        )
        cls.look, cls.try_on, cls.buy, cls.wear = cls.stages
        cls.lane = cls.env["hc.journey.lane"].create(
            {"journey_id": cls.journey.id, "uid": "touch", "kind": "touchpoint"}
        )
        cls.cell = cls.env["hc.journey.cell"].create(
            {
                "journey_id": cls.journey.id, "uid": "counter", "stage_id": cls.buy.id, "lane_id": cls.lane.id,
                "text": "At the counter",
            }
        )  # fmt: skip
        cls.touchpoint = cls.cell.touchpoint_ids or cls.env["hc.journey.touchpoint"].create(
            {"cell_id": cls.cell.id}
        )
        cls.visit = cls.env.ref("hc_crm.hc_channel_visit")
        cls.Passage = cls.env["hc.journey.passage"]

    @classmethod
    def rule(cls, stage, **vals):
        values = {
            "stage_id": stage.id,
            "kind": "record",
            "model_id": cls.env["ir.model"]._get_id("hc.interaction"),
            "domain": str([("summary", "=", stage.uid)]),
            "date_field_id": cls.env["ir.model.fields"]._get("hc.interaction", "date").id,
        }
        return cls.env["hc.journey.rule"].create(values | vals)

    @classmethod
    def rules(cls):
        return cls.env["hc.journey.rule"].concat(*(cls.rule(stage) for stage in cls.stages))

    @classmethod
    def happen(cls, what, day, partner=None, **vals):
        """Log that ``what`` happened ``day`` days after the first."""
        values = {
            "partner_id": (partner or cls.person).id, "channel_id": cls.visit.id, "summary": what,
            "date": DAY + timedelta(days=day),
        }  # fmt: skip
        return cls.env["hc.interaction"].create(values | vals)

    def passages(self, partner=None):
        """Return ``[(stage, day entered, day left or None)]`` in order."""
        rows = self.Passage.search(
            [
                ("journey_id", "=", self.journey.id), ("touchpoint_number", "=", 0),
                ("partner_id", "=", (partner or self.person).id),
            ], order="date_from, id",
        )  # fmt: skip
        return [
            (
                row.stage_id.uid,
                (row.date_from - DAY).days,
                (row.date_to - DAY).days if row.date_to else None,
            )
            for row in rows
        ]

    def age(self):
        """As if all that was written until now were written long ago."""
        self.env.flush_all()
        for table in ("hc_interaction", "res_partner", "sale_order", "crm_lead"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date - INTERVAL '2 days'",
                    SQL.identifier(table),
                )
            )
        self.env.invalidate_all()
