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
