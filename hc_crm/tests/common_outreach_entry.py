from datetime import timedelta

from freezegun import freeze_time

from odoo import fields

from .common_outreach import OutreachCommon


class EntryCommon(OutreachCommon):
    """Plans of one step, and a pass over them now or some days later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_person = cls.env["res.partner"].create(
            {"name": "Foreign Customer", "company_id": cls.other_company.id}
        )
        cls.tea = cls.env["product.product"].create({"name": "Tea", "type": "service"})
        cls.today = cls.env["hc.insight.purchase"]._today(cls.company)

    def setUp(self):
        super().setUp()
        self.start = fields.Datetime.now()

    @classmethod
    def make(cls, entry_type, start=True, **vals):
        return cls.make_plan(
            [{"name": "end", "type": "stop"}],
            start=start,
            **{"entry_type": entry_type, "user_id": cls.manager.id, **vals},
        )

    def _date_plan(self, **vals):
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        return self.make(
            "date",
            **{
                "entry_model_id": field.model_id.id,
                "entry_date_field_id": field.id,
                "entry_domain": "[('state', '=', 'draft')]",
                **vals,
            },
        )

    def enter(self, plan, days=0):
        """Let newcomers in, so many days later; return how many came."""
        with freeze_time(self.start + timedelta(days=days, seconds=5)):
            count = plan._enter_guarded()
        self.assertFalse(plan.entry_error, plan.entry_error)
        return count

    def inside(self, plan):
        return self.Enrollment.search([("plan_id", "=", plan.id)]).partner_id

    def occurrences(self, plan, partner):
        return sorted(
            self.Enrollment.search(
                [("plan_id", "=", plan.id), ("partner_id", "=", partner.id)]
            ).mapped("occurrence")
        )

    def interaction(self, partner, days_ago=0, channel="call", **vals):
        return self.env["hc.interaction"].create(
            {
                "partner_id": partner.id,
                "summary": "Talked",
                "channel_id": self.env.ref(f"hc_crm.hc_channel_{channel}").id,
                "date": fields.Datetime.now() - timedelta(days=days_ago),
                **vals,
            }
        )

    def order(self, partner, confirm=True, **vals):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    fields.Command.create({"product_id": self.tea.id, "price_unit": 10})
                ],
                **vals,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    def insight(self, partner, company=None, **vals):
        """Figures as a run would have written them."""
        company = company or self.company
        self.env["hc.customer.insight"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        ).unlink()
        return self.env["hc.customer.insight"].create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "computed_at": fields.Datetime.now(),
                "health_band": "middle",
                **vals,
            }
        )
