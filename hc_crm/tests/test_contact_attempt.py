from datetime import timedelta

from odoo.tests import tagged

from .common_contact import NOW, ContactCommon


@tagged("post_install", "-at_install")
class TestContactAttempt(ContactCommon):
    def attempts(self, partner=None):
        return self.env["hc.contact.attempt"].search(
            [("partner_id", "=", (partner or self.person).id)]
        )

    def test_one_row_per_origin(self):
        self.send(
            outcome="postponed",
            reason_code="budget",
            reason_args={"count": 3, "days": 14},
            date_until=NOW + timedelta(days=3),
            subject="Thanks",
        )
        attempt = self.attempts()
        self.assertEqual(attempt.date_until, NOW + timedelta(days=3))
        self.assertIn("3 times within 14 days", attempt.reason)
        self.send(outcome="sent", subject="Thanks")
        self.assertEqual(self.attempts(), attempt)
        self.assertEqual(
            (attempt.outcome, attempt.date_until, attempt.reason), ("sent", False, False)
        )

    def test_many_in_one_query(self):
        rows = [
            {
                "partner_id": self.contact.id,
                "company_id": self.company.id,
                "channel_id": self.env.ref("hc_crm.hc_channel_sms").id,
                "outcome": "dropped",
                "reason_code": "withdrawn",
                "res_model": "x",
                "res_id": number,
            }
            for number in (*range(50), 0)  # the last of two rows of one origin counts
        ]
        rows[-1]["outcome"] = "sent"
        self.env.flush_all()
        with self.assertQueryCount(1):
            ids = self.env["hc.contact.attempt"]._hc_log(rows)
        self.assertEqual(len(ids), 50)
        attempts = self.attempts(self.contact)
        self.assertEqual(attempts.commercial_partner_id, self.company_customer)
        self.assertEqual(attempts.filtered(lambda a: a.res_id == 0).outcome, "sent")
        self.assertEqual(set(attempts.mapped("date")), {NOW})
        self.assertEqual(self.env["hc.contact.attempt"]._hc_log([]), [])

    def test_mistyped_column(self):
        with self.assertRaisesRegex(ValueError, "purpose"):
            self.send(purpose=1)

    def entries(self, user=None):
        page = self.env["hc.timeline"].with_user(user or self.salesman).hc_get_page(self.person.id)
        return page["entries"]

    def test_on_the_timeline(self):
        self.send(
            outcome="postponed", subject="Birthday wishes", reason_code="budget",
            reason_args={"count": 2, "days": 9},
        )  # fmt: skip
        (entry,) = (e for e in self.entries() if e["source"] == "attempt")
        self.assertEqual(entry["title"], "Birthday wishes")
        self.assertEqual((entry["channel"], entry["direction"]), ("email", "out"))
        self.assertIn("Postponed", entry["note"])
        self.assertIn("2 times within 9 days", entry["note"])
        self.assertTrue(entry["is_automated"])

    def test_a_message_is_told_once(self):
        message = self.person.with_user(self.salesman).message_post(
            body="Happy birthday!", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        # the frozen clock is not the database's
        message.date = NOW - timedelta(days=1)
        self.send(message_id=message.id, subject="Birthday wishes")
        entries = self.entries()
        self.assertFalse([e for e in entries if e["source"] == "attempt"])
        (entry,) = (e for e in entries if e["source"] == "message" and "birthday" in e["title"])
        self.assertTrue(entry["is_automated"], "nobody wrote it")
        self.assertFalse(
            self.person.with_user(self.salesman).hc_get_brief()["last_contact"],
            "what went out by itself is no contact between people",
        )
        self.send(message_id=message.id, by_person=True)
        (entry,) = (
            e for e in self.entries() if e["source"] == "message" and "birthday" in e["title"]
        )
        self.assertFalse(entry["is_automated"])
        # in doubt: both are told
        self.send(message_id=message.id, outcome="doubt")
        self.assertTrue([e for e in self.entries() if e["source"] == "attempt"])

    def test_reason_of_another_addon(self):
        Attempt = self.env.registry["hc.contact.attempt"]
        self.patch(
            Attempt, "_reason_texts", lambda self: {"moon": lambda env, args: f"Moon {args['n']}"}
        )
        self.send(outcome="dropped", reason_code="moon", reason_args={"n": 4})
        self.assertEqual(self.attempts().reason, "Moon 4")

    def test_every_reason_has_its_words(self):
        from ..models.consent.contact_reason import SENTENCES

        for code in SENTENCES:
            text = self.env["hc.contact.attempt"]._reason_text(code, {})
            self.assertTrue(text and text != code, code)
