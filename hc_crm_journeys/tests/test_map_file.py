import base64
import csv
import doctest
import io
import json

import openpyxl

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ..models.map import table
from .common import JourneysCommon
from .test_map_apply import ODD, PIXEL


class FileCommon(JourneysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Journey = cls.env["hc.journey"].with_user(cls.seller_all)

    def load(self, name, content, lanes=None):
        if isinstance(content, str):
            content = content.encode()
        return self.Journey.hc_import(name, base64.b64encode(content).decode(), lanes)

    def loaded(self, name, content, lanes=None):
        return self.Journey.browse(self.load(name, content, lanes)["id"])

    def content(self, extension, journey=None):
        return base64.b64decode((journey or self.journey).hc_export(extension)["content"])

    def plain(self, journey):
        """Return what stands on a map, but for what a copy has of its own."""
        return {
            part: [
                {key: value for key, value in row.items() if key not in ("revision", "touchpoint", "image")}
                | (
                    {"touchpoint": {k: v for k, v in row["touchpoint"].items() if k != "id"}}
                    if row.get("touchpoint")
                    else {}
                )
                for row in rows
            ]
            for part, rows in journey.hc_map().items()
            if part in ("stages", "lanes", "cells", "links")
        }  # fmt: skip


@tagged("post_install", "-at_install")
class TestMapFile(FileCommon):
    """A map as a file, and back."""

    def test_doctests(self):
        self.assertFalse(doctest.testmod(table).failed)

    def test_json(self):
        """Our own format holds everything: channels by key, personas by name, pictures."""
        self.apply(
            self.new("stage", "late", name="Late", parent="use", standard_days=3),
            self.new("cell", "say", stage="late", lane="feel", text="a\nb", feeling=2, feeling_other=-1),
            self.change("cell", "ad", image=PIXEL, persona=self.persona.id, is_pain=True, minutes=1.5),
        )  # fmt: skip
        journey = self.loaded("coat.json", self.content("json"))
        self.assertEqual(self.plain(journey), self.plain(self.journey))
        self.assertEqual(journey.name, self.journey.name)
        self.assertEqual(journey.persona_ids, self.persona)
        self.assertEqual(journey.user_id, self.seller_all)
        self.assertTrue(self.part("cell", "ad", journey).image)
        # elsewhere, where nobody is called like this
        self.persona.name = "Somebody else"
        journey = self.loaded(
            "coat.json", self.content("json").replace(b"Somebody else", b"Nobody")
        )
        self.assertFalse(journey.persona_ids)

    def test_tables(self):
        """Words, feelings, marks and touchpoints survive a spreadsheet."""
        journey = self.env["hc.journey"].browse(
            self.Journey.hc_new_from_template("online_clothing")
        )
        expected = self.words(journey)
        for extension in ("csv", "xlsx"):
            with self.subTest(extension):
                again = self.loaded(f"shop.{extension}", self.content(extension, journey))
                self.assertEqual(self.words(again), expected)
                self.assertEqual(again.name, "shop")

    def test_blueprint(self):
        journey = self.env["hc.journey"].browse(self.Journey.hc_new_from_template("b2b_service"))
        again = self.loaded("b.xlsx", self.content("xlsx", journey))
        self.assertEqual(
            [(lane["kind"], lane["line_after"]) for lane in again.hc_map()["lanes"]],
            [(lane["kind"], lane["line_after"]) for lane in journey.hc_map()["lanes"]],
        )
        self.assertEqual(again.kind, "blueprint")

    def test_parts_of_stages(self):
        journey = self.env["hc.journey"].browse(self.Journey.hc_new_from_template("accounting"))
        again = self.loaded("a.csv", self.content("csv", journey))
        names = {stage["uid"]: stage["name"] for stage in again.hc_map()["stages"]}
        self.assertEqual(
            [names[stage["parent"]] for stage in again.hc_map()["stages"] if stage["parent"]],
            ["Month by Month"] * 2,
        )
        self.assertEqual(self.words(again), self.words(journey))

    def words(self, journey):
        shown = journey.hc_map()
        stages = {stage["uid"]: stage["name"] for stage in shown["stages"]}
        labels = {kind["kind"]: kind["label"] for kind in shown["lane_kinds"]}
        lanes = {
            lane["uid"]: (lane["kind"], lane["name"] or labels[lane["kind"]])
            for lane in shown["lanes"]
        }
        return sorted(
            (
                stages[cell["stage"]], *lanes[cell["lane"]], cell["text"], cell["feeling"] or 0,
                cell["feeling_other"] or 0, cell["is_pain"], cell["is_truth"], cell["proof"],
                (cell["touchpoint"] or {}).get("mode") or "",
            )
            for cell in shown["cells"]
        )  # fmt: skip

    def test_by_hand(self):
        """As others write it: semicolons, other names of rows, an empty row, words of the alphabet of Windows."""
        text = ";Découvrir;Buy\r\nCustomer Action;Looks;Pays\r\n;;\r\nFEELINGS;Hope [+1];Fear [until May]\r\nweather;Rain;"
        asked = self.load("Map.CSV", text.encode("cp1252"))
        self.assertEqual(asked["unknown"], [{"row": 5, "name": "weather"}])
        self.assertIn("row 5 “weather”", asked["message"])
        self.assertIn({"kind": "own", "label": "Own Lane"}, asked["kinds"])
        self.assertFalse(self.env["hc.journey"].search([("name", "=", "Map")]))
        journey = self.loaded("Map.csv", text.encode("cp1252"), {"weather": "own"})
        shown = journey.hc_map()
        self.assertEqual([stage["name"] for stage in shown["stages"]], ["Découvrir", "Buy"])
        self.assertEqual(
            [(lane["kind"], lane["name"]) for lane in shown["lanes"]],
            [("action", "Customer Action"), ("emotion", "FEELINGS"), ("own", "weather")],
        )
        self.assertEqual(
            [
                (cell["text"], cell["feeling"])
                for cell in shown["cells"]
                if cell["lane"] == "lane-2"
            ],
            [("Hope", 1), ("Fear [until May]", None)],
        )
        without = self.loaded("Map.csv", text.encode("cp1252"), {"weather": False})
        self.assertEqual(len(without.lane_ids), 2)

    def test_no_formula(self):
        self.apply(self.change("cell", "ad", text='=HYPERLINK("http://evil.example")'))
        rows = list(csv.reader(io.StringIO(self.content("csv").decode("utf-8-sig"))))
        self.assertTrue(rows[1][1].startswith("'=HYPERLINK"))
        book = openpyxl.load_workbook(io.BytesIO(self.content("xlsx")))
        self.assertEqual(book.worksheets[0]["B2"].data_type, "s")
        again = self.loaded("x.csv", self.content("csv"))
        self.assertIn('=HYPERLINK("http://evil.example")', again.cell_ids.mapped("text"))

    def test_refused(self):
        count = self.env["hc.journey"].search_count([])
        for message, name, content in (
            ("Save it as .json, .csv or .xlsx", "map.pdf", b"%PDF"),
            ("it is a .json", "map", b"x"),
            ("it is empty", "map.csv", b""),
            ("it is no JSON", "map.json", b"{"),
            ("holds no list of stages", "map.json", b"[1]"),
            ("it is no map, but “other”", "map.json", b'{"format": "other", "stages": []}'),
            ("Stage 1 is no list", "map.json", b'{"stages": [1]}'),
            ("“lanes” is a list", "map.json", b'{"stages": [], "lanes": "x"}'),
            ("divided more than", "map.json", b'{"stages": [' + b'{"stages": [' * 12 + b"]}" * 12 + b"]}"),
            ("is there twice", "map.json", b'{"stages": [{"uid": "a"}, {"uid": "a"}]}'),
            ("Lane, Kind: “x” is none of", "map.json", b'{"stages": [], "lanes": [{"kind": "x"}]}'),
            ("is not on this map", "map.json", b'{"stages": [{"uid": "a", "cells": {"nolane": ["x"]}}]}'),
            ("no channel “pigeon”", "map.json", json.dumps({
                "stages": [{"uid": "a", "cells": {"l": [{"text": "x", "channel": "pigeon"}]}}],
                "lanes": [{"uid": "l", "kind": "touchpoint"}],
            }).encode()),
            ("Journey, Name: give the map a name", "map.json", b'{"stages": [], "name": ""}'),
            ("Journey, Name: give a text", "map.json", b'{"stages": [], "name": 7}'),
            ("no workbook", "map.xlsx", b"PK not really"),
            ("the first row names the stages", "map.csv", b"Only one line"),
            ("column 3 has no stage", "map.csv", b",A,\nAction,x,y"),
            ("row 3 has no lane", "map.csv", b",A\nAction,x\n,y"),
        ):  # fmt: skip
            with (
                self.subTest(message),
                self.assertRaisesRegex(ValidationError, message),
                self.env.cr.savepoint(),
            ):
                self.load(name, content)
        for odd in ODD:
            for arguments in ((odd, "YQ=="), ("a.csv", odd), ("a.csv", "YQ==", odd)):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    self.Journey.hc_import(*arguments)
            with self.assertRaises(UserError):
                self.journey.hc_export(odd)
        self.env.invalidate_all()
        self.assertEqual(self.env["hc.journey"].search_count([]), count)

    def test_script_is_text(self):
        journey = self.loaded("x.csv", ",<b>A</b>\nAction,<script>alert(1)</script>")
        self.assertEqual(journey.cell_ids.text, "<script>alert(1)</script>")
        self.assertEqual(journey.stage_ids.name, "<b>A</b>")

    def test_rights(self):
        for user in (self.stranger, self.portal, self.public):
            with self.assertRaises(AccessError):
                self.journey.with_user(user).hc_export("json")
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.env["hc.journey"].with_user(user).hc_import("a.json", "e30=")


@tagged("post_install", "-at_install")
class TestMapDownload(HttpCase, FileCommon):
    def test_download(self):
        url = f"/hc_crm_journeys/export/{self.journey.id}/"
        self.authenticate("hc_salesman", "hc_salesman")
        answer = self.url_open(f"{url}csv")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Discover,Buy,Use", answer.content.decode("utf-8-sig"))
        self.assertIn("Buying%20a%20coat.csv", answer.headers["Content-Disposition"])
        self.assertEqual(self.url_open(f"{url}doc").status_code, 400)
        self.assertEqual(self.url_open("/hc_crm_journeys/export/999999999/csv").status_code, 404)
        self.assertEqual(self.url_open(f"/hc_crm_journeys/export/{10**30}/csv").status_code, 400)
        self.authenticate("hc_stranger", "hc_stranger")
        self.assertEqual(self.url_open(f"{url}csv").status_code, 404)
        self.authenticate("hc_portal", "hc_portal")
        self.assertEqual(self.url_open(f"{url}csv").status_code, 404)
