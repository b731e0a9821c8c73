import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import SurveysCommon


class CardCommon(SurveysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.env["hc.card.place"].create(
            {
                "name": "Corner by the window",
                "survey_id": cls.survey.id,
                "company_id": cls.company.id,
                "touchpoint": "store",
                "invitation": "How was it?",
            }
        )
        cls.person.user_id = cls.salesman

    def card(self, user=None, **values):
        card = (
            self.env["hc.card"].with_user(user or self.env.user).create({"place_id": self.place.id, **values})
        )  # fmt: skip
        self.Feedback._hc_make_pending()
        return card

    def row(self, card):
        return self.Feedback.search([("origin_model", "=", "hc.card"), ("origin_id", "=", card.id)])


@tagged("post_install", "-at_install")
class TestCard(CardCommon):
    def test_card_becomes_feedback(self):
        row = self.row(self.card(answer="0", comment="Cold coffee", partner_id=self.person.id))
        self.assertEqual(
            (row.source, row.metric, row.score, row.is_scored, row.band, row.touchpoint),
            ("card", "nps", 0, True, "bad", "store"),
        )
        self.assertEqual((row.partner_id, row.comment), (self.person, "Cold coffee"))

    def test_words_alone_are_a_remark(self):
        row = self.row(self.card(comment="Nice window"))
        self.assertEqual((row.is_scored, row.metric, row.comment), (False, False, "Nice window"))

    def test_corrected_and_deleted(self):
        card = self.card(answer="9")
        card.answer = "3"
        self.Feedback._hc_make_pending()
        self.assertEqual((self.row(card).score, len(self.row(card))), (3, 1))
        row = self.row(card)
        card.unlink()
        self.Feedback._hc_make_pending()
        self.assertFalse(row.exists())

    def test_what_no_card_says(self):
        for values in (
            {"answer": "11"},
            {"answer": "-1"},
            {"answer": "ten"},
            {"answer": "²"},
            {"answer": "9999999999999"},
            {"answer": "0000001000"},
            {"answer": "000000" + "9" * 5000},
            {"answer": " "},
            {"comment": "  "},
            {"comment": "x" * 5001},
            {"answer": "5", "contact": "x" * 121},
            {"answer": "5", "date": fields.Datetime.now() + timedelta(days=2)},
        ):
            with self.subTest(values=str(values)[:60]), self.assertRaises(ValidationError):
                self.card(**values)

    def test_paper_cards_in_a_batch(self):
        day = fields.Date.today() - timedelta(days=3)
        form = Form(self.env["hc.card.batch"].with_user(self.salesman))
        form.place_id = self.place
        form.date = day
        for answer, comment in (("10", "Great"), ("", "Too loud"), ("2", "")):
            with form.card_ids.new() as line:
                line.answer = answer
                line.comment = comment
        batch = form.save()
        self.Feedback._hc_make_pending()
        rows = (
            self.row(batch.card_ids[0]) | self.row(batch.card_ids[1]) | self.row(batch.card_ids[2])
        )
        self.assertEqual(sorted(rows.filtered("is_scored").mapped("score")), [2, 10])
        self.assertEqual({row.date.date() for row in rows}, {day})
        self.assertEqual(batch.scale_text, "0 to 10")

    def test_a_wrong_line_keeps_the_whole_pile_out(self):
        before = self.env["hc.card"].search_count([])
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.env["hc.card.batch"].create(
                {
                    "place_id": self.place.id,
                    "card_ids": [(0, 0, {"answer": "9"}), (0, 0, {"answer": "12"})],
                }
            )
        self.assertEqual(self.env["hc.card"].search_count([]), before)

    def test_the_line_after_the_last_card_is_no_card(self):
        batch = self.env["hc.card.batch"].create(
            {
                "place_id": self.place.id,
                "card_ids": [(0, 0, {"answer": "9"}), (0, 0, {"answer": False, "comment": " "})],
            }
        )
        batch.write({"card_ids": [(0, 0, {"comment": "Kind"}), (0, 0, {"answer": ""})]})
        self.assertEqual(len(batch.card_ids), 2)

    def test_odd_input(self):
        Card = self.env["hc.card"].with_user(self.salesman)
        card = self.card(self.salesman, answer="5", comment="a\0b\ud800c")
        self.assertEqual(card.comment, "abc")
        for values in (
            {"partner_id": [self.person.id]}, {"partner_id": 10**12}, {"place_id": [1]}, {"batch_id": {}},
            {"user_id": "x"}, {"date": False},
        ):  # fmt: skip
            with self.subTest(values=str(values)), self.assertRaises(UserError):
                Card.create({"place_id": self.place.id, "answer": "5", **values})
            with self.subTest(write=str(values)), self.assertRaises(UserError):
                card.write(values)

    def test_customer_told_me(self):
        action = self.person.with_user(self.salesman).action_hc_told()
        form = Form(
            self.env["hc.card"].with_user(self.salesman).with_context(**action["context"]),
            view="hc_crm_surveys.hc_card_view_form_told",
        )
        form.comment = "The new lights are lovely"
        card = form.save()
        self.Feedback._hc_make_pending()
        row = self.row(card)
        self.assertEqual(
            (row.source, row.partner_id, row.user_id), ("told", self.person, self.salesman)
        )

    def test_place_needs_a_question_that_measures(self):
        plain = self.env["survey.survey"].create({"title": "Plain"})
        with self.assertRaises(ValidationError):
            self.env["hc.card.place"].create({"name": "Door", "survey_id": plain.id})
        for seconds in (0, 61):
            with self.assertRaises(ValidationError):
                self.place.kiosk_seconds = seconds

    def test_poster_prints(self):
        html, kind = self.env["ir.actions.report"]._render_qweb_html(
            "hc_crm_surveys.card_poster", self.place.ids
        )
        self.assertEqual(kind, "html")
        self.assertIn(b"data:image/png;base64,", html)
        self.assertIn(self.place.token.encode(), html)
        self.assertIn(b"How was it?", html)

    def test_merged_and_forgotten(self):
        twin = self.env["res.partner"].create({"name": "Rosa Twin", "email": "rosa2@blum.example"})
        card = self.card(answer="4", comment="Hm", contact="0123", partner_id=twin.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.person).ids, self.person
        )
        self.Feedback._hc_make_pending()
        self.assertEqual((card.partner_id, self.row(card).partner_id), (self.person, self.person))
        self.person._hc_erase_cards(card)
        self.Feedback._hc_make_pending()
        self.assertEqual((card.comment, card.contact, card.partner_id.id), (False, False, False))
        self.assertEqual((self.row(card).score, self.row(card).comment), (4, False))


