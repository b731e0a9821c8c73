from datetime import timedelta

from odoo import fields

from .common import HcCommon


class SegmentCommon(HcCommon):
    """Figures of two customers as a run would have left them, and a segment that asks for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # only the segments and figures of this test count here, not those of the demo data
        cls.env["hc.customer.insight.history"].search([]).unlink()
        cls.env["hc.customer.insight"].search([]).unlink()
        cls.env["hc.segment"].search([]).unlink()
        cls.Segment = cls.env["hc.segment"]
        cls.Membership = cls.env["hc.segment.membership"]
        cls.today = fields.Date.today()
        # of Sam's own sales, and of somebody else's
        cls.own = cls.make_insight(cls.person, churn_risk=0.72, seller=cls.salesman)
        cls.foreign = cls.make_insight(cls.company_customer, churn_risk=0.81, seller=cls.seller_all)
        cls.risky = cls.make_segment("Risky", '[("hc_insight_id.churn_risk", ">", 0.6)]')

    @classmethod
    def make_insight(cls, partner, seller=None, company=None, days=74, **values):
        company = company or cls.company
        insight = cls.env["hc.customer.insight"].create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "computed_at": fields.Datetime.now(),
                "value_state": "money",
                "status": "active",
                "frequency": 5,
                "seller_count": 1 if seller else 0,
                "seller_id": seller and seller.id,
                "last_purchase_date": cls.today - timedelta(days=days),
                **values,
            }
        )
        cls.env.flush_all()
        return insight

    @classmethod
    def make_segment(cls, name, domain, **values):
        return cls.env["hc.segment"].create({"name": name, "domain": domain, **values})

    def members(self, segment, user=None):
        lines = self.Membership.with_user(user) if user else self.Membership
        return lines.search([("segment_id", "=", segment.id), ("date_left", "=", False)]).partner_id

    def line(self, segment, partner):
        return self.Membership.search(
            [("segment_id", "=", segment.id), ("partner_id", "=", partner.id)], limit=1
        )
