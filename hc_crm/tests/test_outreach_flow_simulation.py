from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.consent.contact_decision import ContactDecision
from .common_outreach_flow import OutreachFlowCommon


@tagged("post_install", "-at_install")
class TestOutreachFlowSimulation(OutreachFlowCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["hc.outreach.plan"].search(
            [("state", "=", "running"), ("id", "!=", cls.plan.id)]
        ).sudo().state = "paused"
        cls.people = cls.env["res.partner"].create(
            [
                {"name": f"Ahead {number}", "email": f"ahead{number}@example.com"}
                for number in range(20)
            ]
        )
        cls.call.user_rule = "user"
        cls.call.user_id = cls.manager
        cls.env["mail.activity"].search([("user_id", "=", cls.manager.id)]).unlink()

    def decide(self, answer=lambda partner, channel, at: ContactDecision("yes")):
        def question(partners, channel, purpose, at, last, **options):
            known = {partner.id: partner for partner in partners}
            return SimpleNamespace(
                answer=lambda partner_id, moment: answer(known[partner_id], channel, moment)
            )

        return patch.object(self.registry["res.partner"], "_hc_contact_question", question)

    def simulate(self, entrants=None, days=30, answer=None):
        """Look ahead, with these people entering now."""
        select = entrants and SQL(
            "SELECT id AS partner_id, 'once'::varchar AS occurrence, NULL::varchar AS res_model, "
            "NULL::int4 AS res_id, %s::timestamp AS date_occurred FROM res_partner WHERE id = ANY(%s)",
            fields.Datetime.now(),
            entrants.ids,
        )

        def forecast(entry, plan, date_from, date_to):
            return (select, 0) if plan.id == self.plan.id else (None, 0)

        with (
            self.decide(answer) if answer else self.decide(),
            patch.object(self.registry["hc.outreach.entry"], "_forecast", forecast),
        ):
            return self.as_manager().hc_simulate(days=days)

    def step(self, result, step):
        return next(line for line in result["steps"] if line["id"] == step.id)

    def test_who_enters_and_what_happens_when(self):
        result = self.simulate(self.people)
        self.assertEqual(result["entrants"]["count"], 20)
        self.assertEqual(len(result["entrants"]["names"]), 20)
        self.assertEqual(result["days"][0]["entered"], 20)
        self.assertEqual(self.step(result, self.mail)["sent"], 20)
        # three days later the first calls, no more a day than the colleague may have open
        self.assertEqual(sum(day["task"] for day in result["days"][:3]), 0)
        limit = self.env["hc.contact.policy"].new({}).task_limit
        self.assertLessEqual(max(day["task"] for day in result["days"]), limit)
        self.assertGreater(self.step(result, self.call)["task"], 0)
        reasons = {reason["code"] for reason in self.step(result, self.call)["reasons"]}
        self.assertIn("workload", reasons)
        [colleague] = result["colleagues"]
        self.assertEqual(colleague["name"], self.manager.name)

    def test_who_waits_for_a_colleague_comes_in_turn(self):
        """Nobody is lost or counted twice while they wait for room on the desk."""
        policy = self.env["hc.contact.policy"]._for_company(self.plan.company_id)
        policy.task_limit = 2
        self.call.deadline_days = 2
        result = self.simulate(self.people, days=14)
        call = self.step(result, self.call)
        given = [day["task"] for day in result["days"]]
        self.assertEqual(given[3:9], [2, 0, 2, 0, 2, 0])
        self.assertEqual(call["task"] + call["later"], 20)
        self.assertEqual(call["postponed"], 18)
        [colleague] = result["colleagues"]
        self.assertEqual((colleague["total"], colleague["most"]), (call["task"], 2))

    def test_nothing_is_written(self):
        self.env.flush_all()
        tables = ["hc_outreach_enrollment", "hc_outreach_delivery", "hc_contact_attempt", "mail_mail",
                  "mail_activity", "mail_message"]  # fmt: skip

        def counted():
            return [
                self.env.execute_query(
                    SQL("SELECT COUNT(*), MAX(id) FROM %s", SQL.identifier(table))
                )
                for table in tables
            ]

        before = counted()
        self.simulate(self.people)
        self.assertEqual(counted(), before)

    def test_reasons_of_the_decision(self):
        said = {
            self.people[0].id: ContactDecision("never", "withdrawn"),
            self.people[1].id: ContactDecision("later", "complaint"),
            self.people[2].id: ContactDecision("never", "no_consent"),
        }
        result = self.simulate(
            self.people,
            answer=lambda partner, channel, at: said.get(partner.id, ContactDecision("yes")),
        )
        mail = self.step(result, self.mail)
        self.assertEqual((mail["sent"], mail["dropped"], mail["person"]), (17, 2, 1))
        self.assertEqual(
            {(one["outcome"], one["code"]): one["count"] for one in mail["reasons"]},
            {("dropped", "withdrawn"): 1, ("dropped", "no_consent"): 1, ("person", "complaint"): 1},
        )
        self.plan.trouble_action = "skip"
        result = self.simulate(
            self.people,
            answer=lambda partner, channel, at: said.get(partner.id, ContactDecision("yes")),
        )
        self.assertEqual(self.step(result, self.mail)["dropped"], 3)

    def test_later_waits_until_then(self):
        until = fields.Datetime.add(fields.Datetime.now(), days=5)

        def answer(partner, channel, at):
            if channel == "email" and at < until:
                return ContactDecision("later", "human_contact", until)
            return ContactDecision("yes")

        result = self.simulate(self.people[:1], answer=answer)
        self.assertEqual([day["sent"] for day in result["days"][:6]], [0, 0, 0, 0, 0, 1])
        self.assertEqual(result["days"][0]["postponed"], 1)

    def test_budget_is_shared_with_other_plans(self):
        policy = self.env["hc.contact.policy"].search(
            [("company_id", "=", self.plan.company_id.id)]
        )
        if not policy:
            policy = policy.create({"company_id": self.plan.company_id.id})
        policy.write({"budget_count": 1, "budget_days": 14})
        other = self.template.with_user(self.manager).action_use_template()["res_id"]
        other = self.env["hc.outreach.plan"].browse(other)
        other.priority = "3"
        other.with_user(self.manager).action_start()
        if other.state == "approval":
            other.sudo()._start()
        other.sudo()._enroll(self.person, "now")
        result = self.simulate(self.person)
        self.assertEqual(result["plans"], 1)
        mail = self.step(result, self.mail)
        self.assertEqual([one["code"] for one in mail["reasons"]], ["budget"])
        self.assertEqual(mail["sent"], 1)
        self.assertEqual(sum(day["sent"] for day in result["days"][:14]), 0)

    def test_pilot_and_holdout(self):
        self.plan.sudo().write({"pilot_share": 10, "holdout_share": 20})
        result = self.simulate(self.people)
        entrants = result["entrants"]
        took_part = 20 - entrants["held"] - entrants["piloted"]
        self.assertEqual(self.step(result, self.mail)["sent"], took_part)
        self.assertGreater(entrants["piloted"], took_part)

    def test_daily_limit(self):
        self.plan.daily_limit = 5
        result = self.simulate(self.people)
        self.assertEqual([day["entered"] for day in result["days"][:5]], [5, 5, 5, 5, 0])

    def test_branch_by_condition(self):
        branch = self.env["hc.outreach.step"].browse(
            self.as_manager().hc_add_step("branch", index=0)
        )
        branch.branch_domain = "[('name', 'in', ['Ahead 1', 'Ahead 2'])]"
        self.as_manager(self.mail).hc_place(parent_id=branch.id, lane="yes", index=0)
        result = self.simulate(self.people)
        self.assertEqual(self.step(result, self.mail)["sent"], 2)
        self.assertEqual(self.step(result, branch)["done"], 20)

    def test_those_for_whom_it_stops(self):
        self.plan.exit_domain = "[('name', '=', 'Ahead 1')]"
        self.assertEqual(self.step(self.simulate(self.people), self.mail)["sent"], 19)

    def test_those_inside_go_on(self):
        self.enroll(self.people[:3])
        result = self.simulate()
        self.assertEqual(result["entrants"]["count"], 0)
        self.assertEqual(self.step(result, self.mail)["sent"], 3)

    def test_names_are_those_the_reader_may_see(self):
        hidden = self.people[0]
        rule = self.env["ir.rule"].create(
            {
                "name": "hide one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
            }
        )
        self.assertTrue(rule)
        result = self.simulate(self.people)
        self.assertEqual(result["entrants"]["count"], 20)
        self.assertNotIn(hidden.id, [one["id"] for one in result["entrants"]["names"]])

    def test_bad_days(self):
        for days in (0, -1, 1000, "30", 2.5, True):
            with self.assertRaises(ValidationError):
                self.as_manager().hc_simulate(days=days)

    def test_draw_is_the_plans_own(self):
        from ..models.outreach.simulation import Simulation

        simulation = Simulation(self.env, self.plan, 30)
        [[drawn]] = self.env.execute_query(
            SQL("SELECT %s", self.plan._draw_sql(SQL("%s", self.person.id)))
        )
        self.assertAlmostEqual(drawn, simulation.draw(self.plan, self.person.id), places=9)