@tagged("post_install", "-at_install")
class TestCardRights(CardCommon):
    def test_roles(self):
        mine = self.card(self.salesman, answer="9")
        others = self.card(self.seller_all, answer="1")
        Card = self.env["hc.card"]
        both = mine | others
        self.assertEqual(Card.with_user(self.salesman).search([("id", "in", both.ids)]), mine)
        for user in (self.seller_all, self.manager):
            self.assertEqual(Card.with_user(user).search([("id", "in", both.ids)]), both)
        self.assertFalse(Card.with_user(self.stranger).search([("id", "in", both.ids)]))
        for user in (self.portal, self.public):
            for model in ("hc.card", "hc.card.place", "hc.card.batch"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.place.with_user(self.seller_all).action_new_link()
        with self.assertRaises(AccessError):
            others.with_user(self.salesman).answer = "10"

    def test_no_words_in_the_mouth_of_a_customer_of_another_company(self):
        hidden = self.env["res.partner"].create(
            {"name": "Hidden", "company_id": self.other_company.id}
        )
        with self.assertRaises(UserError):
            self.card(self.salesman, answer="1", partner_id=hidden.id)
        with self.assertRaises(ValidationError):
            self.card(answer="1", partner_id=hidden.id)


@tagged("post_install", "-at_install")
class TestCardPage(CardCommon, HttpCase):
    def post(self, kiosk=False, session=None, **values):
        path = f"/feedback/at/{self.place.token}"
        page = self.url_open(f"{path}{'?kiosk=1' if kiosk else ''}").text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        data = {"csrf_token": found and found[1], **values, **({"kiosk": "1"} if kiosk else {})}
        return self.url_open(path, data=data)

    def cards(self):
        self.env.invalidate_all()
        return self.env["hc.card"].search([("place_id", "=", self.place.id)])

    def test_say_something_once(self):
        page = self.post(score="9", comment="Lovely", contact="rosa@blum.example")
        self.assertIn("Thank you", page.text)
        card = self.cards()
        self.assertEqual(
            (card.answer, card.comment, card.contact, card.partner_id.id, card.user_id.id),
            ("9", "Lovely", "rosa@blum.example", False, False),
        )
        self.assertEqual((self.row(card).score, self.row(card).is_counted), (9, True))
        self.assertIn("we have your answer", self.url_open(f"/feedback/at/{self.place.token}").text)
        self.post(score="1")
        self.assertEqual(len(self.cards()), 1)

    def test_a_tablet_is_passed_around(self):
        for score in ("9", "2"):
            self.assertIn("Next, please", self.post(kiosk=True, score=score).text)
        self.assertEqual(sorted(self.cards().mapped("answer")), ["2", "9"])

    def test_what_programs_fill_in_does_not_count(self):
        self.post(score="1", comment="Buy now", website="https://spam.example")
        card = self.cards()
        self.assertTrue(card.is_suspect)
        self.assertFalse(self.row(card).is_counted)

    def test_nothing_lost_and_nothing_wrong_kept(self):
        for score in ("11", "x", "999999999999", "0000001000", "000000" + "9" * 5000, ""):
            page = self.post(score=score, comment="" if not score else "Kept words")
            self.assertEqual(page.status_code, 400, score)
            if score:
                self.assertIn("Kept words", page.text)
        self.assertFalse(self.cards())

    @mute_logger("odoo.http")
    def test_get_and_forged_post_store_nothing(self):
        path = f"/feedback/at/{self.place.token}"
        self.url_open(f"{path}?score=9&comment=x")
        self.assertEqual(self.url_open(path, data={"score": "9"}).status_code, 400)
        self.assertFalse(self.cards())

    def test_links_that_open_nothing_look_alike(self):
        self.place.active = False
        pages = [
            self.url_open(f"/feedback/at/{token}")
            for token in (self.place.token, "x" * 16, "x", "%C3%A4" * 10, "x" * 500)
        ]
        self.assertEqual({page.status_code for page in pages}, {404})
        self.assertEqual(
            len({re.sub(r"csrf_token[^,]*", "", page.text[-3000:]) for page in pages}), 1
        )

    def test_too_many_from_one_address(self):
        for _number in range(20):
            self.env["hc.contact.hit"]._count(("at", "127.0.0.1"))
        page = self.post(score="9")
        self.assertEqual(page.status_code, 429)
        self.assertFalse(self.cards())

    def test_tour_paper_cards(self):
        self.start_tour("/odoo", "hc_crm_surveys_card_batch", login="hc_manager")
        self.env.invalidate_all()
        batch = self.env["hc.card.batch"].search([("place_id", "=", self.place.id)])
        self.assertEqual(batch.card_ids.sorted("id").mapped("answer"), ["9", "3"])
        self.assertEqual(sorted(self.Feedback.search(
            [("origin_model", "=", "hc.card"), ("origin_id", "in", batch.card_ids.ids)]
        ).mapped("score")), [3, 9])  # fmt: skip
