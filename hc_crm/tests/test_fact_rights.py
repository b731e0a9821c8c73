from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import format_date

from .common import HcCommon

SECRET = "Recovering from an operation"


@tagged("post_install", "-at_install")
class TestFactRights(HcCommon):
    """Who sees a sensitive fact: the customer's salesperson and administrators. Nobody else, no way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person.user_id = cls.salesman
        cls.plain, cls.sensitive = cls.env["hc.fact"].create(
            [
                {"partner_id": cls.person.id, "kind": "like", "text": "Green tea"},
                {
                    "partner_id": cls.person.id,
                    "kind": "avoid",
                    "text": SECRET,
                    "sensitivity": "sensitive",
                },
            ]
        )
        cls.env.flush_all()

    def _seen(self, user):
        """Return what ``user`` gets to see of the sensitive fact, way by way."""
        facts = self.env["hc.fact"].with_user(user).with_context(active_test=False)
        mine = [("partner_id", "=", self.person.id)]
        partner = self.person.with_user(user)
        self.env.invalidate_all()
        return {
            "search": self.sensitive.id in facts.search(mine).ids,
            "search by text": bool(facts.search([("text", "=", SECRET)])),
            "search_read": SECRET in str(facts.search_read(mine, ["text"])),
            "web_search_read": SECRET in str(facts.web_search_read(mine, {"text": {}})),
            "read_group": sum(
                count for _kind, count in facts._read_group(mine, ["kind"], ["__count"])
            )
            > 1,
            "web_read_group": SECRET in str(facts.web_read_group(mine, ["text"])),
            "name_search": bool(facts.name_search(SECRET)),
            "tab": SECRET in str(partner.hc_get_good_to_know()),
            "brief": SECRET in str(partner._hc_brief_facts().mapped("text")),
            "search_count": facts.search_count(mine) > 1,
        }

    def test_owner_and_manager_see_all(self):
        for user in (self.salesman, self.manager):
            with self.subTest(user=user.login):
                self.assertEqual(set(self._seen(user).values()), {True})
                self.assertEqual(self.sensitive.with_user(user).text, SECRET)

    def test_colleague_sees_only_the_plain_one(self):
        seen = self._seen(self.seller_all)
        self.assertEqual([way for way, found in seen.items() if found], [])
        self.assertEqual(self.plain.with_user(self.seller_all).text, "Green tea")

    def test_other_company_sees_none_of_ours(self):
        self.person.company_id = self.company
        self.env.flush_all()
        facts = self.env["hc.fact"].with_user(self.stranger)
        self.assertFalse(facts.search([("id", "in", (self.plain + self.sensitive).ids)]))
        for fact in self.plain + self.sensitive:
            with self.assertRaises(AccessError):
                fact.with_user(self.stranger).read(["text"])

    def test_tab(self):
        """The tab: what matters most first, each with its words, and nothing that has expired."""
        # two days apart: near midnight it is another day for some of the readers
        today = self.plain.date_learned
        self.plain.date_expiry = today
        self.env["hc.fact"].create(
            [
                {
                    "partner_id": self.person.id,
                    "text": "Gone",
                    "date_learned": today - timedelta(days=3),
                    "date_expiry": today - timedelta(days=2),
                },
                {"partner_id": self.person.id, "text": "Put away", "active": False},
                {"partner_id": self.contact.id, "text": "Somebody else's"},
                {
                    "partner_id": self.person.id,
                    "kind": "milestone",
                    "date": "1980-03-12",
                    "year_unknown": True,
                },
            ]
        )
        self.env["hc.partner.email"].create(
            {"partner_id": self.person.id, "email": "r@home.example", "label": "private"}
        )
        self.env.flush_all()
        shown = {}
        for user in (self.salesman, self.manager, self.seller_all):
            self.env.invalidate_all()
            shown[user] = self.person.with_user(user).hc_get_good_to_know()
            self.assertEqual(
                [(email["email"], email["label"]) for email in shown[user]["emails"]],
                [("r@home.example", "private")],
            )
        facts = shown[self.salesman]["facts"]
        self.assertEqual(
            [(fact["kind_label"], fact["text"], fact["is_sensitive"]) for fact in facts],
            [
                ("Please avoid", SECRET, True),
                ("Milestone", "Birthday", False),
                ("Likes", "Green tea", False),
            ],
        )
        self.assertEqual([fact["date_label"] for fact in facts], [False, "12 March", False])
        self.assertEqual(
            [fact["until"] for fact in facts], [False, False, format_date(self.env, today)]
        )
        self.assertEqual(facts[2]["purpose_label"], "To serve them well")
        self.assertEqual(facts[2]["source_label"], "They told us")
        self.assertEqual(shown[self.manager]["facts"], facts)
        self.assertEqual(shown[self.seller_all]["facts"], facts[1:])

    def test_tab_queries_do_not_grow(self):
        partner = self.person.with_user(self.salesman)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partner.hc_get_good_to_know()
            return self.env.cr.sql_log_count - before

        count()  # fills the caches
        few = count()
        self.env["hc.fact"].create(
            [{"partner_id": self.person.id, "text": f"Fact {n}"} for n in range(20)]
        )
        self.assertEqual(count(), few)

    def test_tab_of_another_company(self):
        self.person.company_id = self.company
        self.env.flush_all()
        with self.assertRaises(AccessError):
            self.person.with_user(self.stranger).hc_get_good_to_know()

    def test_export_and_read_by_hand(self):
        self.env.ref("base.group_allow_export").user_ids += self.seller_all
        both = (self.plain + self.sensitive).with_user(self.seller_all)
        for attempt in (
            lambda: both.export_data(["text"]),
            lambda: both.read(["text"]),
            lambda: both[1].text,
            lambda: both[1].display_name,
            lambda: both[1].write({"sensitivity": "normal"}),
            lambda: both[1].unlink(),
            lambda: both[1].copy(),
            lambda: both[1].action_send_greeting(),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                attempt()
        self.env.ref("base.group_allow_export").user_ids += self.salesman
        exported = self.sensitive.with_user(self.salesman).export_data(["text"])
        self.assertEqual(exported["datas"], [[SECRET]])

    def test_portal_and_public_have_no_access(self):
        for user in (self.portal, self.public):
            for model in ("hc.fact", "hc.partner.email"):
                with self.subTest(user=user.login, model=model):
                    records = self.env[model].with_user(user)
                    for attempt in (
                        lambda records=records: records.search([]),
                        lambda records=records: records.search_count([]),
                        lambda records=records: records.name_search(""),
                        lambda records=records: records.create({"partner_id": self.person.id}),
                    ):
                        with self.assertRaises(AccessError):
                            attempt()
        with self.assertRaises(AccessError):
            self.sensitive.with_user(self.portal).read(["text"])

    def test_owner_of_the_company_counts(self):
        self.company_customer.user_id = self.seller_all
        fact = self.env["hc.fact"].create(
            {
                "partner_id": self.contact.id,
                "kind": "avoid",
                "text": SECRET,
                "sensitivity": "sensitive",
            }
        )
        self.assertEqual(fact.with_user(self.seller_all).text, SECRET)
        with self.assertRaises(AccessError):
            fact.with_user(self.salesman).read(["text"])
        self.company_customer.user_id = self.salesman
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(fact.with_user(self.salesman).text, SECRET)
        with self.assertRaises(AccessError):
            fact.with_user(self.seller_all).read(["text"])

    def test_who_may_note_something_sensitive(self):
        vals = {
            "partner_id": self.person.id,
            "kind": "avoid",
            "text": "x",
            "sensitivity": "sensitive",
        }
        facts = self.env["hc.fact"]
        with self.assertRaisesRegex(ValidationError, "Sam Salesman"):
            facts.with_user(self.seller_all).create(vals)
        with self.assertRaisesRegex(ValidationError, "Sam Salesman"):
            self.plain.with_user(self.seller_all).sensitivity = "sensitive"
        self.assertTrue(facts.with_user(self.salesman).create(vals))
        self.assertTrue(facts.with_user(self.manager).create(vals))
        plain = facts.with_user(self.seller_all).create({**vals, "sensitivity": "normal"})
        plain.text = "y"
        self.assertEqual(plain.user_id, self.seller_all)

    def test_employee_without_the_app(self):
        """Somebody of the warehouse opens a contact: no error, and nothing of this."""
        employee = self.env["res.users"].create(
            {
                "name": "Wim Warehouse",
                "login": "hc_warehouse",
                "group_ids": [(6, 0, self.env.ref("base.group_user").ids)],
            }
        )
        partner = self.person.with_user(employee)
        view = partner.get_view(view_type="form")
        self.assertNotIn("hc_good_to_know", view["arch"])
        with self.assertRaises(AccessError):
            partner.read(["hc_other_email"])
        with self.assertRaises(AccessError):
            partner.search([("hc_other_email", "!=", False)])
        with self.assertRaises(AccessError):
            partner.hc_get_good_to_know()
        with self.assertRaises(AccessError):
            self.env["hc.fact"].with_user(employee).search([])

    def test_contacts_out_of_sight_stay_so(self):
        """No message, and no record, tells anything of a contact one may not read."""
        hidden = self.env["res.partner"].create(
            {
                "name": "Hidden Heidi",
                "email": "heidi@hidden.example",
                "company_id": self.other_company.id,
                "user_id": self.stranger.id,
            }
        )
        self.env["hc.fact"].create(
            {"partner_id": hidden.id, "kind": "milestone", "date": "1980-03-12"}
        )
        self.env["hc.partner.email"].create({"partner_id": hidden.id, "email": "h@home.example"})
        facts = self.env["hc.fact"].with_user(self.salesman)
        emails = self.env["hc.partner.email"].with_user(self.salesman)
        own_email = emails.create({"partner_id": self.person.id, "email": "r@home.example"})
        own_fact = self.plain.with_user(self.salesman)
        here = {"partner_id": hidden.id}
        for attempt in (
            lambda: facts.create({**here, "text": "x"}),
            lambda: facts.create({**here, "text": "x", "sensitivity": "sensitive"}),
            lambda: facts.create({**here, "kind": "milestone", "date": "1980-03-12"}),
            lambda: facts.with_context(default_partner_id=hidden.id).create({"text": "x"}),
            lambda: own_fact.write(here),
            lambda: emails.create({**here, "email": "heidi@hidden.example"}),
            lambda: emails.create({**here, "email": "h@home.example"}),
            lambda: own_email.write(here),
        ):
            with self.assertRaises(AccessError) as refused, self.cr.savepoint():
                attempt()
            self.assertNotIn("Heidi", str(refused.exception))
            self.assertNotIn("Otto", str(refused.exception))
        for value in (str(hidden.id), [hidden.id], True):
            with self.assertRaisesRegex(ValidationError, "Customer"), self.cr.savepoint():
                facts.create({"partner_id": value, "text": "x"})

    def test_hidden_birthday_is_not_told(self):
        day = {"partner_id": self.person.id, "kind": "milestone", "date": "1980-03-12"}
        facts = self.env["hc.fact"]
        hidden = facts.create({**day, "sensitivity": "sensitive"})
        self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            facts.with_user(self.salesman).create(day)
        other = facts.with_user(self.seller_all).create(day)
        self.env.flush_all()
        with self.assertRaisesRegex(Exception, "already"), self.cr.savepoint():
            facts.with_user(self.seller_all).create(day)
        with self.assertRaisesRegex(ValidationError, "already"), self.cr.savepoint():
            facts.with_user(self.salesman).create({**day, "sensitivity": "sensitive"})
        self.assertTrue((hidden + other).exists())

    def test_partners_tell_nothing_of_what_they_have(self):
        """Through a one2many the host would tell that there is something, record rules or not."""
        linked = [
            name
            for name, field in self.env["res.partner"]._fields.items()
            if field.type in ("one2many", "many2many")
            and field.comodel_name in ("hc.fact", "hc.partner.email")
        ]
        self.assertEqual(linked, [])

    def test_search_by_other_email(self):
        Partner = self.env["res.partner"]
        self.env["hc.partner.email"].create(
            [
                {"partner_id": self.person.id, "email": "r@home.example"},
                {"partner_id": self.contact.id, "email": "b@home.example"},
            ]
        )
        self.contact.company_id = self.company
        self.env.flush_all()
        both = [("id", "in", (self.person + self.contact + self.company_customer).ids)]
        for user, found in (
            (self.salesman, self.person + self.contact),
            (self.stranger, self.person),
        ):
            self.env.invalidate_all()
            Own = Partner.with_user(user)
            for domain in (
                [("hc_other_email", "ilike", "home.example")],
                [("hc_other_email", "in", ["r@home.example", "b@home.example"])],
                [("hc_other_email", "!=", False)],
            ):
                self.assertEqual(Own.search(both + domain), found.with_user(user).sorted())
        self.assertEqual(
            Partner.search([*both, ("hc_other_email", "=", False)]), self.company_customer
        )
        self.assertEqual(self.person.hc_other_email, "r@home.example")
        self.assertFalse(self.company_customer.hc_other_email)

    def test_who_comes_to_see_sensitive_facts_is_noted(self):
        def notes(partner):
            return partner.message_ids.filtered(lambda m: "sensitive fact" in (m.body or ""))

        self.person.with_user(self.seller_all).write({"name": "Rosa T."})
        self.person.with_user(self.seller_all).write({"user_id": self.salesman.id})
        self.assertFalse(notes(self.person))
        self.person.with_user(self.seller_all).write({"user_id": self.seller_all.id})
        self.assertIn("Ada Alldocs can now read 1 sensitive fact.", notes(self.person).body)
        self.assertNotIn(SECRET, notes(self.person).body)
        self.assertEqual(notes(self.person).author_id, self.seller_all.partner_id)
        # through the company as well
        self.company_customer.user_id = self.manager
        self.person.with_user(self.seller_all).write({"parent_id": self.company_customer.id})
        self.env.flush_all()
        self.assertIn("Mara Manager can now read", notes(self.person)[0].body)
        self.company_customer.with_user(self.salesman).write({"user_id": self.salesman.id})
        self.assertIn("Sam Salesman can now read", notes(self.person)[0].body)
