# ruff: noqa: B023 (each lambda is called in the turn of the loop that made it)
import json
from contextlib import contextmanager, suppress
from types import SimpleNamespace

from odoo import Command
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_timeline import TimelineCommon, mark

EMPLOYEES = {"salesman", "seller_all", "manager", "stranger", "auditor"}
OUTSIDERS = {"portal", "public"}
ALL_DOCUMENTS = {"seller_all", "auditor"}
APPS = {"auditor"}
NOBODY = set()

# Who sees that the entry is there, and who sees what it says. The organizer of the private meeting is
# seller_all; the salesperson in charge of the customer too.
MATRIX = {
    "partner_mail": (EMPLOYEES, EMPLOYEES),
    "partner_note": (EMPLOYEES, EMPLOYEES),
    "own_order": ({"salesman"} | ALL_DOCUMENTS, {"salesman"} | ALL_DOCUMENTS),
    "own_order_mail": ({"salesman"} | ALL_DOCUMENTS, {"salesman"} | ALL_DOCUMENTS),
    "order": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "order_mail": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "order_note": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "lead": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "lead_mail": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "meeting": (EMPLOYEES, EMPLOYEES),
    "meeting_mail": (EMPLOYEES, EMPLOYEES),
    "private_meeting": (EMPLOYEES, {"seller_all"}),
    "private_place": (NOBODY, {"seller_all"}),
    "private_mail": ({"seller_all"}, {"seller_all"}),
    "private_by_default": (EMPLOYEES, {"manager"}),
    "interaction": (EMPLOYEES - {"stranger"}, EMPLOYEES - {"stranger"}),
    "presence": (EMPLOYEES - {"stranger"}, EMPLOYEES - {"stranger"}),
    "other_interaction": ({"stranger"}, {"stranger"}),
    "other_order": ({"stranger"}, {"stranger"}),
    "other_order_mail": ({"stranger"}, {"stranger"}),
    "invoice": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "invoice_mail": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "livechat": (APPS, APPS),
    "answer": (APPS, APPS),
    "rating": (ALL_DOCUMENTS, ALL_DOCUMENTS),
    "own_rating": ({"salesman"} | ALL_DOCUMENTS, {"salesman"} | ALL_DOCUMENTS),
    "mailing": (APPS, APPS),
    "registration": (APPS, APPS),
}
# What only the brief may tell.
IN_BRIEF = {
    "sensitive_fact": {"seller_all", "manager"},
    "late_promise": EMPLOYEES - {"stranger"},
}
ROLES = sorted(EMPLOYEES | OUTSIDERS)


