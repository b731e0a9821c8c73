from odoo.tests import HttpCase, tagged

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestFactTour(HcCommon, HttpCase):
    def test_good_to_know(self):
        """The tab of a contact: note a like and another e-mail address, and take one away again."""
        self.person.user_id = self.salesman
        self.env["hc.fact"].create({"partner_id": self.person.id, "text": "Old habit"})
        self.start_tour(f"/odoo/res.partner/{self.person.id}", "hc_fact_tour", login="hc_salesman")
        self.assertRecordValues(
            self.env["hc.fact"].search([("partner_id", "=", self.person.id)]),
            [{"kind": "like", "text": "Green tea, no sugar"}],
        )
        self.assertRecordValues(
            self.env["hc.partner.email"].search([("partner_id", "=", self.person.id)]),
            [{"email": "rosa.private@blum.example", "label": "private"}],
        )
        # what was typed into the form before is kept
        self.assertEqual(self.person.function, "Florist")
