import io
import json
import os
import random
from collections import Counter, defaultdict
from unittest.mock import patch

from lxml import html
from werkzeug.test import Client, EnvironBuilder

import odoo.http
from odoo.tests import HttpCase, tagged

from odoo.addons.hc_crm.models.consent import hc_contact_hit

from .common_answer import AnswerCommon

# HC_HARDENING_REQUESTS=20000 for the whole of it; as many as fit into the suite by default.
REQUESTS = int(os.environ.get("HC_HARDENING_REQUESTS", "800"))
SEED = int(os.environ.get("HC_HARDENING_SEED", "1512"))
HUGE = "9" * 5000
VALUES = [
    "", " ", "0", "-1", "11", "999", "9.5", "1e3", "NaN", "²", "９", "9;DROP TABLE hc_ask", "%", "%s", "{{7*7}}",
    "<script>", "\x00", "a\x00b", "\ud7ff", "🌷" * 50, HUGE, "None", "true", "[]", "[9]", '{"a": 1}', "../../etc",
    "\r\nSet-Cookie: a=b", "'", '"', "\\", "￿",
]  # fmt: skip
JSON_VALUES = [
    None, True, False, 0, -1, 11, 999, 2**31, 2**63, 2**200, 9.5, "9.5", "x", "", "a\x00b", [], [[]], [None], [{}],
    ["1", "2"], {}, {"a": 1}, {"comment": 5}, {"comment": "x"}, [{"comment": []}], "9" * 400, "x" * 30_000,
    {"1": ["2"]}, {"0": "x"}, [2**70], "🌷",
]  # fmt: skip
# what the host raises on purpose; anything else is a traceback
MEANT = ("odoo.exceptions.", "werkzeug.exceptions.")


