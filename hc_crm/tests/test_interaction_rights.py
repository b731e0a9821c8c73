from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import HcCommon

SECRET = "Zanzibar Holding"


@tagged("post_install", "-at_install")
class TestInteractionRights(HcCommon):
    """Nobody learns through a link what they may not read, and nobody rewrites what happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hidden = cls.env["res.partner"].create(
            {"name": SECRET, "company_id": cls.other_company.id}
        )
        cls.theirs = (
            cls.env["hc.promise"]
            .with_user(cls.stranger)
            .create(
                {
                    "partner_id": cls.person.id,
                    "summary": "A secret price",
                    "date_due": fields.Date.today(),
                }
            )
        )

    def interactions(self, user=None):
        return self.env["hc.interaction"].with_user(user or self.salesman)

    def interaction(self, **vals):
        return self.interactions().create(
            {"summary": "Called", "partner_id": self.person.id, **vals}
        )

    def promise(self, user=None, **vals):
        values = {
            "partner_id": self.person.id,
            "summary": "Call back",
            "date_due": fields.Date.today(),
        }
        return self.env["hc.promise"].with_user(user or self.salesman).create({**values, **vals})

    def assertRefused(self, call, *args, **kwargs):
        with (
            self.assertRaises(AccessError) as error,
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            call(*args, **kwargs)
        self.assertNotIn(SECRET, str(error.exception))

    def test_hidden_customer(self):
        self.assertRefused(self.interaction, partner_id=self.hidden.id)
        self.assertRefused(self.interaction, participant_ids=[(4, self.hidden.id)])
        mine = self.interaction()
        self.assertRefused(mine.write, {"partner_id": self.hidden.id})
        self.assertRefused(mine.write, {"participant_ids": [(6, 0, self.hidden.ids)]})
        with_default = self.interactions().with_context(default_partner_id=self.hidden.id)
        self.assertRefused(with_default.create, {"summary": "Called"})
        self.assertRefused(self.promise, partner_id=self.hidden.id)
        self.assertRefused(self.promise().write, {"partner_id": self.hidden.id})

    def test_hidden_customer_in_a_file(self):
        result = self.interactions().load(
            ["partner_id/.id", "date", "summary"],
            [[str(self.hidden.id), "2026-01-01 10:00:00", "Called"]],
        )
        self.assertFalse(result["ids"])
        self.assertNotIn(SECRET, str(result["messages"]))

    def test_hidden_promise(self):
        self.assertRefused(self.interaction, promise_id=self.theirs.id)
        theirs = self.interaction()
        theirs.sudo().promise_id = self.promise()
        page = self.env["hc.timeline"].with_user(self.salesman).hc_get_page(self.person.id, {})
        self.assertIn("Call back", str(page))
        # as such a link of before is told
        self.env.cr.execute(
            "UPDATE hc_interaction SET promise_id = %s WHERE id = %s", [self.theirs.id, theirs.id]
        )
        self.env.invalidate_all()
        page = self.env["hc.timeline"].with_user(self.salesman).hc_get_page(self.person.id, {})
        self.assertNotIn("A secret price", str(page))

    def test_document(self):
        lead = self.env["crm.lead"].create({"name": "L", "user_id": self.seller_all.id})
        self.assertRefused(self.interaction, res_model="crm.lead", res_id=lead.id)
        lead.user_id = self.salesman
        mine = self.interaction(res_model="crm.lead", res_id=lead.id)
        self.assertEqual(mine.action_open_document()["res_id"], lead.id)
        lead.unlink()
        for vals in ({}, {"res_model": False, "res_id": False}):
            mine.write(vals)
            with self.assertRaises(UserError):
                mine.action_open_document()
        with self.assertRaises(ValidationError):
            self.interaction(res_model="no.such.model", res_id=1)

    def test_other_company(self):
        both = self.salesman
        both.company_ids |= self.other_company
        mine = self.interaction()
        promise = self.promise()
        both.company_ids = self.company
        self.assertRefused(mine.write, {"company_id": self.other_company.id})
        self.assertRefused(promise.write, {"company_id": self.other_company.id})

    def test_customer_of_my_other_company(self):
        """Whoever works for both logs for either without switching companies."""
        self.salesman.company_ids |= self.other_company
        both = (self.company | self.other_company).ids
        for model, vals in (
            ("hc.interaction", {"summary": "Called"}),
            ("hc.promise", {"summary": "Call", "date_due": fields.Date.today()}),
        ):
            records = self.env[model].with_user(self.salesman)
            records = records.with_context(allowed_company_ids=both)
            made = records.create([{**vals, "partner_id": p.id} for p in self.hidden | self.person])
            self.assertEqual(made[0].company_id, self.other_company)
            self.assertEqual(made[1].company_id, self.company)

    def test_feedback_stays_a_secret_is_not_told(self):
        self.theirs.activity_id.note = "<p>Half a secret price</p>"
        self.theirs.activity_id.with_user(self.stranger).action_feedback(feedback="All went well")
        bodies = "".join(self.person.message_ids.mapped("body"))
        self.assertIn("All went well", bodies)
        self.assertNotIn("secret price", bodies)

    def test_queries_of_the_checks_do_not_grow(self):
        def queries(count):
            partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(count)])
            vals = [{"summary": "x", "partner_id": partner.id} for partner in partners]
            self.env.flush_all()
            self.env.invalidate_all()
            made = self.env["hc.interaction"].with_user(self.salesman).create(vals)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            made.with_user(self.salesman)._hc_check_linked()
            return self.env.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(30), queries(3))

    def test_counting_needs_the_group(self):
        employee = self.salesman.copy({"login": "hc_employee", "name": "Em Ployee"})
        employee.group_ids = self.env.ref("base.group_user")
        partners = self.env["res.partner"].with_user(employee)
        for name in ("hc_promise_ids", "hc_interaction_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                partners.search_count([(name, "!=", False)])

    def test_history_is_not_typed(self):
        promise = self.promise()
        activity = self.env["mail.activity"].create(
            {
                "summary": "Private",
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.person.id,
                "user_id": self.seller_all.id,
            }
        )
        for vals in (
            {"state": "kept"},
            {"date_closed": "2020-01-01 00:00:00"},
            {"activity_id": activity.id},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                promise.write(vals)
        with self.assertRaises(UserError):
            self.promise(state="kept")
        fresh = self.promise(activity_id=activity.id, date_closed="2020-01-01 00:00:00")
        self.assertNotEqual(fresh.activity_id, activity)
        self.assertFalse(fresh.date_closed)
        fresh = self.promise()
        fresh.sudo().activity_id = activity
        fresh.with_user(self.manager).unlink()
        self.assertTrue(activity.exists(), "only the promise's own activity goes with it")

    def test_context_keeps_nothing_back(self):
        promise = self.promise()
        promise.activity_id.with_context(hc_promise_closing=True, hc_promise_syncing=True).write(
            {"summary": "Call at noon"}
        )
        self.assertEqual(promise.summary, "Call at noon")
        promise.activity_id.with_context(hc_promise_closing=True).unlink()
        self.assertEqual(promise.state, "released")

    def test_activity_of_another_company(self):
        activity = self.theirs.activity_id
        mine = self.promise().activity_id
        activities = self.env["mail.activity"].with_user(self.seller_all)
        domain = [("res_model", "=", "res.partner"), ("res_id", "=", self.person.id)]
        self.assertEqual(activities.search(domain), mine)
        self.assertEqual(activities.with_user(self.stranger).search(domain).ids, activity.ids)
        hidden = activities.browse(activity.id)
        self.assertRefused(hidden.read, ["summary"])
        self.assertRefused(hidden.write, {"date_deadline": "2030-01-01"})
        self.assertRefused(hidden.unlink)
        self.assertRefused(hidden.action_feedback)
        self.env.invalidate_all()
        partner = self.person.with_user(self.seller_all)
        self.assertEqual(partner.activity_ids.ids, mine.ids)
        mine.unlink()
        self.env.invalidate_all()
        names = ["activity_state", "activity_summary", "activity_date_deadline", "activity_ids"]
        told = partner.read([*names, "activity_user_id", "activity_type_id"])[0]
        self.assertFalse([told[name] for name in names if told[name]])
        self.assertEqual(self.theirs.state, "open")

    def test_done_on_a_shared_customer(self):
        self.theirs.action_kept()
        self.assertEqual(self.theirs.state, "kept")
        self.assertEqual(self.theirs.summary, "A secret price")
        messages = self.person.message_ids
        self.assertTrue(messages.filtered("mail_activity_type_id"))
        self.assertNotIn("secret price", "".join(messages.mapped("body")))

    def test_plain_employee_does_not_change_a_promise(self):
        employee = self.salesman.copy({"login": "hc_employee", "name": "Em Ployee"})
        employee.group_ids = self.env.ref("base.group_user")
        promise = self.promise()
        self.assertRefused(promise.activity_id.with_user(employee).write, {"summary": "Nothing"})
        self.assertEqual(promise.summary, "Call back")
        given = self.promise(user_id=employee.id)
        given.activity_id.with_user(employee).action_feedback()
        self.assertEqual(given.state, "kept", "whom it was given to may keep it")

    def test_duration(self):
        mine = self.interaction()
        for duration in (float("nan"), float("inf"), -1, 10**7, 10**400):
            with self.subTest(duration), self.assertRaises(ValidationError):
                self.interaction(duration=duration)
            with self.subTest(duration), self.assertRaises(ValidationError):
                mine.write({"duration": duration})
            with self.subTest(duration), self.assertRaises(ValidationError):
                self.interactions().hc_log(
                    [{"partner_id": self.person.id, "summary": "x", "duration": duration}]
                )
        for text in ("nan", "inf", "1e300"):
            result = self.interactions().load(
                ["partner_id/.id", "date", "summary", "duration"],
                [[str(self.person.id), "2026-01-01 10:00:00", "Called", text]],
            )
            self.assertFalse(result["ids"])

    def test_promise_input(self):
        for vals in (
            {"summary": "   "},
            {"summary": "x" * 1_000_000},
            {"date_due": "0001-01-01"},
            {"user_id": self.portal.id},
        ):
            with self.subTest(list(vals)), self.assertRaises(ValidationError):
                self.promise(**vals)
        with self.assertRaises(ValidationError):
            self.interaction(user_id=self.portal.id)

    def test_hc_log_refuses_by_name(self):
        for field, value in (
            ("partner_id", True),
            ("external_ref", "x" * 20_000),
            ("external_ref", "\ud800"),
            ("summary", "\ud800"),
            ("body", "\ud800"),
            ("user", "\ud800"),
            ("channel", "\ud800"),
            ("is_automated", "false"),
        ):
            vals = {"partner_id": self.person.id, "summary": "x", field: value}
            with self.subTest(field), self.assertRaises(ValidationError) as error:
                self.interactions().hc_log([vals])
            self.assertIn(f"[0] {field}:", str(error.exception))
        for field in ("email", "partner_ref"):
            with self.subTest(field), self.assertRaises(ValidationError) as error:
                self.interactions().hc_log([{"summary": "x", field: "\ud800"}])
            self.assertIn(f"[0] {field}:", str(error.exception))
        with self.assertRaises(ValidationError):
            self.interactions().hc_log(
                [{"partner_id": self.person.id, "summary": "x", "\ud800": 1}]
            )

    def test_load_refuses_with_a_message(self):
        columns = ["partner_id/.id", "date", "summary"]
        row = [str(self.person.id), "2026-01-01 10:00:00", "Called"]
        for cols, rows in (
            (columns, [row[:2]]),
            ([*columns, False], [[*row, "x"]]),
            (columns, ["text"]),
            (columns, [[row[0], row[1], ["a"]]]),
            (columns, "text"),
        ):
            with self.subTest(cols=cols, rows=rows):
                result = self.interactions().load(cols, rows)
                self.assertFalse(result["ids"])
                self.assertTrue(result["messages"])
        result = self.interactions().load(columns, [[self.person.id, row[1], 5]])
        self.assertEqual(self.interactions().browse(result["ids"]).summary, "5")

    def test_deleting_the_customer_takes_all_along(self):
        partner = self.env["res.partner"].create({"name": "Short Visit"})
        mine = self.interaction(partner_id=partner.id)
        mine.message_post(body="Seen")
        attachment = self.env["ir.attachment"].create(
            {"name": "a.txt", "raw": b"a", "res_model": mine._name, "res_id": mine.id}
        )
        messages = mine.message_ids
        self.assertTrue(messages)
        partner.unlink()
        self.assertFalse(mine.exists() or messages.exists() or attachment.exists())

    def test_deleting_a_colleague_or_channel_in_use(self):
        self.promise()
        with self.assertRaises(UserError) as error:
            self.salesman.unlink()
        self.assertIn("promises to customers", str(error.exception))
        channel = self.env["hc.channel"].create({"name": "Fair", "key": "fair"})
        self.interaction(channel_id=channel.id)
        with self.assertRaises(UserError) as error:
            channel.unlink()
        self.assertIn("Fair", str(error.exception))

    def test_dialog_logs_once(self):
        dialog = (
            self.env["hc.interaction.log"]
            .with_user(self.salesman)
            .create({"partner_ids": [(6, 0, self.person.ids)], "summary": "Said once"})
        )
        dialog.action_log()
        dialog.action_log()
        self.assertEqual(self.interactions().search_count([("summary", "=", "Said once")]), 1)
