import re
from collections import Counter
from pathlib import Path

import polib
from lxml import html

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path

from .common_answer import AnswerCommon

LANGS = ["fr_FR", "de_DE", "es_ES"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|</?[a-z][^>]*>")
TEXTS = {
    "survey.survey": ("title", "description", "description_done"),
    "survey.question": ("title", "question_placeholder"),
}


def words(text):
    return " ".join(text.split())


@tagged("post_install", "-at_install")
class TestQuestionTranslations(HttpCase, AnswerCommon):
    """The ready surveys and the page behind a mail, in French, German and Spanish."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGS:
            cls.env["res.lang"]._activate_lang(code)
        cls.env["ir.module.module"]._load_module_terms(["hc_crm_surveys"], LANGS, overwrite=True)
        folder = Path(file_path("hc_crm_surveys"))
        cls.files = {
            path.stem: polib.pofile(str(path)) for path in sorted(folder.glob("i18n/*.po"))
        }

    def test_files(self):
        self.assertEqual(list(self.files), ["de", "es", "fr"])
        terms = {frozenset(entry.msgid for entry in po) for po in self.files.values()}
        self.assertEqual(len(terms), 1, "each language says the same")
        for lang, po in self.files.items():
            for entry in po:
                where = f"{lang}: {entry.msgid}"
                self.assertTrue(entry.msgstr.strip(), where)
                self.assertFalse(entry.fuzzy, where)
                self.assertEqual(
                    Counter(PLACEHOLDER.findall(entry.msgid)),
                    Counter(PLACEHOLDER.findall(entry.msgstr)),
                    where,
                )
                self.assertIn("module: hc_crm_surveys", entry.comment, where)

    def ready(self):
        names = self.env["ir.model.data"].search(
            [("module", "=", "hc_crm_surveys"), ("model", "=", "survey.survey")]
        )
        return self.env["survey.survey"].browse(names.mapped("res_id"))

    def test_ready_surveys(self):
        surveys = self.ready()
        self.assertGreaterEqual(
            set(surveys.question_ids.mapped("metric")) - {False}, {"nps", "csat", "ces"}
        )
        for survey in surveys:
            self.assertTrue(survey._metric_question()._scale(), survey.title)
            self.assertTrue(survey._comment_question(), survey.title)
            self.assertEqual(survey.access_mode, "token", "nobody answers who was not asked")
        for model, names in TEXTS.items():
            records = surveys if model == "survey.survey" else surveys.question_ids
            for record in records.with_context(lang="en_US"):
                for name in names:
                    if not record[name]:
                        continue
                    said = {str(record.with_context(lang=code)[name]) for code in ["en_US", *LANGS]}
                    self.assertEqual(len(said), 4, (record, name, said))

    def test_letters(self):
        """Thanks, referral, review and "you said, we did" are written in the customer's language."""
        for name in ("thank", "referral", "review", "improvement"):
            template = self.env.ref(f"hc_crm_surveys.mail_template_{name}")
            for part in ("subject", "body_html"):
                said = {
                    words(str(template.with_context(lang=code)[part])) for code in ["en_US", *LANGS]
                }
                self.assertEqual(len(said), 4, (name, part))
        thank = self.env.ref("hc_crm_surveys.mail_template_thank")
        partner = self.env["res.partner"].create({"name": "Ana Ruiz", "lang": "es_ES"})
        [body] = thank._render_field("body_html", partner.ids, compute_lang=True).values()
        self.assertIn("Hola, Ana", html.fromstring(body).text_content())
        self.assertNotIn("Hello", body)

    def test_page(self):
        survey = self.env.ref("hc_crm_surveys.survey_nps")
        ends = {
            "fr_FR": "Pas du tout probable",
            "de_DE": "Überhaupt nicht",
            "es_ES": "Nada probable",
        }
        for code in LANGS:
            ask = self.new_ask(survey_id=survey.id, occurrence=code, lang=code)
            english = {
                words(entry.msgid)
                for entry in self.files[code[:2]]
                if len(entry.msgid.split()) > 2 and "<" not in entry.msgid
            }
            page = self.get(self.path(ask, 9))
            self.assertIn(ends[code], page.text)
            step = self.post(self.form(page, act=""), ask=ask, status=200)
            self.post(self.form(step, act="key"), ask=ask)
            for response in (page, step, self.get(self.path(ask) + "?done=1")):
                self.assertEqual(html.fromstring(response.text).get("lang"), code.replace("_", "-"))
                text = self.text(response)
                for term in english:
                    self.assertNotIn(term, text, code)
