from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common_today import TodayCommon


@tagged("post_install", "-at_install")
class TestTodayTour(TodayCommon, HttpCase):
    def test_by_keyboard(self):
        """A day's work without a mouse, and what it left in the database."""
        call_customer, draft_customer, promise_customer, birthday_customer = self.env[
            "res.partner"
        ].create(
            [
                {
                    "name": f"Customer of the {what}",
                    "user_id": self.salesman.id,
                    "email": f"{what}@today.example",
                }
                for what in ("call", "draft", "promise", "birthday")
            ]
        )
        call = self.delivery("call", call_customer, summary="Ask how it went")
        draft = self.delivery(
            "draft", draft_customer, subject="Hello", body="<p>Dear customer, thank you.</p>"
        )
        promise = self.promise(partner=promise_customer, summary="Send the samples")
        birthday = self.milestone(partner=birthday_customer)
        self.promise(partner=promise_customer, summary="Measure the window", days=3)
        menu = self.env.ref("hc_crm.hc_crm_menu_root")
        self.start_tour(f"/odoo?menu_id={menu.id}", "today_tour", login="hc_salesman")
        self.env.invalidate_all()
        self.assertRecordValues(call, [{"state": "done", "outcome": "reached", "note": "nvr jk"}])
        self.assertRecordValues(draft, [{"subject": "Made by hand", "is_approved": True}])
        self.assertNotEqual(draft.state, "open")
        self.assertEqual(promise.state, "kept")
        self.assertEqual(birthday.date_greeted, birthday.next_date)
        self.assertRecordValues(
            self.env["hc.interaction"].search([("partner_id", "=", birthday_customer.id)]),
            [{"channel_key": "letter", "user_id": self.salesman.id}],
        )
        self.assertFalse(
            self.env["mail.activity"].search(
                [
                    ("user_id", "=", self.salesman.id),
                    ("date_deadline", "<=", fields.Date.today() + timedelta(days=2)),
                ]
            )
        )
