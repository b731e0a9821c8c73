from contextlib import nullcontext
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.outreach.hc_outreach_delivery_marks import GIVEN
from .common_outreach import OutreachCommon

NOON = "2026-06-10 10:00:00"  # a Wednesday


@tagged("post_install", "-at_install")
class TestOutreachTasks(OutreachCommon):
    """Tasks for colleagues: who gets them, how many, and what came of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time(NOON)
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.now = fields.Datetime.now()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.env["hc.contact.policy"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.policy = cls.env["hc.contact.policy"].create(
            {"company_id": cls.company.id, "task_limit": 3}
        )
        (cls.salesman | cls.seller_all | cls.manager).write({"tz": "UTC"})
        cls.person.user_id = cls.salesman

    def plan(self, step=None, **vals):
        lanes = {
            lane: [{"type": "note", "name": lane, "text": lane}]
            for lane in ("reached", "voicemail", "not_needed", "not_done")
        }
        return self.make_plan(
            [
                {
                    "type": "task",
                    "name": "Call",
                    "summary": "Call {{ object.name }}",
                    "children": lanes,
                }
                | (step or {}),
                {"type": "note", "name": "end", "text": "end"},
            ],
            user_id=self.manager.id,
            **vals,
        )

    def enroll(self, plan, partners=None):
        plan._enroll(partners or self.person)
        self.work()
        return self.Delivery.search([("plan_id", "=", plan.id), ("type", "=", "task")], order="id")

    def names(self, plan):
        return [name for name, _state, _outcome in self.rows(plan)]

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

    # -- what came of it ------------------------------------------------------------------------------

    def interactions(self):
        return self.env["hc.interaction"].search(
            [
                ("partner_id", "=", self.person.id),
                ("external_ref", "like", "hc.outreach.delivery,%"),
            ]
        )

    def test_outcomes_and_lanes(self):
        for outcome in ("reached", "voicemail", "not_needed", "not_done"):
            with self.subTest(outcome=outcome):
                plan = self.plan()
                delivery = self.enroll(plan)
                activity = delivery.activity_id
                before = len(self.interactions())
                delivery.with_user(self.salesman).action_outcome(outcome, note="They are fine")
                self.work()
                self.assertEqual((delivery.state, delivery.outcome), ("done", outcome))
                self.assertEqual(delivery.note, "They are fine")
                self.assertFalse(activity.active)
                self.assertEqual(self.names(plan), ["Call", outcome, "end"])
                logged = len(self.interactions()) - before
                self.assertEqual(logged, 1 if outcome in ("reached", "voicemail") else 0)
        last = self.interactions()[0]
        self.assertEqual(last.channel_key, "call")
        self.assertEqual((last.direction, last.user_id), ("out", self.salesman))
        self.assertIn("They are fine", last.body)
        message = self.person.message_ids.filtered("mail_activity_type_id")[0]
        self.assertIn("They are fine", message.body)
        self.assertEqual(message.author_id, self.salesman.partner_id)

    def test_done_in_odoos_own_way(self):
        plan = self.plan()
        delivery = self.enroll(plan)
        delivery.activity_id.with_user(self.salesman).action_feedback(feedback="Nice talk")
        self.assertEqual((delivery.state, delivery.outcome), ("done", "reached"))
        self.assertEqual(delivery.note, "Nice talk")
        self.assertEqual(len(self.interactions()), 1)
        with self.assertRaises(UserError):
            delivery.with_user(self.salesman).action_outcome("voicemail")
        self.assertEqual(len(self.interactions()), 1)

    def test_deleted_activity(self):
        delivery = self.enroll(self.plan())
        delivery.activity_id.with_user(self.salesman).unlink()
        self.assertEqual((delivery.state, delivery.outcome), ("done", "not_needed"))
        self.assertFalse(self.interactions())

    def test_later(self):
        delivery = self.enroll(self.plan())
        mine = delivery.with_user(self.salesman)
        mine.action_outcome("later", note="On holiday", later_date="2026-06-30")
        self.assertEqual(delivery.state, "open")
        self.assertEqual(delivery.activity_id.date_deadline, date(2026, 6, 30))
        self.assertEqual(delivery.date_expire.date(), date(2026, 7, 15))
        # put off in the chatter: the same
        delivery.activity_id.with_user(self.salesman).date_deadline = date(2026, 7, 1)
        self.assertEqual(delivery.date_expire.date(), date(2026, 7, 16))
        for day in ("2026-06-09", "soon", None, "2099-01-01", 5):
            with self.subTest(day=day):
                self.refused("Date", mine.action_outcome, "later", later_date=day)
        mine.action_outcome("reached", note="Back now")
        self.assertEqual(delivery.note, "On holiday\nBack now")

    def test_passed_on(self):
        delivery = self.enroll(self.plan())
        delivery.activity_id.user_id = self.seller_all
        self.assertEqual(delivery.user_id, self.seller_all)

    def test_not_done_in_time(self):
        plan = self.plan()
        delivery = self.enroll(plan)
        activity = delivery.activity_id
        self.work(days=16)
        self.assertEqual(delivery.state, "open")
        self.work(days=17)
        self.work(days=17)
        self.assertEqual((delivery.state, delivery.outcome), ("done", "not_done"))
        self.assertFalse(activity.exists())
        self.assertEqual(self.names(plan), ["Call", "not_done", "end"])

    def test_plan_does_not_wait(self):
        plan = self.plan({"task_wait": False, "children": {}})
        delivery = self.enroll(plan)
        self.assertEqual(self.names(plan), ["Call", "end"])
        delivery.activity_id.with_user(self.salesman).action_feedback(feedback="Nice talk")
        self.assertEqual(delivery.outcome, "reached")
        self.assertEqual(len(self.interactions()), 1)
        self.assertEqual(self.names(plan), ["Call", "end"])

    def test_bad_input(self):
        delivery = self.enroll(self.plan()).with_user(self.salesman)
        self.refused("Outcome", delivery.action_outcome, "won the lottery")
        self.refused("Note", delivery.action_outcome, "reached", note="x" * 10_001)
        self.refused("Note", delivery.action_outcome, "reached", note=["x"])
        with self.assertRaises(UserError):
            delivery.action_send_draft()
        self.assertEqual(delivery.state, "open")

    def test_who_may_say(self):
        for user, error in (
            (self.salesman, None),
            (self.seller_all, None),
            (self.manager, None),
            (self.stranger, AccessError),
            (self.portal, AccessError),
            (self.public, AccessError),
        ):
            with self.subTest(user=user.login):
                delivery = self.enroll(self.plan()).with_user(user)
                if error:
                    with self.assertRaises(error):
                        delivery.action_outcome("reached")
                else:
                    delivery.action_outcome("reached")
                delivery = delivery.sudo()
                self.assertEqual(delivery.state, "open" if error else "done")
                self.work()
                (delivery.enrollment_id.sudo())._leave("by_hand")

    def test_colleague_without_rights_on_the_customer(self):
        """A task of somebody else, of a customer one may read but not write."""
        reader = self.seller_all
        writable = self.env.ref("base.group_partner_manager")
        reader.group_ids -= writable
        if self.person.with_user(reader).has_access("write"):
            self.skipTest("every salesperson may write contacts here")
        delivery = self.enroll(self.plan()).with_user(reader)
        with self.assertRaises(AccessError):
            delivery.action_outcome("reached")

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
