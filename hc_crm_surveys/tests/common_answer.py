from datetime import timedelta

from lxml import html

from odoo import fields

from .common import SurveysCommon


class AnswerCommon(SurveysCommon):
    """People who were asked by mail, and what browsers, scanners and strangers do with the link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey.questions_layout = "one_page"
        cls.ask = cls.new_ask()

    @classmethod
    def new_ask(cls, **values):
        return cls.env["hc.ask"].create(
            {
                "company_id": cls.company.id,
                "survey_id": cls.survey.id,
                "partner_id": cls.person.id,
                "user_id": cls.salesman.id,
                "state": "sent",
                "date_sent": fields.Datetime.now() - timedelta(days=1),
                "date_expire": fields.Datetime.now() + timedelta(days=30),
                **values,
            }
        )

    def path(self, ask=None, score=None):
        ask = ask or self.ask
        return f"/feedback/{ask.token}" + (f"?score={score}" if score is not None else "")

    def get(self, path, status=200):
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, status, path)
        return response

    def form(self, response, **changes):
        """Return what the form of a page would send."""
        page = html.fromstring(response.text)
        [form] = page.xpath("//form[contains(@class, 'o_hc_answer_form')]")
        data = {
            one.get("name"): one.get("value") or ""
            for one in form.xpath(".//input[@type='hidden']")
        }
        data["score"] = (form.xpath(".//input[@name='score'][@checked]/@value") or [""])[0]
        [comment] = form.xpath(".//textarea") or [None]
        data["comment"] = (comment.text or "") if comment is not None else ""
        return {**data, "act": "pointer", **changes}

    def post(self, data, ask=None, status=303):
        response = self.url_open(self.path(ask), data=data, method="POST", allow_redirects=False)
        self.assertEqual(response.status_code, status)
        return response

    def send(self, score=9, comment="", ask=None, status=303, **changes):
        """Answer as a person does: open the page, choose, write, press the button."""
        page = self.get(self.path(ask, score))
        return self.post(self.form(page, comment=comment, **changes), ask=ask, status=status)

    def answers(self, ask=None):
        partner = (ask or self.ask).partner_id
        return self.env["survey.user_input"].search([("partner_id", "=", partner.id)])

    def said(self, answer):
        """Return ``{question: what was said}``."""
        return {
            line.question_id: line.value_scale
            if line.answer_type == "scale"
            else line.value_text_box
            for line in answer.user_input_line_ids
            if not line.skipped
        }

    def text(self, response):
        page = html.fromstring(response.text)
        [wrap] = page.xpath("//*[@id='wrap']")
        for script in wrap.xpath(".//script"):
            script.drop_tree()
        return " ".join(wrap.text_content().split())
