import re
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import SurveysCommon

CODE = re.compile(r"/pulse#([\w-]+)")


class PulseCommon(SurveysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pulse = cls.env["hc.pulse"].create({"name": "Spring", "company_id": cls.company.id})
        cls.enps = cls.pulse.question_ids.filtered(lambda one: one.kind == "enps")
        cls.comment = cls.pulse.question_ids.filtered(lambda one: one.kind == "comment")

    def invite(self, count, team="Shop", start=0):
        return self.env["hc.pulse.invitation"].create(
            [
                {
                    "pulse_id": self.pulse.id,
                    "name": f"Colleague {number}",
                    "email": f"colleague{number}@shop.example",
                    "team": team,
                }
                for number in range(start, start + count)
            ]
        )

    def send(self):
        """Open the round and send; return ``{address: code}`` of the mails."""
        sent = {}

        def send_email(server, message, *args, **kwargs):
            sent[message["To"]] = CODE.search(message.get_content() if not message.is_multipart()
                else message.get_body(("html", "plain")).get_content())[1]  # fmt: skip
            return message["Message-Id"]

        self.pulse.action_open()
        with (
            patch.object(type(self.env["ir.mail_server"]), "send_email", send_email),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100),
        ):
            self.env["hc.pulse"]._cron_pulse()
        return sent

    def given(self, score=9, agree=4, comment=None):
        values = {one.id: str(agree) for one in self.pulse.question_ids}
        return values | {self.enps.id: str(score), self.comment.id: comment or ""}

    def answer_all(self, sent, **kwargs):
        for code in sent.values():
            self.assertTrue(self.pulse.sudo()._answer(code, self.given(**kwargs)))

    def result(self, user=None):
        return self.pulse.with_user(user or self.manager).hc_get_result()


