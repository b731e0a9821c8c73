from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.hc_crm.engine import persona as engine
from odoo.addons.hc_crm.models.persona.hc_persona_membership import REFRESH_LOCK

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestPersonaRules(HcCommon):
    """Who is which persona: by rule, by choice, why, and what a refresh changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only the personas of this test decide here
        cls.env["hc.persona"].search([]).active = False
        cls.Membership = cls.env["hc.persona.membership"]
        cls.tag = cls.env["res.partner.category"].create({"name": "Persona Test"})
        cls.persona, cls.rival = cls.env["hc.persona"].create(
            [
                {
                    "name": "Tess Tagged",
                    "sequence": 1,
                    "rule_ids": [
                        (0, 0, {"name": "Is tagged", "weight": 3, "domain": cls._tagged_domain()}),
                        (
                            0,
                            0,
                            {
                                "name": "Has a phone",
                                "weight": 1,
                                "domain": "[('phone', '!=', False)]",
                            },
                        ),
                    ],
                },
                {
                    "name": "Rita Rival",
                    "sequence": 2,
                    "rule_ids": [
                        (
                            0,
                            0,
                            {"name": "Has a phone number", "domain": "[('phone', '!=', False)]"},
                        ),
                        (0, 0, {"name": "Wears a hat", "domain": "[('ref', '=', 'hat')]"}),
                    ],
                },
            ]
        )

    @classmethod
    def _tagged_domain(cls):
        return f"[('category_id', 'in', {cls.tag.ids})]"

    def _current(self, partner):
        return partner.persona_membership_ids.filtered(lambda m: not m.date_left)

    def test_assigned_with_confidence_and_reason(self):
        self.person.category_id = self.tag
        result = self.Membership._refresh()
        self.assertEqual(self.person.persona_id, self.persona)
        self.assertEqual(self.person.persona_source, "rule")
        # Rosa has a phone: her persona matches fully, the rival by half
        self.assertAlmostEqual(self.person.persona_confidence, engine.confidence([1.0, 0.5]))
        self.assertEqual(self.person.persona_reason, "Is tagged; Has a phone")
        self.assertGreaterEqual(result["entered"], 1)
        self.assertFalse(result["skipped"])

    def test_sql_confidence_is_the_engines(self):
        """The formula lives in the engine and, for a million rows at once, in SQL: they must agree."""
        third = self.env["hc.persona"].create(
            {
                "name": "Theo Third",
                "min_match": 0.1,
                "rule_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Has an e-mail",
                            "weight": 0.3,
                            "domain": "[('email', '!=', False)]",
                        },
                    ),
                    (0, 0, {"name": "Never", "weight": 0.7, "domain": "[('ref', '=', 'never')]"}),
                ],
            }
        )
        self.company_customer.phone = False
        self.company_customer.category_id = self.tag
        self.Membership._refresh()
        # tagged 3 of 4, e-mail 0.3 of 1
        self.assertEqual(self.company_customer.persona_id, self.persona)
        self.assertAlmostEqual(
            self.company_customer.persona_confidence, engine.confidence([0.75, 0.3])
        )
        # only the e-mail
        self.contact.phone = False
        self.Membership._refresh()
        self.assertEqual(self.contact.persona_id, third)
        self.assertAlmostEqual(self.contact.persona_confidence, engine.confidence([0.3]))

    def test_minimum_share(self):
        """One of four is not enough; a half is, whatever floating point thinks of it."""
        self.person.phone = False
        self.Membership._refresh()
        self.assertFalse(self.person.persona_id)
        self.person.phone = "+32 2 555 01 01"
        self.Membership._refresh()
        self.assertEqual(self.person.persona_id, self.rival)
        self.rival.min_match = 0.51
        self.Membership._refresh()
        self.assertFalse(self.person.persona_id)

    def test_nothing_changes_nothing_is_written(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        line = self._current(self.person)
        again = self.Membership._refresh()
        self.assertEqual((again["entered"], again["left"], again["adjusted"]), (0, 0, 0))
        self.assertEqual(self._current(self.person), line)

    def test_entered_and_left(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        line = self._current(self.person)
        self.person.category_id = False
        result = self.Membership._refresh()
        self.assertEqual((result["entered"], result["left"]), (1, 1))
        self.assertTrue(line.date_left)
        self.assertTrue(line.left_reason)
        self.assertEqual(self.person.persona_id, self.rival)
        self.assertEqual(len(self.person.persona_membership_ids), 2)

    def test_reason_follows_without_leaving(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        line = self._current(self.person)
        self.person.phone = False
        result = self.Membership._refresh()
        # everybody else's line is untouched
        self.assertEqual((result["entered"], result["left"], result["adjusted"]), (0, 0, 1))
        self.assertEqual(self._current(self.person), line)
        self.assertEqual(line.reason, "Is tagged")
        self.assertAlmostEqual(line.confidence, 0.75)

    def test_person_wins_and_hands_back(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        self.person.with_user(self.salesman).persona_id = self.rival
        self.assertEqual(self.person.persona_source, "person")
        self.assertIn("Sam Salesman", self.person.persona_reason)
        self.Membership._refresh()
        self.assertEqual(
            self.person.persona_id, self.rival, "rules never overwrite a person's choice"
        )
        self.person.with_user(self.salesman).persona_id = False
        self.assertEqual(self.person.persona_id, self.persona, "cleared: the rules decide at once")
        self.assertEqual(self.person.persona_source, "rule")
        self.assertEqual(len(self._current(self.person)), 1)

    def test_clearing_a_rules_persona_keeps_it(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        line = self._current(self.person)
        self.person.persona_id = False
        self.assertEqual(self.person.persona_id, self.persona)
        self.assertEqual(self._current(self.person), line)

    def test_choose_in_the_dialog(self):
        partner = self.env["res.partner"].with_user(self.salesman).create({"name": "Walk-in"})
        with Form(partner, view="hc_crm.res_partner_view_form_persona_choose") as form:
            form.persona_id = self.rival
        self.assertEqual(partner.persona_id, self.rival)
        self.assertEqual(partner.persona_source, "person")
        self.assertFalse(partner.copy().persona_id, "a copy is somebody else")
        plain = Form(self.env["res.partner"].with_user(self.salesman))
        plain.name = "Nobody in Particular"
        self.assertFalse(plain.save().persona_membership_ids)

    def test_choose_for_many(self):
        partners = self.person + self.contact + self.company_customer
        partners.persona_id = self.rival
        self.assertEqual(partners.mapped("persona_source"), ["person"] * 3)
        (self.person + self.contact).persona_id = False
        self.assertEqual(self.company_customer.persona_id, self.rival)

    def test_contact_does_not_inherit(self):
        self.company_customer.persona_id = self.persona
        self.assertFalse(self.contact.persona_id)

    def test_who_is_left_alone(self):
        colleague = self.salesman.partner_id
        own_company = self.company.partner_id
        address = self.env["res.partner"].create(
            {"name": "Shed", "type": "delivery", "parent_id": self.company_customer.id}
        )
        archived = self.env["res.partner"].create({"name": "Gone", "active": False})
        (colleague + own_company + address + archived).category_id = self.tag
        self.Membership._refresh()
        for partner in colleague + own_company + address + archived:
            self.assertFalse(partner.persona_id, partner.name)

    def test_company_persona(self):
        self.persona.company_id = self.other_company
        theirs = self.env["res.partner"].create(
            {
                "name": "Theirs",
                "company_id": self.other_company.id,
                "category_id": [(4, self.tag.id)],
            }
        )
        self.person.category_id = self.tag
        self.Membership._refresh()
        self.assertEqual(theirs.persona_id, self.persona)
        self.assertNotEqual(self.person.persona_id, self.persona)
        with self.assertRaisesRegex(ValidationError, "belongs to Other Company"):
            self.person.persona_id = self.persona
        theirs.company_id = self.company
        self.assertFalse(theirs.persona_id, "moved away: the other company's persona stays behind")

    def test_archived_persona(self):
        self.person.persona_id = self.persona
        self.persona.active = False
        self.assertFalse(self.person.persona_id)
        self.assertEqual(self.person.persona_membership_ids.left_reason, "The persona was archived")
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.person.persona_id = self.persona

    def test_broken_domain_at_save(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('sale_order_ids.nothing', '=', 1)]",
            "[('name', 'resembles', 'x')]",
            "[('id', '=', 'abc')]",
            "[('create_date', '>', 'yesterday or so')]",
            "__import__('os').system('true')",
            "not a domain",
            "{'a': 1}",
        ):
            with self.subTest(domain=domain), self.assertRaisesRegex(ValidationError, "Bad one"):
                self.env["hc.persona.rule"].create(
                    {"persona_id": self.persona.id, "name": "Bad one", "domain": domain}
                )

    def test_empty_domain_and_bad_numbers(self):
        rule = {"persona_id": self.persona.id, "name": "All", "domain": "[('phone', '!=', False)]"}
        with self.assertRaisesRegex(ValidationError, "at least one condition"):
            self.env["hc.persona.rule"].create(dict(rule, domain="[]"))
        for model, vals in (
            (self.env["hc.persona.rule"], dict(rule, weight=0)),
            (self.env["hc.persona"], {"name": "X", "min_match": 0}),
            (self.env["hc.persona"], {"name": "X", "min_match": 1.5}),
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                model.create(vals).flush_recordset()

    def test_broken_at_refresh(self):
        """A field that went away with its module: the owner hears of it once, the rest is computed."""
        self.persona.user_id = self.manager
        rule = self.persona.rule_ids[1]
        self.env.flush_all()
        self.cr.execute(
            "UPDATE hc_persona_rule SET domain = %s WHERE id = %s",
            ["[('gone_with_its_module', '=', 1)]", rule.id],
        )
        rule.invalidate_recordset()
        self.person.category_id = self.tag
        for _night in range(2):
            result = self.Membership._refresh()
            self.assertEqual(result["skipped"], rule)
        self.assertEqual(self.person.persona_id, self.persona)
        # out of what is left, everything matches; the rival's phone counts half
        self.assertAlmostEqual(self.person.persona_confidence, engine.confidence([1.0, 0.5]))
        activity = self.persona.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Has a phone", activity.summary)

    def test_second_refresh_says_so(self):
        with db_connect(self.cr.dbname).cursor() as other:
            other.execute("SELECT pg_try_advisory_xact_lock(%s)", [REFRESH_LOCK])
            self.assertIsNone(self.Membership._refresh())
            params = self.persona.with_user(self.manager).action_refresh()["params"]
            self.assertEqual(params["type"], "warning")
            self.assertIn("right now", params["message"])
            self.Membership._cron_refresh()
        self.person.category_id = self.tag
        params = self.persona.with_user(self.manager).action_refresh()["params"]
        self.assertRegex(params["message"], r"\d+ entered, 0 left")
        self.assertEqual(self.person.persona_id, self.persona)

    def test_as_many_queries_for_many_customers(self):
        def refresh_of(count):
            self.env["res.partner"].create(
                [
                    {"name": f"Customer {number}", "category_id": [(4, self.tag.id)]}
                    for number in range(count)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            result = self.Membership._refresh()
            self.assertGreaterEqual(result["entered"], count)
            return self.cr.sql_log_count - before

        refresh_of(1)
        self.assertEqual(refresh_of(10), refresh_of(200))

    def test_read_in_one_query_for_many(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(50)])
        partners.persona_id = self.persona
        partners = partners.with_user(self.salesman)

        def queries_for(count):
            self.env.invalidate_all()
            some = partners[:count].with_prefetch()
            some.mapped("name")
            before = self.cr.sql_log_count
            self.assertEqual(len(some.filtered("persona_reason")), count)
            return self.cr.sql_log_count - before

        queries_for(1)
        self.assertEqual(queries_for(50), queries_for(5))
        self.assertLessEqual(queries_for(50), 3)

    def test_search(self):
        Partner = self.env["res.partner"].with_user(self.salesman)
        self.person.persona_id = self.persona
        self.contact.persona_id = self.rival
        nobody = self.company_customer
        three = [("id", "in", (self.person + self.contact + nobody).ids)]

        def found(*domain):
            return Partner.search([*three, *domain])

        self.assertEqual(found(("persona_id", "=", self.persona.id)), self.person)
        self.assertEqual(
            found(("persona_id", "in", [self.persona.id, False])), self.person + nobody
        )
        self.assertEqual(found(("persona_id", "=", False)), nobody)
        self.assertEqual(found(("persona_id", "!=", False)), self.person + self.contact)
        self.assertEqual(found(("persona_id", "!=", self.persona.id)), self.contact + nobody)
        self.assertEqual(found(("persona_id", "ilike", "tess")), self.person)
        self.assertEqual(found(("persona_id.name", "ilike", "rival")), self.contact)
        self.assertEqual(found(("persona_id", "any", [("name", "=", "Rita Rival")])), self.contact)
        self.assertEqual(found(("persona_source", "=", "person")), self.person + self.contact)
        self.assertEqual(found(("persona_source", "=", False)), nobody)
        self.assertEqual(found(("persona_confidence", ">=", 0.9)), self.person + self.contact)
        self.assertEqual(found(("persona_reason", "ilike", "chosen")), self.person + self.contact)
        self.assertEqual(
            Partner.search([*three, ("persona_id", "!=", False)], order="persona_id").ids,
            [self.person.id, self.contact.id],
        )

    def test_group_and_export(self):
        Partner = self.env["res.partner"].with_user(self.salesman)
        self.person.persona_id = self.persona
        self.contact.persona_id = self.rival
        three = [("id", "in", (self.person + self.contact + self.company_customer).ids)]
        groups = {
            persona.name: count
            for persona, count in Partner._read_group(three, ["persona_id"], ["__count"])
        }
        self.assertEqual(groups, {"Tess Tagged": 1, "Rita Rival": 1, False: 1})
        web = Partner.web_read_group(three, ["persona_id"], ["__count"])["groups"]
        self.assertEqual(len(web), 3)
        # each group opens to the people it counted
        for group in web:
            self.assertEqual(
                Partner.search_count([*three, *group["__extra_domain"]]), group["__count"]
            )
        rows = (self.person + self.contact).export_data(["name", "persona_id", "persona_source"])[
            "datas"
        ]
        self.assertEqual(rows[0][1:], ["Tess Tagged", "A Person"])
        description = Partner.fields_get(["persona_id"], ["groupable", "searchable", "sortable"])
        self.assertTrue(all(description["persona_id"].values()))

    def test_why(self):
        self.person.category_id = self.tag
        self.Membership._refresh()
        person = self.person.with_user(self.salesman)
        action = person.action_hc_persona_why()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", person.id))
        with Form(person, view=self.env["ir.ui.view"].browse(action["views"][0][0])) as dialog:
            self.assertEqual(dialog.persona_reason, "Is tagged; Has a phone")
        person.action_hc_persona_confirm()
        self.assertEqual(self.person.persona_source, "person")
        self._current(self.person).with_user(self.salesman).action_back_to_rules()
        self.assertEqual(self.person.persona_source, "rule")

    def test_share_of_customers(self):
        self.Membership.search([("date_left", "=", False)])._close("Clean")
        (self.person + self.contact + self.company_customer).persona_id = self.persona
        self.env["res.partner"].create({"name": "Other", "persona_id": self.rival.id})
        self.assertEqual(self.persona.customer_count, 3)
        self.assertAlmostEqual(self.persona.customer_share, 0.75)
        action = self.persona.action_open_customers()
        self.assertEqual(self.env["res.partner"].search_count(action["domain"]), 3)

    def test_merged_customers_keep_one_persona(self):
        self.person.persona_id = self.persona
        self.contact.persona_id = self.rival
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        duplicate = self.env["res.partner"].create(
            {"name": "Rosa B.", "category_id": [(4, self.tag.id)]}
        )
        self.Membership._refresh()
        self.assertEqual(duplicate.persona_source, "rule")
        wizard._merge((self.person + self.contact + duplicate).ids, self.person)
        self.env.invalidate_all()
        self.assertEqual(len(self._current(self.person)), 1)
        self.assertEqual(self.person.persona_id, self.persona)
        self.assertEqual(self.person.persona_source, "person")
        self.assertEqual(len(self.person.persona_membership_ids), 3, "history moves along")


@tagged("post_install", "-at_install")
class TestPersonaTemplates(HcCommon):
    """The personas that come with the addon work as they are."""

    def test_brenda(self):
        brenda = self.env.ref("hc_crm.hc_persona_brenda")
        self.assertEqual(brenda.name, "Busy Professional Brenda")
        self.assertTrue(brenda.active and brenda.image_1920 and brenda.quote)
        for section in ("motivation", "goal", "pain", "feeling", "aspiration", "do", "dont"):
            self.assertTrue(brenda[f"{section}_ids"], section)
        self.assertEqual(brenda.channel_ids.channel_id.mapped("key")[0], "email")
        # the demo data has asked already
        brenda.insight_ids.unlink()
        self.assertEqual(
            brenda.foundation, "assumption", "a template is a guess until somebody asks"
        )

    def test_rules_of_all_templates(self):
        templates = self.env["hc.persona"].browse(
            self.env["ir.model.data"]
            .search([("module", "=", "hc_crm"), ("model", "=", "hc.persona")])
            .mapped("res_id")
        )
        self.assertGreaterEqual(len(templates), 5)
        for persona in templates:
            self.assertTrue(persona.rule_ids, persona.name)
        self.contact.function = "Project lead"
        result = self.env["hc.persona.membership"]._refresh()
        self.assertFalse(result["skipped"])
        self.assertEqual(self.contact.persona_id, self.env.ref("hc_crm.hc_persona_brenda"))
        self.company_customer.vat = False
        self.assertEqual(self.company_customer.persona_id, self.env.ref("hc_crm.hc_persona_bianca"))
