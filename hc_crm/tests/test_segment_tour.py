from odoo import fields
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestSegmentTour(HttpCase):
    def test_build_and_use_in_contacts(self):
        # whoever else is likely to stop buying is not part of the story
        self.env["hc.customer.insight"].search([]).unlink()
        customer, stranger = self.env["res.partner"].create(
            [{"name": "Tour Customer"}, {"name": "Tour Stranger"}]
        )
        for partner, risk in ((customer, 0.72), (stranger, 0.2)):
            self.env["hc.customer.insight"].create(
                {
                    "partner_id": partner.id,
                    "company_id": self.env.ref("base.user_admin").company_id.id,
                    "currency_id": self.env.company.currency_id.id,
                    "computed_at": fields.Datetime.now(),
                    "value_state": "money",
                    "status": "late",
                    "frequency": 5,
                    "churn_risk": risk,
                    "last_purchase_date": fields.Date.subtract(fields.Date.today(), days=74),
                }
            )
        self.start_tour("/odoo?debug=1", "hc_segment_tour", login="admin")
        segment = self.env["hc.segment"].search([("name", "=", "Tour segment")])
        self.assertEqual(customer.hc_segment_ids & segment, segment)
        self.assertFalse(stranger.hc_segment_ids & segment)
        self.assertEqual(segment.author_id, self.env.ref("base.user_admin"))
