from odoo import fields, models
from odoo.tools import format_amount


class HcRecommendation(models.AbstractModel):
    """The speaking half: names, prices and reasons of what is shown, or why there is nothing."""

    _inherit = "hc.recommendation"

    def _render(self, chosen, templates, known, history, partner, order, replaced, persona):
        if not chosen:
            return []
        company = order.company_id or self.env.company
        variants = self._pick_variants(chosen, history, company)
        chosen = [suggestion for suggestion in chosen if suggestion.template in variants]
        products = self.env["product.product"].union(
            *(variants[suggestion.template] for suggestion in chosen)
        )
        pricelist = (
            order.pricelist_id
            if order
            else partner.with_company(company).property_product_pricelist
        )
        currency = order.currency_id or pricelist.currency_id or company.currency_id
        prices = pricelist._get_products_price(
            products | replaced,
            quantity=1.0,
            currency=currency,
            date=order.date_order or fields.Datetime.now(),
        )
        before = prices[replaced.id] if replaced else 0
        items = []
        for suggestion in chosen:
            product = variants[suggestion.template].with_context(display_default_code=False)
            price = currency.round(prices[product.id])
            if suggestion.kind == "similar":
                reason = self._reason_similar(
                    suggestion, templates, replaced, persona, price - before, currency
                )
            else:
                reason = self._reason(suggestion, known, persona, order)
            items.append(
                {
                    "product_id": product.id,
                    "name": product.display_name,
                    "price": price,
                    "currency_id": currency.id,
                    "image_url": f"/web/image/product.product/{product.id}/image_128",
                    "reason": reason,
                    "kind": suggestion.kind,
                    "score": round(suggestion.score, 3),
                }
            )
        return items

    def _reason(self, suggestion, known, persona, order):
        evidence = suggestion.evidence
        if suggestion.kind == "affinity":
            on_order = order.order_line.product_id.product_tmpl_id.ids
            if order and evidence.seed not in on_order:
                return self.env._(
                    "Bought with %(product)s, which they have, by %(count)s similar customers",
                    product=known[evidence.seed].name,
                    count=evidence.support,
                )
            return self.env._(
                "Bought with %(product)s by %(count)s similar customers",
                product=known[evidence.seed].name,
                count=evidence.support,
            )
        if suggestion.kind == "peers":
            return self.env._(
                "Liked by %(count)s customers like them (%(persona)s)",
                count=evidence.customers,
                persona=persona.name,
            )
        gap, since, _score = evidence
        return self.env._(
            "Buys it every ~%(gap)s, last %(since)s ago",
            gap=self._span(gap),
            since=self._span(since),
        )

    def _span(self, days):
        """Return a number of days as people say it."""
        days = round(days)
        if days == 1:
            return self.env._("day")
        if days < 14:
            return self.env._("%(count)s days", count=days)
        if days < 61:
            return self.env._("%(count)s weeks", count=round(days / 7))
        return self.env._("%(count)s months", count=round(days / 30.4))

    def _reason_similar(self, suggestion, templates, replaced, persona, difference, currency):
        pair, peer, common = suggestion.evidence
        info = templates[suggestion.template]
        parts = []
        if info.category and info.category == replaced.categ_id:
            parts.append(self.env._("Also in %(category)s", category=info.category.name))
        amount = format_amount(self.env, abs(difference), currency)
        if currency.is_zero(difference):
            parts.append(self.env._("same price"))
        elif difference < 0:
            parts.append(self.env._("%(amount)s less", amount=amount))
        else:
            parts.append(self.env._("%(amount)s more", amount=amount))
        if pair:
            parts.append(self.env._("%(count)s customers bought both", count=pair.support))
        elif peer:
            parts.append(
                self.env._(
                    "liked by %(count)s customers like them (%(persona)s)",
                    count=peer.customers,
                    persona=persona.name,
                )
            )
        elif common:
            parts.append(
                self.env._("its buyers also take %(product)s, like yours", product=common[0])
            )
        return " · ".join(parts)

    def _why_empty(self, replaced, optout, history, persona, on_order, floor, company):
        """Return why there is nothing to suggest, and what it would need."""
        if replaced:
            return self.env._(
                "Nothing else on sale is like %(product)s: of the same category or bought by the same "
                "customers, at half to twice the price.",
                product=replaced.name,
            )
        if optout and not on_order:
            return self.env._(
                "This customer does not want to be profiled: suggestions appear on quotations only, "
                "and only what goes with the products on them."
            )
        if not history.days and not persona and not on_order:
            return self.env._(
                "Not enough history to say. Suggestions need a confirmed order of this customer that "
                "you may see, a persona, or products on a quotation."
            )
        if not self.env["hc.product.affinity"]._is_counted(company):
            return self.env._(
                "Not enough history to say: no two products were bought by the same %(floor)s customers "
                "yet, or it has not been counted. An administrator can run it under Configuration / "
                "Insight.",
                floor=floor,
            )
        return self.env._(
            "Nothing new to suggest: nothing that goes with what they buy was bought by at least "
            "%(floor)s customers, and nothing they usually buy is due.",
            floor=floor,
        )
