import doctest
import email
import email.policy
from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.hc_crm.engine.outreach import lift

from .common_outreach_entry import EntryCommon


@tagged("post_install", "-at_install")
class TestOutreachResult(EntryCommon):
    """Leaving, goals, and what a plan was good for."""

    def test_lift_as_published(self):
        result = doctest.testmod(lift)
        self.assertGreater(result.attempted, 10)
        self.assertFalse(result.failed)

    def plan_with(self, partners, days_ago=1, **vals):
        """A plan that they entered some days ago, each waiting for a step far away."""
        plan = self.make_plan(
            [{"name": "later", "type": "stop", "wait_type": "after", "wait_count": 9,
              "wait_unit": "months"}],
            user_id=self.manager.id, **vals,
        )  # fmt: skip
        enrollments = plan._enroll(partners)
        self._age(enrollments, days_ago)
        return plan, enrollments

    def _age(self, enrollments, days):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_outreach_enrollment SET date_entered = %s WHERE id = ANY(%s)",
            [self.start - timedelta(days=days), enrollments.ids],
        )
        self.env.invalidate_all()

    def left(self, enrollments):
        gone = enrollments._check_exits()
        return {row.partner_id: (row.state, row.exit_code) for row in gone}

    # -- leaving --------------------------------------------------------------------------------

    def test_who_answers_leaves(self):
        people = self.make_partners(4)
        _plan, enrollments = self.plan_with(people | self.company_customer)
        # before they entered; a call of ours nobody answered; a machine; their words
        self.interaction(people[0], 3, direction="in")
        self.interaction(people[1], direction="out")
        self.interaction(people[2], direction="in", is_automated=True, channel="usage")
        self.interaction(people[3], direction="in")
        # one of the company's people
        self.interaction(self.contact, direction="in")
        self.assertEqual(
            self.left(enrollments),
            {
                people[3]: ("exited", "replied"),
                self.company_customer: ("exited", "replied"),
            },
        )
        self.assertFalse(enrollments._check_exits())
        rows = enrollments.delivery_ids.filtered(lambda row: row.partner_id == people[3])
        self.assertEqual((rows.state, rows.reason_code), ("skipped", "replied"))

    def test_automatic_replies_are_no_answer(self):
        _plan, enrollments = self.plan_with(self.person)
        parse = self.env["mail.thread"].message_parse
        mail = email.message_from_string(
            "From: Rosa <rosa@blum.example>\nTo: us@shop.example\nSubject: Away\n"
            "Message-Id: <away@blum.example>\nAuto-Submitted: auto-replied\n\nI am away.",
            policy=email.policy.SMTP,
        )
        self.assertEqual(parse(mail)["message_type"], "out_of_office")
        del mail["Auto-Submitted"]
        self.assertEqual(parse(mail)["message_type"], "email")
        self.person.message_post(
            body="I am away.", author_id=self.person.id, message_type="out_of_office"
        )
        self.assertFalse(self.left(enrollments))
        self.person.message_post(
            body="Thank you!", author_id=self.person.id, message_type="email",
            subtype_xmlid="mail.mt_comment",
        )  # fmt: skip
        self.env.flush_all()
        self.assertEqual(self.left(enrollments), {self.person: ("exited", "replied")})

    def test_the_talk_that_the_plan_asked_for(self):
        """What a colleague did because the plan said so is no answer to it."""
        plan = self.make_plan([{"name": "call", "type": "task"}], user_id=self.manager.id)
        enrollments = plan._enroll(self.person | self.contact)
        self._age(enrollments, 3)
        self.env.cr.execute(
            "UPDATE hc_outreach_delivery SET state = 'open', date_due = %s WHERE plan_id = %s "
            "AND partner_id = %s",
            [self.start - timedelta(days=2), plan.id, self.person.id],
        )
        self.env.invalidate_all()
        for partner in self.person | self.contact:
            self.interaction(partner, duration=0.5)
        self.assertEqual(self.left(enrollments), {self.contact: ("exited", "replied")})

    def test_staying_in_touch_while_inside(self):
        _plan, enrollments = self.plan_with(self.person, exit_on_reply=False)
        self.interaction(self.person, direction="in")
        self.assertFalse(self.left(enrollments))

    def test_archived_and_condition(self):
        people = self.make_partners(3)
        _plan, enrollments = self.plan_with(people, exit_domain="[('city', '=', 'Ghent')]")
        people[0].active = False
        people[1].city = "Ghent"
        self.assertEqual(
            self.left(enrollments),
            {people[0]: ("exited", "archived"), people[1]: ("exited", "exit_condition")},
        )

    def test_goals(self):
        people = self.make_partners(3)
        _plan, enrollments = self.plan_with(people, goal_type="order", goal_days=30)
        order = self.order(people[0])
        self.order(people[1], confirm=False)
        elsewhere = self.order(people[2])
        elsewhere.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE id = %s",
            [self.other_company.id, elsewhere.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.left(enrollments), {people[0]: ("goal", "goal")})
        self.assertEqual(enrollments[0].date_goal, order.date_order)
        _plan, enrollments = self.plan_with(
            people, goal_type="domain", goal_domain="[('ref', '=', 'VIP')]"
        )
        people[1].ref = "VIP"
        self.assertEqual(self.left(enrollments), {people[1]: ("goal", "goal")})
        _plan, enrollments = self.plan_with(people, goal_type="reply")
        self.interaction(people[2], direction="in")
        self.assertEqual(self.left(enrollments), {people[2]: ("goal", "goal")})

    def test_goals_of_those_held_out_and_gone(self):
        people = self.make_partners(4)
        _plan, enrollments = self.plan_with(people, goal_type="order", goal_days=30)
        for row, state in zip(enrollments, ("holdout", "done", "exited", "active"), strict=True):
            row.state = state
        self._age(enrollments[1], 90)  # too long ago to count
        for partner in people:
            self.order(partner)
        self.patch(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 1)
        self.Enrollment._cron_goals()
        self.assertEqual(
            enrollments.mapped(lambda row: bool(row.date_goal)), [True, False, True, True]
        )
        self.assertEqual(enrollments.mapped("state"), ["holdout", "done", "exited", "goal"])

    def test_a_broken_goal_costs_one_plan(self):
        plan, _enrollments = self.plan_with(
            self.person, goal_type="domain", goal_domain="[('ref', '=', 'VIP')]"
        )
        fine, enrollment = self.plan_with(self.contact, goal_type="order")
        self.order(self.contact)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_outreach_plan SET goal_domain = %s WHERE id = %s",
            ["[('gone_field', '=', 1)]", plan.id],
        )
        self.env.invalidate_all()
        self.patch(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 1)
        with self.assertLogs("odoo.addons.hc_crm.models.outreach.hc_outreach_exit", "WARNING"):
            self.Enrollment._cron_goals()
        self.assertTrue(enrollment.date_goal)
        self.assertEqual(fine.state, "running")

    def test_queries_do_not_grow(self):
        counts = []
        for number in (2, 40):
            people = self.make_partners(number)
            _plan, enrollments = self.plan_with(
                people, goal_type="order", exit_domain="[('ref', '=', 'X')]"
            )
            self.interaction(people[0], direction="in")
            people[1].ref = "X"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(enrollments._check_exits()), 2)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    # -- what it was good for -------------------------------------------------------------------

    def results_of(self, treated, held, treated_buy, held_buy, **vals):
        people = self.make_partners(treated + held)
        plan, enrollments = self.plan_with(people, 35, goal_type="order", goal_days=30, **vals)
        enrollments[treated:].write({"state": "holdout"})
        buyers = people[:treated_buy] | people[treated : treated + held_buy]
        orders = self.env["sale.order"]
        for partner in buyers:
            orders |= self.order(partner)
        orders.write({"date_order": self.start - timedelta(days=33)})
        self.Enrollment._note_goals_of(plan)
        self.env.invalidate_all()
        return plan, people

    def test_results(self):
        plan, _people = self.results_of(12, 8, 9, 1)
        results = plan.with_user(self.seller_all).hc_get_results()
        self.assertEqual(results["entered"], 20)
        self.assertEqual(results["holdout"], 8)
        self.assertEqual(results["treated"], {"count": 12, "goals": 9})
        self.assertEqual(results["held"], {"count": 8, "goals": 1})
        self.assertEqual(
            results["sentence"],
            "9 of 12 bought within 30 days; of 8 held out, 1 did: the plan made a difference.",
        )
        measures = {measure["key"]: measure for measure in results["measures"]}
        self.assertAlmostEqual(measures["goal"]["value"], 0.625)
        self.assertEqual(
            (measures["bought"]["treated_text"], measures["bought"]["held_text"]),
            ("9 of 12", "1 of 8"),
        )
        self.assertAlmostEqual(measures["orders"]["treated"], 0.75)
        self.assertAlmostEqual(measures["revenue"]["treated"], 7.5)
        self.assertEqual(measures["revenue"]["verdict"], "few")
        self.assertFalse(results["is_partial"])

    def test_results_of_few_and_of_none_held_out(self):
        plan, _people = self.results_of(5, 2, 2, 0)
        self.assertIn("too few yet", plan.hc_get_results()["sentence"])
        plan, _people = self.results_of(3, 0, 1, 0)
        self.assertIn(
            "1 of 3 bought within 30 days. Nobody was held out", plan.hc_get_results()["sentence"]
        )
        plan, enrollments = self.plan_with(self.person, 1, goal_type="order", goal_days=30)
        results = plan.hc_get_results()
        self.assertEqual((results["running"], results["treated"]["count"]), (1, 0))
        self.assertIn("not over for anybody", results["sentence"])
        enrollments.write({"state": "waiting"})
        self.assertEqual(plan.hc_get_results()["running"], 0)

    def test_results_are_for_who_sees_the_customers(self):
        plan, people = self.results_of(6, 0, 3, 0)
        people[0].user_id = self.salesman
        results = plan.with_user(self.salesman).hc_get_results()
        self.assertEqual(results["entered"], 1)
        self.assertTrue(results["is_partial"])
        self.assertEqual([measure["key"] for measure in results["measures"]], ["goal"])
        self.assertEqual(sum(step["due"] for step in results["funnel"]), 0)
        self.assertEqual(plan.with_user(self.manager).hc_get_results()["entered"], 6)
        for user in (self.stranger, self.portal, self.public):
            with self.assertRaises(AccessError):
                plan.with_user(user).hc_get_results()

    def test_funnel(self):
        people = self.make_partners(4)
        plan, enrollments = self.plan_with(people)
        enrollments[0]._leave("by_hand")
        enrollments[1]._leave("replied")
        enrollments[2]._leave("replied")
        [step] = plan.hc_get_results()["funnel"]
        self.assertEqual((step["due"], step["skipped"], step["done"]), (1, 3, 0))
        self.assertEqual(
            [(reason["code"], reason["count"]) for reason in step["reasons"]],
            [("replied", 2), ("by_hand", 1)],
        )

    def test_orders_expected_and_forecast(self):
        entry = self.env["hc.outreach.entry"]
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        plan = self.make(
            "date", start=False, entry_model_id=field.model_id.id, entry_date_field_id=field.id,
            entry_days=-3, entry_domain="[('state', '=', 'draft')]",
        )  # fmt: skip
        self.order(self.person, confirm=False, validity_date=self.today + timedelta(days=10))
        self.order(self.contact, confirm=False, validity_date=self.today + timedelta(days=60))
        select, expected = entry._forecast(plan, self.today, self.today + timedelta(days=29))
        known = {row[0] for row in self.env.execute_query(select)}
        self.assertIn(self.person.id, known)
        self.assertNotIn(self.contact.id, known)
        self.assertEqual(expected, 0)
        events = self.make("event", start=False, entry_source="interaction")
        before = entry._forecast(events, self.today, self.today + timedelta(days=59))
        for ago in (1, 2, 3):
            self.interaction(self.person, ago)
        select, expected = entry._forecast(events, self.today, self.today + timedelta(days=59))
        self.assertIsNone(select)
        self.assertEqual(expected - before[1], 6)
        with self.assertRaises(ValidationError):
            entry._forecast(self.make("event", start=False), self.today, self.today)
