from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common_passage import DAY, PassageCommon


@tagged("post_install", "-at_install")
class TestPassageLive(PassageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules()
        cls.people = cls.env["res.partner"].create([{"name": f"P{n}"} for n in range(8)])

    def live(self, user=None, **options):
        self.journey._refresh(full=True)
        journey = self.journey.with_user(user) if user else self.journey
        return journey.hc_live(options)

    def walk(self, partner, *steps):
        for what, day in steps:
            self.happen(what, day, partner)

    def people_of(self, stage, which, **options):
        action = self.journey.action_hc_people(stage, which, options)
        rows = self.env[action["res_model"]].search(action["domain"])
        return rows if action["res_model"] == "res.partner" else rows.partner_id

    def test_figures(self):
        a, b, c, d = self.people[:4]
        self.try_on.standard_days = 10
        self.walk(a, ("look", 0), ("try", 2), ("buy", 4))
        self.walk(b, ("look", 0), ("buy", 6))
        self.walk(c, ("buy", 0), ("look", 1), ("buy", 2))
        self.walk(d, ("look", 0), ("try", 1))
        live = self.live()
        look, try_on, buy, wear = (live["stages"][uid] for uid in ("look", "try", "buy", "wear"))
        self.assertEqual((look["now"], look["entered"], look["left"]), (0, 4, 4))
        self.assertEqual((try_on["now"], try_on["entered"], try_on["left"]), (1, 2, 1))
        self.assertEqual((buy["now"], buy["entered"], buy["left"]), (3, 4, 1))
        self.assertEqual(wear["now"], 0)
        # 2, 6, 1, 1 days
        self.assertEqual(look["median_days"], 1.5)
        self.assertAlmostEqual(look["slow_days"], 4.8, 2)
        self.assertEqual(try_on["overdue"], 1)
        self.assertEqual((try_on["skipped"], look["skipped"], wear["skipped"]), (2, 0, 0))
        self.assertEqual(buy["repeated"], 1)
        self.assertEqual(live["order"]["out_of_order"], 1)
        self.assertIn({"from": "look", "to": "try", "count": 2, "median_days": 1.5}, live["flows"])
        self.assertIn(
            {"from": "enter", "to": "look", "count": 3, "median_days": None}, live["flows"]
        )
        self.assertEqual(sum(f["count"] for f in live["flows"] if f["from"] == "enter"), 4)
        self.assertEqual(self.people_of("try", "now"), d)
        self.assertEqual(self.people_of("try", "overdue"), d)
        self.assertEqual(self.people_of("try", "skipped"), b | c)
        self.assertEqual(self.people_of("look", "left"), a | b | c | d)
        self.assertEqual(self.people_of("look", "entered"), a | b | c | d)
        self.assertEqual(self.people_of("buy", "repeated"), c)

    def test_every_figure_is_the_people_behind_it(self):
        whats = [stage.uid for stage in self.stages]
        for place, partner in enumerate(self.people):
            self.walk(
                partner, *((whats[(place * 3 + step) % 4], step * (place + 1)) for step in range(place % 4 + 1))
            )  # fmt: skip
        live = self.live()
        for uid, figures in live["stages"].items():
            for which in ("now", "overdue", "dropped", "skipped"):
                self.assertEqual(len(self.people_of(uid, which)), figures[which], (uid, which))

    def test_leaving_flows(self):
        self.rule(self.buy, way="leave", domain="[('summary', '=', 'bye')]")
        self.walk(self.person, ("buy", 0), ("bye", 2))
        live = self.live()
        self.assertIn({"from": "buy", "to": "leave", "count": 1, "median_days": 2.0}, live["flows"])

    def test_dropped(self):
        for place, partner in enumerate(self.people[:6]):
            self.walk(partner, ("look", 0), ("try", place + 1))
        silent, heard = self.people[6:8]
        self.walk(silent, ("look", 0))
        self.walk(heard, ("look", 0))
        live = self.live()
        self.assertEqual(live["stages"]["look"]["dropped"], 2)
        self.assertEqual(self.people_of("look", "dropped"), silent | heard)
        # nobody went on from there: nobody knows
        self.assertEqual(live["stages"]["try"]["dropped"], 0)
        self.env["hc.customer.insight"].create(
            {
                "partner_id": heard.id, "company_id": self.company.id,
                "currency_id": self.company.currency_id.id, "computed_at": fields.Datetime.now(),
                "last_contact_date": fields.Date.today(),
            }
        )  # fmt: skip
        self.assertEqual(self.live()["stages"]["look"]["dropped"], 1)
        self.assertEqual(self.people_of("look", "dropped"), silent)

    def test_dropped_by_the_standard(self):
        self.try_on.standard_days = 2
        self.walk(self.person, ("try", 0))
        self.assertEqual(self.live()["stages"]["try"]["dropped"], 1)
        self.try_on.standard_days = 100000
        self.assertEqual(self.live()["stages"]["try"]["dropped"], 0)

    def test_period(self):
        self.walk(self.person, ("look", 0), ("try", 1))
        days = (fields.Datetime.now() - DAY).days
        self.assertEqual(self.live(period=days + 3)["stages"]["look"]["entered"], 1)
        live = self.live(period=days)["stages"]
        self.assertEqual((live["look"]["entered"], live["look"]["left"]), (0, 1))
        self.assertEqual(self.people_of("look", "entered", period=days), self.env["res.partner"])
        self.assertEqual(self.live(period=1)["stages"]["try"]["now"], 1)

    def test_persona_and_segment(self):
        a, b = self.people[:2]
        self.walk(a, ("look", 0))
        self.walk(b, ("look", 0))
        persona = self.env["hc.persona"].create({"name": "Lena"})
        self.env["hc.persona.membership"].create({"partner_id": a.id, "persona_id": persona.id})
        self.assertEqual(self.live(persona=persona.id)["stages"]["look"]["now"], 1)
        self.assertEqual(self.people_of("look", "now", persona=persona.id), a)
        segment = self.env["hc.segment"].create(
            {"name": "B", "domain": "[('ref', '=', 'b')]", "level": "contact"}
        )
        b.ref = "b"
        segment.sudo()._refresh()
        self.assertEqual(self.people_of("look", "now", segment=segment.id), b)
        self.assertEqual(self.live(segment=segment.id)["stages"]["look"]["now"], 1)

    def test_touchpoints_and_drift(self):
        self.rule(self.buy, touchpoint_id=self.touchpoint.id)
        self.walk(self.person, ("look", 0))
        live = self.live()
        self.assertEqual(live["drift"]["silent"], ["counter"])
        self.assertEqual(live["touchpoints"]["counter"], {"count": 0, "last": None})
        self.walk(self.person, ("buy", 1), ("buy", 2))
        live = self.live()
        self.assertFalse(live["drift"]["silent"])
        self.assertEqual(live["touchpoints"]["counter"]["count"], 2)
        label = self.visit.name
        unmapped = {line["label"]: line["count"] for line in live["drift"]["unmapped"]}
        self.assertEqual(unmapped.get(label), 3)
        self.touchpoint.channel_id = self.visit
        unmapped = {line["label"] for line in self.live()["drift"]["unmapped"]}
        self.assertNotIn(label, unmapped)

    def test_stages_below_are_summed_up(self):
        below = self.env["hc.journey.stage"].create(
            {
                "journey_id": self.journey.id, "uid": "pay", "name": "Pay", "parent_id": self.buy.id,
                "position": 1,
            }
        )  # fmt: skip
        self.rule(below)
        self.walk(self.person, ("pay", 0))
        live = self.live()
        self.assertEqual(live["stages"]["buy"]["now"], 1)
        self.assertEqual(self.people_of("buy", "now"), self.person)

    def test_archived_customers_do_not_count(self):
        self.walk(self.person, ("look", 0))
        self.person.active = False
        self.assertEqual(self.live()["stages"]["look"]["now"], 0)

    def test_whose_customers(self):
        """An own-documents salesperson counts nobody whose steps rest on what they may not read."""
        mine, theirs, both, logged = self.people[:4]
        Lead = self.env["crm.lead"]
        self.rule(
            self.wear, model_id=self.env["ir.model"]._get_id("crm.lead"), domain="[('name', '=', 'coat')]",
            date_field_id=False,
        )  # fmt: skip
        for partner, users in (
            (mine, self.salesman),
            (theirs, self.seller_all),
            (both, self.salesman | self.seller_all),
        ):
            for user in users:
                Lead.create({"name": "coat", "partner_id": partner.id, "user_id": user.id})
        # entering twice changes nothing, so it tells nothing either
        self.happen("look", 0, both)
        self.walk(logged, ("wear", 0))
        self.walk(theirs, ("look", 0))
        own = self.live(self.salesman)["stages"]
        everything = self.live(self.seller_all)["stages"]
        self.assertEqual(everything["wear"]["now"], 4)
        self.assertEqual(self.live(self.manager)["stages"]["wear"]["now"], 4)
        readable = self.Passage.with_user(self.salesman).search([]).partner_id & self.people
        self.assertIn(mine, readable)
        self.assertIn(logged, readable)
        self.assertNotIn(theirs, readable)
        self.assertEqual(own["wear"]["now"], len(readable))
        # all that is told of somebody, or nothing
        self.assertEqual(own["look"]["entered"], int(both in readable))

    def test_rights(self):
        self.walk(self.person, ("look", 0))
        self.journey._refresh(full=True)
        for user in (self.portal, self.public, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.journey.with_user(user).hc_live({})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.journey.with_user(user).action_hc_people("look", "now")
        for user in (self.salesman, self.seller_all):
            row = self.Passage.with_user(user).search([("partner_id", "=", self.person.id)])
            self.assertTrue(row)
            with self.assertRaises(AccessError):
                row.write({"visit": 3})
            with self.assertRaises(AccessError):
                row.unlink()
            with self.assertRaises(AccessError):
                self.env["hc.journey.rule"].with_user(user).create(
                    {"stage_id": self.look.id, "kind": "feedback", "feedback_key": "x"}
                )
            with self.assertRaises(AccessError):
                self.journey.with_user(user).action_hc_refresh()
        self.env["hc.journey.rule"].with_user(self.manager).create(
            {"stage_id": self.look.id, "kind": "feedback", "feedback_key": "x"}
        )
        self.journey.with_user(self.manager).action_hc_refresh()

    def test_bad_options(self):
        for options in (
            {"period": -1}, {"period": "soon"}, {"period": 1.5}, {"period": 10**20}, {"persona": "x"},
            {"segment": 2**40}, [1], "x",
        ):  # fmt: skip
            with self.subTest(options), self.assertRaises(ValidationError):
                self.journey.hc_live(options)
        for uid, which in (
            ("look", "nobody"),
            ("nowhere", "now"),
            (False, "now"),
            ("a\0b", "now"),
            (3, "now"),
        ):
            with self.subTest(uid), self.assertRaises(ValidationError):
                self.journey.action_hc_people(uid, which)

    def test_dialog_of_a_stage(self):
        journey = self.journey.with_user(self.manager)
        action = journey.action_hc_rules("look")
        self.assertEqual(action["res_id"], self.look.rule_ids.id)
        self.assertEqual(action["name"], "Customers enter “Look” when …")
        action = journey.action_hc_rules("buy", "counter")
        self.assertFalse(action["res_id"])
        self.assertEqual(action["context"]["default_touchpoint_id"], self.touchpoint.id)
        self.rule(self.look, way="leave")
        action = journey.action_hc_rules("look")
        self.assertEqual(self.env["hc.journey.rule"].search(action["domain"]), self.look.rule_ids)
        self.assertIn(
            "domain", self.journey.with_user(self.salesman).action_hc_rules("buy", "counter")
        )
        with self.assertRaises(ValidationError):
            journey.action_hc_rules("nowhere")
        with self.assertRaises(AccessError):
            self.journey.with_user(self.stranger).action_hc_rules("look")

    def test_queries(self):
        self.walk(self.person, ("look", 0))
        self.live()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.journey.hc_live({})
        few = self.cr.sql_log_count - before
        for partner in self.people:
            self.walk(partner, ("look", 0), ("try", 1))
        self.live()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.journey.hc_live({})
        self.assertLessEqual(self.cr.sql_log_count - before, few)
        self.assertLess(few, 40)

    def test_match_text(self):
        rule = self.rule(self.look, domain="[('summary', '=', 'xyz')]")
        self.assertEqual(rule.match_text, "Nothing like it so far.")
        self.happen("xyz", 0)
        self.happen("xyz", 1)
        rule.invalidate_recordset(["match_text"])
        self.assertIn("2 times, with 1 customers", rule.match_text)
        self.assertIn(str((DAY + timedelta(days=1)).date()), rule.match_text)
        self.assertFalse(rule.with_user(self.salesman).match_text)
        self.assertIn("Look", rule.words)
