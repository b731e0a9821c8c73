from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.hc_crm.tests.common_outreach import OutreachCommon

from .common_passage import DAY, PassageCommon


@tagged("post_install", "-at_install")
class TestPassageLife(PassageCommon):
    """By hand, on the partner, and what becomes of passages when customers change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules()

    def move(self, stage, user=None, **vals):
        Move = self.env["hc.journey.move"].with_user(user or self.salesman)
        values = {"partner_id": self.person.id, "journey_id": self.journey.id, "stage_id": stage.id}
        move = Move.create(values | vals)
        move.action_apply()
        return move

    def test_by_hand(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        self.move(self.buy, date=DAY + timedelta(days=4), note="Told me at the fair")
        self.assertEqual(self.passages(), [("look", 0, 4), ("buy", 4, None)])
        # it holds, and what is known to have happened between stays between
        self.happen("try", 2)
        self.journey._refresh(full=True)
        self.assertEqual(self.passages(), [("look", 0, 2), ("try", 2, 4), ("buy", 4, None)])
        self.move(self.buy, way="leave", date=DAY + timedelta(days=9))
        self.assertEqual(self.passages()[-1], ("buy", 4, 9))
        self.assertEqual(
            len(
                self.Passage.with_user(self.salesman).search([("partner_id", "=", self.person.id)])
            ),
            3,
        )

    def test_by_hand_a_contact_moves_its_company(self):
        self.move(self.look, partner_id=self.contact.id)
        self.assertTrue(self.passages(self.company_customer))

    def test_by_hand_refused(self):
        other = self.env["hc.journey"].create({"name": "Other"})
        stage = self.env["hc.journey.stage"].create(
            {"journey_id": other.id, "uid": "x", "name": "X"}
        )
        with self.assertRaisesRegex(ValidationError, "another map"):
            self.move(stage)
        with self.assertRaisesRegex(ValidationError, "future"):
            self.move(self.look, date=fields.Datetime.now() + timedelta(days=1))
        self.env["hc.profiling.optout"].create({"partner_id": self.person.id})
        with self.assertRaisesRegex(UserError, "cannot be on this map"):
            self.move(self.look)
        for user in (self.portal, self.public, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError), self.cr.savepoint():
                self.move(self.look, user=user)
        foreign = self.env["res.partner"].create(
            {"name": "Foreign", "company_id": self.other_company.id}
        )
        with self.assertRaises(AccessError):
            self.move(self.look, partner_id=foreign.id)
        for bad in ("x", -1, 2**40):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.move(self.look, partner_id=bad)

    def test_form_of_a_rule(self):
        form = Form(
            self.env["hc.journey.rule"]
            .with_user(self.manager)
            .with_context(default_stage_id=self.look.id),
            view="hc_crm_journeys.hc_journey_rule_view_form",
        )
        form.kind = "feedback"
        form.feedback_key = "unheard_of"
        self.assertIn("Customers enter “Look” when they tell us how “unheard_of” was", form.words)
        self.assertEqual(form.match_text, "Nothing like it so far.")
        rule = form.save()
        self.assertEqual(rule.journey_id, self.journey)

    def test_partner(self):
        people = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(5)])
        for place, partner in enumerate(people):
            self.happen("look", 0, partner)
            self.happen("try", place + 1, partner)
        self.happen("look", 0, self.contact)
        self.look.standard_days = 30
        self.journey._refresh(full=True)
        reader = self.contact.with_user(self.salesman)
        [where] = reader.hc_journeys()
        self.assertEqual((where["stage"], where["next"], where["usual_days"]), ("Look", "Try", 3.0))
        self.assertTrue(where["is_overdue"])
        self.assertTrue(where["is_dropped"])
        [chip] = [c for c in reader._hc_brief_chips() if c["key"].startswith("journey_")]
        self.assertEqual((chip["text"], chip["tone"]), ("Look", "danger"))
        self.assertIn("Next is usually “Try”, after 3 days.", chip["title"])
        with self.assertRaises(AccessError):
            self.contact.with_user(self.portal).hc_journeys()

    def test_fewer_than_five_are_no_rule(self):
        self.happen("look", 0)
        self.happen("try", 1)
        self.happen("look", 0, self.contact)
        self.journey._refresh(full=True)
        [where] = self.contact.hc_journeys()
        self.assertEqual((where["next"], where["usual_days"]), (False, None))

    def test_search_customers_by_stage(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        found = (
            self.env["res.partner"]
            .with_user(self.salesman)
            .search(
                [
                    (
                        "hc_journey_passage_ids",
                        "any",
                        [("stage_id", "=", self.look.id), ("is_now", "=", True)],
                    )
                ]
            )
        )
        self.assertEqual(found, self.person)

    def test_timeline(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        timeline = self.env["hc.timeline"].with_user(self.salesman)
        [row] = timeline.search([("partner_id", "=", self.person.id), ("source", "=", "journey")])
        self.assertEqual(
            (row.title, row.note, row.is_automated), ("Entered “Look”", "Buying a coat", True)
        )

    def test_merge(self):
        double = self.env["res.partner"].create({"name": "Rosa T.", "email": "rosa@blum.example"})
        self.happen("look", 0)
        self.happen("buy", 8)
        self.happen("try", 4, double)
        self.journey._refresh(full=True)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (double | self.person).ids, self.person
        )
        self.env.invalidate_all()
        self.assertEqual(self.passages(), [("look", 0, 4), ("try", 4, 8), ("buy", 8, None)])

    def test_export_and_erase(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        self.move(self.buy)
        [section] = [s for s in self.person._hc_export() if s["key"] == "journeys"]
        self.assertEqual([row["Stage"] for row in section["rows"]], ["Look", "Buy"])
        self.person._hc_erase()
        self.assertFalse(self.passages())
        self.assertFalse(self.env["hc.journey.sign"].search([("partner_id", "=", self.person.id)]))
        self.journey._refresh(full=True)
        self.assertFalse(self.passages())

    def test_archived_and_back(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        self.person.active = False
        self.journey._refresh(full=True)
        self.assertFalse(self.passages())
        self.person.active = True
        self.journey._refresh(full=True)
        self.assertTrue(self.passages())

    def test_deleting(self):
        self.happen("look", 0)
        self.happen("try", 1)
        self.journey._refresh(full=True)
        self.look.unlink()
        self.assertFalse(self.journey.date_passages_full)
        self.journey._refresh()
        self.assertEqual(self.passages(), [("try", 1, None)])
        self.assertEqual(self.Passage.search([("partner_id", "=", self.person.id)]).from_number, 0)
        self.journey.rule_ids.unlink()
        self.journey._refresh()
        self.assertFalse(self.passages())
        journey_id = self.journey.id
        self.journey.unlink()
        self.assertFalse(self.Passage.search([("journey_id", "=", journey_id)]))

    def test_deleted_in_the_editor_and_undone(self):
        self.rule(self.buy, touchpoint_id=self.touchpoint.id)
        self.happen("look", 0)
        self.happen("buy", 1)
        self.journey._refresh(full=True)
        (self.look | self.buy).write({"active": False})
        self.assertFalse(self.journey.date_passages_full)
        self.journey._refresh()
        self.assertFalse(self.Passage.search([("partner_id", "=", self.person.id)]))
        self.assertNotIn("look", self.journey.hc_live({})["stages"])
        (self.look | self.buy).write({"active": True})
        self.journey._refresh()
        self.assertEqual(self.passages(), [("look", 0, 1), ("buy", 1, None)])
        # a card in another stage takes its events with it
        self.cell.stage_id = self.wear
        self.journey._refresh()
        row = self.Passage.search([("touchpoint_number", "=", self.touchpoint.id)])
        self.assertEqual(row.stage_id, self.wear)
        self.touchpoint.active = False
        self.journey._refresh()
        self.assertFalse(row.exists())

    def test_cron(self):
        self.happen("look", 0)
        broken = self.env["hc.journey"].create({"name": "Aaa"})
        stage = self.env["hc.journey.stage"].create(
            {"journey_id": broken.id, "uid": "x", "name": "X"}
        )
        self.rule(stage)
        original = type(self.journey)._refresh

        def refresh(journey, *args, **kwargs):
            if journey == broken:
                raise ValueError("broken")
            return original(journey, *args, **kwargs)

        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1000),
            patch.object(type(self.journey), "_refresh", refresh),
            self.assertLogs("odoo.addons.hc_crm_journeys", "ERROR"),
        ):
            self.env["hc.journey"]._cron_passages()
        self.assertTrue(self.passages())


@tagged("post_install", "-at_install")
class TestPassageOutreach(PassageCommon, OutreachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules()

    def plan(self, **vals):
        values = {
            "entry_type": "journey", "entry_stage_id": self.look.id, "recipient": "contact",
            "include_existing": True, "start": False,
        }  # fmt: skip
        return self.make_plan([{"type": "task", "summary": "Call them"}], **(values | vals))

    def entered(self, plan):
        entry = self.env["hc.outreach.entry"]
        rows = entry._stage_rows(plan, None, fields.Datetime.now())
        return self.env["res.partner"].browse(row[0] for row in self.env.execute_query(rows)), [
            row[1] for row in self.env.execute_query(rows)
        ]

    def test_entering_leaving_overdue(self):
        self.look.standard_days = 3
        self.happen("look", 0, self.contact)
        self.happen("look", 0)
        self.happen("try", 2)
        self.journey._refresh(full=True)
        self.assertEqual(self.entered(self.plan())[0], self.contact)
        self.assertEqual(self.entered(self.plan(entry_stage_way="left"))[0], self.person)
        overdue = self.plan(entry_stage_way="overdue")
        self.assertEqual(self.entered(overdue)[0], self.contact)
        self.assertIn("longer than it should take", overdue.entry_text)
        # the same thing keeps its name, however often it is worked out
        names = self.entered(overdue)[1]
        self.Passage.sudo().search([]).unlink()
        self.journey._refresh(full=True)
        self.assertEqual(self.entered(overdue)[1], names)

    def test_running_plan(self):
        self.happen("look", 0)
        self.journey._refresh(full=True)
        plan = self.plan(start=True)
        plan._enter_guarded()
        self.assertFalse(plan.entry_error)
        rows = self.env["hc.outreach.enrollment"].search([("plan_id", "=", plan.id)])
        self.assertEqual(rows.partner_id, self.person)

    def test_what_is_missing(self):
        plan = self.plan(entry_stage_id=False)
        self.assertTrue(self.env["hc.outreach.entry"]._entry_check(plan))
        plan = self.plan(entry_stage_way="overdue")
        self.assertIn(
            "how long “Look” should take", str(self.env["hc.outreach.entry"]._entry_check(plan))
        )
        journey = self.env["hc.journey"].create(
            {"name": "Theirs", "company_id": self.other_company.id}
        )
        stage = self.env["hc.journey.stage"].create(
            {"journey_id": journey.id, "uid": "x", "name": "X"}
        )
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.plan(entry_stage_id=stage.id)

    def test_never_by_itself(self):
        self.touchpoint.mode = "human"
        template = self.make_template()
        step = {
            "type": "mail",
            "mail_template_id": template.id,
            "touchpoint_id": self.touchpoint.id,
        }
        with self.assertRaisesRegex(
            ValidationError, "is done by a person, says the map “Buying a coat”"
        ):
            self.make_plan([step], start=False)
        plan = self.make_plan([step | {"never_automate": True}], start=False)
        mail = plan.draft_version_id.step_ids or plan.live_version_id.step_ids
        with self.assertRaises(ValidationError):
            mail.never_automate = False
        self.make_plan(
            [{"type": "task", "summary": "Call", "touchpoint_id": self.touchpoint.id}], start=False
        )

    def test_a_touchpoint_becomes_human(self):
        template = self.make_template()
        self.touchpoint.mode = "automated"
        plan = self.make_plan(
            [
                {
                    "type": "mail",
                    "mail_template_id": template.id,
                    "touchpoint_id": self.touchpoint.id,
                }
            ],
            start=False,
        )
        step = plan.draft_version_id.step_ids or plan.live_version_id.step_ids
        self.assertFalse(step.never_automate)
        self.touchpoint.mode = "human"
        self.assertTrue(step.never_automate)

    def test_ask(self):
        self.look.standard_days = 3
        self.happen("look", 0, self.contact)
        self.happen("look", 0)
        self.happen("try", 2)
        self.journey._refresh(full=True)
        rule = self.env["hc.ask.rule"].create(
            {
                "name": "After looking", "survey_id": self.survey.id, "trigger": "stage_entered",
                "stage_id": self.look.id,
            }
        )  # fmt: skip

        def asked(trigger):
            rule.trigger = trigger
            rows = rule._candidates(DAY - timedelta(days=1), fields.Datetime.now())
            return {row[0] for row in self.env.execute_query(rows)}

        self.assertEqual(asked("stage_entered"), {self.contact.id, self.person.id})
        self.assertEqual(asked("stage_left"), {self.person.id})
        self.assertEqual(asked("stage_overdue"), {self.contact.id})
        with self.assertRaises(ValidationError):
            rule.stage_id = False
        rule.date_since = DAY
        rule.stage_id = self.try_on
        self.assertGreater(rule.date_since, DAY)
