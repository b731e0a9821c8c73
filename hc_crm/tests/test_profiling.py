from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .test_preference import TODAY, PreferenceCommon


class ProfilingCommon(PreferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.env["hc.insight.config"]._for_company(cls.company)
        cls.known_optouts = cls.env["hc.profiling.optout"].search([])

    def optouts(self, user=None):
        """Return the wishes of this test, not those of demo data."""
        Optout = self.env["hc.profiling.optout"].with_user(user or self.env.user)
        return Optout.search([("id", "not in", self.known_optouts.ids)])

    def profile(self, partner):
        """Give a customer one of everything that is worked out."""
        self.habits(partner)
        self.refresh()
        common = {
            "partner_id": partner.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
        }
        self.env["hc.customer.insight"].create(
            {**common, "computed_at": fields.Datetime.now(), "frequency": 3}
        )
        self.env["hc.customer.insight.history"].create({**common, "month": "2025-05-01"})
        self.persona = self.env["hc.persona"].create({"name": "Regulars"})
        self.env["hc.persona.rule"].create(
            {
                "name": "Is our customer",
                "persona_id": self.persona.id,
                "domain": f"[('id', '=', {partner.id})]",
            }
        )
        self.env["hc.persona.membership"]._refresh()
        self.assertEqual(partner.persona_id, self.persona)

    def traces(self, partner):
        """Return the models that hold something worked out about a contact."""
        models = [
            "hc.customer.insight",
            "hc.customer.insight.history",
            "hc.channel.score",
            "hc.persona.membership",
        ]
        return [
            model for model in models if self.env[model].search([("partner_id", "=", partner.id)])
        ]

    def signals(self):
        self.env["hc.insight.signals"]._collect(self.config, TODAY)
        self.env.cr.execute("SELECT partner_id, contact_count FROM hc_insight_signal")
        return dict(self.env.cr.fetchall())


@tagged("post_install", "-at_install")
class TestProfiling(ProfilingCommon):
    def test_opting_out_deletes_at_once(self):
        self.profile(self.person)
        self.assertEqual(len(self.traces(self.person)), 4)
        self.person.hc_profiling_optout = True
        self.assertEqual(self.traces(self.person), [])
        self.assertTrue(self.person.hc_profiling_optout)
        self.assertFalse(self.person.persona_id)
        self.assertFalse(self.person.hc_channel_id)
        self.assertFalse(self.persona.customer_count)

    def test_nothing_is_computed_again(self):
        self.profile(self.person)
        self.person.hc_profiling_optout = True
        self.refresh()
        self.refresh(self.person)
        self.env["hc.persona.membership"]._refresh()
        self.env["hc.persona.membership"]._refresh(self.person)
        self.assertEqual(self.traces(self.person), [])
        self.assertNotIn(self.person.id, self.signals())

    def test_taking_it_back(self):
        self.profile(self.person)
        self.person.hc_profiling_optout = True
        self.person.hc_profiling_optout = False
        self.assertFalse(self.optouts())
        self.refresh()
        self.env["hc.persona.membership"]._refresh()
        self.assertEqual(self.traces(self.person), ["hc.channel.score", "hc.persona.membership"])
        self.assertIn(self.person.id, self.signals())

    def test_what_people_wrote_stays(self):
        """A persona a colleague chose and a channel the customer named are no profiling."""
        persona = self.env["hc.persona"].create({"name": "Friends"})
        self.person.persona_id = persona
        self.env["hc.channel.preference"].create(
            {"partner_id": self.person.id, "channel_id": self.call.id}
        )
        self.habits()
        self.person.hc_profiling_optout = True
        self.assertEqual(self.person.persona_id, persona)
        self.assertEqual(self.person.hc_channel_id, self.call)
        self.assertEqual(len(self.person.hc_interaction_ids), 15)

    def test_contact_of_a_company(self):
        self.profile(self.company_customer)
        self.habits(self.contact)
        self.refresh()
        before = self.signals()[self.company_customer.id]
        self.contact.hc_profiling_optout = True
        self.assertEqual(self.traces(self.contact), [])
        self.assertIn("hc.customer.insight", self.traces(self.company_customer))
        self.refresh()
        self.assertEqual(
            self.counts(self.company_customer), {"email": (6, 5, 0), "call": (4, 0, 0)}
        )
        self.assertEqual(self.signals()[self.company_customer.id], before)

    def test_company(self):
        """The company's figures end; how its people like to be reached is theirs."""
        self.profile(self.company_customer)
        self.habits(self.contact)
        self.refresh()
        self.company_customer.hc_profiling_optout = True
        self.refresh()
        self.assertEqual(self.traces(self.company_customer), [])
        self.assertNotIn(self.company_customer.id, self.signals())
        self.assertEqual(self.contact.hc_channel_id, self.email)

    def test_reason_and_note(self):
        partner = self.person.with_user(self.salesman)
        partner.write({"hc_profiling_optout": True, "hc_profiling_reason": " By e-mail, 3 March "})
        optout = self.optouts()
        self.assertEqual(
            (optout.partner_id, optout.reason, optout.user_id),
            (self.person, "By e-mail, 3 March", self.salesman),
        )
        # of whom it was noted by: near midnight another day than here
        self.assertEqual(optout.date, fields.Date.context_today(partner))
        self.assertIn("Sam Salesman", partner.hc_profiling_note)
        message = self.person.message_ids[0]
        self.assertEqual(message.author_id, self.salesman.partner_id)
        # read by colleagues who may not read the reason
        self.assertIn("Profiling is off", message.body)
        self.assertNotIn("3 March", message.body)
        self.assertTrue(message.subtype_id.internal or not message.subtype_id)
        messages = len(self.person.message_ids)
        partner.hc_profiling_reason = "On the phone"
        self.assertEqual(optout.reason, "On the phone")
        self.assertEqual(optout.user_id, self.salesman)
        self.env.invalidate_all()
        self.assertEqual(len(self.person.message_ids), messages, "the wish is the same")
        partner.hc_profiling_optout = False
        self.env.invalidate_all()
        self.assertEqual(len(self.person.message_ids), messages + 1)

    def test_reason_is_text(self):
        self.person.write(
            {"hc_profiling_optout": True, "hc_profiling_reason": "<script>alert(1)</script>"}
        )
        self.assertNotIn("<script>", self.person.message_ids[0].body)

    def test_reason_without_optout_is_nothing(self):
        self.person.hc_profiling_reason = "Well"
        self.assertFalse(self.person.hc_profiling_optout)
        self.assertFalse(self.person.hc_profiling_reason)

    def test_too_long_a_reason(self):
        with self.assertRaisesRegex(ValidationError, "How We Know holds 301"):
            self.person.write({"hc_profiling_optout": True, "hc_profiling_reason": "x" * 301})

    def test_new_contacts_and_copies(self):
        partner = self.env["res.partner"].create({"name": "Shy", "hc_profiling_optout": True})
        self.assertTrue(partner.hc_profiling_optout)
        self.assertFalse(partner.copy().hc_profiling_optout)
        partner.unlink()
        self.assertFalse(self.optouts())

    def test_search(self):
        partners = self.person | self.contact
        self.person.hc_profiling_optout = True

        def found(*leaf):
            return self.env["res.partner"].search(
                [("id", "in", partners.ids), ("hc_profiling_optout", *leaf)]
            )

        self.assertEqual(found("=", True), self.person)
        self.assertEqual(found("=", False), self.contact)
        self.assertEqual(found("!=", True), self.contact)
        self.assertEqual(found("in", [True, False]), partners)
        self.assertFalse(found("in", []))

    def test_dialog(self):
        action = self.person.action_hc_profiling()
        with Form(self.person, view=action["views"][0][0]) as form:
            form.hc_profiling_optout = True
            form.hc_profiling_reason = "Told us at the counter"
        self.assertEqual(self.optouts().reason, "Told us at the counter")
        server = self.env.ref("hc_crm.hc_profiling_action_partner")
        result = server.with_context(
            active_model="res.partner", active_id=self.person.id, active_ids=self.person.ids
        ).run()
        self.assertEqual(result["res_id"], self.person.id)

    def test_many_at_once(self):
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(30)])
        few = self.env["res.partner"].create([{"name": f"Q{n}"} for n in range(2)])

        def queries(these):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            these.hc_profiling_optout = True
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.person.hc_profiling_optout = True  # warm up
        self.assertLessEqual(queries(partners), queries(few) + 3)
        self.assertEqual(len(self.optouts()), 33)

    def test_reading_many_takes_one_query(self):
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(30)])
        self.person.hc_profiling_optout = True
        self.env.flush_all()
        self.env.invalidate_all()
        self.person.mapped("hc_profiling_optout")  # warm up
        with self.assertQueryCount(__system__=2):
            partners.mapped("hc_profiling_optout")

    def test_take_back_from_the_list(self):
        self.person.hc_profiling_optout = True
        optout = self.optouts()
        self.assertEqual(optout.action_open_customer()["res_id"], self.person.id)
        optout.with_user(self.manager).action_take_back()
        self.assertFalse(self.person.hc_profiling_optout)

    def merge(self, *others):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.person.id, *(other.id for other in others)], self.person
        )
        self.env.invalidate_all()

    def test_merge_keeps_the_wish_of_either(self):
        self.profile(self.person)
        twins = self.env["res.partner"].create([{"name": "Rosa T."}, {"name": "R. Testblum"}])
        twins.hc_profiling_optout = True
        self.merge(*twins)
        optout = self.optouts()
        self.assertEqual(optout.partner_id, self.person)
        self.assertEqual(self.traces(self.person), [])

    def test_merge_keeps_the_wish_of_the_kept_one(self):
        twin = self.env["res.partner"].create({"name": "Rosa T."})
        self.person.write({"hc_profiling_optout": True, "hc_profiling_reason": "First"})
        twin.write({"hc_profiling_optout": True, "hc_profiling_reason": "Second"})
        self.merge(twin)
        self.assertEqual(self.optouts().reason, "First")

    def test_merge_without_a_wish(self):
        self.profile(self.person)
        twin = self.env["res.partner"].create({"name": "Rosa T."})
        self.merge(twin)
        self.assertFalse(self.person.hc_profiling_optout)
        self.assertIn("hc.customer.insight", self.traces(self.person))
