import base64

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import JourneysCommon


@tagged("post_install", "-at_install")
class TestMapStart(JourneysCommon):
    """A new map: with a template, with nothing, with a file."""

    def start(self, **vals):
        return self.env["hc.journey.start"].with_user(self.seller_all).create(vals)

    def opened(self, start):
        action = start.action_start()
        self.assertEqual(action["res_model"], "hc.journey")
        return self.env["hc.journey"].browse(action["res_id"])

    def test_template(self):
        form = Form(self.env["hc.journey.start"].with_user(self.seller_all))
        form.template = "bakery"
        self.assertIn("6 stages", form.template_text)
        journey = self.opened(form.save())
        self.assertEqual(
            (journey.name, journey.user_id), ("Bakery Round the Corner", self.seller_all)
        )

    def test_empty(self):
        self.assertEqual(self.opened(self.start(way="empty", name="Mine")).name, "Mine")
        with self.assertRaises(UserError):
            self.start(way="empty", name=" ").action_start()

    def test_file(self):
        """A row that we do not know is asked about, once."""
        content = base64.b64encode(b",Buy\nDoing,Pays\nWeather,Rain\nSmells,Bread")
        start = self.start(way="file", file=content, filename="day.csv")
        action = start.action_start()
        self.assertEqual((action["res_model"], action["res_id"]), ("hc.journey.start", start.id))
        self.assertEqual(
            [(line.row, line.name, line.kind) for line in start.line_ids],
            [(3, "Weather", "own"), (4, "Smells", "own")],
        )
        start.line_ids[0].kind = "out"
        journey = self.opened(start)
        self.assertEqual(journey.name, "day")
        self.assertEqual(
            [(lane.kind, lane.name) for lane in journey.lane_ids],
            [("action", "Doing"), ("own", "Smells")],
        )
        for vals in ({}, {"file": content, "filename": "day.pdf"}, {"file": content}):
            with self.assertRaises(UserError):
                self.start(way="file", **vals).action_start()
