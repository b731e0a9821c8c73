import base64
from datetime import datetime

from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from .common import HcCommon

HEADERS = [
    "External Reference",
    "Customer E-mail",
    "Date",
    "Channel",
    "Direction",
    "What Happened",
    "Details",
    "How They Felt",
    "Duration (hours)",
]


class ImportCase(HcCommon):
    """Files go through the host's import screen model, exactly as the web client sends them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman.tz = "Europe/Brussels"
        cls.Interaction = cls.env["hc.interaction"].with_user(cls.salesman)

    def _row(self, number, **changes):
        row = {
            "External Reference": f"T-{number}",
            "Customer E-mail": self.person.email,
            "Date": f"2026-03-{number % 28 + 1:02} 10:00:00",
            "Channel": "Phone Call",
            "Direction": "From us",
            "What Happened": f"Call {number}",
            "Details": "",
            "How They Felt": "Happy",
            "Duration (hours)": "0.5",
        }
        row.update(changes)
        return row

    def _csv(self, rows, headers=None, encoding="utf-8"):
        headers = headers or HEADERS
        lines = [headers] + [[str(row.get(header, "")) for header in headers] for row in rows]
        return "\n".join(
            ",".join('"{}"'.format(cell.replace('"', '""')) for cell in line) for line in lines
        ).encode(encoding)

    def _import(self, content, dryrun=False, user=None, options=None, mimetype="text/csv"):
        """Return (result, preview) of importing ``content`` with the columns matched by the host."""
        screen = (
            self.env["base_import.import"]
            .with_user(user or self.salesman)
            .with_context(tracking_disable=True)
            .create(
                {
                    "res_model": "hc.interaction",
                    "file": content,
                    "file_type": mimetype,
                    "file_name": "calls",
                }
            )
        )
        options = {
            "quoting": '"',
            "separator": ",",
            "has_headers": True,
            "encoding": "",
            "limit": 2000,
            "skip": 0,
            **(options or {}),
        }
        preview = screen.parse_preview(options)
        if preview.get("error"):
            return {"ids": False, "messages": []}, preview
        options = {**options, **preview["options"]}
        matches = preview["matches"] or {}
        columns = [
            "/".join(matches[index]) if matches.get(index) else False
            for index in range(len(preview["headers"]))
        ]
        return screen.execute_import(columns, preview["headers"], options, dryrun=dryrun), preview

    def _mine(self):
        return self.Interaction.search([("partner_id", "in", (self.person + self.contact).ids)])


@tagged("post_install", "-at_install")
class TestImport(ImportCase):
    def test_csv(self):
        self.env["hc.partner.email"].create(
            {"partner_id": self.contact.id, "email": "b.linden@home.example"}
        )
        rows = [
            self._row(1),
            self._row(2, **{"Customer E-mail": "B.Linden@HOME.example", "Channel": "visit"}),
            self._row(3, **{"Customer E-mail": "Rosa <rosa@blum.example>", "Channel": "CALL"}),
            self._row(4, **{"Direction": "", "Channel": "", "External Reference": ""}),
        ]
        result, _preview = self._import(self._csv(rows))
        self.assertEqual(result["messages"], [])
        first, second, third, fourth = self.Interaction.browse(result["ids"])
        self.assertEqual(
            (first.partner_id, second.partner_id, third.partner_id),
            (self.person, self.contact, self.person),
        )
        self.assertEqual(second.channel_id, self.env.ref("hc_crm.hc_channel_visit"))
        self.assertEqual(third.channel_id, self.env.ref("hc_crm.hc_channel_call"))
        # 10:00 in Brussels before summer time
        self.assertEqual(first.date, datetime(2026, 3, 2, 9, 0))
        self.assertEqual(
            (first.direction, first.sentiment, first.duration, first.external_ref, first.user_id),
            ("out", "1", 0.5, "T-1", self.salesman),
        )
        self.assertEqual((fourth.direction, fourth.external_ref), ("out", False))
        self.assertEqual(set((first + second + third + fourth).mapped("origin")), {"import"})
        self.assertFalse((first + fourth).message_ids, "no note of creation for each row")
        self.assertFalse((first + fourth).message_follower_ids)

    def test_template_can_be_imported(self):
        """What the import screen offers for download has to work as it is."""
        template = self.Interaction.get_import_templates()[0]["template"]
        self.assertTrue(template.startswith("/hc_crm/static/"))
        with file_open(template[1:], "rb") as file:
            content = file.read()
        emails = ["brandon.freeman55@example.com", "vauxoo@yourcompany.example.com"]
        known = self.env["res.partner"]._hc_find_by_emails(emails)
        self.env["res.partner"].create(
            [{"name": email, "email": email} for email in emails if email not in known]
        )
        result, preview = self._import(
            content,
            mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        self.assertEqual(result["messages"], [])
        self.assertEqual(
            len(preview["matches"]), len(preview["headers"]), "every column is matched"
        )
        calls = self.Interaction.browse(result["ids"])
        self.assertEqual(len(calls), 4)
        self.assertEqual(calls[0].date, datetime(2026, 3, 2, 9, 15))
        self.assertEqual(calls[3].channel_id.key, "counter")

    def test_external_ids_update(self):
        headers = ["External ID", *HEADERS]
        rows = [{**self._row(1), "External ID": "calls.one"}]
        result, _preview = self._import(self._csv(rows, headers))
        self.assertEqual(result["messages"], [])
        rows[0]["What Happened"] = "Called twice"
        again, _preview = self._import(self._csv(rows, headers))
        self.assertEqual(again["messages"], [])
        self.assertEqual(again["ids"], result["ids"])
        self.assertEqual(self.Interaction.browse(result["ids"]).summary, "Called twice")
        self.assertEqual(len(self._mine()), 1)

    def test_email_in_the_customer_column(self):
        self.env["hc.partner.email"].create(
            {"partner_id": self.contact.id, "email": "b.linden@home.example"}
        )
        result = self.Interaction.with_context(import_file=True).load(
            ["partner_id", "date", "summary"],
            [
                ["b.linden@home.example", "2026-01-02 10:00:00", "By e-mail"],
                ["Rosa Testblum", "2026-01-02 10:00:00", "By name"],
            ],
        )
        self.assertEqual(result["messages"], [])
        self.assertEqual(
            self.Interaction.browse(result["ids"]).partner_id.ids, [self.contact.id, self.person.id]
        )

    def test_bad_rows_are_named_and_nothing_is_written(self):
        rows = [self._row(number) for number in range(100)]
        rows[11]["Customer E-mail"] = "nobody@nowhere.example"
        rows[42]["Date"] = "2999-01-01 10:00:00"
        rows[77]["Duration (hours)"] = "-2"
        for dryrun in (True, False):
            with self.subTest(dryrun=dryrun):
                result, _preview = self._import(self._csv(rows), dryrun=dryrun)
                messages = result["messages"]
                self.assertEqual([m["rows"]["from"] for m in messages], [11, 42, 77])
                self.assertIn("Row 12", messages[0]["message"])
                self.assertIn("nobody@nowhere.example", messages[0]["message"])
                self.assertIn("future", messages[1]["message"])
                self.assertIn("-2", messages[2]["message"])
                self.assertFalse(result["ids"])
                self.assertFalse(self._mine())
        rows[11]["Customer E-mail"] = self.contact.email
        rows[42]["Date"] = "2026-01-01 10:00:00"
        rows[77]["Duration (hours)"] = "2"
        result, _preview = self._import(self._csv(rows))
        self.assertEqual((result["messages"], len(result["ids"])), ([], 100))

    def test_host_errors_keep_their_row(self):
        """A bad row of ours before a bad row of the host: both are counted from the top of the file."""
        rows = [self._row(number) for number in range(10)]
        rows[2]["Customer E-mail"] = "nobody@nowhere.example"
        rows[6]["How They Felt"] = "So so"
        result, _preview = self._import(self._csv(rows))
        self.assertEqual([m["rows"]["from"] for m in result["messages"]], [2, 6])
        self.assertIn("So so", result["messages"][1]["message"])
        self.assertFalse(self._mine())

    def test_later_batch_does_not_leave_the_first_half_written(self):
        rows = [self._row(number) for number in range(30)]
        rows[25]["Customer E-mail"] = "nobody@nowhere.example"
        rows[29]["External Reference"] = rows[0]["External Reference"]
        result, _preview = self._import(self._csv(rows), options={"limit": 10})
        self.assertEqual([m["rows"]["from"] for m in result["messages"]], [25, 29])
        self.assertFalse(self._mine())
        rows[25]["Customer E-mail"] = self.person.email
        rows[29]["External Reference"] = ""
        written, skip = 0, 0
        for _batch in range(3):
            result, _preview = self._import(self._csv(rows), options={"limit": 10, "skip": skip})
            self.assertEqual(result["messages"], [])
            written += len(result["ids"])
            skip = result["nextrow"]
        self.assertEqual(written, 30)
        self.assertEqual(len(self._mine()), 30)

    def test_duplicates(self):
        rows = [self._row(1), self._row(2), self._row(1)]
        result, _preview = self._import(self._csv(rows))
        self.assertEqual([m["rows"]["from"] for m in result["messages"]], [2])
        self.assertIn("“T-1” stands in row 1", result["messages"][0]["message"])
        result, _preview = self._import(self._csv(rows[:2]))
        self.assertEqual(len(result["ids"]), 2)
        result, _preview = self._import(self._csv(rows[1:2]))
        self.assertIn("“T-2” was imported before", result["messages"][0]["message"])
        self.assertEqual(len(self._mine()), 2)

    def test_ambiguous_customer(self):
        self.env["res.partner"].create(
            [{"name": name, "email": "shared@x.example"} for name in ("Anna", "Bert")]
        )
        result, _preview = self._import(
            self._csv([self._row(1, **{"Customer E-mail": "shared@x.example"})])
        )
        self.assertIn("Anna, Bert", result["messages"][0]["message"])

    def test_wrong_columns(self):
        for headers, told in [
            (["Colour", "Size"], "at least one field"),
            (["Colour", "What Happened"], "“Customer E-mail” or “Customer”"),
            (["Customer E-mail", "What Happened"], "“Date”"),
            (["Customer E-mail", "Date"], "“What Happened”"),
        ]:
            with self.subTest(headers=headers):
                row = {**self._row(1), "Colour": "red", "Size": "XL"}
                result, _preview = self._import(self._csv([row], headers))
                self.assertIn(told, " ".join(m["message"] for m in result["messages"]))
                self.assertFalse(self._mine())

    def test_wrong_encoding(self):
        rows = [self._row(1, **{"What Happened": "Café für Zoë"})]
        result, _preview = self._import(self._csv(rows, encoding="latin-1"))
        self.assertEqual(result["messages"], [])
        self.assertEqual(self._mine().summary, "Café für Zoë")
        rows = [self._row(2, **{"What Happened": "Café"})]
        result, preview = self._import(
            self._csv(rows, encoding="latin-1"), options={"encoding": "utf-8"}
        )
        self.assertTrue(preview.get("error"))
        self.assertFalse(result["ids"])
        # not a table at all
        picture = base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        _result, preview = self._import(picture, mimetype="image/png")
        self.assertTrue(preview.get("error"))

    def test_many_errors_are_not_a_flood(self):
        rows = [self._row(n, **{"Customer E-mail": f"no{n}@nowhere.example"}) for n in range(300)]
        result, _preview = self._import(self._csv(rows))
        self.assertEqual(len(result["messages"]), 101)
        self.assertIn("200 more", result["messages"][-1]["message"])

    def test_rights(self):
        """An import can do no more than its user."""
        self.person.company_id = self.company
        self.env.flush_all()
        result, _preview = self._import(self._csv([self._row(1)]), user=self.stranger)
        self.assertIn("no customer has the address", result["messages"][0]["message"])

    def test_queries_do_not_grow_with_the_file(self):
        columns = ["external_ref", "partner_email", "date", "channel_id", "summary"]

        def load(count, mark):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = self.Interaction.with_context(import_file=True).load(
                columns,
                [
                    [f"{mark}-{n}", self.person.email, "2026-01-02 10:00:00", "visit", f"Visit {n}"]
                    for n in range(count)
                ],
            )
            self.env.flush_all()
            self.assertEqual(len(result["ids"]), count)
            return self.env.cr.sql_log_count - before

        load(5, "warm")
        few, many = load(50, "few"), load(500, "many")
        self.assertLess(many, few + 30)


@tagged("post_install", "-at_install")
class TestImportTour(HttpCase, ImportCase):
    def test_import_tour(self):
        """A salesperson uploads a file on the import screen and finds the rows on the customers."""
        self.assertTrue(self.person.email)
        self.start_tour("/odoo/customer-interactions", "hc_import_tour", login="hc_salesman")
        calls = self.Interaction.search(
            [("external_ref", "in", ("TOUR-1", "TOUR-2"))], order="date"
        )
        self.assertEqual(calls.mapped("partner_id"), self.person + self.contact)
        self.assertEqual(
            calls.mapped("date"), [datetime(2026, 3, 2, 9, 15), datetime(2026, 3, 3, 13, 30)]
        )
        self.assertEqual(calls.mapped("channel_id.key"), ["call", "visit"])
        self.assertEqual(set(calls.mapped("origin")), {"import"})
