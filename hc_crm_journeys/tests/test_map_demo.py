from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestMapDemo(TransactionCase):
    """The shop's own map of the demo data."""

    def test_demo(self):
        if not self.env.ref("hc_crm.demo_interaction_rosa_01", raise_if_not_found=False):
            self.skipTest("no demo data here")
        data = self.env["ir.model.data"].search(
            [("module", "=", "hc_crm_journeys"), ("name", "like", "demo_journey_shop")]
        )
        self.env["hc.journey"].browse(data.mapped("res_id")).exists().unlink()
        data.unlink()
        self.env["hc.journey"]._hc_make_demo()
        journey = self.env.ref("hc_crm_journeys.demo_journey_shop")
        shown = journey.hc_map()
        self.assertEqual(len(shown["personas"]), 2)
        self.assertTrue(all(shown["proofs"][proof] for proof in ("assumed", "some", "validated")))
        with_evidence = [cell for cell in shown["cells"] if cell["evidence_count"]]
        self.assertGreater(len(with_evidence), 10)
        found = journey.hc_difference()
        self.assertTrue(found["added"] and found["removed"] and found["changed"])
        self.assertEqual(found["after"]["id"], journey.counterpart_id.id)
        feelings = {
            (cell["stage"], cell["persona"])
            for cell in shown["cells"]
            if cell["feeling"] is not None
        }
        divided = {stage["parent"] for stage in shown["stages"]}
        for stage in shown["stages"]:
            if stage["uid"] not in divided:
                for persona in shown["personas"]:
                    self.assertIn((stage["uid"], persona["id"]), feelings)
        count = self.env["hc.journey"].search_count([])
        self.env["hc.journey"]._hc_make_demo()
        self.assertEqual(self.env["hc.journey"].search_count([]), count)

    def test_customers(self):
        """Somebody stands in each stage that has an event, and nothing is wrong with the events."""
        journey = self.env.ref("hc_crm_journeys.demo_journey_shop", raise_if_not_found=False)
        if not journey:
            self.skipTest("no demo data here")
        journey.rule_ids.unlink()
        self.env["hc.journey"]._hc_make_demo_events()
        self.assertEqual(journey.rule_ids.filtered("error").mapped("error"), [])
        figures = journey.hc_live({"period": "all"})["stages"]
        for rule in journey.rule_ids:
            self.assertTrue(figures[rule.stage_id.uid]["entered"], rule.words)
