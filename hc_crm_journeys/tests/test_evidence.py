from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import JourneysCommon
from .test_map_apply import ODD


@tagged("post_install", "-at_install")
class TestEvidence(JourneysCommon):
    """What a card rests on, told to those who may know it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person.user_id = cls.salesman
        cls.interaction = cls.env["hc.interaction"].create(
            {
                "partner_id": cls.person.id,
                "channel_id": cls.channel.id,
                "summary": "Looked for a coat",
                "user_id": cls.salesman.id,
            }
        )
        cls.note = cls.env["hc.research.note"].create(
            {"name": "Six talks", "participant_ids": [Command.set((cls.person | cls.contact).ids)]}
        )

    def add(self, uid="ad", user=None, **values):
        journey = self.journey.with_user(user or self.salesman)
        return journey.hc_add_evidence(uid, values)

    def test_add(self):
        known = self.journey.revision
        found = self.add(kind="interaction", id=self.interaction.id, quote="I only looked.")
        [one] = found["evidence"]
        self.assertEqual((one["quote"], one["kind"]), ("I only looked.", "interaction"))
        self.assertEqual(one["source"]["id"], self.interaction.id)
        self.assertEqual(one["source"]["model"], "hc.interaction")
        self.assertEqual((found["proof"], found["suggestion"]), ("assumed", "some"))
        self.assertEqual(self.shown("cells", "ad")["evidence_count"], 1)
        # whoever has the map open hears of it
        [cell] = self.journey.hc_changes(known)["set"]["cells"]
        self.assertEqual(cell["evidence_count"], 1)
        with self.assertRaises(UserError):
            self.add(kind="interaction", id=self.interaction.id)
        found = self.add(quote="Heard at the counter")
        self.assertEqual(
            [(item["kind"], item["source"]) for item in found["evidence"]][1:], [(False, False)]
        )
        left = self.journey.with_user(self.salesman).hc_remove_evidence("ad", one["id"])
        self.assertEqual([item["quote"] for item in left["evidence"]], ["Heard at the counter"])

    def test_suggestion(self):
        """The measure that personas have: people, ways of hearing them, age."""
        self.assertEqual(self.journey.hc_evidence("ad")["suggestion"], "assumed")
        people = self.env["res.partner"].create(
            [{"name": f"Person {number}"} for number in range(5)]
        )
        self.note.participant_ids |= people
        found = self.add(kind="note", id=self.note.id, user=self.env.user)
        self.assertEqual(found["suggestion"], "some")
        self.assertIn("7 heard", found["why"])
        found = self.add(kind="interaction", id=self.interaction.id, user=self.env.user)
        self.assertEqual(found["suggestion"], "validated")
        old = fields.Date.subtract(fields.Date.today(), years=3)
        self.note.date = old
        self.interaction.date = old
        self.assertEqual(self.journey.hc_evidence("ad")["suggestion"], "some")

    def test_only_for_who_may_see(self):
        """The quote is there to be read; whom it is of only by who may read that."""
        feedback = self.feedback_of(self.answer(3, "Too late", partner=self.company_customer))
        self.assertFalse(
            self.env["hc.feedback"].with_user(self.salesman).search([("id", "=", feedback.id)])
        )
        with self.assertRaises(ValidationError):
            self.add(kind="feedback", id=feedback.id, quote="Too late")
        self.add(kind="feedback", id=feedback.id, quote="Too late", user=self.seller_all)
        for user, sees in ((self.seller_all, True), (self.manager, True), (self.salesman, False)):
            [one] = self.journey.with_user(user).hc_evidence("ad")["evidence"]
            self.assertEqual((one["quote"], one["kind"]), ("Too late", "feedback"))
            self.assertEqual(bool(one["source"]), sees, user.login)
        evidence = self.env["hc.journey.evidence"].with_user(self.salesman).search([])
        with self.assertRaises(AccessError):
            evidence.read(["feedback_id"])
        with self.assertRaises(AccessError):
            evidence.search([("feedback_id.comment", "ilike", "late")])
        with self.assertRaises(AccessError):
            evidence.unlink()

    def test_refused(self):
        foreign = self.env["hc.interaction"].create(
            {
                "partner_id": self.env["res.partner"].create(
                    {"name": "Theirs", "company_id": self.other_company.id}
                ).id,
                "channel_id": self.channel.id,
                "summary": "Secret",
                "user_id": self.stranger.id,
            }
        )  # fmt: skip
        for values in (
            {},
            {"quote": "  "},
            {"kind": "rumour", "id": 1},
            {"kind": "interaction"},
            {"kind": "interaction", "id": foreign.id, "quote": "x"},
            {"kind": "note", "id": 2**31 - 1},
            {"quote": "x" * 10_001},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.add(**values)
        for odd in ODD:
            for call in (
                lambda odd=odd: self.add(uid=odd, quote="x"),
                lambda odd=odd: self.add(kind="note", id=odd),
                lambda odd=odd: self.journey.hc_evidence(odd),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    call()
        for user in (self.stranger, self.portal, self.public):
            with self.assertRaises(AccessError):
                self.journey.with_user(user).hc_evidence("ad")

    def test_erased(self):
        """Whoever is erased is no evidence any more, and may see before what they are."""
        self.add(kind="interaction", id=self.interaction.id, quote="I only looked.")
        [row] = self.person._hc_export_evidence()
        self.assertIn("I only looked.", row.values())
        self.person._hc_erase()
        self.assertFalse(self.env["hc.journey.evidence"].search([("cell_id.uid", "=", "ad")]))
