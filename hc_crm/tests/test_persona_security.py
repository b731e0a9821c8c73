from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import HcCommon

MODELS = (
    "hc.persona",
    "hc.persona.trait",
    "hc.persona.channel",
    "hc.persona.rule",
    "hc.persona.tag",
    "hc.persona.membership",
    "hc.research.note",
    "hc.research.insight",
)


@tagged("post_install", "-at_install")
class TestPersonaSecurity(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.persona = cls.env["hc.persona"].create(
            {
                "name": "Shared Sam",
                "trait_ids": [(0, 0, {"kind": "need", "name": "Peace"})],
                "rule_ids": [
                    (0, 0, {"name": "By name", "domain": "[('name', '=', 'Nobody At All')]"})
                ],
            }
        )
        cls.theirs = cls.env["hc.persona"].create(
            {"name": "Their Tina", "company_id": cls.other_company.id}
        )
        cls.their_partner = cls.env["res.partner"].create(
            {
                "name": "Their Customer",
                "company_id": cls.other_company.id,
                "persona_id": cls.theirs.id,
            }
        )
        cls.person.persona_id = cls.persona
        cls.outsider = new_test_user(cls.env, login="hc_outsider", groups="base.group_user")
        cls.note = (
            cls.env["hc.research.note"]
            .with_user(cls.salesman)
            .create(
                {
                    "name": "Private words",
                    "notes": "<p>Raw</p>",
                    "insight_ids": [
                        (0, 0, {"name": "Says so", "trait_id": cls.persona.trait_ids.id})
                    ],
                }
            )
        )

    def test_nothing_for_outsiders(self):
        for user in (self.portal, self.public, self.outsider):
            for model in MODELS:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_fields_of_the_partner(self):
        """Who has nothing to do with customers opens contacts as before, and sees no persona."""
        Partner = self.env["res.partner"].with_user(self.outsider)
        partner = Partner.browse(self.person.id)
        self.assertTrue(partner.read(["name"]))
        self.assertNotIn("persona_id", Partner.fields_get())
        self.assertNotIn("persona_id", Partner.get_view(view_type="form")["arch"])
        for attempt in (
            lambda: partner.read(["persona_id"]),
            lambda: Partner.search([("persona_id", "!=", False)]),
            lambda: Partner._read_group([], ["persona_id"], ["__count"]),
            lambda: Partner.search([], order="persona_reason"),
            lambda: partner.action_hc_persona_confirm(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_users_read_managers_write(self):
        for model in MODELS[:5]:
            Model = self.env[model].with_user(self.salesman)
            self.assertTrue(Model.has_access("read"), model)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(Model.has_access(operation), f"{model} {operation}")
        persona = self.persona.with_user(self.manager)
        persona.write(
            {"tagline": "Changed", "trait_ids": [(0, 0, {"kind": "do", "name": "Smile"})]}
        )
        with self.assertRaises(AccessError):
            self.persona.with_user(self.salesman).action_refresh()
        with self.assertRaises(AccessError):
            self.persona.with_user(self.salesman).active = False
        self.assertEqual(self.person.persona_id, self.persona, "nobody left by the failed attempt")

    def test_nobody_writes_memberships(self):
        line = self.person.persona_membership_ids
        for user in (self.salesman, self.manager):
            self.assertEqual(line.with_user(user).persona_id.name, "Shared Sam")
            own = line.with_user(user)
            with self.assertRaises(AccessError):
                own.write({"reason": "Because"})
            with self.assertRaises(AccessError):
                own.unlink()
            with self.assertRaises(AccessError):
                own.create({"partner_id": self.contact.id, "persona_id": self.persona.id})

    def test_choosing_needs_only_the_partner(self):
        self.contact.with_user(self.salesman).persona_id = self.persona
        self.assertEqual(self.contact.persona_id, self.persona)
        reader = new_test_user(
            self.env, login="hc_reader", groups="base.group_user,hc_crm.hc_crm_group_user"
        )
        self.assertFalse(self.env["res.partner"].with_user(reader).has_access("write"))
        self.assertEqual(self.contact.with_user(reader).persona_id, self.persona)
        with self.assertRaises(AccessError):
            self.contact.with_user(reader).persona_id = False
        with self.assertRaises(AccessError):
            self.contact.persona_membership_ids.with_user(reader).action_back_to_rules()

    def test_other_company(self):
        Persona = self.env["hc.persona"].with_user(self.salesman)
        self.assertFalse(Persona.search([("id", "=", self.theirs.id)]))
        with self.assertRaises(AccessError):
            Persona.browse(self.theirs.id).read(["name"])
        with self.assertRaises(AccessError):
            self.person.with_user(self.salesman).persona_id = self.theirs
        Membership = self.env["hc.persona.membership"]
        self.assertFalse(
            Membership.with_user(self.salesman).search([("partner_id", "=", self.their_partner.id)])
        )
        self.assertTrue(
            Membership.with_user(self.stranger).search([("partner_id", "=", self.their_partner.id)])
        )
        # not even a number
        self.assertEqual(self.theirs.with_user(self.stranger).customer_count, 1)
        self.their_partner.persona_id = self.persona
        self.assertEqual(self.persona.with_user(self.salesman).customer_count, 1)
        self.assertEqual(self.persona.with_user(self.stranger).customer_count, 2)
        groups = dict(
            self.env["res.partner"]
            .with_user(self.salesman)
            ._read_group([], ["persona_id"], ["__count"])
        )
        self.assertEqual(groups[self.persona], 1)

    def test_research_notes(self):
        note = self.note
        self.assertEqual(note.with_user(self.seller_all).notes, "<p>Raw</p>")
        for attempt in (
            lambda: note.with_user(self.seller_all).write({"notes": "Changed"}),
            lambda: note.with_user(self.seller_all).unlink(),
            lambda: note.insight_ids.with_user(self.seller_all).write({"stance": "contradicts"}),
            lambda: (
                self.env["hc.research.insight"]
                .with_user(self.seller_all)
                .create({"note_id": note.id, "name": "Slipped in", "persona_id": self.persona.id})
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()
        note.with_user(self.salesman).write({"notes": "Better"})
        note.interviewer_ids += self.seller_all
        note.with_user(self.seller_all).write({"location": "There"})
        note.with_user(self.manager).write({"location": "Here"})

    def test_research_of_another_company(self):
        stranger = self.stranger
        self.assertFalse(self.env["hc.research.note"].with_user(stranger).search([]))
        self.assertFalse(self.env["hc.research.insight"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.note.with_user(stranger).read(["name"])
        # evidence one may not read does not count either
        self.assertEqual(self.persona.with_user(stranger).foundation, "assumption")
        self.assertEqual(self.persona.with_user(self.salesman).foundation, "some")
        self.assertEqual(self.persona.trait_ids.with_user(stranger).support_count, 0)

    def test_a_rule_may_only_use_what_its_author_reads(self):
        with self.assertRaisesRegex(Exception, "Nosy"):
            self.env["hc.persona.rule"].with_user(self.manager).create(
                {
                    "persona_id": self.persona.id,
                    "name": "Nosy",
                    "domain": "[('signup_type', '=', 'reset')]",
                }
            )

    def test_a_rule_sees_no_more_than_its_author(self):
        """Who becomes a persona must not tell what the author of the rule cannot look up."""
        self.env["hc.persona"].search([]).active = False
        self.persona.active = True
        self.persona.rule_ids.unlink()
        self.person.persona_id = False
        self.env["hc.persona.membership"].search([]).unlink()
        self.env["hc.interaction"].with_user(self.stranger).create(
            {"partner_id": self.person.id, "summary": "Secret talk"}
        )
        theirs = self.their_partner
        theirs.email = "secret@their.example"
        asked = {
            "by what others noted": "[('hc_interaction_ids.summary', '=', 'Secret talk')]",
            "by who is hidden": "[('email', '=', 'secret@their.example')]",
        }
        for name, domain in asked.items():
            with self.subTest(name):
                rule = (
                    self.env["hc.persona.rule"]
                    .with_user(self.manager)
                    .create({"persona_id": self.persona.id, "name": name, "domain": domain})
                )
                self.assertEqual(rule.author_id, self.manager)
                params = self.persona.with_user(self.manager).action_refresh()["params"]
                self.assertEqual(params["message"], "0 entered, 0 left.")
                self.assertFalse((self.person + theirs).persona_id)
                # whose the condition is, is not for anybody to say
                rule.with_user(self.manager).write({"author_id": self.env.uid, "sequence": 3})
                self.assertEqual(rule.author_id, self.manager)
                # the author's own view decides, whoever presses the button
                rule.with_user(self.stranger).sudo().domain = domain
                self.assertEqual(rule.author_id, self.stranger)
                self.env["hc.persona.membership"].with_user(self.manager)._refresh()
                found = self.person if "noted" in name else theirs
                self.assertEqual((self.person + theirs).filtered("persona_id"), found)
                rule.unlink()
                self.env["hc.persona.membership"].search([]).unlink()
                self.env.invalidate_all()

    def test_refresh_counts_what_one_sees(self):
        self.env["hc.persona"].search([]).active = False
        self.persona.active = True
        self.persona.rule_ids.domain = f"[('id', 'in', {(self.contact + self.their_partner).ids})]"
        self.their_partner.persona_id = False
        self.env["hc.persona.membership"].search([]).unlink()
        params = self.persona.with_user(self.manager).action_refresh()["params"]
        self.assertEqual(self.their_partner.persona_id, self.persona)
        self.assertEqual(params["message"], "1 entered, 0 left.")
        broken = self.env["hc.persona.rule"].create(
            {"persona_id": self.theirs.id, "name": "Their sign", "domain": "[('ref', '=', 'x')]"}
        )
        self.theirs.active = True
        self.env.flush_all()
        self.cr.execute(
            "UPDATE hc_persona_rule SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        params = self.persona.with_user(self.manager).action_refresh()["params"]
        self.assertEqual(params["message"], "0 entered, 0 left.")
        self.assertNotIn("Their sign", str(params))

    def test_every_condition_of_a_rule_is_checked(self):
        """Also one that decides nothing now, deep in the domain, or along a path."""
        for domain in (
            "['&', (0, '=', 1), ('signup_type', '=', 'reset')]",
            "['|', ('name', '=', 'x'), '&', (0, '=', 1), ('signup_type', '=', 'reset')]",
            "[('child_ids.signup_type', '=', 'reset')]",
            "[('child_ids', 'any', ['&', (0, '=', 1), ('signup_type', '=', 'reset')])]",
        ):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(Exception, "Nosy"),
                self.cr.savepoint(),
            ):
                self.env["hc.persona.rule"].with_user(self.manager).create(
                    {"persona_id": self.persona.id, "name": "Nosy", "domain": domain}
                )

    def test_a_rule_of_nobody_is_left_out(self):
        self.persona.rule_ids.domain = f"[('id', '=', {self.contact.id})]"
        self.env.flush_all()
        self.cr.execute(
            "UPDATE hc_persona_rule SET author_id = NULL WHERE id = %s", self.persona.rule_ids.ids
        )
        self.env.invalidate_all()
        result = self.env["hc.persona.membership"]._refresh()
        self.assertIn(self.persona.rule_ids, result["skipped"])
        self.assertNotEqual(self.contact.persona_id, self.persona)

    def test_nobody_counts_what_is_hidden(self):
        """“Has any” and “is one of these” through lists of the host's: only what one may read."""
        hugo = self.env["hc.persona"].create({"name": "Hidden Hugo"})
        self.env["hc.persona.membership"].search([("partner_id", "=", self.person.id)]).unlink()
        self.person.persona_id = hugo
        line = self.person.persona_membership_ids
        self.env.flush_all()
        seen = self.env["res.partner"].with_user(self.salesman)
        person = [("id", "=", self.person.id)]
        self.assertTrue(seen.search([*person, ("persona_membership_ids", "!=", False)]))
        self.assertTrue(seen.search([*person, ("persona_membership_ids", "in", line.ids)]))
        self.assertFalse(seen.search([*person, ("persona_membership_ids", "=", False)]))
        # from now on only the other company sees the line
        self.cr.execute(
            "UPDATE hc_persona SET company_id = %s WHERE id = %s", [self.other_company.id, hugo.id]
        )
        self.env.invalidate_all()
        self.assertFalse(seen.search([*person, ("persona_membership_ids", "!=", False)]))
        self.assertFalse(seen.search([*person, ("persona_membership_ids", "in", line.ids)]))
        self.assertFalse(seen.search([*person, ("persona_membership_ids.id", "in", line.ids)]))
        self.assertTrue(seen.search([*person, ("persona_membership_ids", "=", False)]))
        # evidence and customers of a shared card
        insight = self.note.insight_ids
        self.their_partner.persona_id = self.persona
        theirs = self.their_partner.persona_membership_ids.filtered("is_current")
        for user, model, name, ids in (
            (self.stranger, "hc.persona", "insight_ids", insight.ids),
            (self.stranger, "hc.persona.trait", "insight_ids", insight.ids),
            (self.salesman, "hc.persona", "membership_ids", theirs.ids),
        ):
            Model = self.env[model].with_user(user)
            with self.subTest(model=model, name=name):
                self.assertTrue(self.env[model].search([(name, "in", ids)]))
                self.assertFalse(Model.search([(name, "in", ids)]))
                self.assertFalse(Model.search([(name + ".id", "in", ids)]))
        own = [("id", "=", self.persona.id)]
        Persona = self.env["hc.persona"]
        self.assertFalse(
            Persona.with_user(self.stranger).search([*own, ("insight_ids", "!=", False)])
        )
        self.assertTrue(
            Persona.with_user(self.salesman).search([*own, ("insight_ids", "!=", False)])
        )

    def test_links_only_to_what_one_reads(self):
        hidden_trait = self.env["hc.persona.trait"].create(
            {"persona_id": self.theirs.id, "kind": "need", "name": "Hidden need"}
        )
        their_note = (
            self.env["hc.research.note"].with_user(self.stranger).create({"name": "Their words"})
        )
        foreign = (
            self.env["hc.research.note"]
            .with_user(self.seller_all)
            .create({"name": "A colleague's"})
        )
        note = self.note.with_user(self.salesman)
        insight = note.insight_ids
        vals = {"note_id": note.id, "name": "x"}
        Insight, Note = insight.browse(), note.browse()
        people = [(4, self.their_partner.id)]
        for attempt in (
            lambda: Insight.create({**vals, "persona_id": self.theirs.id}),
            lambda: Insight.create({**vals, "trait_id": hidden_trait.id}),
            lambda: Insight.create(
                {**vals, "trait_id": hidden_trait.id, "persona_id": self.persona.id}
            ),
            lambda: Insight.with_context(default_persona_id=self.theirs.id).create(vals),
            lambda: insight.write({"persona_id": self.theirs.id, "trait_id": False}),
            lambda: insight.write({"trait_id": hidden_trait.id}),
            lambda: insight.write({"note_id": their_note.id}),
            lambda: insight.write({"note_id": foreign.id}),
            lambda: note.write(
                {"insight_ids": [(0, 0, {"name": "x", "persona_id": self.theirs.id})]}
            ),
            lambda: Note.create({"name": "x", "participant_ids": people}),
            lambda: note.write({"participant_ids": people}),
            lambda: note.write({"company_id": self.other_company.id}),
        ):
            with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                attempt()
            for secret in ("Tina", "Hidden need", "Their"):
                self.assertNotIn(secret, str(refused.exception))
        # who was named by somebody else may stay
        everything = self.note.sudo()
        everything.participant_ids = self.their_partner
        self.env.flush_all()
        note.write({"participant_ids": [(4, self.person.id)]})
        self.env.invalidate_all()
        self.assertEqual(set(everything.participant_ids), {self.their_partner, self.person})

    def test_lines_of_a_card_stay_with_their_company(self):
        lines = self.env["hc.persona.channel"].create(
            {"persona_id": self.persona.id, "channel_id": self.env["hc.channel"].search([])[0].id}
        )
        for line in (lines, self.persona.trait_ids, self.persona.rule_ids):
            with self.subTest(model=line._name), self.assertRaises(AccessError):
                line.with_user(self.manager).write({"persona_id": self.theirs.id})
            self.assertEqual(line.persona_id, self.persona)