@tagged("post_install", "-at_install")
class TestPulse(PulseCommon):
    def test_from_the_list_to_the_figures(self):
        self.invite(12)
        sent = self.send()
        self.assertEqual(len(sent), 12)
        self.assertEqual(set(self.pulse.invitation_ids.mapped("state")), {"sent"})
        self.answer_all(sent, comment="More say at the counter")
        self.pulse.action_close()
        result = self.result()["result"]
        self.assertEqual((result["count"], result["enps"]["value"]), (12, 100.0))
        self.assertEqual(result["index"]["value"], 75.0)
        self.assertEqual(len(result["comments"]), 12)
        self.assertEqual((self.pulse.enps, self.pulse.empowerment), (100, 75))

    def test_four_answers_leave_nothing(self):
        self.invite(6)
        sent = self.send()
        for code in list(sent.values())[:4]:
            self.pulse.sudo()._answer(code, self.given())
        self.pulse.action_close()
        self.assertFalse(self.result()["is_enough"])
        self.assertIsNone(self.result()["result"])
        self.assertEqual((self.pulse.answer_count, self.pulse.enps), (0, 0))
        self.assertNotIn("9", str(self.pulse.result))

    def test_comments_need_ten(self):
        self.invite(9)
        self.answer_all(self.send(), comment="Only I know this")
        self.pulse.action_close()
        result = self.result()["result"]
        self.assertEqual((result["comments"], result["comments_hidden"]), ([], True))
        self.assertNotIn("Only I know", str(self.pulse.result))

    def test_nothing_is_shown_while_it_is_open(self):
        self.invite(12)
        sent = self.send()
        shown = []
        for code in list(sent.values())[:9]:
            self.pulse.sudo()._answer(code, self.given())
            data = self.result()
            self.assertIsNone(data["result"])
            shown.append(data["so_far"])
        self.assertEqual(shown, [0, 0, 0, 0, 5, 5, 5, 5, 5])

    def test_a_closed_round_stays_closed(self):
        self.invite(6)
        sent = self.send()
        self.answer_all(sent)
        self.pulse.action_close()
        for method in ("action_open", "action_close", "action_add_colleagues"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(self.pulse, method)()
        self.assertFalse(self.env["hc.pulse.answer"].search([("pulse_id", "=", self.pulse.id)]))

    def test_a_link_works_once(self):
        self.invite(6)
        code = next(iter(self.send().values()))
        self.assertTrue(self.pulse.sudo()._answer(code, self.given()))
        self.assertFalse(self.pulse.sudo()._answer(code, self.given()))
        self.assertFalse(self.env["hc.pulse"]._of_code(code))
        self.assertEqual(
            self.env["hc.pulse.answer"].search_count([("question_id", "=", self.enps.id)]), 1
        )

    def test_a_wrong_score_keeps_nothing_and_the_link(self):
        self.invite(6)
        code = next(iter(self.send().values()))
        long = "0001" + "9" * 5000
        for score in ("11", "-1", "", "x", "9999999999999", "²", None, 9, "00009999", long):
            with self.subTest(score=str(score)[:20]), self.assertRaises(ValidationError):
                self.pulse.sudo()._answer(code, self.given() | {self.enps.id: score})
        self.assertFalse(self.env["hc.pulse.answer"].search([("pulse_id", "=", self.pulse.id)]))
        self.assertEqual(self.env["hc.pulse"]._of_code(code), self.pulse)

    def test_small_teams_are_told_with_others(self):
        self.invite(6, "Shop")
        self.invite(5, "Office", 6)
        self.invite(1, "Stock", 11)
        sent = self.send()
        teams = self.env["hc.pulse.token"].search([]).mapped("team")
        self.assertNotIn("Stock", teams)
        self.answer_all(sent)
        self.pulse.action_close()
        shown = {line["team"]: line["count"] for line in self.result()["result"]["teams"]}
        self.assertEqual(shown, {"Shop": 6, None: 6})

    def test_a_team_whose_rest_would_be_few_is_hidden(self):
        self.invite(6, "Shop")
        self.invite(6, "Office", 6)
        sent = self.send()
        office = [f"colleague{number}@shop.example" for number in range(6, 12)]
        for address, code in sent.items():
            if address not in office[:3]:
                self.pulse.sudo()._answer(code, self.given())
        self.pulse.action_close()
        self.assertEqual(self.result()["result"]["teams"], [])

    def test_mail_that_cannot_be_sent(self):
        self.invite(6)
        self.pulse.action_open()
        with (
            patch.object(
                type(self.env["ir.mail_server"]), "send_email", side_effect=UserError("No server")
            ),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100),
        ):
            self.env["hc.pulse"]._cron_pulse()
        self.assertEqual(set(self.pulse.invitation_ids.mapped("state")), {"failed"})
        self.assertEqual(self.pulse.invitation_ids[0].error, "No server")

    def test_what_does_not_change_any_more(self):
        self.invite(6)
        self.send()
        with self.assertRaises(UserError):
            self.pulse.question_ids = [(0, 0, {"name": "One more?", "kind": "agree"})]
        with self.assertRaises(UserError):
            self.pulse.unlink()
        self.invite(2, start=20)
        with self.assertRaises(UserError):
            self.pulse.action_open()

    def test_who_is_put_on_the_list_later_is_not_asked_alone(self):
        self.invite(6)
        self.answer_all(self.send())
        late = self.invite(1, start=20)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100):
            self.env["hc.pulse"]._cron_pulse()
        self.assertEqual(late.state, "waiting")
        self.assertFalse(self.env["hc.pulse.token"].search([("pulse_id", "=", self.pulse.id)]))
        more = self.invite(4, start=30)
        self.pulse.action_open()
        more[0].unlink()  # meanwhile, before the job sends
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100):
            self.env["hc.pulse"]._cron_pulse()
        self.assertEqual(set((late | more[1:]).mapped("state")), {"waiting"})
        self.assertEqual(self.pulse.asked_count, 6)

    def test_questions_stay_what_was_asked(self):
        self.invite(6)
        question = self.enps.with_user(self.manager)
        question.name = "Would you recommend us?"
        sent = self.send()
        for change in (
            lambda: question.write({"name": "Do you like your boss?"}),
            lambda: question.write({"kind": "agree"}),
            lambda: question.write({"pulse_id": False}),
            lambda: question.create({"name": "Late", "kind": "agree", "pulse_id": self.pulse.id}),
            lambda: question.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        self.answer_all(sent)
        self.pulse.action_close()
        with self.assertRaises(UserError):
            question.name = "Do you like your boss?"
        self.pulse.unlink()
        self.assertFalse(question.exists())

    def test_what_came_of_it_is_typed_in_by_nobody(self):
        invitation = self.invite(6)[0].with_user(self.manager)
        pulse = self.pulse.with_user(self.manager)
        self.send()
        for vals in (
            {"state": "draft"}, {"state": "closed"}, {"is_published": True}, {"enps": 99}, {"is_enough": True},
            {"answer_count": 0}, {"date_open": False},
        ):  # fmt: skip
            with self.subTest(vals=vals), self.assertRaises(UserError):
                pulse.write(vals)
        with self.assertRaises(UserError):
            invitation.state = "ready"  # a second link for one colleague
        with self.assertRaises(UserError):
            pulse.create({"name": "Forged", "state": "closed", "enps": 99})
        self.assertEqual(pulse.create({"name": "Honest", "state": "draft"}).state, "draft")

    def test_bad_lists(self):
        self.invite(4)
        with self.assertRaises(UserError):
            self.pulse.action_open()
        with self.assertRaises(ValidationError):
            self.env["hc.pulse.invitation"].create(
                {"pulse_id": self.pulse.id, "name": "Odd", "email": "no address"}
            )
        self.invite(1, start=10).email = False
        with self.assertRaises(UserError):
            self.pulse.action_open()

    def test_round_that_is_over_closes_by_itself(self):
        self.invite(6)
        self.answer_all(self.send())
        self.pulse.date_close = fields.Date.subtract(fields.Date.today(), days=1)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=100):
            self.env["hc.pulse"]._cron_pulse()
        self.assertEqual((self.pulse.state, self.pulse.is_enough), ("closed", True))

    def test_colleagues_are_added_with_their_team(self):
        self.salesman.email = "sam@shop.example"
        self.pulse.with_user(self.manager).action_add_colleagues()
        users = self.pulse.invitation_ids.user_id
        self.assertIn(self.salesman, users)
        self.assertNotIn(self.stranger, users)
        self.assertNotIn(self.portal, users)
        count = len(self.pulse.invitation_ids)
        self.pulse.action_add_colleagues()
        self.assertEqual(len(self.pulse.invitation_ids), count)


