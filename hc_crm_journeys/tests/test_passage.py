import random
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_passage import DAY, PassageCommon


@tagged("post_install", "-at_install")
class TestPassage(PassageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules()

    def refresh(self, full=True):
        return self.journey._refresh(full=full)

    def test_entering_the_next_stage_closes_the_one_before(self):
        self.happen("look", 0)
        self.happen("buy", 3)
        self.refresh()
        self.assertEqual(self.passages(), [("look", 0, 3), ("buy", 3, None)])
        first, second = self.Passage.search(
            [("partner_id", "=", self.person.id)], order="date_from"
        )
        self.assertEqual((first.from_number, first.to_number), (0, self.buy.id))
        self.assertEqual((second.from_number, second.to_number), (self.look.id, 0))
        self.assertEqual(second.from_stage_id, self.look)
        self.assertTrue(second.is_now)

    def test_happening_again_in_the_stage_changes_nothing(self):
        for day in (0, 1, 2):
            self.happen("look", day)
        self.refresh()
        self.assertEqual(self.passages(), [("look", 0, None)])

    def test_coming_back_is_a_second_visit(self):
        for day, what in enumerate(("look", "try", "look", "try")):
            self.happen(what, day)
        self.refresh()
        rows = self.Passage.search([("partner_id", "=", self.person.id)], order="date_from")
        self.assertEqual(rows.mapped("visit"), [1, 1, 2, 2])

    def test_people_of_a_company_are_one_customer(self):
        self.happen("look", 0, self.contact)
        self.happen("try", 1, self.company_customer)
        self.refresh()
        self.assertEqual(self.passages(self.company_customer), [("look", 0, 1), ("try", 1, None)])
        self.assertFalse(self.passages(self.contact))

    def test_late_corrected_and_deleted_events(self):
        look = self.happen("look", 0)
        buy = self.happen("buy", 9)
        self.refresh()
        self.age()
        # known late
        self.happen("try", 4)
        self.refresh(full=False)
        self.assertEqual(self.passages(), [("look", 0, 4), ("try", 4, 9), ("buy", 9, None)])
        # corrected
        self.age()
        buy.date = DAY + timedelta(days=2)
        self.refresh(full=False)
        self.assertEqual(self.passages(), [("look", 0, 2), ("buy", 2, 4), ("try", 4, None)])
        # gone
        self.age()
        look.unlink()
        self.refresh(full=False)
        self.assertEqual(self.passages(), [("buy", 2, 4), ("try", 4, None)])
        # somebody else's
        self.age()
        buy.partner_id = self.company_customer
        self.refresh(full=False)
        self.assertEqual(self.passages(), [("try", 4, None)])
        self.assertEqual(self.passages(self.company_customer), [("buy", 2, None)])

    def test_incremental_looks_at_those_with_news_only(self):
        self.happen("look", 0)
        self.happen("look", 0, self.company_customer)
        self.refresh()
        self.age()
        self.happen("try", 1)
        self.assertEqual(self.refresh(full=False), 1)

    def test_rows_keep_their_ids(self):
        self.happen("look", 0)
        self.refresh()
        row = self.Passage.search([("partner_id", "=", self.person.id)])
        self.happen("try", 5)
        self.refresh()
        self.assertEqual(row.date_to, DAY + timedelta(days=5))
        self.refresh()
        self.assertTrue(row.exists())

    def test_leaving(self):
        self.rule(self.buy, way="leave", domain="[('summary', '=', 'bye')]")
        self.happen("bye", 0)
        self.happen("look", 1)
        self.happen("bye", 2)
        self.happen("buy", 3)
        self.happen("bye", 5)
        self.happen("bye", 6)
        self.happen("buy", 8)
        self.refresh()
        self.assertEqual(self.passages(), [("look", 1, 3), ("buy", 3, 5), ("buy", 8, None)])
        row = self.Passage.search([("partner_id", "=", self.person.id), ("left_id", "!=", 0)])
        self.assertEqual((row.to_number, row.left_model), (0, "hc.interaction"))

    def test_what_is_to_come_does_not_count_yet(self):
        self.postpone(self.happen("look", 0))
        self.refresh()
        self.assertFalse(self.passages())

    def postpone(self, event):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_interaction SET date = NOW() + INTERVAL '3 days' WHERE id = %s", [event.id]
        )
        self.env.invalidate_all()

    def test_what_becomes_due_is_news(self):
        later = self.happen("look", 0)
        self.postpone(later)
        self.refresh()
        self.age()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_interaction SET date = NOW() AT TIME ZONE 'UTC' - INTERVAL '1 minute' WHERE id = %s",
            [later.id],
        )
        self.env.invalidate_all()
        self.refresh(full=False)
        self.assertEqual(len(self.passages()), 1)

    def test_touchpoint(self):
        self.rule(self.buy, touchpoint_id=self.touchpoint.id)
        for day in (0, 1):
            self.happen("buy", day)
        self.refresh()
        rows = self.Passage.search([("touchpoint_number", "=", self.touchpoint.id)])
        self.assertEqual(len(rows), 2)
        self.assertEqual(self.passages(), [("buy", 0, None)])

    def test_condition(self):
        self.rule(
            self.wear, kind="domain", model_id=False, date_field_id=False,
            domain="[('ref', '=', 'coat')]",
        )  # fmt: skip
        self.person.ref = "coat"
        self.refresh()
        [row] = self.Passage.search([("partner_id", "=", self.person.id)])
        self.assertEqual(row.stage_id, self.wear)
        self.assertEqual(row.seller_count, 0)
        self.refresh(full=False)
        self.assertTrue(row.exists())
        self.person.ref = False
        self.refresh()
        self.assertTrue(row.exists(), "they were there all the same")

    def test_feedback(self):
        self.rule(self.wear, kind="feedback", feedback_key="delivery", feedback_band="good")
        self.env["hc.feedback"].create(
            [
                {
                    "partner_id": self.person.id, "touchpoint": key, "metric": "csat", "is_scored": True,
                    "score": score, "scale_min": 1, "scale_max": 5, "date": DAY, "band": band,
                }
                for key, score, band in (("delivery", 5, "good"), ("delivery", 1, "bad"), ("other", 5, "good"))
            ]
        )  # fmt: skip
        self.refresh()
        self.assertEqual(self.passages(), [("wear", 0, None)])

    def test_timeline(self):
        self.rule(
            self.wear, kind="timeline", source="interaction", channel_id=self.visit.id,
            domain="[('summary', '=', 'hello')]", direction="in", model_id=False, date_field_id=False,
        )  # fmt: skip
        self.happen("hello", 3, direction="in")
        self.happen("hello", 1, direction="out")
        self.happen("other", 1, direction="in")
        self.refresh()
        self.assertEqual(self.passages(), [("wear", 3, None)])

    def test_every_source_of_the_timeline_can_be_a_rule(self):
        for key, _label in self.env["hc.journey.rule"]._source_selection():
            with self.subTest(key):
                rule = self.rule(
                    self.wear, kind="timeline", source=key, domain="[]", model_id=False, date_field_id=False
                )  # fmt: skip
                self.refresh(full=True)
                self.refresh(full=False)
                self.assertFalse(rule.error)
                rule.unlink()

    def test_segment(self):
        segment = self.env["hc.segment"].create(
            {"name": "Coats", "domain": "[('ref', '=', 'coat')]", "level": "contact"}
        )
        self.rule(self.wear, kind="segment", segment_id=segment.id)
        self.person.ref = "coat"
        segment.sudo()._refresh()
        self.refresh()
        [row] = self.Passage.search([("partner_id", "=", self.person.id)])
        self.assertEqual(row.stage_id, self.wear)

    def test_no_passages_of_who_does_not_want_to_be_described(self):
        self.happen("look", 0)
        self.refresh()
        self.env["hc.profiling.optout"].create({"partner_id": self.person.id})
        self.refresh()
        self.assertFalse(self.passages())

    def test_another_company(self):
        self.happen("look", 0, company_id=self.other_company.id)
        self.refresh()
        self.assertFalse(self.passages())

    def test_incremental_is_full(self):
        """Random histories: events come, are corrected, deleted, handed to others, in any order."""
        self.rule(self.buy, way="leave", domain="[('summary', '=', 'bye')]")
        self.rule(self.buy, touchpoint_id=self.touchpoint.id)
        whats = ["look", "try", "buy", "wear", "bye", "else"]
        customers = self.env["res.partner"].create([{"name": f"C{n}"} for n in range(6)])
        columns = [
            name
            for name, field in self.Passage._fields.items()
            if field.store and name not in ("id", "journey_id")
        ]

        def rows():
            return sorted(
                map(
                    repr,
                    self.Passage.search_read(
                        [("journey_id", "=", self.journey.id)], columns, load=None
                    ),
                )
            )

        def rows_without_ids():
            return sorted(
                repr({key: row[key] for key in columns})
                for row in self.Passage.search_read(
                    [("journey_id", "=", self.journey.id)], columns, load=None
                )
            )

        for seed in range(8):
            chance = random.Random(seed)
            known = []
            self.refresh()
            for _turn in range(6):
                self.age()
                for _event in range(chance.randint(1, 8)):
                    act = chance.random()
                    if act < 0.55 or not known:
                        known.append(
                            self.happen(
                                chance.choice(whats), chance.randint(0, 6), chance.choice(customers),
                                user_id=chance.choice([self.salesman, self.seller_all]).id,
                            )
                        )  # fmt: skip
                    elif act < 0.7:
                        known.pop(chance.randrange(len(known))).unlink()
                    elif act < 0.85:
                        chance.choice(known).date = DAY + timedelta(days=chance.randint(0, 6))
                    elif act < 0.93:
                        chance.choice(known).partner_id = chance.choice(customers)
                    else:
                        chance.choice(known).summary = chance.choice(whats)
                self.refresh(full=False)
                before, told = rows(), rows_without_ids()
                self.refresh(full=True)
                self.assertEqual(rows(), before, f"seed {seed}")
                self.Passage.sudo().search([]).unlink()
                self.refresh(full=True)
                self.assertEqual(rows_without_ids(), told, f"seed {seed}, from nothing")

    def test_bad_rules(self):
        model = self.env["ir.model"]._get_id
        cases = [
            {"domain": "[('nothing_like_it', '=', 1)]"},
            {"domain": "nonsense"},
            {"domain": "[('summary', '=', 'a\\0b')]"},
            {"model_id": False},
            {"model_id": model("ir.config_parameter")},
            {"partner_path": "user_id.login"},
            {"date_field_id": self.env["ir.model.fields"]._get("res.partner", "create_date").id},
            {"kind": "timeline", "source": False},
            {"kind": "segment", "segment_id": False},
            {"kind": "feedback", "feedback_key": " "},
            {"kind": "domain", "domain": "[]"},
            {"touchpoint_id": self.touchpoint.id},
        ]
        for values in cases:
            with self.subTest(values), self.assertRaises(ValidationError), self.cr.savepoint():
                self.rule(self.look, **values)

    def test_a_rule_that_stops_working_says_so_and_the_others_go_on(self):
        rule = self.rule(self.wear, domain="[('summary', '=', 'wear')]")
        self.env.flush_all()
        self.env.cr.execute(
            'UPDATE hc_journey_rule SET domain = \'[["gone", "=", 1]]\' WHERE id = %s', [rule.id]
        )
        self.env.invalidate_all()
        self.happen("look", 0)
        self.refresh()
        self.assertTrue(rule.error)
        self.assertEqual(self.passages(), [("look", 0, None)])
        self.refresh(full=False)
        rule.domain = "[('summary', '=', 'other')]"
        self.assertFalse(rule.error)
        self.assertFalse(self.journey.date_passages_full)

    def test_two_at_once(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", [471_902_006, self.journey.id])
            self.assertIsNone(self.refresh())
            other.execute("SELECT pg_advisory_unlock_all()")
        self.assertIsNotNone(self.refresh())

    def test_number_of_queries_does_not_hang_on_customers(self):
        self.refresh()
        partners = self.env["res.partner"].create([{"name": f"N{n}"} for n in range(30)])

        def count():
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.journey._refresh(full=False)
            return self.cr.sql_log_count - before

        self.happen("look", 0, partners[0])
        count()  # what passages rest on is noted once
        few = count()
        for partner in partners:
            self.happen("try", 1, partner)
        self.assertLessEqual(count(), few + 6)
