from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

RISK_LEVELS = [(0.35, "low"), (0.65, "medium")]
# Dots on the strip: more would run together on a phone.
MAX_DOTS = 60
HISTORY_MONTHS = 12
USUAL_LIMIT, USUAL_LEAST = 5, 2
TREND_POINTS = 3  # change of health that is worth an arrow
CLOCKWORK, REGULAR = 0.75, 0.5  # regularity, see engine/insight/purchases.py


class ResPartner(models.Model):
    """The Insight page of a customer, for one reader."""

    _inherit = "res.partner"

    @api.readonly
    def hc_get_insight(self):
        """Return what the current company's records say about this customer, in words, with reasons.

        Whatever the reader may not see the records of is left out, and ``left_out`` says so.

        :return: dict; ``access`` is ``full``, ``partial`` (some purchases are hidden from the reader),
            ``optout`` (they do not want to be described) or ``none`` (nothing is known, see ``empty``)
        """
        if len(self) != 1:
            raise UserError(self.env._("What is known about a customer: open one customer."))
        self.check_access("read")
        self.env["hc.customer.insight"].check_access("read")
        customer = self.commercial_partner_id
        hidden = not customer.has_access("read")
        shown = self if hidden else customer
        answer = {
            "partner": {"id": shown.id, "name": shown.display_name},
            "company": {"id": self.env.company.id, "name": self.env.company.name},
            "access": "none",
            "empty": False,
            "computed_at": False,
            "currency_id": self.env.company.currency_id.id,
            "sentences": [],
            "rfm": False,
            "rhythm": False,
            "value": {"missing": ""},
            "risk": {"missing": ""},
            "health": {"missing": ""},
            "channel": self._hc_channel_preference(),
            "usual": [],
            "left_out": False,
        }
        if hidden:
            return answer | {
                "empty": self.env._(
                    "Figures are about whole companies, and you do not see the one of this contact."
                ),
            }
        if customer.hc_profiling_optout:
            return answer | {
                "access": "optout",
                "empty": self.env._(
                    "%(name)s does not want to be described by figures: nothing is worked out or kept.",
                    name=customer.display_name,
                ),
            }
        # superuser: the row is read for everybody who may read the customer, and what rests on records
        # hidden from the reader is left out below
        insight = customer._hc_insight_of_company()
        if not insight:
            return answer | {"empty": self._hc_insight_missing(customer)}
        visible = insight._hc_visible_factors()[insight.id]
        full = "rhythm" in visible
        reasons = insight._hc_reasons(words_too=True)[insight.id]
        for reason in reasons:
            if "action" in reason and not full and reason["factor"] == "engagement":
                reason["action"] = False
        answer |= {
            "access": "full" if full else "partial",
            "computed_at": fields.Datetime.to_string(insight.computed_at),
            "currency_id": insight.currency_id.id,
            "usual": self._hc_usual(),
        }
        if full:
            answer |= insight._hc_page_purchases()
            answer["health"] = insight._hc_page_health(reasons)
        else:
            answer["health"] = {
                "missing": self.env._("Health counts purchases of colleagues that you do not see."),
                "factors": reasons,
            }
            hidden = self.env._("Counts purchases of colleagues that you do not see.")
            answer |= {"value": {"missing": hidden}, "risk": {"missing": hidden}}
            answer["left_out"] = self.env._(
                "Colleagues sell to this customer too. Figures that rest on what you do not see are left "
                "out."
            )
        if full and not {"rhythm", "engagement", "feeling", "care"} <= visible:
            answer["left_out"] = self.env._(
                "Reasons that rest on records you do not see are left out."
            )
        answer["sentences"] = insight._hc_sentences(answer)
        if self != customer:
            about = self.env._("About %(company)s as a whole.", company=customer.display_name)
            answer["sentences"].insert(0, {"key": "about", "text": about, "tone": "muted"})
        return answer

    def _hc_insight_of_company(self):
        # superuser: see hc_get_insight
        return (
            self.env["hc.customer.insight"]
            .sudo()
            .search(
                [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)], limit=1
            )
        )

    def _hc_insight_missing(self, customer):
        config = self.env["hc.insight.config"]._for_company(self.env.company)
        if not config.is_active:
            return self.env._(
                "Insight is switched off for %(company)s.", company=self.env.company.name
            )
        # superuser: whether it is one of us is no secret to a reader of the contact
        if not customer.sudo().filtered_domain(self._hc_profiling_domain()):
            return self.env._("Colleagues and our own companies are not described by figures.")
        if (
            not self.env["hc.insight.run"]
            .sudo()
            .search_count(
                [("company_id", "=", self.env.company.id), ("state", "=", "done")], limit=1
            )
        ):
            return self.env._(
                "Insight has not been worked out yet. It will be within the hour; an administrator can "
                "start it at once under Configuration, Insight."
            )
        Order = self.env["sale.order"]
        if Order.has_access("read") and Order.search_count(
            [("partner_id", "child_of", customer.id), ("state", "=", "sale")], limit=1
        ):
            return self.env._(
                "%(name)s was not looked at yet: the next run will, within the hour.",
                name=customer.display_name,
            )
        return self.env._(
            "Not enough history to say: no purchase and no contact yet. Rhythm, value and health show "
            "here from the first ones on."
        )

    def _hc_usual(self):
        """Return what this customer usually buys, by the orders that the reader may see."""
        Line = self.env["sale.order.line"]
        if not Line.has_access("read"):
            return []
        domain = Domain(
            [
                ("order_partner_id", "child_of", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "sale"),
                ("display_type", "=", False),
                ("is_downpayment", "=", False),
                ("product_uom_qty", ">", 0),
                ("product_id", "!=", False),
            ]
        )
        if "is_delivery" in Line._fields:
            domain &= Domain("is_delivery", "=", False)
        query = Line._search(domain)
        order = query.join(query.table, "order_id", "sale_order", "id", "usual")
        product_id = Line._field_to_sql(query.table, "product_id", query)
        order_id = Line._field_to_sql(query.table, "order_id", query)
        query.groupby = product_id
        query.having = SQL("COUNT(DISTINCT %s) >= %s", order_id, USUAL_LEAST)
        query.order = SQL("COUNT(DISTINCT %s) DESC, %s", order_id, product_id)
        query.limit = USUAL_LIMIT
        rows = self.env.execute_query(
            query.select(
                product_id,
                SQL("COUNT(DISTINCT %s)", order_id),
                SQL("MAX(%s)", SQL.identifier(order, "date_order")),
            )
        )
        products = self.env["product.product"].browse([row[0] for row in rows])
        names = {product.id: product.display_name for product in products._filtered_access("read")}
        return [
            {
                "product_id": product,
                "res_model": "product.product",
                "name": names[product],
                "times": times,
                "last_date": fields.Date.to_string(last.date()),
                "text": self.env._(
                    "%(count)s times, last on %(day)s",
                    count=times,
                    day=format_date(self.env, last.date()),
                ),
            }
            for product, times, last in rows
            if product in names
        ]

    def _hc_brief_chips(self):
        """Return the few figures that belong in the header of a customer, for the reader."""
        customer = self.commercial_partner_id
        insight = self.env["hc.customer.insight"]
        if insight.has_access("read"):
            insight = insight.search(
                [("partner_id", "=", customer.id), ("company_id", "=", self.env.company.id)],
                limit=1,
            )
        return insight._hc_chips() if insight else []