class RightsWorld(TimelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        person, company = cls.person, cls.company
        cls.matrix = dict(MATRIX)
        person.user_id = cls.seller_all
        cls.post("partner_mail", person)
        cls.post("partner_note", person, author=cls.seller_all.partner_id, internal=True)
        own_order = cls.make_order("own_order", user=cls.salesman, company_id=company.id)
        cls.post("own_order_mail", own_order)
        order = cls.make_order("order", company_id=company.id)
        cls.post("order_mail", order)
        cls.post("order_note", order, author=cls.seller_all.partner_id, internal=True)
        lead = cls.make_lead("lead", company_id=company.id)
        cls.post("lead_mail", lead)
        meeting = cls.make_meeting("meeting")
        cls.post("meeting_mail", meeting)
        place = mark("private_place")
        private = cls.make_meeting("private_meeting", privacy="private", location=place)
        cls.keep("private_place", private, place)
        cls.post("private_mail", private)
        cls.env["res.users.settings"]._find_or_create_for_user(cls.manager).sudo().write(
            {"calendar_default_privacy": "private"}
        )
        cls.make_meeting("private_by_default", user=cls.manager)
        cls.make_interaction("interaction", company_id=company.id)
        cls.make_interaction(
            "presence",
            partner=cls.contact,
            participant_ids=[Command.set(person.ids)],
            company_id=company.id,
        )
        cls.make_interaction(
            "other_interaction", user_id=cls.stranger.id, company_id=cls.other_company.id
        )
        other_order = cls.make_order(
            "other_order", user=cls.stranger, company_id=cls.other_company.id, pricelist_id=False
        )
        cls.post("other_order_mail", other_order)
        if cls.has("account"):
            invoice = cls.make_invoice("invoice")
            cls.post("invoice_mail", invoice)
        if cls.has("livechat"):
            cls.make_livechat("livechat")
        if cls.has("survey"):
            cls.make_answer("answer")
        # where ratings become feedback, they are told and kept by that: it has rights tests of its own
        if cls.has("rating") and "hc.feedback" not in cls.env:
            cls.make_rating("rating", order)
            cls.make_rating("own_rating", own_order)
        if cls.has("mailing"):
            cls.make_mailing("mailing")
        if cls.has("event"):
            cls.make_registration("registration")

        text = mark("sensitive_fact")
        cls.keep(
            "sensitive_fact",
            cls.env["hc.fact"].create(
                {
                    "partner_id": person.id,
                    "kind": "access",
                    "text": text,
                    "sensitivity": "sensitive",
                }
            ),
            text,
        )
        text = mark("late_promise")
        cls.keep(
            "late_promise",
            cls.env["hc.promise"].create(
                {
                    "partner_id": person.id,
                    "summary": text,
                    "date_due": cls.days_ago(40).date(),
                    "user_id": cls.seller_all.id,
                    "company_id": company.id,
                }
            ),
            text,
        )
        cls.domain = [("partner_id", "=", person.id)]
        cls.period = [("date", ">=", "-90d"), ("date", "<=", "+1d")]
        cls.env.flush_all()

        if cls.has("event"):
            # Some bridges let salespeople see registrations; whom, the host says.
            readers = {
                role
                for role in EMPLOYEES
                if getattr(cls, role).has_group("event.group_event_registration_desk")
            }
            cls.matrix["registration"] = (readers - {"stranger"}, readers - {"stranger"})

    def user(self, role):
        return getattr(self, role)

    def cells(self):
        """Yield (item, role, sees the entry, sees the words) for everything that is installed."""
        for name, (row, text) in self.matrix.items():
            if name not in self.records:
                continue
            for role in ROLES:
                yield name, role, role in row, role in text

    @contextmanager
    def assert_refused(self, *kinds):
        """Expect one of several errors (Odoo's own ``assertRaises`` takes one kind only)."""
        caught = SimpleNamespace(exception=None)
        try:
            with self.env.cr.savepoint():
                yield caught
        except kinds or (AccessError, MissingError, UserError) as error:  # noqa: B030
            caught.exception = error
        else:
            self.fail("it was not refused")

    def key(self, name):
        record = self.records[name]
        return record._name, record.id

    def all_ids(self):
        """Return ``{(model, id): timeline id}`` of everything that anybody sees of the customer."""
        found = {}
        for role in EMPLOYEES:
            for entry in self.timeline(self.user(role)).search(self.domain):
                found[entry.res_model, entry.res_id] = entry.id
        return found

    def assert_words(self, answer, role, allowed=None, complete=True):
        """Check that the answer holds the words ``role`` may see (if ``complete``) and no others."""
        text = json.dumps(answer, default=str)
        for name, cell_role, _row, sees in self.cells():
            if cell_role != role:
                continue
            if not sees:
                self.assertNotIn(self.marks[name], text, f"{role} gets to read {name}")
            # The place is a note of the meeting, which not every way shows.
            elif complete and name != "private_place":
                self.assertIn(self.marks[name], text, f"{role} misses {name}")
        for name, roles in IN_BRIEF.items():
            if role not in roles:
                self.assertNotIn(self.marks[name], text, f"{role} gets to read {name}")


@tagged("post_install", "-at_install")
class TestRightsMatrix(RightsWorld):
    """What each kind of person may see of a customer, through every way there is, both ways round."""

    def test_entries(self):
        """The entry is there, or it is not: in searches, in counts, in groups, by its number."""
        ids = self.all_ids()
        for role in EMPLOYEES:
            timeline = self.timeline(self.user(role))
            found = timeline.search(self.domain)
            rows = {(entry.res_model, entry.res_id) for entry in found}
            period = {(e.res_model, e.res_id) for e in timeline.search(self.period)}
            page = timeline.hc_get_page(self.person.id, {"limit": 200})
            shown = {(entry["res_model"], entry["res_id"]) for entry in page["entries"]}
            for name, cell_role, sees, _text in self.cells():
                if cell_role != role or name == "private_place":
                    continue
                with self.subTest(role=role, item=name):
                    key = self.key(name)
                    self.assertEqual(key in rows, sees)
                    self.assertEqual(key in shown, sees)
                    self.assertEqual(key in period, sees)
                    number = ids[key]
                    entry = timeline.browse(number)
                    self.assertEqual(bool(entry.exists()), sees)
                    self.assertEqual(bool(timeline.search([("id", "=", number)])), sees)
                    self.assertEqual(timeline.search_count([("id", "in", [number, 5])]), int(sees))
                    self.assertEqual(
                        sum(
                            n
                            for (n,) in timeline._read_group([("id", "=", number)], [], ["__count"])
                        ),
                        int(sees),
                    )
                    if not sees:
                        self.env.invalidate_all()
                        self.assertEqual(entry.read(["title", "date", "partner_id"]), [])
                        self.assertEqual(entry.web_read({"title": {}, "text": {}}), [])
                        for ask in (
                            lambda entry=entry: entry.display_name,
                            lambda entry=entry: entry.date,
                            lambda entry=entry: entry.title,
                            lambda entry=entry: entry.action_open(),
                        ):
                            self.env.invalidate_all()
                            with self.assert_refused():
                                ask()
            self.assertEqual(timeline.search_count(self.domain), len(found))
            self.assertEqual(
                timeline.web_search_read(self.domain, {"id": {}})["length"], len(found)
            )
            self.assertEqual(len(page["entries"]), len(found))
            for spec in ("channel", "source", "user_id", "author_id", "date:month", "partner_id"):
                with self.subTest(role=role, spec=spec):
                    groups = timeline._read_group(self.domain, [spec], ["__count"])
                    self.assertEqual(sum(count for *_key, count in groups), len(found))
                    groups = timeline.formatted_read_group(self.domain, [spec], ["__count"])
                    self.assertEqual(sum(group["__count"] for group in groups), len(found))

    def test_every_row_is_readable_in_the_host(self):
        """Not only what the table names: no row at all whose record the host would refuse."""
        for role in EMPLOYEES:
            user = self.user(role)
            for domain in (self.domain, self.period):
                by_model = {}
                for entry in self.timeline(user).search(domain):
                    by_model.setdefault(entry.res_model, set()).add(entry.res_id)
                for model, ids in by_model.items():
                    with self.subTest(role=role, model=model):
                        records = self.env[model].with_user(user).browse(ids)
                        self.assertEqual(records._filtered_access("read"), records)

    def test_words(self):
        """What entries say, through everything that returns text."""
        ids = list(self.all_ids().values())
        fields = [
            "title",
            "text",
            "note",
            "display_name",
            "partner_id",
            "user_id",
            "author_id",
            "date",
        ]
        spec = {name: {} for name in fields}
        spec["partner_id"] = spec["user_id"] = spec["author_id"] = {"fields": {"display_name": {}}}
        for role in EMPLOYEES:
            timeline = self.timeline(self.user(role))
            partner = self.person.with_user(self.user(role))
            ways = {
                "page": lambda: timeline.hc_get_page(self.person.id, {"limit": 200}),
                "search_read": lambda: timeline.search_read(self.domain, fields),
                "web_search_read": lambda: timeline.web_search_read(self.domain, spec),
                "web_search_read over a period": lambda: timeline.web_search_read(self.period, spec, limit=5000),
                "read by number": lambda: timeline.browse(ids).exists().read(fields),
                "web_read by number": lambda: timeline.browse(ids).exists().web_read(spec),
                "forbidden numbers too": lambda: timeline.browse(ids).read(fields),
                "web_read_group": lambda: timeline.web_read_group(
                    self.domain, ["channel"], unfold_read_specification=spec, auto_unfold=True, limit=200,
                    unfold_read_default_limit=200,
                ),
            }  # fmt: skip
            for way, ask in ways.items():
                with self.subTest(role=role, way=way):
                    self.env.invalidate_all()
                    self.assert_words(ask(), role, complete=way != "web_read_group")
            with self.subTest(role=role, way="less than all"):
                for ask in (
                    lambda: timeline.hc_get_options(self.person.id),
                    lambda: timeline.formatted_read_group(
                        self.domain, ["res_model", "user_id"], ["__count"]
                    ),
                    lambda: timeline.fields_get(),
                    lambda: timeline.hc_get_page(self.person.id, {"people_only": True, "limit": 3}),
                    lambda: partner.hc_get_brief(),
                    lambda: partner.hc_get_brief("sale.order", self.records["order"].id),
                ):
                    self.env.invalidate_all()
                    self.assert_words(ask(), role, complete=False)
        self.auditor.group_ids += self.env.ref("base.group_allow_export")
        for role in EMPLOYEES:
            self.user(role).group_ids += self.env.ref("base.group_allow_export")
            with self.subTest(role=role, way="export"):
                timeline = self.timeline(self.user(role))
                names = ["id", "date", "title", "text", "note", "partner_id/name", "user_id/name"]
                self.assert_words(timeline.search(self.domain).export_data(names[1:]), role)
                self.env.invalidate_all()
                with suppress(AccessError, MissingError):
                    answer = timeline.browse(ids).export_data(names[1:])
                    self.assert_words(answer, role, complete=False)

    def test_searching_for_words_tells_nothing(self):
        timelines = {role: self.timeline(self.user(role)) for role in EMPLOYEES}
        for name, role, _row, sees in self.cells():
            if role not in EMPLOYEES:
                continue
            words, timeline = self.marks[name], timelines[role]
            with self.subTest(item=name, role=role):
                if sees:
                    if name != "private_by_default":
                        self.assertTrue(
                            timeline.hc_get_page(self.person.id, {"text": words})["entries"]
                        )
                    continue
                self.assertEqual(
                    timeline.hc_get_page(self.person.id, {"text": words}),
                    {"entries": [], "next": False, "has_future": False},
                )
                for part, domain in (
                    (words, self.domain),
                    (words[5:-5].upper(), self.domain),
                    (words, self.period),
                ):
                    domain = [*domain, ("text", "ilike", part)]
                    self.assertFalse(timeline.search(domain, limit=5))
                    self.assertEqual(timeline.search_count(domain), 0)
                    self.assertFalse(timeline._read_group(domain, ["channel"], ["__count"]))

    def test_name_search(self):
        for name, role, _row, sees in self.cells():
            if role not in EMPLOYEES or sees:
                continue
            timeline = self.timeline(self.user(role))
            self.assertEqual(timeline.name_search(self.marks[name], self.domain), [])
            with self.assert_refused(UserError):
                timeline.name_search(self.marks[name])
        found = self.timeline(self.seller_all).name_search(self.marks["order"], self.domain)
        self.assertIn(self.marks["order"], [name for _id, name in found])

    def test_options_are_of_what_is_seen(self):
        for role in EMPLOYEES:
            with self.subTest(role=role):
                timeline = self.timeline(self.user(role))
                options = timeline.hc_get_options(self.person.id)
                found = timeline.search(self.domain)
                self.assertEqual(
                    {c["key"] for c in options["channels"]}, set(found.mapped("channel"))
                )
                people = found.user_id | found.author_id.sudo().user_ids
                self.assertLessEqual({u["id"] for u in options["users"]}, set(people.ids))
                self.assertEqual(
                    options["first_date"], min(found.mapped("date")).strftime("%Y-%m-%d %H:%M:%S")
                )
                for channel in ("chat", "survey", "rating", "invoice", "mailing", "event", "order"):
                    page = timeline.hc_get_page(self.person.id, {"channels": [channel]})
                    self.assertEqual(bool(page["entries"]), channel in found.mapped("channel"))

    def test_outsiders(self):
        """Portal and public users: an error for whatever they ask, and no word in it."""
        ids = list(self.all_ids().values())
        for role in OUTSIDERS:
            timeline = self.timeline(self.user(role))
            partner = self.person.with_user(self.user(role))
            for way, ask in {
                "search": lambda: timeline.search(self.domain),
                "count": lambda: timeline.search_count(self.domain),
                "period": lambda: timeline.search(self.period),
                "read": lambda: timeline.browse(ids).read(["title"]),
                "web_search_read": lambda: timeline.web_search_read(self.domain, {"title": {}}),
                "read_group": lambda: timeline._read_group(self.domain, ["channel"], ["__count"]),
                "formatted": lambda: timeline.formatted_read_group(
                    self.domain, ["channel"], ["__count"]
                ),
                "export": lambda: timeline.browse(ids).export_data(["title"]),
                "name_search": lambda: timeline.name_search("a", self.domain),
                "page": lambda: timeline.hc_get_page(self.person.id, {}),
                "options": lambda: timeline.hc_get_options(self.person.id),
                "own page": lambda: timeline.hc_get_page(self.user(role).partner_id.id, {}),
                "open": lambda: timeline.browse(ids[0]).action_open(),
                "brief": lambda: partner.hc_get_brief(),
                "own brief": lambda: (
                    self.user(role).partner_id.with_user(self.user(role)).hc_get_brief()
                ),
            }.items():
                with self.subTest(role=role, way=way):
                    self.env.invalidate_all()
                    with self.assert_refused() as error:
                        ask()
                    self.assert_words(str(error.exception), role, complete=False)
                    self.assertNotIn("Rosa", str(error.exception))

    def test_brief(self):
        for role in EMPLOYEES:
            self.env.invalidate_all()
            brief = self.person.with_user(self.user(role)).hc_get_brief()
            for name, roles in IN_BRIEF.items():
                with self.subTest(role=role, item=name):
                    told = self.marks[name] in json.dumps(brief)
                    self.assertEqual(told, role in roles)
            with self.subTest(role=role):
                self.assertEqual(brief["promises"]["late"], int(role in IN_BRIEF["late_promise"]))

    def test_last_contact_is_one_the_reader_sees(self):
        # A chat's date is the day it was made, which is now; whoever may see it would see it as the latest.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE discuss_channel SET create_date = create_date - interval '1 day'"
        )
        self.post("latest", self.records["order"], days=0)
        for role in EMPLOYEES:
            with self.subTest(role=role):
                self.env.invalidate_all()
                brief = self.person.with_user(self.user(role)).hc_get_brief()
                last = brief["last_contact"]
                record = (
                    self.env[last["res_model"]].with_user(self.user(role)).browse(last["res_id"])
                )
                self.assertTrue(record.has_access("read"))
                self.assertEqual(
                    (last["res_model"], last["res_id"]) == self.key("order"), role in ALL_DOCUMENTS
                )

    def test_busy(self):
        """A private meeting of others: when, but not what, where, with whom."""
        key = self.key("private_meeting")
        for role in EMPLOYEES:
            page = self.page(self.user(role), limit=200)
            (entry,) = [e for e in page["entries"] if (e["res_model"], e["res_id"]) == key]
            with self.subTest(role=role):
                mine = role == "seller_all"
                self.assertEqual(entry["is_busy"], not mine)
                self.assertEqual(entry["can_open"], mine)
                if not mine:
                    self.assertEqual((entry["title"], entry["note"]), ("Busy", ""))
                    self.assertFalse(entry["user"])
        # Someone invited is let in.
        self.records["private_meeting"].partner_ids += self.salesman.partner_id
        entry = self.entry(self.records["private_meeting"], user=self.salesman)
        self.assertEqual(entry["title"], self.marks["private_meeting"])

    def test_other_companys_customer(self):
        hidden = self.env["res.partner"].create(
            {
                "name": mark("hidden"),
                "company_id": self.other_company.id,
                "email": "h@hidden.example",
            }
        )
        # A document of ours on a customer of theirs: it happens with wrong imports.
        interaction = self.make_interaction("odd", company_id=self.company.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_interaction SET partner_id = %s, commercial_partner_id = %s WHERE id = %s",
            [hidden.id, hidden.id, interaction.id],
        )
        self.post("hidden_mail", hidden)
        theirs = self.timeline(self.stranger).search([("partner_id", "=", hidden.id)])
        self.assertTrue(theirs)
        number = (interaction.id << 8) + 1
        for role in ("salesman", "seller_all", "manager", "auditor"):
            timeline = self.timeline(self.user(role))
            for domain in (
                [("partner_id", "=", hidden.id)],
                [("partner_id", "in", [hidden.id, self.person.id]), ("partner_id", "!=", self.person.id)],
                [("commercial_partner_id", "=", hidden.id)],
                [("partner_id", "child_of", hidden.id)],
                [("partner_id.email", "=", "h@hidden.example")],
                [("partner_id", "any", [("id", "=", hidden.id)])],
                [("partner_id", "ilike", hidden.name)],
                [("id", "in", [*theirs.ids, number])],
                [*self.period, ("partner_id.id", "=", hidden.id)],
                [*self.period, ("partner_id", "!=", self.person.id), ("res_id", "=", interaction.id),
                 ("res_model", "=", "hc.interaction")],
            ):  # fmt: skip
                with self.subTest(role=role, domain=domain):
                    self.assertFalse(timeline.search(domain))
                    self.assertEqual(timeline.search_count(domain), 0)
            answer = json.dumps(
                timeline.web_search_read(
                    self.period, {"partner_id": {"fields": {"display_name": {}}}}
                )
            )
            self.assertNotIn(hidden.name, answer)
            with self.assertRaises(AccessError):
                hidden.with_user(self.user(role)).hc_get_brief()

    def test_crafted_domains(self):
        """Whatever stands in a domain sent by a browser: no row more, no answer about what is closed."""
        timeline = self.timeline(self.salesman)
        allowed = set(timeline.search(self.domain).ids)
        hidden = self.records["order"].id
        for extra in (
            [("res_id", "in", [hidden])],
            [("res_id", "=", hidden), ("res_model", "=", "sale.order")],
            ["|", ("res_id", "=", hidden), ("res_id", "!=", hidden)],
            [("id", "in", [(hidden << 8) + 5])],
            ["|", ("id", "in", [(hidden << 8) + 5]), ("id", ">", 0)],
            [("id", ">", 0)],
            [("user_id", "=", self.seller_all.id)],
            [("user_id.name", "ilike", "Ada")],
            [("channel", "=like", "%")],
            [("source", "!=", False)],
            [("res_model", "in", ["sale.order", "x'; DROP TABLE res_partner; --"])],
            [("partner_id", "in", self.env["res.partner"].search([]).ids)],
            [("partner_id.sale_order_ids.client_order_ref", "=", self.marks["order"])],
        ):
            with self.subTest(extra=extra):
                self.assertLessEqual(set(timeline.search([*self.domain, *extra]).ids), allowed)
        with self.subTest("closed documents of the customer as a condition on the customer"):
            oracle = [("partner_id.sale_order_ids.client_order_ref", "=", self.marks["order"])]
            self.assertFalse(timeline.search([*self.domain, *oracle]))
            self.assertTrue(self.timeline(self.seller_all).search([*self.domain, *oracle]))
        for refused in (
            [
                (
                    "partner_id",
                    "any!",
                    [("sale_order_ids.client_order_ref", "=", self.marks["order"])],
                )
            ],
            [("partner_id.signup_type", "!=", "x")],
            [("partner_id.user_ids.password", "=like", "%")],
            [("user_id.password", "!=", False)],
            [("no_such_field", "=", 1)],
            [("title", "ilike", self.marks["order"])],
            [("1=1; --", "=", 1)],
        ):
            with self.subTest(refused=refused):
                found = None
                with suppress(UserError, AccessError, ValueError):
                    found = timeline.search([*self.domain, *refused])
                self.assertFalse(found)

    def test_crafted_groups(self):
        timeline = self.timeline(self.salesman)
        for spec in ("partner_id.signup_type", "title", "text", "no_such", "date:eon", "id; --"):
            with self.subTest(spec=spec), self.assert_refused(ValueError, UserError, KeyError):
                timeline._read_group(self.domain, [spec], ["__count"])
        for spec in ("res_id", "id", "res_model"):
            groups = timeline.formatted_read_group(self.domain, [spec], ["__count"])
            self.assertNotIn(self.marks["order"], json.dumps(groups, default=str))

    def test_a_rule_of_others_takes_effect(self):
        """An addon of a third party closes some orders: they, their mail and ratings are gone at once."""
        keys = [
            self.key(name)
            for name in ("order", "order_mail", "order_note", "rating")
            if name in self.records
        ]
        before = {(e["res_model"], e["res_id"]) for e in self.entries(self.seller_all)}
        self.assertLessEqual(set(keys), before)
        self.env["ir.rule"].create(
            {
                "name": "discreet orders",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "domain_force": f"[('client_order_ref', '!=', '{self.marks['order']}')]",
            }
        )
        after = {(e["res_model"], e["res_id"]) for e in self.entries(self.seller_all)}
        self.assertEqual(before - after, set(keys))
        self.assertFalse(self.entries(self.seller_all, text=self.marks["order_mail"]))

    def test_access_taken_away(self):
        """No right on a model at all: the source is absent, not an error."""
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "sale.order")]
        ).perm_read = False
        sources = {entry["source"] for entry in self.entries(self.auditor)}
        self.assertNotIn("order", sources)
        self.assertIn("interaction", sources)
        self.assertNotIn(self.marks["order_mail"], json.dumps(self.entries(self.auditor)))

    def test_two_companies_at_once(self):
        both = self.seller_all
        both.write({"company_ids": [Command.link(self.other_company.id)]})
        timeline = self.timeline(both).with_context(allowed_company_ids=self.company.ids)
        one = json.dumps(timeline.hc_get_page(self.person.id, {"limit": 200}))
        self.assertNotIn(self.marks["other_interaction"], one)
        self.env.invalidate_all()
        timeline = self.env["hc.timeline"].with_user(both)
        chosen = timeline.with_context(allowed_company_ids=(self.company | self.other_company).ids)
        text = json.dumps(chosen.hc_get_page(self.person.id, {"limit": 200}))
        for name in ("interaction", "other_interaction", "other_order", "other_order_mail"):
            self.assertIn(self.marks[name], text)
        with self.assertRaises(AccessError):
            self.env["hc.timeline"].with_user(self.salesman).with_context(
                allowed_company_ids=self.other_company.ids
            ).hc_get_page(self.person.id, {})


