from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.hc_crm.models.consent import hc_contact_hit

from .common_answer import AnswerCommon


@tagged("post_install", "-at_install")
class TestAnswer(HttpCase, AnswerCommon):
    """The page behind the buttons of a mail."""

    # -- a person ---------------------------------------------------------------------------------

    def test_page(self):
        response = self.get(self.path(score=9))
        text = self.text(response)
        self.assertIn("Would you recommend us?", text)
        self.assertIn("Sam Salesman", text)
        self.assertIn("Why?", text)
        self.assertIn("This question is for Rosa Testblum", text)
        self.assertEqual(self.form(response)["score"], "9")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        for score in (0, 10):
            self.assertEqual(self.form(self.get(self.path(score=score)))["score"], str(score))
        for wrong in (11, -1, "nine", "9.0", "", "9" * 999, "%00", "²"):
            self.assertEqual(self.form(self.get(self.path(score=wrong)))["score"], "", wrong)
        self.assertFalse(self.answers())
        self.assertEqual(self.ask.state, "sent")

    def test_answer(self):
        response = self.send(9, "Friendly people.\r\nFast, too.  ")
        answer = self.answers()
        self.assertEqual(
            self.said(answer), {self.question: 9, self.why: "Friendly people.\nFast, too."}
        )
        self.assertEqual((answer.state, answer.is_suspect), ("done", False))
        self.assertEqual(answer.create_uid, self.env.ref("base.user_root"))
        self.assertEqual((self.ask.state, self.ask.user_input_id), ("answered", answer))
        self.assertTrue(self.ask.date_answered)
        text = self.text(self.get(response.headers["Location"]))
        for words in ("Thank you!", "9 of 10", "Friendly people."):
            self.assertIn(words, text)

    def test_zero(self):
        self.send(0)
        self.assertEqual(self.said(self.answers()), {self.question: 0})
        self.assertIn("0 of 10, Not at all likely", self.text(self.get(self.path())))

    def test_used_link_and_second_thoughts(self):
        self.send(3, "Late")
        again = self.get(self.path(score=8))
        self.assertIn("You have answered already", self.text(again))
        self.assertIn("3 of 10", self.text(again))
        self.assertEqual(self.form(again)["score"], "8", "the button that was pressed now")
        self.assertEqual(self.form(again)["comment"], "Late")
        self.post(self.form(again, comment="Late, but you called"))
        answer = self.answers()
        self.assertEqual(self.said(answer), {self.question: 8, self.why: "Late, but you called"})
        # an empty box takes the words back
        self.post(self.form(self.get(self.path()), comment=" "))
        self.assertEqual(self.said(answer), {self.question: 8})
        # after two weeks it stands
        page = self.form(self.get(self.path()))
        self.ask.date_answered = fields.Datetime.now() - timedelta(days=15)
        response = self.post({**page, "score": "1", "comment": "Something else"}, status=200)
        self.assertEqual(self.said(answer), {self.question: 8})
        self.assertIn("Something else", self.text(response))
        self.assertNotIn('<form action="/feedback', self.get(self.path()).text)

    def test_answer_was_deleted(self):
        self.send(9)
        self.answers().unlink()
        self.ask.invalidate_recordset()
        self.assertIn("answered already", self.text(self.get(self.path(score=9))))
        self.assertFalse(self.answers())

    def test_without_javascript(self):
        page = self.get(self.path(score=7))
        step = self.post(self.form(page, comment="Hello", act=""), status=200)
        self.assertIn("One more click", self.text(step))
        self.assertFalse(self.answers())
        second = self.form(step, act="")
        self.assertEqual((second["score"], second["comment"]), ("7", "Hello"))
        self.post(second)
        answer = self.answers()
        self.assertEqual(self.said(answer), {self.question: 7, self.why: "Hello"})
        self.assertFalse(answer.is_suspect)

    def test_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.question.with_context(lang="fr_FR").title = "Nous recommanderiez-vous ?"
        self.ask.lang = "fr_FR"
        response = self.get(self.path(score=9))
        self.assertIn("Nous recommanderiez-vous ?", response.text)
        self.assertIn('lang="fr-FR"', response.text)
        self.post(self.form(response))
        self.assertEqual(self.answers().lang_id.code, "fr_FR")

    def test_markup(self):
        self.send(9, "<script>alert(1)</script>")
        self.assertNotIn("<script>alert", self.get(self.path()).text)

    def test_nobody_known(self):
        """A link without a person, as colleagues get it."""
        ask = self.new_ask(partner_id=False, user_id=False)
        self.send(6, "x", ask=ask)
        answer = ask.user_input_id
        self.assertEqual(self.said(answer), {self.question: 6, self.why: "x"})
        self.assertFalse(answer.partner_id or answer.email or answer.nickname)

    # -- more questions ---------------------------------------------------------------------------

    def test_goes_on_to_the_host(self):
        """Traps 3 and 4: no start screen, and the page with the score can be sent again."""
        more = self.env["survey.question"].create(
            {
                "survey_id": self.survey.id,
                "sequence": 5,
                "title": "Anything else?",
                "question_type": "text_box",
            }
        )
        for layout in ("one_page", "page_per_question"):
            self.survey.questions_layout = layout
            ask = self.new_ask(partner_id=self.contact.id, occurrence=layout)
            response = self.send(9, "Fine", ask=ask)
            answer = ask.user_input_id
            self.assertEqual(answer.state, "in_progress")
            self.assertIn(answer.access_token, response.headers["Location"])
            page = self.url_open(response.headers["Location"])
            self.assertIn("Anything else?", page.text)
            self.assertNotIn("Start Survey", page.text)
            self.assertEqual("Would you recommend us?" in page.text, layout == "one_page")
            result = self.make_jsonrpc_request(
                f"/survey/submit/{self.survey.access_token}/{answer.access_token}",
                {
                    "question_id": more.id,
                    str(self.question.id): "8",
                    str(self.why.id): "Fine",
                    str(more.id): "No",
                },
            )
            self.assertNotIn("error", result[1])
            score = 8 if layout == "one_page" else 9
            self.assertEqual(
                self.said(answer), {self.question: score, self.why: "Fine", more: "No"}
            )
            self.assertEqual(answer.state, "done")

    def test_click_and_leave(self):
        """Trap 5: who leaves before the last page has said what they said."""
        self.env["survey.question"].create(
            {"survey_id": self.survey.id, "sequence": 5, "title": "More?", "question_type": "date"}
        )
        self.send(2)
        self.assertEqual(self.ask.state, "answered")
        self.assertEqual(self.said(self.answers()), {self.question: 2})
        self.assertIn("Answer the other questions", self.text(self.get(self.path())))

    def test_obligatory_words(self):
        self.why.constr_mandatory = True
        response = self.send(2)
        self.assertIn("/survey/", response.headers["Location"], "the host asks for the words")
        self.assertEqual(self.answers().state, "in_progress")

    def test_survey_without_words(self):
        self.why.unlink()
        self.send(4, "not asked")
        self.assertEqual(self.said(self.answers()), {self.question: 4})

    # -- scanners ---------------------------------------------------------------------------------

    def test_scanner_that_opens_every_link(self):
        """Traps 9 and 15: opening links makes no answer, however many."""
        before = self.env["survey.user_input"].search_count([])
        for score in range(11):
            self.get(self.path(score=score))
            self.opener.head(self.base_url() + self.path(score=score), timeout=10)
        self.assertEqual(self.env["survey.user_input"].search_count([]), before)
        self.assertEqual(self.ask.state, "sent")

    def test_scanner_that_posts_every_link(self):
        for score in range(11):
            path = self.path(score=score)
            for data in ({}, {"score": str(score)}, {"score": str(score), "act": "pointer"}):
                response = self.url_open(path, data={**data, "x": "1"}, method="POST")
                self.assertEqual(response.status_code, 400)
        self.assertFalse(self.answers())
        self.assertEqual(self.ask.state, "sent")

    def test_scanner_that_sends_the_form(self):
        """It has the page's tokens, but nobody touched anything: the second step is all it gets."""
        page = self.get(self.path(score=9))
        self.post(self.form(page, act=""), status=200)
        self.post(self.form(page, act="true"), status=200)
        self.assertFalse(self.answers())

    def test_suspect(self):
        """Kept, not counted: no trusted event, and all buttons at once or right after delivery."""
        ask = self.new_ask(
            occurrence="early", date_sent=fields.Datetime.now(), partner_id=self.contact.id
        )
        step = self.post(self.form(self.get(self.path(ask, 9)), act=""), ask=ask, status=200)
        self.post(self.form(step, act=""), ask=ask)
        self.assertTrue(ask.user_input_id.is_suspect)
        for score in range(4):
            self.get(self.path(score=score))
        step = self.post(self.form(self.get(self.path(score=9)), act=""), status=200)
        self.post(self.form(step, act=""))
        self.assertTrue(self.answers().is_suspect)

    def test_person_after_a_scanner(self):
        """A scanner opened all links, and the customer answers seconds after: that counts."""
        self.ask.date_sent = fields.Datetime.now()
        for score in range(11):
            self.get(self.path(score=score))
        page = self.form(self.get(self.path(score=2)))
        page["ticket"] = self.aged_ticket(self.ask, seconds=4)
        self.post(page)
        self.assertFalse(self.answers().is_suspect)

    def aged_ticket(self, ask, seconds, step=False):
        """Return the ticket of a page that has been open for a while."""
        from ..controllers.answer import FeedbackAnswer

        opened = (fields.Datetime.now() - timedelta(seconds=seconds)).replace(microsecond=0)
        return FeedbackAnswer()._ticket(ask, step, opened)

    # -- the form ---------------------------------------------------------------------------------

    def test_forged_forms(self):
        page = self.form(self.get(self.path(score=9)), comment="Kept")
        other = self.new_ask(occurrence="other", partner_id=self.contact.id)
        wrong = [
            {"csrf_token": ""},
            {"csrf_token": "x" * 40 + "o1"},
            {"csrf_token": "é" * 40},
            {"ticket": ""},
            {"ticket": "~"},
            {"ticket": page["ticket"].replace("20", "19", 1)},
            {"ticket": "2026-01-01T00:00:00.000~" + page["ticket"].partition("~")[2]},
            {"ticket": self.aged_ticket(other, 5)},
            {"ticket": self.aged_ticket(self.ask, 3 * 86400)},
            {"score": ""},
            {"score": "11"},
            {"score": "-1"},
            {"score": "9" * 400},
            {"comment": "x" * 20_001},
        ]
        for changes in wrong:
            response = self.post({**page, **changes}, status=400)
            self.assertIn('role="alert"', response.text, changes)
            if "comment" not in changes:
                self.assertIn("Kept", response.text, "nothing is lost")
            self.assertFalse(self.answers(), changes)
        response = self.url_open(
            self.path(), data=page | {"comment": ""}, files={"score": ("a.txt", b"9")}
        )
        self.assertFalse(self.answers())
        self.assertEqual(response.status_code, 400)

    def test_other_methods(self):
        for method in ("PUT", "DELETE", "PATCH"):
            response = self.opener.request(method, self.base_url() + self.path(), timeout=10)
            self.assertEqual(response.status_code, 405, method)

    # -- links that no longer ask -----------------------------------------------------------------

    def test_expired(self):
        page = self.form(self.get(self.path(score=9)), comment="Sorry, I was away")
        self.ask.date_expire = fields.Datetime.now() - timedelta(days=2)
        self.assertIn("The time to answer is over", self.text(self.get(self.path(score=9))))
        response = self.post(page, status=200)
        self.assertIn("Sorry, I was away", self.text(response))
        self.assertFalse(self.answers())
        # who had the page open in time is heard
        self.ask.write(
            {"date_expire": fields.Datetime.now() - timedelta(minutes=5), "state": "expired"}
        )
        self.post({**page, "ticket": self.aged_ticket(self.ask, seconds=900)})
        self.assertEqual(self.said(self.answers())[self.question], 9)

    def test_archived_survey(self):
        page = self.form(self.get(self.path(score=9)), comment="Words")
        self.survey.active = False
        self.assertIn("over", self.text(self.get(self.path())))
        self.assertIn("Words", self.text(self.post(page, status=200)))
        self.assertFalse(self.answers())

    def test_deleted_question(self):
        page = self.form(self.get(self.path(score=9)), comment="Words")
        self.question.unlink()
        self.assertIn("no longer ask", self.text(self.get(self.path(score=9))))
        self.assertIn("Words", self.text(self.post(page, status=200)))
        self.assertFalse(self.answers())

    def test_question_deleted_after_the_answer(self):
        self.send(9, "Words")
        self.question.unlink()
        self.assertIn("answered already", self.text(self.get(self.path())))

    def test_deleted_survey(self):
        path = self.path(score=9)
        self.survey.unlink()
        self.assertIn("The time to answer is over", self.text(self.get(path)))
        self.assertEqual((self.ask.state, self.ask.reason_code), ("expired", "survey_gone"))

    def test_session_end_leaves_the_link(self):
        """Trap 7: ending a live session closes all answers of a survey; who was asked can still answer."""
        officer = new_test_user(self.env, "hc_officer", groups="survey.group_survey_manager")
        self.survey.with_user(officer).action_end_session()
        self.send(9)
        self.assertEqual(self.said(self.answers())[self.question], 9)

    def test_scale_changed(self):
        """The mail's buttons were those of another scale: the page asks on the new one."""
        self.question.metric = "csat"
        page = self.form(self.get(self.path(score=9)))
        self.assertEqual(page["score"], "")
        self.post({**page, "score": "9"}, status=400)
        self.post({**page, "score": "5"})
        self.assertEqual(self.said(self.answers())[self.question], 5)

    def test_unknown_links_are_all_alike(self):
        token = self.ask.token
        skipped = self.new_ask(occurrence="skipped", state="skipped")
        gone = self.new_ask(occurrence="gone")
        deleted = gone.token
        gone.unlink()
        answers = set()
        for wrong in (
            "A" * 32, token[:-1], token + "x", token.swapcase(), token + "%00", "'%20OR%201=1%20--",
            "%F0%9F%8C%B7" * 4, "a" * 5000, "%", skipped.token, deleted,
        ):  # fmt: skip
            for response in (
                self.get(f"/feedback/{wrong}?score=9", 404),
                self.url_open(f"/feedback/{wrong}", data={"score": "9"}, method="POST"),
            ):
                self.assertEqual(response.status_code, 404)
                answers.add(self.text(response))
        self.assertEqual(len(answers), 1, answers)

    # -- other visitors ---------------------------------------------------------------------------

    def test_another_customer_is_logged_in(self):
        """Trap 8: the host refuses a valid link to whoever is logged in as somebody else."""
        more = self.env["survey.question"].create(
            {
                "survey_id": self.survey.id,
                "sequence": 5,
                "title": "More?",
                "question_type": "text_box",
            }
        )
        self.authenticate("hc_portal", "hc_portal")
        page = self.get(self.path(score=9))
        self.assertIn("You are signed in as", self.text(page))
        location = self.post(self.form(page)).headers["Location"]
        answer = self.answers()
        self.assertEqual(answer.create_uid, self.env.ref("base.user_root"))
        self.assertIn("More?", self.url_open(location).text)
        self.make_jsonrpc_request(
            f"/survey/submit/{self.survey.access_token}/{answer.access_token}",
            {str(self.question.id): "9", str(more.id): "Yes"},
        )
        self.assertEqual(self.said(answer), {self.question: 9, more: "Yes"})
        self.assertEqual(answer.partner_id, self.person)

    def test_a_colleague_cannot_answer_for_a_customer(self):
        page = self.form(self.get(self.path(score=9)), comment="For her")
        self.authenticate("hc_salesman", "hc_salesman")
        response = self.get(self.path(score=9))
        self.assertIn("This link belongs to Rosa Testblum", self.text(response))
        self.assertRegex(response.text, r"<button[^>]*o_hc_send[^>]*disabled")
        response = self.post(page, status=200)
        self.assertIn("Rosa Testblum", self.text(response))
        self.assertFalse(self.answers())
        # asked about their own purchases they can
        ask = self.new_ask(occurrence="own", partner_id=self.salesman.partner_id.id)
        self.send(9, ask=ask)
        self.assertEqual(self.said(ask.user_input_id), {self.question: 9})

    # -- limits -----------------------------------------------------------------------------------

    def test_too_many_wrong_links(self):
        limit = hc_contact_hit.LIMITS["wrong"]
        for number in range(limit):
            self.get(f"/feedback/{number:032}", 404)
        response = self.get(f"/feedback/{0:032}", 429)
        self.assertIn("Retry-After", response.headers)
        self.assertEqual(self.url_open(self.path()).status_code, 429, "right ones do not stand out")

    def test_too_often(self):
        for _number in range(hc_contact_hit.LIMITS["person"]):
            self.get(self.path())
        self.get(self.path(), 429)
        other = self.new_ask(occurrence="other")
        self.get(self.path(other))

    # -- the host's answer page -------------------------------------------------------------------

    def test_scale_on_the_host_page(self):
        answer = self.survey._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        url = f"/survey/{self.survey.access_token}/{answer.access_token}"
        page = self.url_open(url).text
        self.assertIn('aria-label="9 of 10"', page)
        self.assertIn("Extremely likely", page)
        self.question.metric = "csat"
        for display, sign in (("faces", "o_hc_face"), ("stars", "o_hc_star")):
            self.question.metric_display = display
            self.assertIn(sign, self.url_open(url).text)
        self.question.metric = False
        self.assertNotIn("o_hc_scale", self.url_open(url).text)
        self.assertIn("o_survey_choice_btn", self.url_open(url).text)

    def test_host_submit_is_checked(self):
        """Trap 2: an anonymous submit stored 999."""
        answer = self.survey._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        url = f"/survey/submit/{self.survey.access_token}/{answer.access_token}"
        for wrong in ("999", 999, -1, "x", [1, 2], {"a": 1}, [[1]], True, {"comment": 5}):
            _answers, result = self.make_jsonrpc_request(url, {str(self.question.id): wrong})
            self.assertEqual(result["error"], "validation", wrong)
            self.assertIn("whole number", result["fields"][str(self.question.id)], wrong)
        # what is right in a page that was refused stands, and can be sent again
        self.assertEqual(self.said(answer), {})
        self.make_jsonrpc_request(url, {str(self.question.id): 0, str(self.why.id): "Zero"})
        self.assertEqual(self.said(answer), {self.question: 0, self.why: "Zero"})
        # closed by its last page
        _answers, result = self.make_jsonrpc_request(url, {str(self.question.id): "9"})
        self.assertEqual(result["error"], "unauthorized")
        self.assertEqual(self.said(answer)[self.question], 0)

    def test_host_submit_of_another_survey(self):
        other = self.survey.copy()
        foreign = other._metric_question()
        self.survey.questions_layout = "page_per_question"
        answer = self.survey._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        url = f"/survey/submit/{self.survey.access_token}/{answer.access_token}"
        for params in (
            {"question_id": foreign.id, str(foreign.id): "9"},
            {"question_id": "x"}, {"question_id": [1]}, {"question_id": 2**70}, {},
            {"question_id": self.question.id, "previous_page_id": foreign.id},
        ):  # fmt: skip
            _answers, result = self.make_jsonrpc_request(url, params)
            self.assertEqual(result["error"], "unauthorized", params)
        self.assertFalse(answer.user_input_line_ids)

    def test_host_submit_after_the_deadline(self):
        answer = self.survey._create_answer(
            partner=self.person,
            check_attempts=False,
            deadline=fields.Datetime.now() - timedelta(days=1),
        )
        answer._mark_in_progress()
        url = f"/survey/submit/{self.survey.access_token}/{answer.access_token}"
        _answers, result = self.make_jsonrpc_request(url, {str(self.question.id): "9"})
        self.assertEqual(result["error"], "answer_deadline")
        answer.deadline = False
        self.survey.active = False
        _answers, result = self.make_jsonrpc_request(url, {str(self.question.id): "9"})
        self.assertEqual(result["error"], "survey_closed")
        self.assertFalse(answer.user_input_line_ids)
