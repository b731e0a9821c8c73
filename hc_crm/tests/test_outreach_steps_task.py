from contextlib import nullcontext
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..models.outreach.hc_outreach_delivery_marks import GIVEN
from .common_outreach_task import OutreachTaskCommon


@tagged("post_install", "-at_install")
class TestOutreachTasks(OutreachTaskCommon):
    """Tasks for colleagues: who gets them, and how many."""

    # -- many at once -----------------------------------------------------------------------------------

    def stored(self, plan, partners):
        """What the task of a plan left in the tables of the host, and what it told the screens."""
        told = []

        def tell(user, kind, message, **_options):
            told.append((user.id, kind, message))

        with patch.object(self.registry["res.users"], "_bus_send", tell):
            plan._enroll(partners)
            self.work()
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT to_jsonb(a) - 'id' - 'create_date' - 'write_date' FROM mail_activity AS a
             WHERE res_model = 'res.partner' AND res_id = ANY(%s) ORDER BY res_id, id
            """,
            [partners.ids],
        )
        activities = [row for [row] in self.env.cr.fetchall()]
        self.env.cr.execute(
            """
            SELECT f.res_model, f.res_id, f.partner_id, ARRAY(
                       SELECT r.mail_message_subtype_id
                         FROM mail_followers_mail_message_subtype_rel AS r
                        WHERE r.mail_followers_id = f.id ORDER BY 1)
              FROM mail_followers AS f WHERE f.res_model = 'res.partner' AND f.res_id = ANY(%s)
             ORDER BY 2, 3
            """,
            [partners.ids],
        )
        followers = self.env.cr.fetchall()
        counters = sorted(
            (row for row in told if row[1] == "mail.activity/updated"), key=lambda row: row[0]
        )
        return activities, followers, counters

    def test_as_the_host(self):
        """What is written in two statements is what ``create`` would have stored, column by column."""
        people = self.person | self.env["res.partner"].create(
            [
                {"name": name, "user_id": self.seller_all.id, "phone": "+32 2 555 01 02"}
                for name in ("Ann <b>", "Bo", "Cy")
            ]
        )
        colleague = self.seller_all.copy({"login": "left", "email": "left@shop.example"})
        people[2].user_id = colleague
        self.env.flush_all()
        # no button does that to a colleague, a merge or an import may have
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE WHERE id = %s", [colleague.partner_id.id]
        )
        self.env.invalidate_all()
        people[1].message_subscribe(
            self.seller_all.partner_id.ids, subtype_ids=self.env.ref("mail.mt_note").ids
        )
        self.seller_all.lang = "en_US"
        self.policy.task_limit = 100
        type_ = self.env.ref("mail.mail_activity_data_call")
        for step in (
            {"text": "Ask {{ object.name }} <now>\nand say hello", "deadline_days": 0},
            {"summary": False, "activity_type_id": type_.id, "deadline_days": 3},
            {"user_rule": "plan", "text": False},
        ):
            plan = self.plan(step)
            Activity = self.registry["mail.activity"]
            self.assertTrue(self.env["mail.activity"]._hc_known_ways())
            results = []
            for known in (True, False):
                with (
                    self.env.cr.savepoint() as point,
                    patch.object(Activity, "_hc_known_ways", lambda model, known=known: known),
                ):
                    results.append(self.stored(plan, people))
                    point.rollback()
                self.env.invalidate_all()
            ours, host = results
            self.assertEqual(len(ours[0]), len(people))
            for part, other in zip(ours, host, strict=True):
                self.assertEqual(part, other)

    def test_as_seen_at_once(self):
        """Who knew the activities and followers of a customer before sees the new ones."""
        self.assertFalse(self.person.activity_ids)
        self.assertFalse(self.person.activity_state)
        self.assertNotIn(self.salesman.partner_id, self.person.message_partner_ids)
        activity = self.enroll(self.plan()).activity_id
        self.assertEqual(self.person.activity_ids, activity)
        self.assertEqual(self.person.activity_state, "planned")
        self.assertIn(self.salesman.partner_id, self.person.message_partner_ids)

    def test_others_take_part(self):
        """Where another app or an automation rule has a hand in activities, the host creates them."""
        Activity = self.registry["mail.activity"]
        created = []
        create = Activity.create

        def counted(model, vals_list):
            created.append(len(vals_list))
            return create(model, vals_list)

        self.enroll(self.plan())
        self.assertFalse(created)
        with patch.object(Activity, "create", counted):
            self.assertFalse(self.env["mail.activity"]._hc_known_ways())
            self.assertEqual(self.enroll(self.plan()).state, "open")
        self.assertEqual(created, [1])

    def test_limit_seen_anew(self):
        """What another worker gave a colleague since our transaction began counts, what we gave as well."""
        other = self.env["res.partner"].create(
            {"name": "Bo", "user_id": self.salesman.id, "phone": "+32 2 555 01 02"}
        )
        delivery = self.enroll(self.plan())
        Step = self.env["hc.outreach.step"]
        self.assertEqual(Step._open_tasks(self.salesman), {self.salesman.id: 1})
        # as if somebody else had given it
        self.env.cr.cache.pop(GIVEN)
        with patch.object(self.registry, "cursor", lambda: nullcontext(self.env.cr)):
            self.assertEqual(Step._open_tasks(self.salesman), {self.salesman.id: 1})
            self.policy.task_limit = 1
            row = self.enroll(self.plan(), other)
            self.assertEqual((row.state, row.reason_code), ("due", "workload"))
        delivery.action_outcome("not_needed")
        self.assertEqual(Step._open_tasks(self.salesman), {})

    # -- giving ---------------------------------------------------------------------------------------

    def test_given(self):
        delivery = self.enroll(self.plan({"text": "Ask how {{ object.name }} likes it"}))
        activity = delivery.activity_id
        self.assertEqual(delivery.state, "open")
        self.assertEqual(delivery.user_id, self.salesman)
        self.assertEqual((activity.res_model, activity.res_id), ("res.partner", self.person.id))
        self.assertEqual(activity.summary, "Call Rosa Testblum")
        self.assertIn("how Rosa Testblum likes", activity.note)
        # two working days from Wednesday; then two weeks until the plan goes on
        self.assertEqual(activity.date_deadline, date(2026, 6, 12))
        self.assertEqual(delivery.date_expire.date(), date(2026, 6, 27))

    def test_who(self):
        self.env["hc.interaction"].create(
            {
                "partner_id": self.person.id,
                "summary": "Talked",
                "date": self.now - timedelta(days=400),
                "user_id": self.seller_all.id,
            }
        )
        team = self.env["crm.team"].create(
            {"name": "Two", "member_ids": [(6, 0, (self.seller_all | self.manager).ids)]}
        )
        for step, user in (
            ({"user_rule": "salesperson"}, self.salesman),
            ({"user_rule": "known"}, self.seller_all),
            ({"user_rule": "plan"}, self.manager),
            ({"user_rule": "user", "user_id": self.seller_all.id}, self.seller_all),
        ):
            with self.subTest(step=step):
                self.assertEqual(self.enroll(self.plan(step)).user_id, user)
        self.policy.task_limit = 50
        plan = self.plan({"user_rule": "team", "team_id": team.id})
        given = self.enroll(plan, self.make_partners(8))
        load = {
            user: self.Delivery.search_count([("user_id", "=", user.id), ("state", "=", "open")])
            for user in (self.seller_all | self.manager)
        }
        self.assertEqual(len(given), 8)
        self.assertLessEqual(abs(load[self.seller_all] - load[self.manager]), 1)

    def test_left_colleague(self):
        """Whoever left is no address: their customer goes to the salesperson, then the responsible."""
        plan = self.plan({"user_rule": "user", "user_id": self.seller_all.id})
        self.seller_all.active = False
        self.assertEqual(self.enroll(plan).user_id, self.salesman)
        self.salesman.active = False
        plan = self.plan({"user_rule": "salesperson"})
        self.assertEqual(self.enroll(plan).user_id, self.manager)
        plan = self.plan({"user_rule": "salesperson"})
        self.manager.active = False
        delivery = self.enroll(plan)
        self.assertEqual(delivery.state, "failed")
        self.assertIn("Nobody", delivery.error)

    def test_leaving_with_open_tasks(self):
        """What somebody had when they left goes to the next, and nothing is said to have come of it."""
        plan = self.plan()
        delivery = self.enroll(plan)
        self.salesman.action_archive()
        self.assertEqual(delivery.state, "due")
        self.work()
        self.assertEqual((delivery.state, delivery.user_id), ("open", self.manager))
        self.assertTrue(delivery.activity_id.active)
        self.manager.active = False  # without the button: found by the worker
        self.salesman.active = True
        self.work()
        self.assertEqual((delivery.state, delivery.user_id), ("open", self.salesman))

    # -- how much -------------------------------------------------------------------------------------

    def test_limit_spread(self):
        plan = self.plan()
        partners = self.make_partners(8, user_id=self.salesman.id, phone="+32 2 555 01 02")
        rows = self.enroll(plan, partners)
        self.assertEqual(rows.mapped("state").count("open"), 3)
        waiting = rows.filtered(lambda row: row.state == "due")
        self.assertEqual(set(waiting.mapped("reason_code")), {"workload"})
        # three on the next working day, the others the day after
        days = sorted(row.date_due.date() for row in waiting)
        self.assertEqual(days, [date(2026, 6, 11)] * 3 + [date(2026, 6, 12)] * 2)
        self.work(days=1)  # still nothing done: nobody gets more
        self.assertEqual(rows.mapped("state").count("open"), 3)
        rows.filtered(lambda row: row.state == "open")[:2].action_outcome("reached")
        self.work(days=5)
        self.assertEqual(rows.mapped("state").count("open"), 3)

    def test_limit_backup(self):
        plan = self.plan({"overflow": "backup", "backup_user_id": self.seller_all.id})
        rows = self.enroll(
            plan, self.make_partners(7, user_id=self.salesman.id, phone="+32 2 555 01 02")
        )
        self.assertEqual(
            [rows.mapped("user_id.id").count(user.id) for user in (self.salesman, self.seller_all)],
            [1, 1],
        )
        load = [
            len(rows.filtered(lambda row, user=user: row.user_id == user))
            for user in (self.salesman, self.seller_all)
        ]
        self.assertEqual(load, [3, 3])
        self.assertEqual(rows.mapped("state").count("due"), 1)

    def leave(self, days):
        resource = self.env["resource.resource"].create(
            {
                "name": "Sam",
                "user_id": self.salesman.id,
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "resource_id": resource.id,
                "date_from": self.now - timedelta(days=1),
                "date_to": self.now + timedelta(days=days),
            }
        )

    def test_away_for_days(self):
        self.leave(3)
        delivery = self.enroll(self.plan())
        self.assertEqual((delivery.state, delivery.reason_code), ("due", "away"))
        self.assertEqual(delivery.date_due, self.now + timedelta(days=3))
        plan = self.plan({"overflow": "backup", "backup_user_id": self.seller_all.id})
        self.assertEqual(self.enroll(plan).user_id, self.seller_all)
        self.work(days=3, minutes=1)
        self.assertEqual((delivery.state, delivery.user_id), ("open", self.salesman))

    def test_away_for_long(self):
        """Nobody waits for a month: the plan's responsible does it."""
        self.leave(30)
        self.assertEqual(self.enroll(self.plan()).user_id, self.manager)

    # -- many -----------------------------------------------------------------------------------------

    def test_one_notification_for_each_colleague(self):
        self.policy.task_limit = 50
        plan = self.plan()
        messages = self.env["mail.message"].search_count([])
        self.enroll(plan, self.make_partners(12, user_id=self.salesman.id, phone="+32 2 555 01 02"))
        self.env.cr.precommit.run()
        found = self.env["mail.message"].search(
            [("partner_ids", "in", self.salesman.partner_id.ids)], order="id desc"
        )
        self.assertEqual(len(found), 1)
        self.assertIn("12", found.subject)
        self.assertGreater(self.env["mail.message"].search_count([]), messages)

    def test_queries(self):
        """Many tasks cost next to nothing each."""
        self.policy.task_limit = 1000
        plan = self.plan()
        self.enroll(plan, self.make_partners(2, user_id=self.salesman.id, phone="+32 2 555 01 02"))
        partners = self.make_partners(300, user_id=self.salesman.id, phone="+32 2 555 01 02")
        plan._enroll(partners)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.work()
        self.env.flush_all()
        self.assertLess((self.env.cr.sql_log_count - before) / 300, 0.5)
        self.assertEqual(
            self.Delivery.search_count([("plan_id", "=", plan.id), ("state", "=", "open")]), 302
        )
