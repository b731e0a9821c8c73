from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_outreach_flow import OutreachFlowCommon


@tagged("post_install", "-at_install")
class TestOutreachFlow(OutreachFlowCommon):
    def names(self, parent=None, lane=False):
        flow = self.as_manager().hc_get_flow()
        parent_id = parent.id if parent else False
        return [
            step["name"]
            for step in flow["steps"]
            if step["parent_id"] == parent_id and (not parent or step["lane"] == lane)
        ]

    # -- reading --------------------------------------------------------------------------------------

    def test_flow_tells_steps_waits_marks_and_ways(self):
        flow = self.as_manager().hc_get_flow()
        self.assertTrue(flow["editable"])
        self.assertEqual(flow["version"]["state"], "draft")
        mail, call = (
            next(step for step in flow["steps"] if step["id"] == one.id)
            for one in (self.mail, self.call)
        )
        self.assertEqual((mail["mark"], call["mark"]), ("automated", "human"))
        self.assertEqual(call["wait"], "3 days later")
        self.assertEqual([lane["key"] for lane in call["lanes"]],
                         ["reached", "voicemail", "not_needed", "not_done"])  # fmt: skip
        self.assertEqual(mail["problems"], [])
        missed = next(step for step in flow["steps"] if step["id"] == self.missed.id)
        self.assertEqual((missed["parent_id"], missed["lane"]), (self.call.id, "voicemail"))
        self.assertTrue(all(kind["description"] for kind in flow["types"]), flow["types"])

    def test_never_automate_is_assisted(self):
        self.mail.never_automate = True
        flow = self.as_manager().hc_get_flow()
        mail = next(step for step in flow["steps"] if step["id"] == self.mail.id)
        self.assertEqual(mail["mark"], "assisted")

    def test_a_step_without_template_says_so(self):
        self.mail.mail_template_id = False
        flow = self.as_manager().hc_get_flow()
        mail = next(step for step in flow["steps"] if step["id"] == self.mail.id)
        self.assertTrue(mail["problems"])

    def test_counts_drill_down_to_the_customers(self):
        self.enroll(self.person + self.contact)
        flow = self.as_manager().hc_get_flow()
        self.assertEqual(flow["inside"], 2)
        mail = next(step for step in flow["steps"] if step["id"] == self.mail.id)
        self.assertEqual(mail["counts"]["due"], 2)
        action = self.as_manager().action_open_deliveries(step_id=self.mail.id, state="due")
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found.partner_id, self.person + self.contact)
        # numbers are of those the reader may see
        self.person.user_id = self.salesman
        flow = self.plan.with_user(self.salesman).hc_get_flow()
        mail = next(step for step in flow["steps"] if step["id"] == self.mail.id)
        self.assertEqual((mail["counts"]["due"], flow["inside"]), (1, 1))
        self.assertFalse(flow["editable"])

    def test_reasons_are_counted(self):
        self.enroll(self.person + self.contact)
        rows = self.env["hc.outreach.delivery"].search([("plan_id", "=", self.plan.id)])
        rows._set_skipped("no_consent")
        flow = self.as_manager().hc_get_flow()
        mail = next(step for step in flow["steps"] if step["id"] == self.mail.id)
        [reason] = mail["reasons"]
        self.assertEqual((reason["code"], reason["count"], reason["state"]),
                         ("no_consent", 2, "skipped"))  # fmt: skip
        self.assertNotEqual(reason["label"], "no_consent")

    def test_unknown_version(self):
        other = self.template.draft_version_id
        with self.assertRaises(ValidationError):
            self.as_manager().hc_get_flow(version_id=other.id)

    # -- editing --------------------------------------------------------------------------------------

    def test_add_before_between_and_last(self):
        first = self.as_manager().hc_add_step("branch", index=0)
        last = self.as_manager().hc_add_step("stop")
        between = self.as_manager().hc_add_step("branch", index=2)
        flow = self.as_manager().hc_get_flow()
        trunk = [step["id"] for step in flow["steps"] if not step["parent_id"]]
        self.assertEqual(trunk, [first, self.mail.id, between, self.call.id, last])
        inside = self.as_manager().hc_add_step("mail", parent_id=self.call.id, lane="reached")
        step = self.env["hc.outreach.step"].browse(inside)
        self.assertEqual((step.parent_id, step.lane), (self.call, "reached"))
        self.assertEqual(step.wait_type, "after")

    def test_bad_places_are_refused(self):
        plan = self.as_manager()
        with self.assertRaisesRegex(ValidationError, "nothing_such"):
            plan.hc_add_step("nothing_such")
        with self.assertRaisesRegex(ValidationError, "maybe"):
            plan.hc_add_step("mail", parent_id=self.call.id, lane="maybe")
        with self.assertRaises(UserError):
            plan.hc_add_step(
                "mail", parent_id=self.template.version_ids.step_ids[:1].id, lane="yes"
            )
        with self.assertRaisesRegex(UserError, "own ways"):
            self.as_manager(self.call).hc_place(parent_id=self.call.id, lane="reached")
        with self.assertRaises(ValidationError):
            self.as_manager(self.call).hc_move(3)

    def test_move_within_and_out_of_a_way(self):
        self.assertTrue(self.as_manager(self.call).hc_move(-1))
        self.assertEqual(self.names(), ["Ask how it goes", "Say welcome"])
        self.assertFalse(self.as_manager(self.call).hc_move(-1))
        self.assertTrue(self.as_manager(self.missed).hc_move(1))
        self.assertFalse(self.missed.parent_id)
        self.assertEqual(self.names(), ["Ask how it goes", "Sorry we missed you", "Say welcome"])

    def test_place_into_a_way_takes_along_what_hangs_on_it(self):
        branch = self.env["hc.outreach.step"].browse(self.as_manager().hc_add_step("branch"))
        self.as_manager(self.call).hc_place(parent_id=branch.id, lane="no", index=0)
        self.assertEqual((self.call.parent_id, self.call.lane), (branch, "no"))
        self.assertEqual(self.missed.parent_id, self.call)

    def test_duplicate_copies_the_tree_with_new_keys(self):
        copy = self.env["hc.outreach.step"].browse(self.as_manager(self.call).hc_duplicate())
        self.assertEqual(copy.child_ids.lane, "voicemail")
        self.assertEqual(copy.child_ids.name, "Sorry we missed you")
        keys = self.plan.draft_version_id.step_ids.mapped("key")
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(self.names(), ["Say welcome", "Ask how it goes", "Ask how it goes"])

    def test_delete_takes_what_hangs_on_it(self):
        self.as_manager(self.call).hc_delete()
        self.assertFalse(self.missed.exists())
        self.assertEqual(self.names(), ["Say welcome"])
        with self.assertRaises(UserError):
            self.as_manager(self.call).hc_delete()

    def test_live_steps_change_only_by_a_new_version(self):
        self.enroll(self.person)
        self.assertFalse(self.as_manager().hc_get_flow()["editable"])
        for change in (
            lambda: self.as_manager().hc_add_step("mail"),
            lambda: self.as_manager(self.mail).hc_move(1),
            lambda: self.as_manager(self.mail).hc_delete(),
            lambda: self.as_manager(self.mail).hc_duplicate(),
        ):
            with self.assertRaises(UserError):
                change()
        self.as_manager().action_edit()
        flow = self.as_manager().hc_get_flow()
        self.assertTrue(flow["editable"])
        # those inside the live version are counted at the same step of the new one
        self.assertEqual(sum(step["counts"]["due"] for step in flow["steps"]), 1)
        with self.assertRaises(UserError):
            self.as_manager(self.mail).hc_delete()

    def test_who_may_edit(self):
        for user in (self.salesman, self.seller_all):
            with self.assertRaises(AccessError):
                self.plan.with_user(user).hc_add_step("mail")
            with self.assertRaises(AccessError):
                self.mail.with_user(user).hc_delete()
        with self.assertRaises(AccessError):
            self.plan.with_user(self.stranger).hc_get_flow()
        with self.assertRaises(AccessError):
            self.plan.with_user(self.portal).hc_get_flow()

    # -- cards ----------------------------------------------------------------------------------------

    def test_card_counts(self):
        self.enroll(self.person + self.contact)
        plan = self.as_manager()
        self.assertEqual((plan.inside_count, plan.left_month_count, plan.problem_count), (2, 0, 0))
        rows = self.env["hc.outreach.delivery"].search([("plan_id", "=", self.plan.id)])
        rows[0]._set_failed("boom")
        plan.invalidate_recordset()
        self.assertEqual(plan.problem_count, 1)
        self.assertEqual(plan.human_count, 1)

    def test_gallery(self):
        card = next(
            card
            for card in self.env["hc.outreach.plan"].with_user(self.manager).hc_get_gallery()
            if card["id"] == self.template.id
        )
        self.assertEqual(
            [(step["name"], step["depth"]) for step in card["steps"]],
            [("Say welcome", 0), ("Ask how it goes", 0), ("Sorry we missed you", 1)],
        )
        self.assertEqual(card["human"], 1)
        with self.assertRaises(AccessError):
            self.env["hc.outreach.plan"].with_user(self.portal).hc_get_gallery()

    def test_kanban_queries_do_not_grow(self):
        plans = self.plan
        for _number in range(5):
            plans += self.plan.copy()
        self.env.flush_all()
        self.env.invalidate_all()
        names = ["inside_count", "left_month_count", "problem_count", "result_text"]
        counted = []
        for some in (plans[:2], plans[:2], plans):
            self.env.invalidate_all()
            some.with_user(self.manager).mapped("name")
            before = self.env.cr.sql_log_count
            for name in names:
                some.with_user(self.manager).mapped(name)
            counted.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counted[1], counted[2])
