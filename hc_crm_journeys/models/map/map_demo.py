import json

from odoo import Command, api, models
from odoo.tools import file_open

PATH = "hc_crm_journeys/demo/map/shop.json"
OWNER = "base.user_admin"
PERSONAS = {"Robert": "hc_crm.hc_persona_robert", "Bianca": "hc_crm.hc_persona_bianca"}


class HcJourneyDemo(models.Model):
    """The clothing shop's own map, as it is and as it shall be; only the demo data calls it."""

    _inherit = "hc.journey"

    @api.model
    def _hc_make_demo(self):
        """Make the map of ``PATH``: a document, with evidence by the names of demo records, and commands for how
        it shall be. Once: what somebody changed in a demo stays.
        """
        if self.env.ref("hc_crm_journeys.demo_journey_shop", raise_if_not_found=False):
            return
        with file_open(PATH) as file:
            document = json.load(file)
        user = self.env.ref(OWNER)
        personas = {name: self.env.ref(xml_id) for name, xml_id in PERSONAS.items()}
        channels = self.env["hc.channel"]._hc_channel_info()
        evidence = []
        for uid, card in self._hc_demo_cards(document["stages"]):
            evidence += [(uid, one) for one in card.get("evidence", ())]
            if name := card.get("persona"):
                card["persona"] = personas[name].id
        journey = self._hc_new_from(
            document,
            user_id=user.id,
            persona_ids=[Command.set([persona.id for persona in personas.values()])],
            company_id=self.env.ref("base.main_company").id,
        )
        cells = {cell.uid: cell for cell in journey.cell_ids}
        sources = {
            "hc.interaction": "interaction_id", "hc.research.note": "note_id", "hc.feedback": "feedback_id",
        }  # fmt: skip
        vals_list = []
        for uid, one in evidence:
            record = self.env.ref(one["ref"], raise_if_not_found=False)
            if record:
                vals_list.append(
                    {
                        "cell_id": cells[uid].id,
                        "quote": one.get("quote"),
                        sources[record._name]: record.id,
                    }
                )
        self.env["hc.journey.evidence"].create(vals_list)
        other = journey.copy(
            {
                "name": self.env._("%(name)s: as it shall be", name=journey.name),
                "time": "to_be",
                "counterpart_id": journey.id,
                "user_id": user.id,
            }
        )
        journey.counterpart_id = other
        for command in document["to_be"]:
            if key := command.get("values", {}).get("channel"):
                command["values"]["channel"] = channels[key]["id"]
        other._hc_run(document["to_be"])
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": "hc_crm_journeys.demo_journey_shop", "record": journey, "noupdate": True},
                {"xml_id": "hc_crm_journeys.demo_journey_shop_to_be", "record": other, "noupdate": True},
            ]
        )  # fmt: skip

    @api.model
    def _hc_demo_cards(self, stages):
        """Yield ``(uid, card)`` of what is more than a text; the uids are those that a document gives."""
        for stage in stages:
            yield from self._hc_demo_cards(stage.get("stages", ()))
            for lane, cards in stage.get("cells", {}).items():
                for number, card in enumerate(cards, start=1):
                    if isinstance(card, dict):
                        yield f"{stage['uid']}-{lane}-{number}", card
