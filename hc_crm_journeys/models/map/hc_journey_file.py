import base64
import binascii
import csv
import io
import json
import re
import zipfile

import openpyxl
import xlsxwriter

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .document import LISTS
from .hc_journey_lane import LANE_KINDS
from .table import MAX_COLUMNS, MAX_ROWS, TableReader, table_of

MAX_FILE = 20_000_000  # bytes
MAX_UNPACKED = 200_000_000  # bytes of a workbook, whose parts are compressed
MIMETYPES = {
    "json": "application/json",
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# a spreadsheet takes what begins so for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMN_WIDTH = 28  # characters


class HcJourneyFile(models.Model):
    """Maps as files: our JSON holds all of it, CSV and XLSX its words (see ``table``)."""

    _inherit = "hc.journey"

    # out
    def hc_export(self, extension):
        """Return the map as a file: ``{"name", "mimetype", "content": base64}``.

        :param extension: json, csv or xlsx
        """
        self._hc_one()
        self.check_access("read")
        if not isinstance(extension, str) or extension not in MIMETYPES:
            raise UserError(
                self.env._("Export: choose one of %(extensions)s.", extensions=", ".join(MIMETYPES))
            )
        content = getattr(self, f"_hc_export_{extension}")()
        name = re.sub(r"[^\w -]+", " ", self.name).strip()[:100] or "map"
        return {
            "name": f"{name}.{extension}",
            "mimetype": MIMETYPES[extension],
            "content": base64.b64encode(content).decode(),
        }

    def action_hc_export(self, extension="xlsx"):
        """Download the map as a file."""
        self._hc_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/hc_crm_journeys/export/{self.id}/{extension}",
            "target": "download",
        }

    def _hc_export_json(self):
        document = self._hc_document(is_portable=True)
        return json.dumps(document, ensure_ascii=False, indent=1).encode()

    def _hc_table(self):
        labels = dict(self.env["hc.journey.lane"]._fields["kind"]._description_selection(self.env))
        return table_of(self.env, {what: self._hc_rows(what) for what in LISTS}, labels)

    def _hc_export_csv(self):
        file = io.StringIO()
        writer = csv.writer(file)
        for row in self._hc_table():
            writer.writerow([f"'{value}" if value.startswith(FORMULA) else value for value in row])
        # with its mark, or spreadsheets take it for the alphabet of the machine
        return file.getvalue().encode("utf-8-sig")

    def _hc_export_xlsx(self):
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
            sheet = book.add_worksheet(self.env._("Map"))
            head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            words = book.add_format({"text_wrap": True, "valign": "top"})
            for number, row in enumerate(self._hc_table()):
                for column, value in enumerate(row):
                    sheet.write_string(number, column, value, words if number and column else head)
                sheet.set_column(0, len(row), COLUMN_WIDTH)
            sheet.freeze_panes(1, 1)
        return file.getvalue()

    # in
    @api.model
    def hc_import(self, filename, content, lanes=None):
        """Make a map of a file; return ``{"id": map}``.

        Where a table has rows whose lane we do not know nothing is made, and the answer asks what they are:
        ``{"unknown": [{"row", "name"}], "kinds": [{"kind", "label"}], "message"}``. Call again with ``lanes``.

        :param filename: its end says what it is: .json, .csv or .xlsx
        :param content: base64
        :param lanes: ``{name of an unknown row: kind of lane, or False to leave it out}``
        :raises ValidationError: saying what in the file is wrong, and in which row
        """
        self.check_access("create")
        if not isinstance(filename, str) or "." not in filename:
            raise ValidationError(self.env._("File: it is a .json, .csv or .xlsx file."))
        title, _dot, extension = filename.strip().rpartition(".")
        extension = extension.lower()
        if extension not in MIMETYPES:
            raise ValidationError(
                self.env._(
                    "File: “.%(extension)s” cannot be read. Save it as .json, .csv or .xlsx.",
                    extension=extension[:20],
                )
            )
        content = self._hc_decoded(content)
        if extension == "json":
            return {"id": self._hc_new_from(self._hc_read_json(content)).id}
        table = getattr(self, f"_hc_read_{extension}")(content)
        reader = TableReader(self.env, table, title[:200] or "…", self._hc_checked_lanes(lanes))
        if reader.unknown:
            rows = ", ".join(
                self.env._("row %(row)s “%(name)s”", row=row["row"], name=row["name"][:50])
                for row in reader.unknown[:5]
            )
            return {
                "unknown": reader.unknown,
                "kinds": [
                    {"kind": kind, "label": label}
                    for kind, label in self.env["hc.journey.lane"]._fields["kind"]._description_selection(self.env)
                ],
                "message": self.env._(
                    "No lane is called like this: %(rows)s. Say what they are, or leave them out.", rows=rows
                ),
            }  # fmt: skip
        return {"id": self._hc_new_from(reader.document).id}

    @api.model
    def _hc_decoded(self, content):
        try:
            if not isinstance(content, str) or len(content) > MAX_FILE * 4 // 3 + 4:
                raise ValueError
            content = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError(
                self.env._(
                    "File: give it as base64, at most %(max)s MB.", max=MAX_FILE // 1_000_000
                )
            ) from error
        if not content:
            raise ValidationError(self.env._("File: it is empty."))
        return content

    @api.model
    def _hc_checked_lanes(self, lanes):
        kinds = [kind for kind, _label in LANE_KINDS]
        if lanes and (
            not isinstance(lanes, dict)
            or any(kind is not False and kind not in kinds for kind in lanes.values())
        ):
            raise ValidationError(
                self.env._("Lanes: each is one of %(kinds)s.", kinds=", ".join(kinds))
            )
        return lanes

    @api.model
    def _hc_read_json(self, content):
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "This file cannot be read: it is no JSON (%(error)s).", error=str(error)[:100]
                )
            ) from error

    @api.model
    def _hc_read_csv(self, content):
        for encoding in (
            ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
        ):
            try:
                text = content.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise ValidationError(
                self.env._("This file cannot be read: save it as CSV in UTF-8.")
            )  # fmt: skip
        head = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=head.count)
        try:
            rows = list(
                csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
            )
        except csv.Error as error:
            raise ValidationError(
                self.env._("This file cannot be read: %(error)s", error=str(error)[:100])
            ) from error
        return [
            [
                value[1:] if value[:1] == "'" and value[1:].startswith(FORMULA) else value
                for value in row
            ]
            for row in rows
        ]

    @api.model
    def _hc_read_xlsx(self, content):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                    raise ValueError(self.env._("it is too large"))
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            return [
                ["" if value is None else value for value in row]
                for row in sheet.iter_rows(
                    max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True
                )
            ]
        # whatever a broken or hostile workbook makes the reader say
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "This file cannot be read: it is no workbook (%(error)s).",
                    error=str(error)[:100],
                )
            ) from error