@tagged("post_install", "-at_install")
class TestPublicHardening(HttpCase, AnswerCommon):
    """Nonsense sent to the public pages: no 5xx, nothing stored wrong, no link told from another.

    The requests go through the whole of the host's WSGI application, in this process.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.survey.copy()
        cls.other.questions_layout = "page_per_question"
        Question = cls.env["survey.question"]
        kinds = ("multiple_choice", "simple_choice", "numerical_box", "date", "char_box", "matrix")
        for sequence, kind in enumerate(kinds, 10):
            for survey in (cls.survey, cls.other):
                question = Question.create(
                    {
                        "survey_id": survey.id,
                        "title": kind,
                        "question_type": kind,
                        "sequence": sequence,
                    }
                )
                if "choice" in kind or kind == "matrix":
                    cls.env["survey.question.answer"].create(
                        {"question_id": question.id, "value": "Yes"}
                    )
                if kind == "matrix":
                    cls.env["survey.question.answer"].create(
                        {"matrix_question_id": question.id, "value": "Row"}
                    )
        cls.choices = (cls.survey | cls.other).question_ids.suggested_answer_ids

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.client = Client(odoo.http.root)
        self.number = 0

    def request(self, path, method="GET", **kwargs):
        """Send a request from an address of its own; return status, headers and text."""
        self.number += 1
        address = f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"
        base = self.base_url()
        builder = EnvironBuilder(
            path=path, method=method, base_url=base, environ_base={"REMOTE_ADDR": address}, **kwargs
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.allow_requests(all_requests=True):
            response = self.client.open(builder)
            text = response.get_data(as_text=True)
            response.close()
        return response.status_code, response.headers, text

    def wrong_token(self):
        pick = self.random.choice
        token = self.ask.token
        at = self.random.randrange(1, len(token))
        return pick(
            [
                "A" * 32,
                token[:at],
                token + pick("xX0-_"),
                token[:at] + pick("!*.~") + token[at + 1 :],
                token.swapcase(),
                "".join(self.random.choices("abcDEF0189-_", k=32)),
                "%00" + token,
                token + "%00",
                "%F0%9F%8C%B7" * self.random.randrange(1, 9),
                "a" * self.random.randrange(1, 3000),
                "'%20OR%201=1--",
                "%FF%FE",
                "{{7*7}}",
                self.skipped.token,
                self.gone,
            ]
        )

    def wrong_form(self, form):
        """Return a form of the page with something wrong in it, so that it must not be stored."""
        form = dict(form)
        what = self.random.choice(
            ["csrf_token", "ticket", "score", "act", "drop", "file", "twice", "long"]
        )
        if what in ("csrf_token", "ticket"):
            form[what] = self.random.choice([*VALUES, form[what][:-1], form[what] + "0"])
        elif what == "score":
            form["score"] = self.random.choice([one for one in VALUES if one.strip() not in ("0",)])
        elif what == "act":
            form["act"] = self.random.choice(VALUES)
        elif what == "drop":
            del form[self.random.choice(["csrf_token", "ticket", "score"])]
        elif what == "file":
            name = self.random.choice(["csrf_token", "ticket", "score", "act"])
            form[name] = (io.BytesIO(b"9"), "a.txt")
        elif what == "twice":
            form["score"] = ["11", "9"]
        else:
            form["comment"] = "x" * self.random.choice([20_001, 200_000])
        return form

    def test_answer_page(self):
        self.skipped = self.new_ask(occurrence="skipped", state="skipped")
        gone = self.new_ask(occurrence="gone")
        self.gone = gone.token
        gone.unlink()
        lines = self.env["survey.user_input.line"].search_count([])
        alike, statuses = defaultdict(set), Counter()
        with patch.dict(hc_contact_hit.LIMITS, person=10**9, address=10**9, wrong=10**9):
            form = self.page_form()
            for _number in range(REQUESTS // 2):
                kind = self.random.random()
                if kind < 0.4:
                    path = f"/feedback/{self.wrong_token()}"
                    method = self.random.choice(["GET", "POST"])
                    data = self.wrong_form(form) if method == "POST" else None
                    status, headers, text = self.request(path, method, data=data)
                    alike[status].add(self.core(text))
                    self.assertEqual(status, 404, (path, method))
                    self.assertIn("noindex", headers["X-Robots-Tag"])
                elif kind < 0.6:
                    value = self.random.choice(VALUES)
                    status, _headers, _text = self.request(
                        self.path(), query_string={"score": value, "done": value, "lang": value}
                    )
                    self.assertEqual(status, 200, value)
                elif kind < 0.9:
                    status, _headers, _text = self.request(
                        self.path(), "POST", data=self.wrong_form(form)
                    )
                    self.assertIn(status, (200, 400, 413), "never stored")
                else:
                    status = self.strange_request()
                statuses[status] += 1
                self.assertLess(status, 500)
        self.assertEqual([len(texts) for texts in alike.values()], [1], "one page for all of them")
        self.assertEqual(self.env["survey.user_input.line"].search_count([]), lines)
        self.assertFalse(self.answers())
        self.assertEqual(self.ask.state, "sent")
        # it still works
        with patch.dict(hc_contact_hit.LIMITS, person=10**9):
            self.send(9, "Words")
        self.assertEqual(self.said(self.answers()), {self.question: 9, self.why: "Words"})

    def test_replayed(self):
        with patch.dict(hc_contact_hit.LIMITS, person=10**9, address=10**9):
            form = {**self.page_form(), "score": "9", "comment": "Once"}
            for number in range(min(REQUESTS // 20, 200)):
                changes = {} if number % 2 else {"comment": "Once"}
                status, _headers, _text = self.request(
                    self.path(), "POST", data={**form, **changes}
                )
                self.assertEqual(status, 303)
        self.assertEqual(self.said(self.answers()), {self.question: 9, self.why: "Once"})
        self.assertEqual(len(self.answers()), 1)

    def test_survey_submit(self):
        answers = {}
        for survey in (self.survey, self.other):
            answer = survey._create_answer(partner=self.person, check_attempts=False)
            answer._mark_in_progress()
            answers[survey] = answer
        questions = (self.survey | self.other).question_ids
        statuses = Counter()
        for _number in range(REQUESTS - REQUESTS // 2):
            survey = self.random.choice(list(answers))
            answer = answers[survey]
            token = self.random.choice([answer.access_token] * 8 + ["x", "%00", "a" * 999])
            params = {
                str(question.id): self.random.choice([*JSON_VALUES, *self.choices.ids])
                for question in self.random.sample(list(questions), 4)
            }
            for name in ("page_id", "question_id", "previous_page_id"):
                if self.random.random() < 0.5:
                    params[name] = self.random.choice([*JSON_VALUES, *questions.ids])
            body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params})
            if self.random.random() < 0.05:
                body = body[: self.random.randrange(len(body))]
            status, _headers, text = self.request(
                f"/survey/submit/{survey.access_token}/{token}",
                "POST",
                data=body,
                content_type="application/json",
            )
            self.assertLess(status, 500)
            statuses[status] += 1
            if status == 200 and (error := json.loads(text).get("error")):
                name = error["data"]["name"]
                self.assertTrue(name.startswith(MEANT), (name, params, error["data"]["message"]))
        self.assertGreater(statuses[200], REQUESTS // 4)
        for answer in answers.values():
            for line in answer.user_input_line_ids:
                self.assertEqual(line.question_id.survey_id, answer.survey_id)
                if line.answer_type == "scale":
                    self.assertIn(line.value_scale, range(11))
                if line.suggested_answer_id:
                    self.assertIn(line.suggested_answer_id, line.question_id.suggested_answer_ids)
                self.assertLessEqual(len(line.value_text_box or ""), 20_000)

    # -- helpers ----------------------------------------------------------------------------------

    def page_form(self):
        """Return the form of the page as this client got it, open for some seconds."""
        _status, _headers, text = self.request(self.path(), query_string={"score": "9"})

        class Response:
            pass

        Response.text = text
        return self.form(Response)

    def strange_request(self):
        """Send something a browser does not send; return the status."""
        path = self.path()
        kind = self.random.randrange(6)
        if kind == 0:
            method = self.random.choice(["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
            return self.request(path, method)[0]
        if kind == 1:
            return self.request(path, "POST", data="{", content_type="application/json")[0]
        if kind == 2:
            broken = "multipart/form-data; boundary=x"
            return self.request(path, "POST", data="--x\r\nnothing", content_type=broken)[0]
        if kind == 3:
            return self.request(
                path, "POST", data="&" * 5000, content_type="application/x-www-form-urlencoded"
            )[0]
        if kind == 4:
            headers = {"Accept-Language": HUGE, "Cookie": "session_id=%00; frontend_lang=x"}
            return self.request(path, headers=headers)[0]
        return self.request(f"{path}/{self.random.choice(['x', '..', '%2F', ''])}")[0]

    def core(self, text):
        [wrap] = html.fromstring(text).xpath("//*[@id='wrap']")
        return " ".join(wrap.text_content().split())
