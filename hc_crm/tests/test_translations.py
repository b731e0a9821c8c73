import io
import re
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import polib
from lxml import html

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path
from odoo.tools.convert import convert_xml_import

from ..models.outreach import hc_outreach_ready
from .common_outreach import OutreachCommon

LANGS = ["fr_FR", "de_DE", "es_ES"]
# The same word in both languages.
EQUAL = {
    "E-mail",
    "Chat",
    "Name",
    "Position",
    "No",
    "Date",
    "Text",
    "Total",
    "Correction",
    "Import",
}
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|%\(\w+\)s|%s|</?[a-z][^>]*>")
PAGES = ("preference_", "privacy_copy", "portal_my_home_preferences")


def words(text):
    return " ".join(text.split())


def sentences(body):
    """Return the sentences of a letter, without the names at its end."""
    texts = [words(one.text_content()) for one in html.fromstring(str(body)).iter("p")]
    return {
        sentence
        for text in texts
        for sentence in re.split(r"(?<=[.!?:,]) ", text)
        if len(sentence.split()) > 2
    }


@tagged("post_install", "-at_install")
class TestTranslations(HttpCase, OutreachCommon):
    """What customers read, and the ready plans, in French, German and Spanish."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGS:
            cls.env["res.lang"]._activate_lang(code)
        cls.load_terms()

    @classmethod
    def load_terms(cls):
        cls.env["ir.module.module"]._load_module_terms(["hc_crm"], LANGS, overwrite=True)

    @classmethod
    def po_files(cls):
        """Return ``[(language, path, polib file)]``."""
        folder = Path(file_path("hc_crm"))
        paths = sorted(folder.glob("i18n/*.po")) + sorted(folder.glob("i18n_extra/*.po"))
        return [(path.stem, path, polib.pofile(str(path))) for path in paths]

    def records(self, model, prefix):
        """Return our records of the data files, whatever was archived."""
        names = self.env["ir.model.data"].search(
            [("module", "=", "hc_crm"), ("model", "=", model), ("name", "=like", prefix + "%")]
        )
        return self.env[model].with_context(active_test=False).browse(names.mapped("res_id"))

    def assertTranslated(self, records, *names):
        """Assert that fields that say something say it in each language."""
        for record in records.with_context(lang="en_US"):
            for name in names:
                text = record[name]
                if not text or text in EQUAL:
                    continue
                said = {text}
                for code in LANGS:
                    said.add(record.with_context(lang=code)[name])
                self.assertEqual(
                    len(said), 4, f"{record}.{name} is not said in every language: {said}"
                )

    # -- files ------------------------------------------------------------------------------------

    def test_placeholders(self):
        files = self.po_files()
        self.assertEqual([lang for lang, *_rest in files], ["de", "es", "fr"] * 2)
        for lang, path, po in files:
            self.assertEqual(po.metadata["Language"], lang)
            for entry in po:
                where = f"{path.parent.name}/{path.name}: {entry.msgid}"
                self.assertTrue(entry.msgstr.strip(), where)
                self.assertFalse(entry.fuzzy, where)
                self.assertEqual(
                    Counter(PLACEHOLDER.findall(entry.msgid)),
                    Counter(PLACEHOLDER.findall(entry.msgstr)),
                    where,
                )
                self.assertIn("module: hc_crm", entry.comment)

    def test_known_to_the_template(self):
        """The host drops what the exported template (.pot) does not hold."""
        pot = polib.pofile(file_path("hc_crm/i18n/hc_crm.pot"))
        known = {entry.msgid for entry in pot}
        for _lang, path, po in self.po_files():
            if path.parent.name == "i18n":
                unknown = [entry.msgid for entry in po if entry.msgid not in known]
                self.assertFalse(unknown, f"{path.name}: export the template again")

    def test_same_terms_everywhere(self):
        terms = {
            (path.parent.name, frozenset(entry.msgid for entry in po))
            for _lang, path, po in self.po_files()
        }
        self.assertEqual(len(terms), 2, "each language says the same")

    # -- data -------------------------------------------------------------------------------------

    def test_ready_plans(self):
        plans = self.records("hc.outreach.plan", "outreach_plan_")
        self.assertGreaterEqual(len(plans), 15)
        self.assertTranslated(plans, "name", "description")
        steps = plans.version_ids.step_ids
        self.assertGreaterEqual(len(steps), 25)
        self.assertTranslated(steps, "name", "text", "summary")

    def test_purposes_and_channels(self):
        self.assertTranslated(
            self.records("hc.consent.purpose", "hc_consent_purpose_"), "name", "description"
        )
        for channel in self.records("hc.channel", "hc_channel_"):
            if channel.key in ("email", "sms"):
                continue  # one word for several languages
            for code in LANGS:
                name = channel.with_context(lang=code).name
                if name not in EQUAL:
                    self.assertNotEqual(name, channel.with_context(lang="en_US").name)

    def test_letters(self):
        templates = self.records("mail.template", "mail_template_")
        templates = templates.filtered(lambda one: one.model == "res.partner")
        self.assertGreaterEqual(len(templates), 17)
        self.assertTranslated(templates, "name", "description", "subject")
        partner = self.person
        for template in templates:
            rendered = {}
            for code in ["en_US", *LANGS]:
                partner.lang = code
                rendered[code] = template._generate_template(partner.ids, ("subject", "body_html"))[
                    partner.id
                ]
            english = sentences(rendered["en_US"]["body_html"])
            self.assertGreaterEqual(len(english), 2, template.name)
            for code in LANGS:
                body = rendered[code]["body_html"]
                self.assertFalse(english & sentences(body), (template.name, code))
                self.assertIn("Rosa", body)
                self.assertNotIn("<t ", str(body))
                self.assertEqual(
                    len(html.fromstring(str(body)).findall(".//p")),
                    len(html.fromstring(str(rendered["en_US"]["body_html"])).findall(".//p")),
                )
                self.assertNotEqual(rendered[code]["subject"], rendered["en_US"]["subject"])
                self.assertNotIn("{{", rendered[code]["subject"])

    def test_footer(self):
        said = {}
        for code in ["en_US", *LANGS]:
            self.person.lang = code
            row = self.Delivery.new({"partner_id": self.person.id})
            said[code] = str(row._footer({"preferences": "https://a", "unsubscribe": "https://b"}))
        self.assertEqual(len(set(said.values())), 4)
        self.assertIn("Ne plus recevoir ces messages", said["fr_FR"])

    # -- pages ------------------------------------------------------------------------------------

    def page_terms(self, lang):
        """Return the terms of the public pages: ``{English: translated}``."""
        po = polib.pofile(file_path(f"hc_crm/i18n/{lang}.po"))
        return {
            words(entry.msgid): words(entry.msgstr)
            for entry in po
            if any(
                ref.startswith("model_terms:") and f"hc_crm.{page}" in ref
                for ref, _line in entry.occurrences
                for page in PAGES
            )
        }

    def assertNoEnglish(self, text, code):
        for english, said in self.page_terms(code[:2]).items():
            # short words are words of other languages as well
            if len(english.split()) > 2 and english != said:
                self.assertNotIn(english, text, code)

    def test_pages(self):
        purpose = self.env.ref("hc_crm.hc_consent_purpose_news")
        self.env["hc.consent"]._hc_record(self.person, purpose, "given", how="preferences")
        self.env["hc.fact"].create(
            {
                "partner_id": self.person.id,
                "kind": "like",
                "text": "Linen",
                "source": "told",
                "date_learned": "2026-01-15",
                "date_expiry": "2099-01-15",
            }
        )
        url = self.person._hc_contact_links()[self.person.id]["preferences"]
        path = "/care/" + url.rpartition("/")[2]
        headings = {
            "fr_FR": ("Vos préférences chez", "Ce que nous savons de vous", "Vos données"),
            "de_DE": ("Ihre Wünsche bei", "Was wir über Sie wissen", "Ihre Daten"),
            "es_ES": ("Sus preferencias en", "Lo que sabemos de usted", "Sus datos"),
        }
        kept = {"fr_FR": "conservé jusqu’au", "de_DE": "aufbewahrt bis", "es_ES": "se guarda hasta"}
        for code in LANGS:
            self.person.lang = code
            page = html.fromstring(self.url_open(path).text)
            self.assertEqual(page.get("lang"), code.replace("_", "-"))
            [wrap] = page.xpath("//*[@id='wrap']")
            text = words(wrap.text_content())
            for heading in headings[code]:
                self.assertIn(heading, text)
            self.assertIn(purpose.with_context(lang=code).name, text)
            self.assertIn(kept[code], text)
            self.assertNotIn("You said", text)
            self.assertNotIn("In our address book", text)
            self.assertNoEnglish(text, code)
            page = html.fromstring(self.url_open(f"{path}/unsubscribe/care").text)
            [wrap] = page.xpath("//*[@id='wrap']")
            self.assertNoEnglish(words(wrap.text_content()), code)

    def test_copy(self):
        titles = {section["label"] for section in self.person._hc_export_sections()}
        for code in LANGS:
            partner = self.person.with_context(lang=code)
            archive = zipfile.ZipFile(io.BytesIO(partner._hc_export_zip()))
            page = html.fromstring(archive.read("my-data.html").decode())
            self.assertFalse(titles & {one.text_content() for one in page.iter("h2")}, code)
            self.assertNoEnglish(words(page.text_content()), code)
            self.assertNotIn("keeps about", page.text_content())

    # -- plans of one's own -----------------------------------------------------------------------

    def test_use_template(self):
        """A plan made from a ready one keeps what it says in every language, whoever makes it."""
        ready = self.env.ref("hc_crm.outreach_plan_welcome")
        for code in ("en_US", "fr_FR"):
            ours = ready.with_user(self.manager).with_context(lang=code)
            plan = self.env["hc.outreach.plan"].browse(ours.action_use_template()["res_id"])
            steps = {step.key: step for step in plan.draft_version_id.step_ids}
            self.assertEqual(len(steps), len(ready.version_ids[:1].step_ids))
            for lang in ["en_US", *LANGS]:
                source, copy = ready.with_context(lang=lang), plan.with_context(lang=lang)
                # with the month behind it, if there is one already
                self.assertEqual(copy.name.split(",")[0], source.name)
                self.assertEqual(copy.description, source.description)
                for step in source.version_ids[:1].step_ids:
                    other = steps[step.key].with_context(lang=lang)
                    self.assertEqual((other.name, other.text), (step.name, step.text))

    def test_plan_of_another_app(self):
        """A ready plan that comes when an app is installed speaks every language at once."""
        name, model, _field, file = hc_outreach_ready.WITH_OTHER_APPS[0]

        def convert_here(env, module, filename, idref, mode, noupdate):
            # the field that comes with the app stands for itself in the conditions alone
            text = Path(file_path(f"{module}/{filename}")).read_bytes()
            with tempfile.NamedTemporaryFile(suffix=".xml") as copy:
                copy.write(text.replace(b"website_id", b"partner_id"))
                copy.seek(0)
                convert_xml_import(env, module, copy, idref, mode, noupdate)

        if not self.env.ref(f"hc_crm.{name}", raise_if_not_found=False):
            with (
                patch.object(
                    hc_outreach_ready, "WITH_OTHER_APPS", [(name, model, "partner_id", file)]
                ),
                patch.object(hc_outreach_ready, "convert_file", convert_here),
            ):
                self.env["hc.outreach.plan"]._load_ready_plans()
        plan = self.env.ref(f"hc_crm.{name}")
        self.assertEqual(plan.with_context(lang="fr_FR").name, "Panier abandonné")
        self.assertTranslated(plan, "name", "description")
        self.assertTranslated(plan.version_ids.step_ids, "name")
        for _lang, path, po in self.po_files():
            if path.parent.name == "i18n_extra":
                said = {plan.name, plan.description, plan.version_ids.step_ids.name}
                self.assertEqual({entry.msgid for entry in po}, said, "as in the data file")