@tagged("post_install", "-at_install")
class TestRightsOverHttp(HttpCase, RightsWorld):
    """The same from outside: JSON-RPC, the external API and addresses typed by hand."""

    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def ways(self, ids):
        spec = {"title": {}, "text": {}, "note": {}, "partner_id": {"fields": {"display_name": {}}}}
        return {
            "page": lambda: self.call("hc.timeline", "hc_get_page", self.person.id, {"limit": 200}),
            "web_search_read": lambda: self.call(
                "hc.timeline", "web_search_read", domain=self.domain, specification=spec
            ),
            "search_read": lambda: self.call(
                "hc.timeline", "search_read", domain=self.domain, fields=list(spec)
            ),
            "read": lambda: self.call("hc.timeline", "read", ids, list(spec)),
            "web_read": lambda: self.call(
                "hc.timeline", "web_read", self.call("hc.timeline", "search", self.domain),
                specification=spec,
            ),
            "options": lambda: self.call("hc.timeline", "hc_get_options", self.person.id),
            "group": lambda: self.call(
                "hc.timeline", "formatted_read_group", domain=self.domain, groupby=["channel"],
                aggregates=["__count"],
            ),
            "count": lambda: self.call("hc.timeline", "search_count", self.domain),
            "brief": lambda: self.call("res.partner", "hc_get_brief", self.person.ids),
        }  # fmt: skip

    @mute_logger("odoo.http")
    def test_rpc(self):
        ids = list(self.all_ids().values())
        texts = ("page", "web_search_read", "search_read", "read", "web_read")
        for role in sorted(EMPLOYEES | {"portal"}):
            user = self.user(role)
            self.authenticate(user.login, user.login)
            for way, ask in self.ways(ids).items():
                with self.subTest(role=role, way=way):
                    if role == "portal":
                        with self.assertRaises(JsonRpcException) as error:
                            ask()
                        self.assertNotIn("Rosa", str(error.exception))
                    else:
                        self.assert_words(ask(), role, complete=way in texts)

    @mute_logger("odoo.http")
    def test_helpers_cannot_be_called(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        number = (self.records["order"].id << 8) + 5
        for method, args in (
            ("_hc_render", [[[number, self.records["order"].id]]]),
            ("_hc_entries", [[{"id": number, "res_id": self.records["order"].id}]]),
            ("_hc_rows", [[], False, 10]),
            ("_hc_target", ["mail.message", 1]),
            ("_search", [self.domain]),
            ("_get_sources", []),
        ):
            with self.subTest(method), self.assertRaises(JsonRpcException):
                self.call("hc.timeline", method, *args)
        for context in ({"hc_timeline_scope": {"partner_ids": None}}, {"hc_timeline_scope": "x"}):
            with self.subTest(context=context):
                page = self.call(
                    "hc.timeline", "hc_get_page", self.person.id, {"limit": 200}, context=context
                )
                self.assert_words(page, "salesman")

    @mute_logger("odoo.http")
    def test_bad_input_over_rpc(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        for partner_id, options in (
            ("x", {}),
            (self.person.id, {"before": [1, 2, 3]}),
            (self.person.id, {"user_ids": ["1) OR 1=1 --"]}),
            (self.person.id, "text"),
            (10**12, {}),
        ):
            with self.subTest(partner_id=partner_id, options=options):
                with self.assertRaises(JsonRpcException) as error:
                    self.call("hc.timeline", "hc_get_page", partner_id, options)
                self.assertIn("odoo.exceptions.", str(error.exception.args))

    def test_external_api(self):
        for role in ("salesman", "seller_all", "portal"):
            user = self.user(role)
            key = (
                self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
            )
            with self.subTest(role=role), mute_logger("odoo.http"):
                answer = self.url_open(
                    "/json/2/hc.timeline/hc_get_page",
                    data=json.dumps({"partner_id": self.person.id, "options": {"limit": 200}}),
                    headers={"Authorization": f"bearer {key}", "Content-Type": "application/json"},
                )
                if role == "portal":
                    self.assertEqual(answer.status_code, 403)
                    self.assertNotIn("zq", answer.text)
                else:
                    self.assertEqual(answer.status_code, 200)
                    self.assert_words(answer.json(), role)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_binary")
    def test_addresses_typed_by_hand(self):
        ids = self.all_ids()
        number = ids[self.key("order")]
        action = self.env["ir.actions.act_window"].search(
            [("res_model", "=", "hc.timeline")], limit=1
        )
        self.assertTrue(action)
        urls = [
            f"/odoo/action-{action.id}",
            f"/odoo/action-{action.id}/{number}",
            f"/odoo/hc.timeline/{number}",
            f"/odoo/res.partner/{self.person.id}",
            f"/web/image/hc.timeline/{number}/title",
            f"/web/content/hc.timeline/{number}/text",
            f"/web/image?model=hc.timeline&id={number}&field=title",
            f"/web/content?model=hc.fact&id={self.records['sensitive_fact'].id}&field=text",
            f"/mail/view?model=hc.timeline&res_id={number}",
            f"/mail/view?model=hc.interaction&res_id={self.records['interaction'].id}",
        ]
        urls += [f"/odoo/{path}" for path in [action.path] if path]
        for role in ("salesman", "stranger", "portal", "public"):
            user = self.user(role)
            self.authenticate(*((user.login, user.login) if role != "public" else (None, None)))
            for url in urls:
                with self.subTest(role=role, url=url):
                    answer = self.url_open(url)
                    self.assertLess(answer.status_code, 500)
                    for name, text in self.marks.items():
                        seen = self.matrix.get(name, (0, IN_BRIEF.get(name, ())))[1]
                        if role not in seen:
                            self.assertNotIn(text, answer.text, name)
