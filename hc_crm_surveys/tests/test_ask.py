from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_ask import AskCommon


@tagged("post_install", "-at_install")
class TestAsk(AskCommon):
    def ask_now(self, partners=None, rule=None, **kwargs):
        asks = self.Ask._hc_ask(rule or self.rule, partners or self.person, **kwargs)
        self.Ask._work()
        return asks

    def sent(self, partners=None, rule=None, **kwargs):
        asks = self.ask_now(partners, rule, **kwargs)
        self.send_queued(asks)
        return asks

    def mails(self, asks):
        return self.env["mail.mail"].search([("hc_ask_id", "in", asks.ids)], order="id")

    def reason(self, ask):
        return ask.state, ask.reason_code

    # -- the mail -----------------------------------------------------------------------------------

    def test_mail(self):
        self.person.user_id = self.salesman
        ask = self.ask_now()
        self.assertEqual(ask.state, "sending")
        mail = self.mails(ask)
        self.assertIn("Rosa", mail.subject)
        self.assertEqual(mail.email_from, self.salesman.email_formatted)
        self.assertEqual(ask.user_id, self.salesman)
        self.assertEqual((mail.model, mail.res_id), ("res.partner", self.person.id))
        self.assertIn("List-Unsubscribe", mail.headers)
        page = html.fromstring(str(mail.body_html))
        links = [link for link in page.xpath("//a/@href") if "/feedback/" in link]
        self.assertEqual(links, [ask._url(score) for score in range(11)])
        self.assertEqual(page.xpath("//table//a/text()"), [str(score) for score in range(11)])
        self.assertTrue(page.xpath("//a[contains(@href, '/unsubscribe/')]"))
        # on the timeline once, without the keys
        [message] = self.person.message_ids.filtered(
            lambda one: one.message_type == "email_outgoing"
        )
        self.assertIn("Rosa", message.body)
        self.assertNotIn(ask.token, message.body)
        self.assertIn("Would you recommend us?", message.body)
        self.assertNotIn("<table", message.body)
        attempt = self.env["hc.contact.attempt"].search(
            [("res_model", "=", "hc.ask"), ("res_id", "=", ask.id)]
        )
        self.assertEqual((attempt.outcome, attempt.message_id), ("sent", message))

        self.send_queued(ask)
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(ask.state, "sent")
        self.assertTrue(ask.date_expire > ask.date_sent)
        mail.state = "outgoing"
        with self.mock_mail_gateway():
            mail.send()
        self.assertFalse(self._mails, "handed over once already")

    def test_buttons(self):
        ask = self.Ask._hc_ask(self.rule, self.person)
        self.assertEqual([one["score"] for one in ask._buttons()], list(range(11)))
        self.assertTrue(ask._buttons()[9]["url"].endswith(f"/feedback/{ask.token}?score=9"))
        self.assertEqual(len(ask.token), 32)
        self.question.write(
            {"metric": "csat", "scale_min": 1, "scale_max": 5, "metric_display": "faces"}
        )
        self.assertEqual([one["score"] for one in ask._buttons()], [1, 2, 3, 4, 5])
        self.assertIn("😀", ask.buttons_html)
        self.question.metric = False
        ask.invalidate_recordset()
        self.assertEqual(ask._buttons(), [])
        self.Ask._work()
        self.assertIn(ask._url(), self.mails(ask).body_html, "a plain link without a metric")

    def test_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        letter = self.env.ref("hc_crm_surveys.mail_template_ask")
        letter.with_context(lang="fr_FR").subject = "Comment était-ce, {{ object.greeting_name }} ?"
        self.question.with_context(lang="fr_FR").title = "Nous recommanderiez-vous ?"
        self.person.lang = "fr_FR"
        self.contact.lang = "en_US"
        asks = self.ask_now(self.person | self.contact)
        mails = {mail.res_id: mail for mail in self.mails(asks)}
        french, english = mails[self.person.id], mails[self.contact.id]
        self.assertEqual(french.subject, "Comment était-ce, Rosa ?")
        self.assertIn("Nous recommanderiez-vous ?", french.body_html)
        self.assertIn("Would you recommend us?", english.body_html)
        self.assertEqual(asks.sorted("id").mapped("lang"), ["fr_FR", "en_US"])

    def test_letter_in_four_languages(self):
        words = {"fr_FR": "Bonjour", "de_DE": "Guten Tag", "es_ES": "Hola", "en_US": "Hello"}
        for lang in words:
            self.env["res.lang"]._activate_lang(lang)
        self.env["ir.module.module"]._load_module_terms(
            ["hc_crm_surveys"], list(words), overwrite=True
        )
        for partner, lang in zip(self.make_people(4), words, strict=True):
            partner.lang = lang
            mail = self.mails(self.ask_now(partner))
            self.assertIn(words[lang], mail.body_html)
            self.assertEqual("Do not ask me" in mail.body_html, lang == "en_US")

    def test_sender(self):
        ask = self.ask_now()
        self.assertEqual(self.mails(ask).email_from, self.company.email_formatted)
        self.assertFalse(ask.user_id)
        self.company_customer.user_id = self.seller_all
        ask = self.ask_now(self.contact)
        self.assertEqual(ask.user_id, self.seller_all, "the company's salesperson")
        rule = self.make_rule(sender="user", user_id=self.manager.id, throttle_days=0)
        ask = self.ask_now(rule=rule)
        self.assertEqual(self.mails(ask).email_from, self.manager.email_formatted)
        rule.sender = "company"
        self.person.user_id = self.salesman
        ask = self.ask_now(rule=rule, occurrence="again")
        self.assertEqual(self.mails(ask).email_from, self.company.email_formatted)

    def test_letter_deleted(self):
        letter = self.env["mail.template"].create(
            {
                "name": "Own",
                "model_id": self.env["ir.model"]._get_id("hc.ask"),
                "subject": "Hi",
                "body_html": "x",
            }
        )
        self.rule.template_id = letter
        letter.unlink()
        self.assertEqual(self.ask_now().state, "sending", "the ready letter instead")

    def test_poison_row_costs_one_row(self):
        people = self.make_people(5)
        letter = self.env["mail.template"].create(
            {
                "name": "Own",
                "model_id": self.env["ir.model"]._get_id("hc.ask"),
                "subject": "Hi {{ 1 / (0 if object.partner_id.name == 'Customer 3' else 1) }}",
                "body_html": "<p>Hello</p>",
            }
        )
        self.rule.template_id = letter
        asks = self.ask_now(people)
        self.assertEqual(asks.sorted("id").mapped("state").count("sending"), 4)
        [bad] = asks.filtered(lambda ask: ask.state == "failed")
        self.assertEqual(bad.partner_id.name, "Customer 3")
        self.assertTrue(bad.error)
        letter.subject = "Hi"
        bad.with_user(self.manager).action_retry()
        self.Ask._work()
        self.assertEqual(bad.state, "sending")
        with self.assertRaises(UserError):
            bad.with_user(self.salesman).action_retry()

    def test_queries_do_not_grow(self):
        def cost(count):
            people = self.make_people(count)
            self.Ask._hc_ask(self.rule, people, occurrence=f"{count}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.Ask._work_batch()
            return self.cr.sql_log_count - before

        cost(5)
        few, many = cost(10), cost(60)
        self.assertLess(many - few, 50 * 1.0, f"{few} for 10, {many} for 60")

    # -- whether ------------------------------------------------------------------------------------

    def test_never_asked_against_their_will(self):
        blacklisted, without, archived, withdrawn = self.make_people(4)
        self.env["mail.blacklist"]._add(blacklisted.email)
        without.email = False
        self.env["hc.consent"]._hc_record(withdrawn, "feedback", "withdrawn")
        asks = self.Ask._hc_ask(self.rule, blacklisted | without | archived | withdrawn)
        archived.active = False
        self.Ask._work()
        self.assertEqual(
            [self.reason(ask) for ask in asks.sorted("id")],
            [
                ("skipped", "blacklisted"),
                ("skipped", "no_address"),
                ("skipped", "archived"),
                ("skipped", "withdrawn"),
            ],
        )
        self.assertTrue(all(asks.mapped("reason")))
        self.assertFalse(self.mails(asks))
        attempts = self.env["hc.contact.attempt"].search([("res_model", "=", "hc.ask")])
        self.assertEqual(
            set(attempts.filtered(lambda one: one.res_id in asks.ids).mapped("outcome")),
            {"dropped"},
        )

    def test_not_while_a_complaint_is_open(self):
        self.env["hc.interaction"].create(
            {
                "partner_id": self.person.id,
                "summary": "The vase was broken",
                "channel_id": self.env.ref("hc_crm.hc_channel_call").id,
                "sentiment": "-2",
                "date": fields.Datetime.now() - timedelta(days=2),
            }
        )
        ask = self.ask_now()
        self.assertEqual(self.reason(ask), ("waiting", "complaint"))
        self.assertGreater(ask.date_due, fields.Datetime.now())
        self.assertIn("unhappy", ask.reason)
        attempt = self.env["hc.contact.attempt"].search(
            [("res_id", "=", ask.id), ("res_model", "=", "hc.ask")]
        )
        self.assertEqual(attempt.outcome, "postponed")

    def test_quiet_hours_postpone(self):
        hour = fields.Datetime.now().hour
        self.person.tz = "UTC"
        start = (hour + 2) % 24
        if start == 23:
            start = 1
        self.policy.write({"hour_from": start, "hour_to": start + 0.5})
        ask = self.ask_now()
        self.assertEqual(self.reason(ask), ("waiting", "quiet_hours"))
        self.assertEqual(ask.date_due.hour, start)

    def test_throttle(self):
        first = self.sent()
        other = self.make_rule(name="Other", throttle_days=60)
        again = self.ask_now(rule=other)
        self.assertEqual(self.reason(again), ("skipped", "asked_lately"))
        self.assertIn("60 days", again.reason)
        first.date_sent -= timedelta(days=61)
        later = self.ask_now(rule=other, occurrence="later")
        self.assertEqual(later.state, "sending")
        survey = self.survey.copy()
        survey.question_ids[0].write({"metric": "csat", "scale_min": 1, "scale_max": 5})
        csat = self.ask_now(rule=self.make_rule(survey_id=survey.id))
        self.assertEqual(csat.state, "sending", "another metric")

    def test_throttle_within_a_batch(self):
        other = self.make_rule(name="Other")
        asks = self.Ask._hc_ask(self.rule, self.person) | self.Ask._hc_ask(other, self.person)
        self.Ask._work()
        self.assertEqual(sorted(asks.mapped("state")), ["sending", "skipped"])

    def test_never_twice_about_the_same(self):
        order = self.order()
        one = self.Ask._hc_ask(self.rule, self.person, record=order)
        two = self.Ask._hc_ask(self.rule, self.person, record=order)
        self.assertEqual(one, two)
        self.assertEqual(one.about_text, f"your order {order.name}")

    def test_order_cancelled_meanwhile(self):
        rule = self.make_rule(trigger="order_confirmed", delay_count=1)
        self.since(rule, days=5)
        order = self.order()
        order.date_order -= timedelta(days=2)
        rule._find()
        ask = self.asks(rule)
        order._action_cancel()
        self.Ask._work()
        self.assertEqual(self.reason(ask), ("skipped", "no_longer"))

    def test_rule_off_survey_closed_too_late(self):
        rule = self.make_rule()
        asks = self.Ask._hc_ask(rule, self.person)
        rule.active = False
        self.Ask._work()
        self.assertEqual(self.reason(asks), ("skipped", "rule_off"))
        late = self.Ask._hc_ask(
            self.rule, self.contact, at=fields.Datetime.now() - timedelta(days=8)
        )
        self.Ask._work()
        self.assertEqual(self.reason(late), ("skipped", "too_late"))
        closed = self.Ask._hc_ask(self.rule, self.company_customer)
        self.survey.active = False
        self.Ask._work()
        self.assertEqual(self.reason(closed), ("skipped", "survey_closed"))

    def test_survey_deleted(self):
        waiting = self.Ask._hc_ask(
            self.rule, self.contact, at=fields.Datetime.now() + timedelta(days=1)
        )
        sent = self.sent(self.person)
        self.survey.unlink()
        self.assertEqual(self.reason(waiting), ("skipped", "survey_gone"))
        self.assertEqual(self.reason(sent), ("expired", "survey_gone"))
        self.assertFalse(self.rule.active)
        self.assertEqual(sent._buttons(), [])
        self.assertTrue(sent.display_name)

    # -- answers, reminders, expiry -----------------------------------------------------------------

    def test_answered(self):
        ask = self.sent()
        answer = self.answer(9, partner=self.person, done=False)
        ask.user_input_id = answer
        ask._set_answered(answer)
        when = ask.date_answered
        self.assertEqual(ask.state, "answered")
        self.assertEqual(ask._answer_band(), "good")
        ask._set_answered(answer)
        self.Ask._set_answered(answer)
        self.assertEqual(ask.date_answered, when)
        self.assertFalse(ask.date_reminder)

    def test_reminder_only_without_an_answer(self):
        self.rule.write({"reminder_count": 2, "reminder_days": 3})
        silent, spoken, complaining = self.make_people(3)
        asks = self.sent(silent | spoken | complaining)
        by_person = {ask.partner_id: ask for ask in asks}
        by_person[spoken]._set_answered(self.answer(8, partner=spoken))
        self.env["mail.blacklist"]._add(complaining.email)
        self.env.flush_all()
        asks.filtered("date_reminder").date_reminder = fields.Datetime.now()
        self.Ask._work()
        ask = by_person[silent]
        self.assertEqual((ask.state, ask.reminders), ("sent", 1))
        self.assertEqual(len(self.mails(ask)), 2)
        self.assertIn("A few days ago", self.mails(ask)[-1].body_html)
        self.assertTrue(ask.date_reminder)
        self.assertEqual(len(self.mails(asks)), 4)
        self.assertEqual(self.reason(by_person[complaining]), ("sent", "blacklisted"))
        self.assertFalse(by_person[complaining].date_reminder)
        self.send_queued(ask)
        ask.date_reminder = fields.Datetime.now()
        self.Ask._work()
        self.assertEqual(ask.reminders, 2)
        self.assertFalse(ask.date_reminder, "no more than two")
        self.assertEqual(
            self.env["hc.contact.attempt"].search_count(
                [
                    ("partner_id", "=", silent.id),
                    ("outcome", "=", "sent"),
                    ("is_budgeted", "=", True),
                ]
            ),
            3,
            "each mail counts in the budget",
        )

    def test_answer_calls_the_reminder_back(self):
        ask = self.sent()
        ask.date_reminder = fields.Datetime.now()
        self.Ask._work()
        ask._set_answered(self.answer(8, partner=self.person))
        self.assertEqual(self.mails(ask)[-1].state, "cancel")

    def test_expires_and_late_answers_count(self):
        ask = self.sent()
        ask.date_expire = fields.Datetime.now()
        self.Ask._work_batch()
        self.assertEqual(self.reason(ask), ("expired", "no_answer"))
        self.assertEqual(ask.reason, "They did not answer in time.")
        ask._set_answered(self.answer(3, partner=self.person))
        self.assertEqual(ask.state, "answered")

    # -- what a crash may leave ---------------------------------------------------------------------

    def test_doubt(self):
        ask = self.ask_now()
        mail = self.mails(ask)
        mail.hc_wire_date = fields.Datetime.now() - timedelta(hours=1)
        self.Ask._work_batch()
        self.assertEqual(self.reason(ask), ("sent", "doubt"))
        self.assertEqual(mail.state, "exception")
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue(mail.ids)
        self.assertFalse(self._mails)

    def test_no_connection(self):
        ask = self.ask_now()

        def connect(*args, **kwargs):
            raise ConnectionRefusedError("nobody there")

        with self.mock_mail_gateway():
            self.patch(self.registry["ir.mail_server"], "_connect__", connect)
            self.mails(ask).send()
        self.assertEqual((ask.state, ask.tries), ("sending", 1))
        self.assertEqual(self.mails(ask).state, "outgoing")

    def test_refused_address(self):
        ask = self.ask_now()
        mail = self.mails(ask)
        mail.write({"state": "exception", "failure_reason": "no such mailbox"})
        self.Ask._work_batch()
        self.assertEqual((ask.state, ask.error), ("failed", "no such mailbox"))
        self.assertFalse(ask.date_sent, "not asked: it does not count in the response")

    # -- asked again --------------------------------------------------------------------------------

    def test_asked_again(self):
        first = self.sent()
        answer = self.answer(2, partner=self.person, done=False)
        first.user_input_id = answer
        first._set_answered(answer)
        answer._mark_done()
        self.Feedback._hc_make_pending()
        feedback = self.feedback_of(answer)
        case = feedback.case_id or self.env["hc.feedback.case"].create(
            {
                "name": "Unhappy",
                "partner_id": self.person.id,
                "user_id": self.salesman.id,
                "feedback_ids": [(6, 0, feedback.ids)],
            }
        )
        case.write({"is_open": False, "date_solved": fields.Datetime.now()})
        again = self.Ask._hc_ask_again(case)
        self.assertEqual(
            (again.rule_id, again.case_id, again.partner_id), (self.rule, case, self.person)
        )
        self.assertEqual(self.Ask._hc_ask_again(case), again, "once for each time it is solved")
        self.Ask._work()
        self.assertEqual(
            again.state, "sending", "neither the throttle nor the old feeling stand against it"
        )
        nobody = self.env["hc.feedback.case"].create({"name": "?", "user_id": self.salesman.id})
        self.assertFalse(self.Ask._hc_ask_again(nobody))

    # -- response -----------------------------------------------------------------------------------

    def test_response(self):
        people = self.make_people(4)
        asks = {ask.partner_id: ask for ask in self.sent(people)}
        asks[people[0]]._set_answered(self.answer(9, partner=people[0]))
        asks[people[1]]._set_answered(self.answer(9, partner=people[1], done=False))
        asks[people[2]].date_expire = fields.Datetime.now()
        self.env.flush_all()
        self.Ask._work_batch()
        self.ask_now(self.make_people(1, email=False))
        domain = [("rule_id", "=", self.rule.id)]
        self.assertEqual(
            self.Ask._response(domain),
            {"asked": 4, "complete": 1, "partial": 1, "waiting": 1, "rr1": 0.25, "rr2": 0.5},
        )
        self.assertEqual(self.Ask._response([("id", "=", 0)])["rr1"], None)
        persona = self.env["hc.persona"].search([], limit=1)
        self.env["hc.persona.membership"].search([("partner_id", "=", people[0].id)]).unlink()
        self.env["hc.persona.membership"].create(
            {"partner_id": people[0].id, "persona_id": persona.id}
        )
        groups = dict(self.Ask._response_groups(domain, "persona"))
        self.assertEqual(groups[persona.id]["rr1"], 1)
        self.assertEqual(sum(group["asked"] for group in groups.values()), 4)
        for by in ("segment", "value", "rule_id", "touchpoint", "lang", "user_id", "survey_id"):
            groups = self.Ask._response_groups(domain, by)
            self.assertGreaterEqual(sum(group["asked"] for _key, group in groups), 4, by)
        with self.assertRaises(UserError):
            self.Ask._response_groups(domain, "password")
        with self.assertRaises(UserError):
            self.Ask._response("nonsense")

    # -- rights -------------------------------------------------------------------------------------

    def test_rights(self):
        self.person.user_id = self.salesman
        mine = self.ask_now()
        theirs = self.ask_now(self.contact)
        for user, visible in (
            (self.salesman, mine),
            (self.seller_all, mine | theirs),
            (self.manager, mine | theirs),
            (self.stranger, self.Ask),
        ):
            found = self.Ask.with_user(user).search([("id", "in", (mine | theirs).ids)])
            self.assertEqual(set(found.ids), set(visible.ids), user.name)
            self.assertEqual(
                self.Ask.with_user(user)._response([("id", "in", (mine | theirs).ids)])["asked"], 0
            )
        read = mine.with_user(self.salesman)
        self.assertTrue(read.question_text)
        for name in ("token", "buttons_html", "answer_url", "reason_args"):
            with self.assertRaises(AccessError, msg=name):
                read.read([name])
        for vals in ({"state": "answered"}, {"token": "x"}):
            with self.assertRaises(AccessError):
                read.write(vals)
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                mine.with_user(user).read(["state"])
