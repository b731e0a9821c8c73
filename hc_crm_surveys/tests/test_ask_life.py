from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tests import Form, tagged
from odoo.tests.common import get_db_name

from .common_ask import AskCommon


@tagged("post_install", "-at_install")
class TestAskLife(AskCommon):
    """Merging, erasing, deleting; asking by hand; the host's invitations; steps of plans."""

    def test_merge(self):
        double = self.env["res.partner"].create({"name": "Rosa B.", "email": "rosa@blum.example"})
        at = fields.Datetime.now() + timedelta(days=1)
        kept = self.Ask._hc_ask(self.rule, self.person, occurrence="same", at=at)
        gone = self.Ask._hc_ask(self.rule, double, occurrence="same", at=at)
        moved = self.Ask._hc_ask(self.rule, double, occurrence="other", at=at)
        gone.state = "sent"
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | double).ids, self.person
        )
        self.assertFalse(kept.exists(), "the one that got further counts")
        self.assertEqual((gone.partner_id, moved.partner_id), (self.person, self.person))
        moved.date_due = fields.Datetime.now()
        self.Ask._work()
        self.assertEqual(moved.state, "sending")

    def test_erase(self):
        waiting = self.Ask._hc_ask(
            self.rule, self.person, occurrence="x", at=fields.Datetime.now() + timedelta(days=1)
        )
        asked = self.Ask._hc_ask(self.rule, self.person)
        self.Ask._work()
        self.send_queued(asked)
        token = asked.token
        self.person._hc_erase()
        self.assertFalse(waiting.exists())
        self.assertEqual((asked.state, asked.partner_id.id), ("expired", False))
        self.assertNotEqual(asked.token, token)
        self.assertFalse(self.env["mail.mail"].search([("hc_ask_id", "=", asked.id)]))
        self.assertEqual(self.Ask._response([("id", "=", asked.id)])["asked"], 1)
        self.Ask._work()

    def test_export(self):
        self.Ask._hc_ask(self.rule, self.person)
        sections = {section["key"]: section["rows"] for section in self.person._hc_export()}
        self.assertEqual(sections["asked"][0]["asked"], "Would you recommend us?")

    def test_partner_deleted(self):
        person = self.make_people(1)
        ask = self.Ask._hc_ask(self.rule, person)
        person.unlink()
        self.assertFalse(ask.exists())

    # -- two workers ----------------------------------------------------------------------------------

    def test_two_workers(self):
        """Whom one worker turns to, another does not, nor does outreach."""
        asks = self.Ask._hc_ask(self.rule, self.make_people(3))
        Delivery = self.env["hc.outreach.delivery"]
        people, _count = self.Ask._due(100)
        people = {key: value for key, value in people.items() if value in asks.ids}
        held = Delivery._hold(people, 2)
        self.addCleanup(Delivery._let_go, held)
        self.assertEqual(len(held), 2)
        with Registry(get_db_name()).cursor() as other:
            rest = Delivery.with_env(self.env(cr=other))._hold(people, 10)
            self.assertEqual(set(rest), set(people) - set(held))
            Delivery.with_env(self.env(cr=other))._let_go(rest)

    # -- by hand --------------------------------------------------------------------------------------

    def invite(self, partners, user=None, **vals):
        wizard = self.env["hc.ask.invite"].with_user(user or self.seller_all)
        wizard = wizard.with_context(active_model="res.partner", active_ids=partners.ids)
        return wizard.create({"rule_id": self.rule.id, **vals})

    def test_by_hand(self):
        good, blocked, lately = self.make_people(3)
        self.env["mail.blacklist"]._add(blocked.email)
        asked = self.Ask._hc_ask(self.rule, lately, occurrence="before")
        self.Ask._work()
        self.assertEqual(asked.state, "sending")
        wizard = self.invite(good | blocked | lately)
        self.assertEqual(wizard.count_asked, 1)
        self.assertIn("will be asked", wizard.preview)
        self.assertIn("asked not to be written to", wizard.preview)
        self.assertIn("asked lately", wizard.preview)
        wizard.action_ask()
        self.Ask._work()
        self.assertEqual(self.asks()[-1].partner_id, good)
        self.assertEqual(self.asks()[-1].state, "sending")
        wizard = self.invite(blocked)
        self.assertEqual(wizard.count_asked, 0)
        with self.assertRaises(UserError):
            wizard.action_ask()

    def test_by_hand_form(self):
        context = {"active_model": "res.partner", "active_ids": self.person.ids}
        with Form(
            self.env["hc.ask.invite"].with_user(self.seller_all).with_context(**context)
        ) as form:
            form.rule_id = self.rule
            self.assertEqual(form.count_asked, 1)

    def test_by_hand_segment(self):
        segment = self.env["hc.segment"].create(
            {"name": "Roses", "domain": "[('name', 'like', 'Rosa Testblum')]"}
        )
        segment._refresh()
        wizard = self.env["hc.ask.invite"].with_user(self.manager)
        wizard = wizard.with_context(active_model="hc.segment", active_ids=segment.ids).create(
            {"rule_id": self.rule.id}
        )
        self.assertEqual(wizard._people(), self.person)

    def test_by_hand_rights(self):
        with self.assertRaises(AccessError):
            self.invite(self.person, user=self.portal)
        stranger = self.invite(self.person, user=self.stranger)
        with self.assertRaises(AccessError):
            stranger.action_ask()

    # -- the host's invitations (trap 10) ---------------------------------------------------------------

    def host_invite(self, partners, emails=""):
        self.survey.access_mode = "token"
        wizard = self.env["survey.invite"].create(
            {
                "survey_id": self.survey.id,
                "partner_ids": [(6, 0, partners.ids)],
                "emails": emails,
                "template_id": self.env.ref("survey.mail_template_user_input_invite").id,
            }
        )
        with self.mock_mail_gateway():
            return wizard.action_invite()

    def test_host_invite(self):
        good, blocked, done = self.make_people(3)
        self.env["mail.blacklist"]._add(blocked.email)
        self.env["mail.blacklist"]._add("stranger@blocked.example")
        self.answer(9, partner=done)
        result = self.host_invite(
            good | blocked | done, "stranger@blocked.example\nnew@stranger.example"
        )
        message = result["params"]["message"]
        self.assertIn("3 were left out", message)
        self.assertIn(blocked.name, message)
        answers = self.survey.user_input_ids.filtered(lambda one: one.state == "new")
        self.assertEqual(answers.partner_id, good)
        self.assertEqual(len(answers), 2)
        ask = self.Ask.search([("user_input_id", "in", answers.ids)])
        self.assertEqual((ask.partner_id, ask.state, ask.metric), (good, "sent", "nps"))
        self.assertTrue(
            good.message_ids.filtered(lambda one: one.message_type == "email_outgoing"),
            "it stands on the contact",
        )
        with self.assertRaises(UserError):
            self.host_invite(good | blocked)

    def test_host_invite_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("survey.mail_template_user_input_invite")
        template.with_context(lang="fr_FR").subject = "Donnez votre avis"
        french, english = self.make_people(2)
        french.lang, english.lang = "fr_FR", "en_US"
        self.host_invite(french | english)
        subjects = {
            one: self.env["mail.mail"]
            .search([("model", "=", "res.partner"), ("res_id", "=", one.id)])
            .subject
            for one in (french, english)
        }
        self.assertEqual(subjects[french], "Donnez votre avis")
        self.assertIn("How was it?", subjects[english])

    def test_host_invite_without_a_metric(self):
        self.question.metric = False
        blocked = self.make_people(1)
        self.env["mail.blacklist"]._add(blocked.email)
        self.host_invite(blocked)
        self.assertFalse(
            self.Ask.search([("partner_id", "=", blocked.id)]), "the host's own business"
        )

    # -- a step of a plan -------------------------------------------------------------------------------

    def make_plan(self, lanes=("good", "bad", "none")):
        category = self.env["res.partner.category"]
        plan = self.env["hc.outreach.plan"].create(
            {"name": "Test plan", "user_id": self.manager.id}
        )
        Step = self.env["hc.outreach.step"]
        step = Step.create(
            {
                "version_id": plan.draft_version_id.id,
                "type": "survey",
                "name": "ask",
                "ask_rule_id": self.rule.id,
            }
        )
        for lane in lanes:
            Step.create(
                {
                    "version_id": plan.draft_version_id.id,
                    "type": "tag",
                    "category_id": category.create({"name": f"Lane {lane}"}).id,
                    "parent_id": step.id,
                    "lane": lane,
                }
            )
        plan._start()
        return plan

    def walk(self, **later):
        moment = fields.Datetime.now() + timedelta(seconds=1, **later)
        self.env["hc.outreach.delivery"].with_context(hc_outreach_now=moment)._work()

    def test_step(self):
        good, bad, silent, blocked = self.make_people(4)
        self.env["mail.blacklist"]._add(blocked.email)
        plan = self.make_plan()
        plan._enroll(good | bad | silent | blocked)
        self.walk()
        asks = {
            ask.partner_id: ask for ask in self.Ask.search([("delivery_id.plan_id", "=", plan.id)])
        }
        self.assertEqual(len(asks), 4)
        rows = self.env["hc.outreach.delivery"].search(
            [("plan_id", "=", plan.id), ("type", "=", "survey")]
        )
        self.assertEqual(set(rows.mapped("state")), {"due"})
        self.assertEqual(rows[0].reason, "The plan waits for their answer.")
        for ask in asks.values():
            ask.date_due = fields.Datetime.now()
        self.Ask._work()
        self.send_queued(self.Ask.browse(ask.id for ask in asks.values()))
        for partner, score in ((good, 10), (bad, 1)):
            answer = self.answer(score, partner=partner)
            asks[partner].user_input_id = answer
            asks[partner]._set_answered(answer)
        asks[silent].date_expire = fields.Datetime.now()
        self.env.flush_all()
        self.Ask._work_batch()
        self.walk()
        outcomes = {row.partner_id: (row.state, row.outcome) for row in rows}
        self.assertEqual(outcomes[good], ("done", "good"))
        self.assertEqual(outcomes[bad], ("done", "bad"))
        self.assertEqual(outcomes[silent], ("done", "none"))
        self.assertEqual(outcomes[blocked], ("skipped", "none"))
        self.walk()
        self.assertEqual(good.category_id.name, "Lane good")
        self.assertEqual(blocked.category_id.name, "Lane none")

    def test_step_left_the_plan(self):
        plan = self.make_plan()
        plan._enroll(self.person)
        self.walk()
        ask = self.Ask.search([("delivery_id.plan_id", "=", plan.id)])
        ask.date_due = fields.Datetime.now()
        plan.enrollment_ids._leave("by_hand")
        self.walk(days=1)
        self.Ask._work()
        self.assertEqual(ask.state, "skipped")

    def test_step_problems(self):
        plan = self.env["hc.outreach.plan"].create(
            {"name": "Test plan", "user_id": self.manager.id}
        )
        step = self.env["hc.outreach.step"].create(
            {"version_id": plan.draft_version_id.id, "type": "survey"}
        )
        self.assertIn("choose what to ask", step._step_problems()[0])
        step.ask_rule_id = self.rule
        self.assertFalse(step._step_problems())
        self.assertIn("Test rule", step._step_text())
        self.survey.active = False
        self.assertIn("closed", step._step_problems()[0])
        flow = plan.hc_get_flow()
        self.assertIn("survey", [kind["key"] for kind in flow["types"]])
