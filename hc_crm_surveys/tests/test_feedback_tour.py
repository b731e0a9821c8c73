import json
from io import BytesIO
from urllib.parse import urlencode

from openpyxl import load_workbook

from odoo.tests import HttpCase, tagged

from .test_feedback_results import ResultsCommon


@tagged("post_install", "-at_install")
class TestResultsTour(HttpCase, ResultsCommon):
    """Results in the browser: reading, drilling down, taking along."""

    def setUp(self):
        super().setUp()
        self.env.ref("base.group_allow_export").user_ids += self.seller_all | self.salesman

    def test_tour(self):
        self.start_tour("/odoo/results", "results_tour", login="hc_seller_all")

    def export(self, **values):
        return self.url_open(f"/hc_crm_surveys/results/export?{urlencode(values)}")

    def test_export(self):
        self.rows[0].comment = "=1+1"
        self.authenticate("hc_seller_all", "hc_seller_all")
        sheets = load_workbook(BytesIO(self.export(format="xlsx", options="{}").content))
        self.assertEqual(sheets.worksheets[0]["A2"].value, "NPS")
        self.assertEqual(
            (sheets.worksheets[0]["B2"].value, sheets.worksheets[0]["C2"].value), (40, 25)
        )
        answers = sheets.worksheets[-1]
        self.assertEqual(answers.max_row, 41)
        formulas = [cell for row in answers.iter_rows() for cell in row if cell.data_type == "f"]
        self.assertFalse(formulas, "customers' words are words")
        text = self.export(format="csv", options="{}").content.decode("utf-8-sig")
        self.assertEqual(len(text.strip().split("\r\n")), 41)
        self.assertIn('"\'=1+1"', text)

    def test_export_is_for_the_reader(self):
        self.authenticate("hc_salesman", "hc_salesman")
        text = self.export(format="csv", options="{}").content.decode("utf-8-sig")
        self.assertEqual(len(text.strip().split("\r\n")), 21)
        self.assertNotIn("Customer of Ada", text)
        self.authenticate("hc_portal", "hc_portal")
        self.assertEqual(self.export(format="csv", options="{}").status_code, 403)

    def test_export_needs_the_host_s_right_to_export(self):
        self.env.ref("base.group_allow_export").user_ids -= self.seller_all
        self.authenticate("hc_seller_all", "hc_seller_all")
        for kind in ("csv", "xlsx"):
            self.assertEqual(self.export(format=kind, options="{}").status_code, 403)

    def test_export_refuses_nonsense(self):
        self.authenticate("hc_seller_all", "hc_seller_all")
        for values in (
            {"format": "exe", "options": "{}"},
            {"format": "csv", "options": "{"},
            {"format": "csv", "options": "[]"},
            {"format": "csv", "options": json.dumps({"period": "never"})},
            {"format": "xlsx", "options": json.dumps({"domain": [["nothing", "=", 1]]})},
        ):
            self.assertEqual(self.export(**values).status_code, 400, values)
