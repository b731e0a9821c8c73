from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SurveysCommon

# What customers of other shops wrote, each with a good and a bad word in French: enough to learn from.
GOOD_FRENCH = (
    "Très belle robe, merci {}",
    "Accueil parfait, je reviendrai {}",
    "Ravie de mon achat {}",
)
BAD_FRENCH = (
    "Colis perdu, très déçue {}",
    "Couture décousue, à fuir {}",
    "Personne ne répond, déçue {}",
)


class SentimentCase(SurveysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.topic = cls.env.ref("hc_crm_surveys.hc_feedback_topic_delivery")
        cls.person.lang = "en_US"
        cls.person.user_id = cls.salesman
        # nothing that the shop of the demonstration was told
        cls.Feedback.search(Domain.TRUE).unlink()

    def remark(self, comment, origin=1, **values):
        return self.Feedback._hc_record(
            [
                {
                    "source": "told",
                    "partner_id": self.person.id,
                    "company_id": self.company.id,
                    "comment": comment,
                    "origin_model": "res.partner",
                    "origin_id": origin,
                    **values,
                }
            ]
        )


@tagged("post_install", "-at_install")
class TestReading(SentimentCase):
    def test_tone_topic_and_language_are_found(self):
        row = self.remark("The parcel arrived far too late, very disappointed.")
        self.assertEqual((row.lang, row.sentiment, row.sentiment_by), ("en", "negative", "lexicon"))
        self.assertIn(self.topic, row.topic_ids)

    def test_other_languages_are_unknown_but_have_topics(self):
        row = self.remark("Das Paket kam leider viel zu spät, ich bin enttäuscht.")
        self.assertEqual((row.lang, row.sentiment, row.sentiment_by), ("de", "unknown", False))
        self.assertIn(self.topic, row.topic_ids)

    def test_short_text_is_taken_for_the_language_they_speak_with_us(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.person.lang = "de_DE"
        self.assertEqual(self.remark("Top!").lang, "de")

    def test_a_score_is_never_touched(self):
        row = self.remark("Terrible, the worst shop ever", metric="nps", score=10)
        self.assertEqual((row.score, row.band, row.sentiment), (10, "good", "negative"))

    def test_no_words_no_tone(self):
        row = self.remark("", metric="nps", score=1)
        self.assertEqual((row.lang, row.sentiment, row.topic_ids.ids), (False, "unknown", []))

    def test_words_corrected_by_the_customer_are_read_again(self):
        self.remark("Lovely staff")
        row = self.remark("Rude staff, I will not come back. Terrible!")
        self.assertEqual(row.sentiment, "negative")

    def test_a_person_is_not_overruled(self):
        row = self.remark("Well, that was great, the parcel came a month late")
        row.with_user(self.salesman).hc_set_tone("negative")
        row.with_user(self.salesman).hc_set_topics([])
        self.remark("Well, that was great, the parcel came two months late. Great!")
        self.assertEqual((row.sentiment, row.sentiment_by), ("negative", "person"))
        self.assertFalse(row.topic_ids)
        self.assertEqual(row.topics_by, "person")

    def test_words_of_a_topic_changed_then_read_again(self):
        row = self.remark("The zipper is stuck")
        topic = self.env["hc.feedback.topic"].create(
            {"name": "Zip Fasteners", "word_ids": [(0, 0, {"lang": "en", "words": "zip*"})]}
        )
        self.assertEqual(topic.key, "zip_fasteners")
        self.assertNotIn(topic, row.topic_ids)
        topic.action_read_again()
        self.assertFalse(row.is_read)
        self.read_all()
        self.assertIn(topic, row.topic_ids)
        topic.active = False
        topic.action_read_again()
        self.read_all()
        self.assertNotIn(topic, row.topic_ids)

    def read_all(self):
        self.Feedback.search([("is_read", "=", False), ("comment", "!=", False)])._read_texts()

    def test_no_query_for_each_comment(self):
        def values(start, count):
            return [
                {
                    "source": "told",
                    "partner_id": self.person.id,
                    "company_id": self.company.id,
                    "comment": f"Late parcel and rude staff number {number}",
                    "origin_model": "res.partner",
                    "origin_id": number,
                }
                for number in range(start, start + count)
            ]

        self.Feedback._hc_record(values(1, 2))
        rows = self.Feedback._hc_record(values(100, 10))
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        rows._read_texts()
        few = self.env.cr.sql_log_count - before
        rows = self.Feedback._hc_record(values(200, 100))
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        rows._read_texts()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)


@tagged("post_install", "-at_install")
class TestLearned(SentimentCase):
    def scored(self, count):
        self.Feedback._hc_record(
            [
                {
                    "source": "survey",
                    "company_id": self.company.id,
                    "metric": "nps",
                    "score": 10 if good else 1,
                    "comment": pool[number % 3].format(number),
                    "origin_model": "res.users",
                    "origin_id": 2 * number + good,
                }
                for number in range(count)
                for good, pool in ((1, GOOD_FRENCH), (0, BAD_FRENCH))
            ]
        )
        self.env.flush_all()

    def test_learned_from_own_scored_comments(self):
        self.company.partner_id.lang = "en_US"
        self.env["res.lang"]._activate_lang("fr_FR")
        self.person.lang = "fr_FR"
        self.scored(70)
        before = self.remark("Vraiment déçue, personne ne répond")
        self.assertEqual((before.lang, before.sentiment), ("fr", "unknown"))
        reader = self.env["hc.tone.reader"]._learn(self.company, "fr")
        self.assertEqual(reader.state, "used")
        self.assertGreater(reader.right_share, 0.85)
        after = self.remark("Vraiment déçue, personne ne répond", origin=2)
        self.assertEqual((after.sentiment, after.sentiment_by), ("negative", "learned"))

    def test_too_few_are_said(self):
        self.scored(10)
        reader = self.env["hc.tone.reader"]._learn(self.company, "fr")
        self.assertEqual((reader.state, reader.learned), ("few", False))
        self.assertEqual(self.env["hc.tone.reader"]._learn(self.company, "fr"), reader)


@tagged("post_install", "-at_install")
class TestTopics(SentimentCase):
    def test_suggestions_leave_out_what_has_a_topic(self):
        for number in range(4):
            self.remark(f"The loud music hurts and the parcel late {number}", origin=number + 1)
        for number in range(6):
            self.remark(f"I bought it on a Monday {number}", origin=number + 20)
        found = self.env["hc.feedback.topic"].with_user(self.manager).hc_suggest("en")
        words = {line["words"] for line in found["suggestions"]}
        self.assertIn("loud music", words)
        self.assertNotIn("parcel", words)

    def test_suggestion_becomes_a_topic_or_joins_one(self):
        Topic = self.env["hc.feedback.topic"].with_user(self.manager)
        topic = Topic.browse(Topic.hc_add_suggestion("loud music", "en"))
        self.assertEqual(topic.name, "Loud music")
        Topic.hc_add_suggestion("cabin", "en", topic.id)
        self.assertEqual(topic.word_ids.words, "loud music, cabin")

    def test_words_that_cannot_be_looked_for(self):
        for words in ("*", "a", "ab*", "de*lay", " , ", "x" * 61):
            with self.subTest(words=words), self.assertRaises(ValidationError):
                self.topic.word_ids.filtered(lambda line: line.lang == "en").words = words

    @mute_logger("odoo.sql_db")
    def test_odd_input(self):
        Topic = self.env["hc.feedback.topic"].with_user(self.manager)
        for words, lang, topic in (
            ("", "en", False),
            (5, "en", False),
            ("room", "xx", False),
            ("room", "en", "1"),
        ):
            with self.subTest(words=words, lang=lang), self.assertRaises(UserError):
                Topic.hc_add_suggestion(words, lang, topic)
        row = self.remark("Hello")
        for method, value in (
            ("hc_set_tone", "angry"),
            ("hc_set_topics", "1"),
            ("hc_set_emotions", [{}]),
        ):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(row.with_user(self.manager), method)(value)


@tagged("post_install", "-at_install")
class TestRights(SentimentCase):
    def test_who_may_correct(self):
        row = self.remark("Great")
        row.with_user(self.salesman).hc_set_tone("neutral")
        other = self.company_customer
        other.user_id = self.seller_all
        foreign = self.remark("Great", origin=9, partner_id=other.id)
        for user in (self.salesman, self.stranger, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                foreign.with_user(user).hc_set_tone("negative")
        foreign.with_user(self.seller_all).hc_set_tone("negative")
        self.assertEqual(foreign.sentiment, "negative")

    def test_who_changes_topics(self):
        with self.assertRaises(AccessError):
            self.env["hc.feedback.topic"].with_user(self.salesman).hc_add_suggestion("room", "en")
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.env["hc.feedback.topic"].with_user(user).hc_suggest()
        with self.assertRaises(AccessError):
            self.topic.with_user(self.salesman).action_read_again()

    def test_suggestions_come_from_what_one_sees(self):
        self.company_customer.user_id = self.seller_all
        for number in range(4):
            self.remark(f"I bought it on a Monday {number}", origin=number + 20)
            self.remark(
                "The loud music hurts", origin=number + 1, partner_id=self.company_customer.id
            )
        mine = self.env["hc.feedback.topic"].with_user(self.salesman).hc_suggest("en")
        self.assertNotIn("loud music", {line["words"] for line in mine["suggestions"]})

    def test_learned_words_are_for_administrators_of_that_company(self):
        reader = self.env["hc.tone.reader"]._learn(self.company, "pt")
        with self.assertRaises(AccessError):
            reader.with_user(self.salesman).read(["state"])
        self.assertEqual(reader.with_user(self.manager).state, "few")
        with self.assertRaises(AccessError):
            reader.with_user(self.manager).state = "used"

    def test_suggested_topics_are_a_list_of_ones_own(self):
        for number in range(4):
            self.remark("The loud music hurts", origin=number + 1)
            self.remark(f"I bought it on a Monday {number}", origin=number + 20)
        Suggestion = self.env["hc.feedback.topic.suggestion"].with_user(self.manager)
        action = Suggestion.action_suggest()
        lines = Suggestion.search(action["domain"])
        line = lines.filtered(lambda line: line.words == "loud music")
        self.assertEqual((line.lang, line.count), ("en", 4))
        line.topic_id = self.topic
        line.action_add()
        self.assertIn("loud music", self.topic.word_ids.filtered(lambda w: w.lang == "en").words)
        self.assertFalse(line.exists())
        with self.assertRaises(AccessError):
            Suggestion.with_user(self.salesman).action_suggest()

    def test_corrected_in_a_dialog(self):
        row = self.remark("Great, a month late")
        Correction = self.env["hc.feedback.correction"].with_user(self.salesman)
        dialog = Correction.with_context(default_feedback_id=row.id).create({})
        self.assertEqual((dialog.sentiment, dialog.topic_ids), (row.sentiment, row.topic_ids))
        dialog.write({"sentiment": "negative", "topic_ids": [(6, 0, self.topic.ids)]})
        dialog.action_save()
        self.assertEqual(
            (row.sentiment, row.sentiment_by, row.topic_ids), ("negative", "person", self.topic)
        )
        with self.assertRaises(AccessError):
            Correction.with_user(self.stranger).with_context(default_feedback_id=row.id).create({})
