import doctest
from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.hc_crm.engine import persona as engine

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestPersonaResearch(HcCommon):
    """A persona is worth what customers said about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.persona = cls.env["hc.persona"].create(
            {
                "name": "Paula Proof",
                "quote": "Show me.",
                "trait_ids": [
                    (0, 0, {"kind": "need", "name": "Wants it in writing"}),
                    (0, 0, {"kind": "dont", "name": "Don't call at noon"}),
                ],
            }
        )
        cls.trait, cls.dont = cls.persona.need_ids, cls.persona.dont_ids
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Voice {number}"} for number in range(14)]
        )

    def _note(self, participants, stance="supports", days=1, note_type="interview", trait=None):
        return self.env["hc.research.note"].create(
            {
                "name": "A talk",
                "note_type": note_type,
                "date": fields.Date.today() - timedelta(days=days),
                "participant_ids": [(6, 0, participants.ids)],
                "insight_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "What they said",
                            "quote": "Send me a letter.",
                            "trait_id": (trait or self.trait).id,
                            "stance": stance,
                        },
                    )
                ],
            }
        )

    def test_engine_doctests(self):
        result = doctest.testmod(engine)
        self.assertFalse(result.failed)
        self.assertGreaterEqual(result.attempted, 15)

    def test_from_assumption_to_well_founded(self):
        self.assertEqual(self.persona.foundation, "assumption")
        self.assertIn("Nobody was asked", self.persona.foundation_text)
        self._note(self.people[:5])
        self.assertEqual(self.persona.foundation, "some")
        self.assertEqual(self.persona.people_count, 5)
        self.assertIn("7 more", self.persona.foundation_text)
        # the same people again are the same people
        self._note(self.people[:5])
        self.assertEqual(self.persona.people_count, 5)
        # one more, heard in another way: the main themes have shown up twice
        self._note(self.people[5], note_type="shadowing")
        self.assertEqual(self.persona.foundation, "well")

    def test_twelve_interviews(self):
        self._note(self.people[:11])
        self.assertEqual(self.persona.foundation, "some")
        self._note(self.people[11])
        self.assertEqual(self.persona.foundation, "well")

    def test_contradictions_lower(self):
        self._note(self.people[:12])
        for person in self.people[9:14]:
            self._note(person, stance="contradicts", trait=self.dont)
        self.assertEqual(self.persona.foundation, "some")
        self.assertIn("contradict", self.persona.foundation_text)

    def test_old_evidence(self):
        note = self._note(self.people[:12], days=400)
        self.assertEqual(self.persona.foundation, "some")
        note.date = fields.Date.today() - timedelta(days=800)
        self.assertEqual(self.persona.foundation, "stale")
        self._note(self.people[12], days=3)
        self.assertEqual(self.persona.foundation, "well", "a fresh voice confirms the old ones")

    def test_unnamed_participants(self):
        """A note without names is one person nobody can name, not nobody and not everybody."""
        self._note(self.env["res.partner"])
        self._note(self.env["res.partner"])
        self.assertEqual(self.persona.people_count, 2)

    def test_counts_under_each_trait(self):
        self._note(self.people[0])
        self._note(self.people[1])
        self._note(self.people[2], stance="contradicts")
        self.assertEqual((self.trait.support_count, self.trait.contradict_count), (2, 1))
        self.assertEqual((self.dont.support_count, self.dont.contradict_count), (0, 0))
        action = self.trait.action_open_evidence()
        self.assertEqual(self.env["hc.research.insight"].search_count(action["domain"]), 3)

    def test_insight_takes_the_traits_persona(self):
        insight = self._note(self.people[0]).insight_ids
        self.assertEqual(insight.persona_id, self.persona)
        self.assertEqual(insight.note_id.persona_ids, self.persona)
        found = self.env["hc.research.note"].search([("persona_ids", "in", self.persona.ids)])
        self.assertEqual(found, insight.note_id)
        other = self.env["hc.persona"].create({"name": "Somebody Else"})
        with self.assertRaisesRegex(ValidationError, "another persona"):
            insight.persona_id = other

    def test_search_by_foundation(self):
        self._note(self.people[0])
        Persona = self.env["hc.persona"]
        self.assertIn(self.persona, Persona.search([("foundation", "=", "some")]))
        self.assertNotIn(self.persona, Persona.search([("foundation", "=", "assumption")]))
        self.assertIn(self.persona, Persona.search([("foundation", "!=", "assumption")]))

    def test_future_date(self):
        with self.assertRaisesRegex(ValidationError, "still to come"):
            self._note(self.people[0], days=-2)

    def test_raw_notes_are_cleaned(self):
        note = self._note(self.people[0])
        note.notes = "<p>He said <b>no</b></p><script>alert(1)</script><img src=x onerror=alert(1)>"
        self.assertIn("<b>no</b>", note.notes)
        self.assertNotIn("script", note.notes)
        self.assertNotIn("onerror", note.notes)

    def test_review_overdue(self):
        Persona = self.env["hc.persona"]
        self.persona.review_date = fields.Date.today() - timedelta(days=1)
        self.assertTrue(self.persona.is_review_overdue)
        self.assertIn(self.persona, Persona.search([("is_review_overdue", "=", True)]))
        self.persona.action_mark_reviewed()
        self.assertFalse(self.persona.is_review_overdue)
        self.assertIn(self.persona, Persona.search([("is_review_overdue", "=", False)]))

    def test_copy(self):
        copy = self.persona.copy()
        self.assertEqual(copy.name, "Paula Proof (copy)")
        self.assertEqual(copy.need_ids.name, "Wants it in writing")
        self.assertEqual(copy.dont_ids.name, "Don't call at noon")
        self.assertEqual(len(copy.trait_ids), 2)
        self.assertEqual(copy.foundation, "assumption", "evidence is about the original")

    def test_printed_card(self):
        self._note(self.people[:2])
        self._note(self.people[3], stance="contradicts")
        self.persona.tagline = "<script>alert('x')</script>"
        for user in (self.salesman, self.manager):
            content, kind = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html("hc_crm.report_persona_card", self.persona.ids)
            )
            self.assertEqual(kind, "html")
            page = html.fromstring(content)
            text = " ".join(page.text_content().split())
            self.assertIn("Paula Proof", text)
            self.assertIn("Wants it in writing", text)
            self.assertIn("1 for it", text)
            self.assertIn("1 against", text)
            self.assertIn("Some evidence", text)
            self.assertFalse(page.xpath("//div[hasclass('hc_card')]//script"), "text is text")
            [portrait] = page.xpath("//img[hasclass('hc_portrait')]")
            self.assertTrue(portrait.get("src").startswith("data:image/"))

    def test_printed_page_says_its_character_set(self):
        """Without Odoo's page around the card, wkhtmltopdf reads “✓” as three letters."""
        self.persona.quote = "Überall “hier” ✓"
        report = self.env["ir.actions.report"]
        content, _kind = report._render_qweb_html("hc_crm.report_persona_card", self.persona.ids)
        bodies = report._prepare_html(content.decode(), report_model="hc.persona")[0]
        self.assertEqual(len(bodies), 1)
        self.assertIn('<meta charset="utf-8"', bodies[0])
        self.assertIn("Überall “hier” ✓", html.fromstring(str(bodies[0])).text_content())
