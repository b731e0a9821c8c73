from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import HcCommon

TODAY = "2026-06-10"


@tagged("post_install", "-at_install")
class TestPromise(HcCommon):
    """A promise and its activity tell one story, whichever of the two is touched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time(f"{TODAY} 10:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)

    def promise(self, days=3, user=None, **vals):
        user = user or self.salesman
        return (
            self.env["hc.promise"]
            .with_user(user)
            .create(
                {
                    "partner_id": self.person.id,
                    "summary": "Send the new catalogue",
                    "date_due": fields.Date.today() + timedelta(days=days),
                    **vals,
                }
            )
        )

    def test_many_at_once(self):
        """Each has an activity of its own, also two for one customer; no query for each."""

        def give(count):
            partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(count)])
            self.env.flush_all()
            queries = self.env.cr.sql_log_count
            promises = (
                self.env["hc.promise"]
                .with_user(self.salesman)
                .create(
                    [
                        {"partner_id": partner.id, "summary": word, "date_due": TODAY}
                        for partner in partners
                        for word in ("Samples", "Prices")
                    ]
                )
            )
            self.env.flush_all()
            return promises, self.env.cr.sql_log_count - queries

        give(1)
        few_promises, few = give(1)
        promises, many = give(20)
        self.assertEqual(len(few_promises.activity_id), 2)
        self.assertEqual(len(promises.activity_id), 40)
        for promise in promises:
            activity = promise.activity_id
            self.assertEqual(activity.res_model, "res.partner")
            self.assertEqual(
                (activity.res_id, activity.summary), (promise.partner_id.id, promise.summary)
            )
        # scheduling one by one asked three for each; measured now: one
        self.assertLess((many - few) / 38, 2, "queries for each further promise")

    def test_makes_an_activity(self):
        promise = self.promise()
        activity = promise.activity_id
        self.assertEqual(
            activity.activity_type_id, self.env.ref("hc_crm.mail_activity_type_promise")
        )
        self.assertEqual((activity.res_model, activity.res_id), ("res.partner", self.person.id))
        self.assertEqual(activity.summary, promise.summary)
        self.assertEqual(activity.date_deadline, promise.date_due)
        self.assertEqual(activity.user_id, self.salesman)
        self.assertEqual(promise.state, "open")
        self.assertFalse(promise.is_late)

    def test_done_in_time_and_late(self):
        for days, state in ((3, "kept"), (0, "kept"), (-1, "late")):
            with self.subTest(days=days):
                promise = self.promise(days)
                promise.activity_id.action_feedback(feedback="Sent by post")
                self.assertEqual(promise.state, state)
                self.assertEqual(promise.date_closed, fields.Datetime.now())
        self.assertIn("Sent by post", "".join(self.person.message_ids.mapped("body")))

    def test_kept_closes_the_activity(self):
        promise = self.promise()
        activity = promise.activity_id
        promise.action_kept()
        self.assertEqual(promise.state, "kept")
        self.assertFalse(activity.exists() and activity.active)
        late = self.promise(-2)
        late.action_kept()
        self.assertEqual(late.state, "late")

    def test_kept_without_an_activity(self):
        """Someone deleted the activity type, or the promise was imported."""
        promise = self.promise()
        activity = promise.activity_id
        promise.sudo().activity_id = False
        activity.unlink()
        self.assertEqual(promise.state, "open")
        promise.action_kept()
        self.assertEqual(promise.state, "kept")

    def test_several_at_once(self):
        promises = self.promise(2) | self.promise(-2) | self.promise(0)
        promises.action_kept()
        self.assertEqual(promises.mapped("state"), ["kept", "late", "kept"])

    def test_cancelling_the_activity_releases(self):
        promise = self.promise()
        promise.activity_id.unlink()
        self.assertEqual(promise.state, "released")
        self.assertTrue(promise.date_closed)

    def test_broken_and_released(self):
        for action, state in (("action_broken", "broken"), ("action_release", "released")):
            with self.subTest(action):
                promise = self.promise()
                activity = promise.activity_id
                getattr(promise, action)()
                self.assertEqual(promise.state, state)
                self.assertFalse(activity.exists(), "nobody is reminded of it any more")
                self.assertTrue(promise.date_closed)
                for again in ("action_kept", "action_broken", "action_release"):
                    with self.assertRaises(UserError) as error:
                        getattr(promise, again)()
                    self.assertIn(promise.summary, str(error.exception))

    def test_reopen(self):
        promise = self.promise()
        promise.action_broken()
        promise.action_reopen()
        self.assertEqual(promise.state, "open")
        self.assertFalse(promise.date_closed)
        self.assertTrue(promise.activity_id)
        promise.activity_id.action_feedback()
        self.assertEqual(promise.state, "kept")
        promise.action_reopen()
        self.assertEqual(promise.state, "open")
        self.assertTrue(promise.activity_id.active)

    def test_postponing_both_ways(self):
        promise = self.promise()
        activity = promise.activity_id
        later = fields.Date.today() + timedelta(days=9)
        activity.date_deadline = later
        self.assertEqual(promise.date_due, later)
        latest = fields.Date.today() + timedelta(days=20)
        promise.write(
            {"date_due": latest, "summary": "Send it soon", "user_id": self.seller_all.id}
        )
        self.assertEqual(
            (activity.date_deadline, activity.summary, activity.user_id),
            (latest, "Send it soon", self.seller_all),
        )
        activity.write({"date_deadline": str(later), "note": "x"})
        self.assertEqual(promise.date_due, later)
        promise.action_broken()
        promise.date_due = latest
        self.assertEqual(promise.state, "broken")

    def test_passing_the_activity_on(self):
        """Whoever has the activity keeps the promise."""
        promise = self.promise()
        promise.activity_id.user_id = self.seller_all
        self.assertEqual(promise.user_id, self.seller_all)
        promise.activity_id.summary = "Send two catalogues"
        self.assertEqual(promise.summary, "Send two catalogues")

    def test_deleting_a_promise(self):
        promise = self.promise()
        activity = promise.activity_id
        promise.with_user(self.manager).unlink()
        self.assertFalse(activity.exists())

    def test_deleting_the_customer(self):
        partner = self.env["res.partner"].create({"name": "Short Visit"})
        promise = self.promise(partner_id=partner.id)
        partner.unlink()
        self.assertFalse(promise.exists())

    def test_archiving_the_customer(self):
        promise = self.promise()
        self.person.active = False
        self.assertEqual(promise.with_user(self.salesman).state, "open")
        promise.action_broken()

    def test_is_late(self):
        late, today, kept = self.promise(-1), self.promise(0), self.promise(-5)
        kept.action_kept()
        mine = [("partner_id", "=", self.person.id)]
        promises = self.env["hc.promise"].with_user(self.salesman)
        self.assertEqual(promises.search([*mine, ("is_late", "=", True)]), late)
        self.assertEqual(promises.search([*mine, ("is_late", "!=", True)]), kept | today)
        self.assertEqual(promises.search([*mine, ("is_late", "=", False)]), kept | today)
        self.assertEqual(
            promises.search([*mine, ("is_late", "in", [True, False])]), late | kept | today
        )
        self.assertEqual((late | today | kept).mapped("is_late"), [True, False, False])

    def test_cron(self):
        long_overdue = self.env["hc.promise"].union(*(self.promise(-31 - n) for n in range(5)))
        overdue, edge = self.promise(-5), self.promise(-30)
        activities = long_overdue.activity_id
        self.patch(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 1)
        self.env["hc.promise"]._cron_break_overdue()
        self.assertEqual(set(long_overdue.mapped("state")), {"broken"})
        self.assertFalse(activities.exists())
        self.assertEqual((overdue | edge).mapped("state"), ["open", "open"])
        self.env["hc.promise"]._cron_break_overdue()
        self.env["hc.promise"]._cron_break_overdue(grace_days=3)
        self.assertEqual(set((overdue | edge).mapped("state")), {"broken"})

    def test_cron_goes_on_where_it_stopped(self):
        """More than one batch: the rest is done in the same night."""
        values = {
            "partner_id": self.person.id,
            "summary": "Old word",
            "date_due": fields.Date.today() - timedelta(days=90),
            "user_id": self.salesman.id,
        }
        promises = self.env["hc.promise"].create([dict(values) for _number in range(7)])
        cron = self.env.ref("hc_crm.ir_cron_break_overdue_promises")
        told = []
        with (
            patch("odoo.addons.hc_crm.models.timeline.hc_promise.OVERDUE_BATCH", 3),
            patch.object(
                self.registry["ir.cron"],
                "_commit_progress",  # a test cannot commit
                lambda _cron, done, remaining: told.append((done, remaining)),
            ),
        ):
            for _call in range(4):
                cron.ir_actions_server_id.run()
        self.assertEqual(set(promises.mapped("state")), {"broken"})
        self.assertEqual(told, [(3, 4), (3, 1), (1, 0)])

    def test_rights(self):
        mine = self.promise()
        theirs = self.promise(user=self.stranger)
        self.assertEqual(theirs.company_id, self.other_company)
        promises = self.env["hc.promise"]
        domain = [("partner_id", "=", self.person.id)]
        self.assertEqual(promises.with_user(self.seller_all).search(domain).ids, mine.ids)
        self.assertEqual(promises.with_user(self.stranger).search(domain).ids, theirs.ids)
        for user in (self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                promises.with_user(user).search(domain)
        with self.assertRaises(AccessError):
            theirs.with_user(self.manager).read(["summary"])
        with self.assertRaises(AccessError):
            mine.with_user(self.salesman).unlink()
        # A colleague may close a promise another made: the customer does not care who did it.
        mine.with_user(self.seller_all).action_kept()
        self.assertEqual(mine.state, "kept")

    def test_form(self):
        form = Form(self.env["hc.promise"].with_user(self.salesman))
        form.partner_id = self.person
        form.summary = "Call back"
        form.date_due = "2026-06-12"
        promise = form.save()
        self.assertEqual(promise.user_id, self.salesman)
        self.assertTrue(promise.activity_id)