@tagged("post_install", "-at_install")
class TestAnonymity(PulseCommon):
    """What an administrator with SQL finds: everything that is in the database."""

    def columns(self, table):
        return {
            name
            for [name] in self.env.execute_query(
                self.sql(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                    table,
                )
            )
        }

    def sql(self, *args):
        from odoo.tools import SQL

        return SQL(*args)

    def test_nobody_and_no_time_in_any_column(self):
        self.assertEqual(
            self.columns("hc_pulse_answer"),
            {"id", "pulse_id", "question_id", "team", "score", "comment"},
        )
        self.assertEqual(self.columns("hc_pulse_token"), {"id", "pulse_id", "digest", "team"})
        self.assertFalse(
            self.columns("hc_pulse_invitation") & {"token", "digest", "token_id", "answered"}
        )

    def test_codes_are_nowhere(self):
        self.invite(8)
        sent = self.send()
        self.env.flush_all()
        code = next(iter(sent.values()))
        tables = self.env.execute_query(
            self.sql(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb')"
                " AND (table_name LIKE 'mail%%' OR table_name LIKE 'hc\\_%%' OR table_name LIKE 'ir\\_%%')"
            )
        )
        for table, column in tables:
            found = self.env.execute_query(
                self.sql(
                    "SELECT 1 FROM %s WHERE strpos(%s::text, %s) > 0 LIMIT 1",
                    self.identifier(table),
                    self.identifier(column),
                    code,
                )
            )
            self.assertFalse(found, f"{table}.{column}")

    def identifier(self, name):
        from odoo.tools import SQL

        return SQL.identifier(name)

    def test_order_of_rows_tells_nothing(self):
        """Sixty colleagues: the places of tokens follow the list as rarely as chance has it."""
        self.invite(60)
        sent = self.send()
        digest = self.env["hc.pulse.token"]._digest
        place = {
            token.digest: number
            for number, token in enumerate(self.env["hc.pulse.token"].search([], order="id"))
        }
        listed = [place[digest(sent[one.email])] for one in self.pulse.invitation_ids.sorted("id")]
        self.assertNotEqual(listed, sorted(listed))
        kept = sum(number == at for number, at in enumerate(listed))
        self.assertLess(kept, 12)  # one is expected; twelve have a chance of 1e-9

    def test_all_answers_are_written_anew_with_each(self):
        self.invite(12)
        codes = list(self.send().values())
        Answer = self.env["hc.pulse.answer"]
        seen = set()
        for number, code in enumerate(codes):
            self.pulse.sudo()._answer(code, self.given(score=number % 11))
            ids = set(Answer.search([("pulse_id", "=", self.pulse.id)]).ids)
            self.assertFalse(ids & seen, "an answer kept its place")
            seen |= ids
        scores = Answer.search([("question_id", "=", self.enps.id)], order="id").mapped("score")
        self.assertNotEqual(scores, [number % 11 for number in range(12)])

    def test_answers_to_two_questions_are_not_tied(self):
        self.invite(40)
        for number, code in enumerate(self.send().values()):
            self.pulse.sudo()._answer(code, self.given(score=number % 11, agree=1 + number % 5))
        rows = self.env["hc.pulse.answer"].search([("pulse_id", "=", self.pulse.id)], order="id")
        runs = [row.question_id.id for row in rows]
        together = sum(
            set(runs[at : at + 6]) == {one.id for one in self.pulse.question_ids if one._scale()}
            for at in range(0, len(runs), 6)
        )
        self.assertLess(together, 10, "the six answers of one person stand side by side")

    def test_invitations_do_not_change_when_somebody_answers(self):
        self.invite(6)
        sent = self.send()
        self.env.flush_all()
        query = self.sql("SELECT * FROM hc_pulse_invitation ORDER BY id")
        pulses = self.sql("SELECT * FROM hc_pulse ORDER BY id")
        before = self.env.execute_query(query), self.env.execute_query(pulses)
        self.answer_all(dict(list(sent.items())[:3]))
        self.env.flush_all()
        self.assertEqual((self.env.execute_query(query), self.env.execute_query(pulses)), before)


