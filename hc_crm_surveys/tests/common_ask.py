from datetime import timedelta

from odoo import fields

from odoo.addons.mail.tests.common import MockEmail

from .common import SurveysCommon


class AskCommon(SurveysCommon, MockEmail):
    """A rule by hand, and customers who may be asked at any hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["hc.contact.policy"]._for_company(cls.company)
        # no quiet hours and no budget: tests run at any hour
        cls.policy.write(
            {"hour_from": 0, "hour_to": 24, "on_sunday": True, "budget_days": 0, "human_days": 0}
        )
        cls.Ask = cls.env["hc.ask"]
        cls.Rule = cls.env["hc.ask.rule"]
        cls.Rule.with_context(active_test=False).search([]).active = False
        cls.company.email = "shop@company.example"
        cls.product = cls.env["product.product"].create({"name": "Vase", "type": "service"})
        cls.rule = cls.make_rule()

    @classmethod
    def make_rule(cls, **vals):
        return cls.Rule.create(
            {
                "name": "Test rule",
                "survey_id": cls.survey.id,
                "trigger": "manual",
                "touchpoint": "test",
                **vals,
            }
        )

    @classmethod
    def make_people(cls, count, **vals):
        return cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"c{number}@customers.example", **vals}
                for number in range(count)
            ]
        )

    @classmethod
    def order(cls, partner=None, **vals):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.person).id,
                "order_line": [
                    fields.Command.create({"product_id": cls.product.id, "product_uom_qty": 1})
                ],
                **vals,
            }
        )
        order.action_confirm()
        return order

    @classmethod
    def asks(cls, rule=None):
        """What a rule asks people of the test; in a demo shop there are others."""
        return cls.Ask.search(
            [
                ("rule_id", "=", (rule or cls.rule).id),
                ("partner_id", ">=", cls.company_customer.id),
            ],
            order="id",
        )

    @classmethod
    def since(cls, rule, **before):
        """Let a rule count from some time ago."""
        cls.env.flush_all()
        rule.date_since = fields.Datetime.now() - timedelta(**before)

    def send_queued(self, asks):
        """Let the queue send what these requests wait for."""
        mails = self.env["mail.mail"].search(
            [("hc_ask_id", "in", asks.ids), ("state", "=", "outgoing")]
        )
        with self.mock_mail_gateway():
            mails.send()
        return mails
