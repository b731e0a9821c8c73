from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestToursTimeline(HcCommon, HttpCase):
    """What a salesperson clicks: log, read the timeline, read the brief. On data of its own."""

    def interact(self, partner, summary, days, channel="call", **values):
        return {
            "partner_id": partner.id,
            "summary": summary,
            "date": fields.Datetime.now() - timedelta(days=days),
            "channel_id": self.env.ref(f"hc_crm.hc_channel_{channel}").id,
            "user_id": self.salesman.id,
            **values,
        }

    def test_log(self):
        self.start_tour(f"/odoo/res.partner/{self.person.id}", "hc_log_tour", login="hc_salesman")
        interaction = self.env["hc.interaction"].search([("partner_id", "=", self.person.id)])
        self.assertRecordValues(
            interaction,
            [
                {
                    "summary": "Looked at the blue chairs",
                    "sentiment": "1",
                    "channel_key": "visit",
                    "promise_state": "kept",
                }
            ],
        )

    def test_timeline(self):
        self.env["hc.interaction"].create(
            [
                self.interact(self.contact, "Newest word with Brandon", 1),
                self.interact(self.contact, "A letter came", 2, "letter", direction="in"),
                self.interact(
                    self.company_customer,
                    "Backup ran",
                    3,
                    "usage",
                    is_automated=True,
                    direction="in",
                ),
                self.interact(self.contact, "Asked for blue chairs", 50),
            ]
            + [self.interact(self.company_customer, f"Old call {n}", 100 - n) for n in range(1, 36)]
        )
        self.start_tour(
            f"/odoo/res.partner/{self.company_customer.id}", "hc_timeline_tour", login="hc_salesman"
        )

    def test_brief(self):
        self.env["hc.interaction"].create(self.interact(self.person, "Called about samples", 12))
        self.env["hc.promise"].create(
            {
                "partner_id": self.person.id,
                "summary": "Send fabric samples",
                "user_id": self.salesman.id,
                "date_due": fields.Date.today() - timedelta(days=2),
            }
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.salesman.id}
        )
        self.start_tour(f"/odoo/sale.order/{order.id}", "hc_brief_tour", login="hc_salesman")