@tagged("post_install", "-at_install")
class TestPulseRights(PulseCommon):
    def test_who_sees_what(self):
        self.invite(6)
        self.answer_all(self.send())
        self.pulse.action_close()
        for user in (self.salesman, self.seller_all, self.stranger, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.result(user)
        self.pulse.with_user(self.manager).action_publish()
        self.assertEqual(self.result(self.salesman)["result"]["count"], 6)
        for user in (self.stranger, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.result(user)

    def test_nobody_reads_answers_tokens_or_the_stored_result(self):
        self.invite(6)
        self.answer_all(dict(list(self.send().items())[:3]))
        for user in (self.manager, self.salesman, self.portal):
            for model in ("hc.pulse.answer", "hc.pulse.token"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([]).read()
        with self.assertRaises(AccessError):
            self.env["hc.pulse.invitation"].with_user(self.salesman).search([])
        with self.assertRaises(AccessError):
            self.pulse.with_user(self.manager).read(["result"])

    def test_who_runs_it(self):
        for method in ("action_open", "action_close", "action_add_colleagues", "action_publish"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self.pulse.with_user(self.seller_all), method)()


@tagged("post_install", "-at_install")
class TestPulsePage(PulseCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.invite(6)
        self.sent = self.send()

    def post(self, path, **values):
        page = self.url_open("/pulse").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        return self.url_open(path, data={"csrf_token": token, **values})

    def test_answer_on_the_page(self):
        code = next(iter(self.sent.values()))
        page = self.post("/pulse", code=code)
        self.assertEqual(page.status_code, 200)
        self.assertIn('lang="en-US"', page.text[: page.text.index("<head")])
        self.assertIn("as a place to work", page.text)
        form = {f"q{key}": value for key, value in self.given(comment="More time").items()}
        self.assertIn("Thank you", self.post("/pulse/answer", code=code, **form).text)
        again = self.post("/pulse/answer", code=code, **form)
        never = self.post("/pulse", code="x" * 32)
        self.assertEqual((again.status_code, never.status_code), (404, 404))
        self.assertEqual(self.strip(again.text), self.strip(never.text))
        self.assertEqual(
            self.env["hc.pulse.answer"].search_count([("question_id", "=", self.enps.id)]), 1
        )

    def strip(self, page):
        """The page without what differs on every page."""
        return re.sub(r"(csrf_token|nonce)[^,>]*", "", page[page.index("<main") :])

    def test_a_get_changes_nothing(self):
        code = next(iter(self.sent.values()))
        before = self.env["hc.pulse.token"].search_count([])
        self.url_open("/pulse", params={"code": code})
        self.url_open("/pulse/answer", params={"code": code})
        self.assertEqual(self.env["hc.pulse.token"].search_count([]), before)

    @mute_logger("odoo.http")
    def test_a_post_without_the_form_changes_nothing(self):
        code = next(iter(self.sent.values()))
        form = {f"q{key}": value for key, value in self.given().items()}
        answer = self.url_open("/pulse/answer", data={"code": code, **form})
        self.assertEqual(answer.status_code, 400)
        self.assertTrue(self.env["hc.pulse"]._of_code(code))

    def test_numbers_that_begin_like_a_score(self):
        code = next(iter(self.sent.values()))
        form = {f"q{key}": value for key, value in self.given().items()}
        for score in ("00009999", "0001" + "9" * 5000, "1e1", "١"):
            page = self.post("/pulse/answer", code=code, **form | {f"q{self.enps.id}": score})
            self.assertEqual(page.status_code, 400, score[:20])
        self.assertFalse(self.env["hc.pulse.answer"].search([("pulse_id", "=", self.pulse.id)]))

    def test_what_is_missing_is_said_and_the_rest_kept(self):
        code = next(iter(self.sent.values()))
        page = self.post("/pulse/answer", code=code, **{f"q{self.comment.id}": "Kept words"})
        self.assertEqual(page.status_code, 400)
        self.assertIn("please choose from 0 to 10", page.text)
        self.assertIn("Kept words", page.text)

    def test_tour(self):
        """A colleague opens the link of the mail and answers; an administrator reads the figures."""
        codes = list(self.sent.values())
        self.answer_all(dict(list(self.sent.items())[1:]))
        self.start_tour(
            "/pulse",
            "hc_crm_surveys_pulse_answer",
            login=None,
            cookies={"hc_pulse_code": codes[0]},
        )
        self.env.invalidate_all()
        self.assertEqual(
            self.env["hc.pulse.answer"].search_count([("question_id", "=", self.enps.id)]), 6
        )
        self.start_tour(
            f"/odoo/pulse/{self.pulse.id}", "hc_crm_surveys_pulse_result", login="hc_manager"
        )
        self.env.invalidate_all()
        self.assertEqual((self.pulse.state, self.pulse.is_published), ("closed", True))
