import csv
import io
import json

from werkzeug.exceptions import BadRequest, Forbidden

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(value):
    """Return what a spreadsheet shows and never works out: customers' words can begin with “=”."""
    text = "" if value is None or value is False else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class ResultsExport(http.Controller):
    @http.route(
        "/hc_crm_surveys/results/export",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        readonly=True,
    )
    def export(self, format="xlsx", options="{}", **_kwargs):
        """Return the results, as the reader sees them, as a spreadsheet: ``xlsx``, or ``csv`` of the answers."""
        try:
            options = json.loads(options)
        except ValueError:
            raise BadRequest()
        if format not in ("xlsx", "csv"):
            raise BadRequest()
        if not request.env.user.has_group("base.group_allow_export"):
            raise Forbidden(request.env._("You are not allowed to export: ask an administrator."))
        feedback = request.env["hc.feedback"]
        try:
            sheets = feedback._hc_results_sheets(options, only_answers=format == "csv")
        except AccessError as error:
            raise Forbidden(str(error))
        except UserError as error:
            raise BadRequest(str(error))
        name = request.env._("Results")
        if format == "csv":
            content, kind = self._csv(sheets[-1][1]), "text/csv;charset=utf-8"
        else:
            content = self._xlsx(sheets)
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        headers = [
            ("Content-Type", kind),
            ("Content-Disposition", content_disposition(f"{name}.{format}")),
        ]
        return request.make_response(content, headers)

    def _csv(self, rows):
        file = io.StringIO()
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        for row in rows:
            writer.writerow([plain_cell(value) for value in row])
        # with a mark, or spreadsheets take it for another encoding
        return file.getvalue().encode("utf-8-sig")

    def _xlsx(self, sheets):
        import xlsxwriter  # as the host does, only where a file is made

        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False,
                                        "strings_to_urls": False}) as book:  # fmt: skip
            bold = book.add_format({"bold": True})
            for title, rows in sheets:
                sheet = book.add_worksheet(title[:31])
                sheet.set_column(0, 0, 30)
                sheet.set_column(1, 10, 16)
                for line, row in enumerate(rows):
                    for column, value in enumerate(row):
                        value = "" if value is None or value is False else value
                        sheet.write(line, column, value, bold if not line else None)
        return file.getvalue()
