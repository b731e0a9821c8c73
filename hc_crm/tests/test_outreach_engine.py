from odoo.tests import tagged

from .common_outreach import OutreachCommon


@tagged("post_install", "-at_install")
class TestOutreachEngine(OutreachCommon):
    def test_tree(self):
        plan = self.make_plan(
            [
                {
                    "name": "branch",
                    "type": "branch",
                    "branch_domain": "[('name', 'like', 'Rosa')]",
                    "children": {
                        "yes": [{"name": "yes", "type": "branch"}],
                        "no": [{"name": "no", "type": "branch"}],
                    },
                },
                {"name": "end", "type": "stop"},
            ]
        )
        plan._enroll(self.person | self.contact)
        self.work()
        self.assertEqual(
            self.rows(plan, self.person),
            [("branch", "done", "yes"), ("yes", "done", "yes"), ("end", "done", False)],
        )
        self.assertEqual(
            [name for name, _state, _outcome in self.rows(plan, self.contact)],
            ["branch", "no", "end"],
        )
        self.assertEqual(set(plan.enrollment_ids.mapped("state")), {"done"})

    def test_enroll_once(self):
        plan = self.make_plan([{"name": "end", "type": "stop"}])
        self.assertEqual(len(plan._enroll(self.person | self.contact)), 2)
        self.assertFalse(plan._enroll(self.person | self.contact))
        self.assertEqual(len(plan._enroll(self.person, "other")), 1)
        self.assertEqual(self.Delivery.search_count([("plan_id", "=", plan.id)]), 3)

    def test_poison_costs_one(self):
        plan = self.make_plan(
            [{"name": "branch", "type": "branch"}, {"name": "end", "type": "stop"}]
        )
        people = self.make_partners(9)
        plan._enroll(people)
        Step = self.registry["hc.outreach.step"]
        original = Step._run_stop

        def run(step, rows):
            if people[4] in rows.partner_id:
                raise ValueError("this one")
            original(step, rows)

        self.patch(Step, "_run_stop", run)
        self.work()
        failed = self.Delivery.search([("plan_id", "=", plan.id), ("state", "=", "failed")])
        self.assertEqual(failed.partner_id, people[4])
        self.assertIn("this one", failed.error)
        self.assertEqual(
            self.Delivery.search_count(
                [("plan_id", "=", plan.id), ("state", "=", "done"), ("type", "=", "stop")]
            ),
            8,
        )
