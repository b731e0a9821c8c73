from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_interaction_import import ImportCase

EMOJI = "🎉👩‍👩‍👧 très 𝒷𝑒𝓁 café"
RTL = "مرحبا بالعالم – שלום"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@tagged("post_install", "-at_install")
class TestInput(ImportCase):
    """What people and machines send by mistake or on purpose, by file, by form and by API alike."""

    def _create(self, **vals):
        return self.Interaction.create({"partner_id": self.person.id, "summary": "Call", **vals})

    def test_dates(self):
        for date, told in [
            ("2999-01-01 10:00:00", "future"),
            ("0001-01-01 10:00:00", "year cannot be before"),
            ("1969-12-31 10:00:00", "year cannot be before"),
        ]:
            with self.subTest(date=date):
                with self.assertRaises(ValidationError) as error:
                    self._create(date=date)
                self.assertIn(told, str(error.exception))
                result, _preview = self._import(self._csv([self._row(1), self._row(2, Date=date)]))
                self.assertEqual([m["rows"]["from"] for m in result["messages"]], [1])
                self.assertIn(told, result["messages"][0]["message"])
        result, _preview = self._import(self._csv([self._row(1), self._row(2, Date="")]))
        self.assertIn("Date: the row has none", result["messages"][0]["message"])
        result, _preview = self._import(self._csv([self._row(1), self._row(2, Date="yesterday")]))
        self.assertTrue(result["messages"])
        self.assertFalse(self._mine())

    def test_script_is_shown_and_not_run(self):
        for interaction in (
            self._create(summary=SCRIPT, body=f"<p>hello</p>{SCRIPT}"),
            self.Interaction.browse(
                self._import(
                    self._csv([self._row(1, **{"What Happened": SCRIPT, "Details": SCRIPT})])
                )[0]["ids"]
            ),
        ):
            self.assertEqual(interaction.summary, SCRIPT, "plain text stays what was typed")
            self.assertNotIn("<script", interaction.body)
            self.assertNotIn("onerror", interaction.body)
        logged = self.Interaction.hc_log(
            [{"partner_id": self.person.id, "summary": SCRIPT, "body": SCRIPT}]
        )
        body = self.Interaction.browse(logged[0]["id"]).body
        self.assertNotIn("<script", body)
        self.assertNotIn("<img", body)
        self.assertIn("&lt;script&gt;", body)

    def test_script_in_the_timeline(self):
        interaction = self._create(summary=SCRIPT, body=f"<p>hello</p>{SCRIPT}")
        page = self.env["hc.timeline"].with_user(self.salesman).hc_get_page(self.person.id, {})
        entry = next(e for e in page["entries"] if e["res_id"] == interaction.id)
        self.assertEqual(entry["title"], SCRIPT, "text for a text node, neither cut nor rendered")
        self.assertNotIn("<script", entry["preview"])

    def test_emoji_and_right_to_left(self):
        for text in (EMOJI, RTL):
            with self.subTest(text=text):
                content = self._csv([self._row(1, **{"What Happened": text, "Details": text})])
                # The host guesses encodings and takes a few emoji for Turkish: then it says so, and the
                # reader chooses UTF-8 on the import screen.
                result, preview = self._import(content)
                if preview.get("error"):
                    self.assertIn("encoding", preview["error"])
                    self.assertFalse(self._mine())
                    result, preview = self._import(content, options={"encoding": "utf-8"})
                self.assertEqual(result["messages"], [])
                interaction = self.Interaction.browse(result["ids"])
                self.assertEqual(interaction.summary, text)
                self.assertIn(text, interaction.body)
                interaction.unlink()

    def test_much_text(self):
        megabyte = "x" * 1_000_001
        with self.assertRaises(ValidationError) as error:
            self._create(body=megabyte)
        self.assertIn("Attach a file", str(error.exception))
        with self.assertRaises(ValidationError) as error:
            self._create(summary=megabyte)
        self.assertIn("1000001 characters", str(error.exception))
        result = self.Interaction.with_context(import_file=True).load(
            ["partner_email", "date", "summary", "body"],
            [
                [self.person.email, "2026-01-02 10:00:00", "Short", "Short"],
                [self.person.email, "2026-01-02 10:00:00", "Long body", megabyte],
                [self.person.email, "2026-01-02 10:00:00", megabyte, ""],
            ],
        )
        self.assertEqual([m["rows"]["from"] for m in result["messages"]], [1, 2])
        self.assertLess(
            len(str(result["messages"])), 2000, "the text is not thrown back at the user"
        )
        self.assertFalse(self._mine())
        fits = self._create(body="x" * 900_000)
        self.assertGreaterEqual(len(fits.body), 900_000)

    def test_empty_summary(self):
        for summary in ("   ", "\t\n"):
            with self.assertRaises(ValidationError) as error:
                self._create(summary=summary)
            self.assertIn("One line is enough", str(error.exception))
        result, _preview = self._import(self._csv([self._row(1, **{"What Happened": " "})]))
        self.assertIn("One line is enough", result["messages"][0]["message"])

    @mute_logger("odoo.sql_db")
    def test_negative_duration(self):
        with self.assertRaises(Exception) as error:
            self._create(duration=-1)
            self.env.flush_all()
        self.assertIn("duration", str(error.exception))

    def test_unknown_partner_and_channel(self):
        with self.assertRaises(ValidationError) as error:
            self.Interaction.create({"partner_email": "nobody@nowhere.example", "summary": "Call"})
        self.assertIn("nobody@nowhere.example", str(error.exception))
        with self.assertRaises(ValidationError) as error:
            self._create(channel_key="pigeon")
        self.assertIn("pigeon", str(error.exception))
        result, _preview = self._import(self._csv([self._row(1, Channel="Pigeon")]))
        self.assertIn("“Pigeon” is none of yours", result["messages"][0]["message"])

    def test_email_on_an_existing_interaction(self):
        interaction = self._create()
        interaction.partner_email = self.contact.email
        self.assertEqual(interaction.partner_id, self.contact)
        self.assertEqual(interaction.partner_email, self.contact.email)
        with self.assertRaises(ValidationError):
            interaction.partner_email = "nobody@nowhere.example"
