import json
from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2.errors

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestHcLog(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Interaction = cls.env["hc.interaction"].with_user(cls.salesman)

    def _problems(self, *values):
        with self.assertRaises(ValidationError) as error:
            self.Interaction.hc_log(list(values))
        return str(error.exception)

    def test_all_values(self):
        self.person.ref = "SHOP-77"
        self.env["hc.partner.email"].create(
            {"partner_id": self.contact.id, "email": "b.linden@home.example"}
        )
        result = self.Interaction.hc_log(
            [
                {
                    "external_ref": "pbx-1",
                    "email": "B.Linden@home.example",
                    "channel": "call",
                    "date": "2026-03-31T14:30:00+02:00",
                    "direction": "out",
                    "summary": "  Asked for the samples ",
                    "body": "First line\nSecond <b>line</b>",
                    "duration": 0.25,
                    "sentiment": -1,
                    "user": "hc_seller_all",
                },
                {"partner_ref": "SHOP-77", "summary": "Came back", "date": "2026-03-31T12:30:00Z"},
                {"partner_id": self.person.id, "summary": "Opened the app", "is_automated": True},
            ]
        )
        self.assertEqual([r["external_ref"] for r in result], ["pbx-1", False, False])
        self.assertEqual([r["created"] for r in result], [True, True, True])
        call, visit, usage = self.Interaction.browse([r["id"] for r in result])
        self.assertEqual(
            (call.partner_id, call.channel_key, call.date, call.direction, call.summary),
            (self.contact, "call", datetime(2026, 3, 31, 12, 30), "out", "Asked for the samples"),
        )
        self.assertEqual(
            (call.duration, call.sentiment, call.user_id), (0.25, "-1", self.seller_all)
        )
        self.assertIn("Second &lt;b&gt;line", call.body)
        self.assertEqual(
            (visit.partner_id, visit.channel_key, visit.date, visit.direction),
            (self.person, "api", datetime(2026, 3, 31, 12, 30), "in"),
        )
        self.assertTrue(usage.is_automated)
        self.assertFalse(usage.sentiment)
        self.assertLess(abs(usage.date - fields.Datetime.now()), timedelta(minutes=5))
        self.assertEqual(set((call + visit + usage).mapped("origin")), {"api"})
        self.assertEqual(set((call + visit + usage).mapped("company_id")), {self.company})

    def test_same_reference_twice(self):
        values = {"external_ref": "pbx-1", "email": self.person.email, "summary": "Call"}
        first = self.Interaction.hc_log([values, {**values, "summary": "Same call"}])
        self.assertEqual([r["created"] for r in first], [True, False])
        self.assertEqual(first[0]["id"], first[1]["id"])
        again = self.Interaction.hc_log(
            [{**values, "summary": "Again"}, {**values, "external_ref": "n"}]
        )
        self.assertEqual([r["created"] for r in again], [False, True])
        self.assertEqual(again[0]["id"], first[0]["id"])
        self.assertEqual(self.Interaction.browse(first[0]["id"]).summary, "Call")

    def test_same_reference_at_the_same_moment(self):
        """The other transaction wins; ours is run again by the host and then finds the reference."""

        def other_was_faster(*args, **kwargs):
            raise psycopg2.errors.UniqueViolation("hc_interaction_external_ref_unique")

        with (
            patch.object(self.registry["hc.interaction"], "create", other_was_faster),
            self.assertRaises(ConcurrencyError),
        ):
            self.Interaction.hc_log(
                [{"external_ref": "pbx-1", "email": self.person.email, "summary": "Call"}]
            )

    def test_problems_name_index_and_field(self):
        good = {"email": self.person.email, "summary": "Call"}
        for values, told in [
            ({**good, "summary": " "}, "[1] summary:"),
            ({"summary": "Call"}, "[1] partner_id:"),
            ({**good, "email": "nobody@nowhere.example"}, "[1] email:"),
            ({**good, "email": ["x"]}, "[1] email:"),
            ({"summary": "Call", "partner_id": 2**40}, "[1] partner_id:"),
            ({"summary": "Call", "partner_id": "7 OR 1=1"}, "[1] partner_id:"),
            ({"summary": "Call", "partner_ref": "none"}, "[1] partner_ref:"),
            ({**good, "channel": "pigeon"}, "[1] channel:"),
            ({**good, "channel": {}}, "[1] channel:"),
            ({**good, "date": "31/03/2026"}, "[1] date:"),
            ({**good, "date": 1711888200}, "[1] date:"),
            ({**good, "date": "0001-01-01T00:00:00+14:00"}, "[1] date:"),
            ({**good, "date": "2999-01-01"}, "[1] date:"),
            ({**good, "direction": "up"}, "[1] direction:"),
            ({**good, "sentiment": 3}, "[1] sentiment:"),
            ({**good, "duration": -1}, "[1] duration:"),
            ({**good, "duration": "long"}, "[1] duration:"),
            ({**good, "body": 5}, "[1] body:"),
            ({**good, "summary": "a\0b"}, "[1] summary:"),
            ({**good, "external_ref": 5}, "[1] external_ref:"),
            ({**good, "user": "nobody"}, "[1] user:"),
            ({**good, "user": "hc_portal"}, "[1] user:"),
            ({**good, "user": "hc_stranger"}, "[1] user:"),
            ({**good, "company_id": 1}, "[1] company_id:"),
            ({**good, "summary": "x" * 301}, "301 characters"),
            ({**good, "body": "x" * 1_000_001}, "Attach a file"),
        ]:
            with self.subTest(values=str(values)[:80]):
                self.assertIn(told, self._problems(good, values))
        self.assertFalse(
            self.Interaction.search([("partner_id", "=", self.person.id)]), "all or none"
        )

    def test_all_problems_at_once(self):
        told = self._problems({"summary": "Call"}, {"email": "nobody@nowhere.example"})
        self.assertIn("[0] partner_id:", told)
        self.assertIn("[1] email:", told)
        self.assertIn("[1] summary:", told)

    def test_not_a_list(self):
        for values_list in ({"summary": "Call"}, "Call", [["summary"]], None):
            with self.assertRaises(ValidationError):
                self.Interaction.hc_log(values_list)
        with self.assertRaises(ValidationError):
            self.Interaction.hc_log([{}] * 5001)
        self.assertEqual(self.Interaction.hc_log([]), [])

    def test_rights(self):
        values = [{"partner_id": self.person.id, "summary": "Call"}]
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.Interaction.with_user(user).hc_log(values)
        self.person.company_id = self.company
        self.env.flush_all()
        with self.assertRaises(ValidationError):
            self.Interaction.with_user(self.stranger).hc_log(values)

    def test_references_are_each_companys_own(self):
        values = {"external_ref": "pbx-1", "partner_id": self.person.id, "summary": "Call"}
        ours = self.Interaction.hc_log([values])
        theirs = self.Interaction.with_user(self.stranger).hc_log([values])
        self.assertTrue(theirs[0]["created"])
        self.assertNotEqual(ours[0]["id"], theirs[0]["id"])

    def test_queries_do_not_grow(self):
        def log(count, mark):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Interaction.with_context(tracking_disable=False).hc_log(
                [
                    {
                        "external_ref": f"{mark}-{n}",
                        "email": self.person.email,
                        "summary": f"Call {n}",
                    }
                    for n in range(count)
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        log(5, "warm")
        few, many = log(20, "few"), log(200, "many")
        self.assertLess(many, few + 30)


@tagged("post_install", "-at_install")
class TestJson2(HttpCase, HcCommon):
    """The external API over HTTP, as other systems use it (see readme/API.md)."""

    def _key(self, user):
        return (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "test", datetime.now() + timedelta(days=1))
        )

    def _call(self, path, key=None, **payload):
        self.env.flush_all()
        response = self.url_open(
            f"/json/2/{path}",
            data=json.dumps(payload),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"bearer {key or self._key(self.salesman)}",
            },
        )
        self.env.invalidate_all()
        return response.status_code, response.json()

    def test_log(self):
        values = {
            "external_ref": "pbx-1",
            "email": self.person.email,
            "channel": "call",
            "date": "2026-03-31T14:30:00+02:00",
            "summary": "Call",
        }
        status, result = self._call("hc.interaction/hc_log", values_list=[values])
        self.assertEqual(status, 200, result)
        interaction = self.env["hc.interaction"].browse(result[0]["id"])
        self.assertEqual(
            (interaction.partner_id, interaction.date, interaction.user_id),
            (self.person, datetime(2026, 3, 31, 12, 30), self.salesman),
        )
        status, again = self._call("hc.interaction/hc_log", values_list=[values])
        self.assertEqual((status, again[0]), (200, {**result[0], "created": False}))

    def test_create_and_search(self):
        status, ids = self._call(
            "hc.interaction/create",
            vals_list=[
                {
                    "partner_email": self.person.email,
                    "channel_key": "visit",
                    "date": "2026-03-31 12:30:00",
                    "summary": "Visit",
                }
            ],
        )
        self.assertEqual(status, 200, ids)
        status, rows = self._call(
            "hc.interaction/search_read",
            domain=[["partner_id", "=", self.person.id]],
            fields=["date", "summary", "channel_key"],
        )
        self.assertEqual(status, 200)
        self.assertEqual(
            rows,
            [
                {
                    "id": ids[0],
                    "date": "2026-03-31 12:30:00",
                    "summary": "Visit",
                    "channel_key": "visit",
                }
            ],
        )
        status, page = self._call(
            "hc.timeline/hc_get_page", partner_id=self.person.id, options={"limit": 5}
        )
        self.assertEqual(status, 200, page)
        self.assertIn(
            ids[0], [e["res_id"] for e in page["entries"] if e["res_model"] == "hc.interaction"]
        )

    @mute_logger("odoo.http")
    def test_wrong_key(self):
        for path in ("hc.interaction/hc_log", "hc.interaction/search_read", "hc.fact/search_read"):
            status, _error = self._call(path, key="0123456789abcdef", values_list=[])
            self.assertEqual(status, 401)

    @mute_logger("odoo.http")
    def test_bad_calls(self):
        cases = [
            ("hc.interaction/hc_log", {}, "values_list"),
            ("hc.interaction/hc_log", {"values_list": [{}]}, "[0] summary"),
            ("hc.interaction/hc_log", {"values_list": "x"}, "values_list"),
            (
                "hc.interaction/hc_log",
                {"values_list": [{"summary": "x", "email": "nobody@nowhere.example"}]},
                "nobody@nowhere.example",
            ),
            (
                "hc.interaction/create",
                {"vals_list": [{"summary": "x", "partner_email": "nobody@nowhere.example"}]},
                "nobody@nowhere.example",
            ),
        ]
        for path, payload, told in cases:
            with self.subTest(path=path, payload=payload):
                status, error = self._call(path, **payload)
                self.assertEqual(status, 422, error)
                self.assertIn(told, error["message"])
        status, error = self._call("hc.interaction/_log_vals", values_list=[], known={})
        self.assertIn(status, (403, 404), error)

    @mute_logger("odoo.http")
    def test_portal_key_is_refused(self):
        key = self._key(self.portal)
        for path, payload in [
            (
                "hc.interaction/hc_log",
                {"values_list": [{"partner_id": self.person.id, "summary": "x"}]},
            ),
            ("hc.interaction/search_read", {"domain": []}),
            ("hc.fact/search_read", {"domain": []}),
            ("hc.partner.email/search_read", {"domain": []}),
            ("hc.timeline/hc_get_page", {"partner_id": self.person.id, "options": {}}),
        ]:
            with self.subTest(path=path):
                status, error = self._call(path, key=key, **payload)
                self.assertIn(status, (403, 422), error)
                self.assertNotIn(self.person.name, str(error))
        self.assertFalse(self.env["hc.interaction"].search([("partner_id", "=", self.person.id)]))
