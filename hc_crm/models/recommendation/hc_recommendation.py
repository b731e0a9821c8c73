from collections import namedtuple

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import recommendation as engine
from .hc_product_affinity import SUPPORT_FLOOR
from .history import MAX_SEEDS, History

# Half of a purchase's say about taste is gone after half a year. A convention.
TASTE_HALF_LIFE_DAYS = 180
# How much each kind of evidence is worth beside the others, 0 to 1. Conventions: what stands on this very
# quotation says most about what belongs on it; what others like says least.
WEIGHT_QUOTATION = 1.0
WEIGHT_HISTORY = 0.7
WEIGHT_PEERS = 0.5
# What they have already is still offered beside what goes with it, but later.
WEIGHT_OWNED = 0.5
# A suggestion in a category or at a price they never bought keeps this share of its score.
PREFERENCE_FLOOR = 0.7
# A replacement costs between half and twice as much, and there are never more to look at.
PRICE_RANGE = 2.0
MAX_SIMILAR = 100
# A rhythm needs this many purchases where the settings do not say.
MIN_PURCHASES = 3
# More than can be shown, for some cannot be sold.
MAX_CANDIDATES = 200

Suggestion = namedtuple("Suggestion", "template kind score evidence")
TemplateInfo = namedtuple("TemplateInfo", "id name category price")


class HcRecommendation(models.AbstractModel):
    """What a customer is likely to want, and why: the thinking half. Called by ``res.partner``.

    Suggestions of all kinds are gathered by template id, the reader's own rules decide which of these
    products exist for them, and only what is shown gets a variant, a price and a reason in words.
    """

    _name = "hc.recommendation"
    _description = "Suggestions of Products"

    def _sellable_domain(self, company):
        """Return the domain of product.template that may be suggested in ``company``."""
        return (
            Domain("active", "=", True)
            & Domain("sale_ok", "=", True)
            # neither services (delivery, discounts, down payments are some) nor combos: these need choices
            & Domain("type", "=", "consu")
            & Domain("product_variant_ids", "!=", False)
            & (Domain("company_id", "=", False) | Domain("company_id", "parent_of", company.id))
        )

    def _recommend(self, partner, order, replaced, limit):
        """Return the suggestions for a customer, as ``res.partner.hc_get_recommendations`` gives them.

        :param partner: one res.partner the reader may read
        :param order: the quotation they are for, or none
        :param replaced: product.product the customer cannot have, or none
        :param int limit: suggestions at most
        """
        self.env.flush_all()
        # compiling the query takes longer than running it
        self.env.cr.execute(SQL("SELECT set_config('jit', 'off', true)"))
        company = order.company_id or self.env.company
        self = self.with_company(company)
        config = self.env["hc.product.affinity"]._settings(company)
        floor = config.support_floor or SUPPORT_FLOOR
        optout = self._is_opted_out(partner)
        people = self._people(partner)
        history = History() if optout else self._read_history(people, company)
        persona = self.env["hc.persona"] if optout else self._persona(partner)
        on_order = order.order_line.product_id.product_tmpl_id.ids
        seeds = [replaced.product_tmpl_id.id] if replaced else on_order
        known = self._read_known({*seeds, *on_order, *history.days})
        if replaced:
            found = [*self._find_similar(replaced, company, floor, persona)]
        else:
            found = [
                *self._find_together(seeds, history, known, company, floor),
                *self._find_due(history, config.min_purchases or MIN_PURCHASES),
                *self._find_peers(company, persona, floor, history),
            ]
        excluded = {*on_order, *(replaced.product_tmpl_id.ids)}
        if any(suggestion.template not in excluded for suggestion in found):
            excluded |= self._read_returned(people, company)
        found = [suggestion for suggestion in found if suggestion.template not in excluded]
        found, templates = self._keep_sellable(found, company)
        chosen = self._choose(self._prefer(found, templates, known, history), limit)
        items = self._render(chosen, templates, known, history, partner, order, replaced, persona)
        empty = False
        if not items:
            empty = self._why_empty(replaced, optout, history, persona, on_order, floor, company)
        return {"items": items, "empty": empty}

    def _is_opted_out(self, partner):
        """Return whether nothing personal may be worked out about the customer."""
        if "hc_profiling_optout" not in partner._fields:
            return False
        # superuser: whoever reads, the answer has to be respected
        partner = partner.sudo()
        return partner.hc_profiling_optout or partner.commercial_partner_id.hc_profiling_optout

    def _persona(self, partner):
        company = partner.commercial_partner_id._filtered_access("read")
        return partner.persona_id or company.persona_id

    def _read_known(self, ids):
        """Return ``{id: TemplateInfo}`` of products bought or quoted that the reader may see."""
        return self._read_templates(Domain("id", "in", list(ids)), active_test=False) if ids else {}

    def _read_templates(self, domain, active_test=True):
        templates = (
            self.env["product.template"]
            .with_context(active_test=active_test)
            .search_fetch(domain, ["name", "categ_id", "list_price"], order="id")
        )
        return {
            template.id: TemplateInfo(
                template.id, template.name, template.categ_id, template.list_price
            )
            for template in templates
        }

    # ------------------------------------------------------------
    # where suggestions come from
    # ------------------------------------------------------------

    def _find_together(self, on_order, history, known, company, floor):
        """What goes with the lines of the quotation, and with what they bought."""
        today = fields.Date.context_today(self).toordinal()
        weights = {
            seed: WEIGHT_HISTORY * 0.5 ** ((today - history.days[seed][-1]) / TASTE_HALF_LIFE_DAYS)
            for seed in history.latest(MAX_SEEDS)
        }
        weights |= dict.fromkeys(on_order, WEIGHT_QUOTATION)
        # a product the reader may not see gives no reason
        weights = {seed: weight for seed, weight in weights.items() if seed in known}
        evidence = {}
        for pair in self._read_pairs(company, weights, floor):
            share = weights[pair.seed] * engine.strength(pair.cautious)
            evidence.setdefault(pair.other, []).append((share, pair))
        for template, found in evidence.items():
            owned = template in history.days
            if owned and not any(pair.seed in on_order for share, pair in found):
                continue
            # the strongest says why
            best = max(found, key=lambda item: (item[0], item[1].support))[1]
            score = engine.together(share for share, pair in found)
            yield Suggestion(template, "affinity", score * (WEIGHT_OWNED if owned else 1), best)

    def _find_due(self, history, min_purchases):
        """What they buy again and again, and have not for a while."""
        today = fields.Date.context_today(self).toordinal()
        for template, days in history.days.items():
            if found := engine.due(days, today, min_purchases):
                yield Suggestion(template, "usual", found[2], found)

    def _find_peers(self, company, persona, floor, history):
        """What customers of the same persona like, more than others do."""
        for peer in self._read_peers(company, persona, floor):
            if peer.template not in history.days:
                score = WEIGHT_PEERS * min(1, peer.share * min(peer.lift, 3))
                yield Suggestion(peer.template, "peers", score, peer)

    def _find_similar(self, replaced, company, floor, persona):
        """What could stand in for ``replaced``: of the same kind, at a similar price, for the same people."""
        template = replaced.product_tmpl_id
        pairs = {pair.other: pair for pair in self._read_pairs(company, template.ids, floor)}
        alike = self._read_alike(company, template, floor)
        peers = {peer.template: peer for peer in self._read_peers(company, persona, floor)}
        info = self._read_templates(
            self._sellable_domain(company)
            & Domain("id", "in", [*pairs, *alike])
            & self._price_domain(template)
        )
        for domain, order in (
            (Domain("list_price", ">=", template.list_price), "list_price, id"),
            (Domain("list_price", "<", template.list_price), "list_price desc, id"),
        ):
            same = self.env["product.template"].search_fetch(
                self._sellable_domain(company)
                & Domain("categ_id", "=", template.categ_id.id)
                & self._price_domain(template)
                & domain,
                ["name", "categ_id", "list_price"],
                order=order,
                limit=MAX_SIMILAR,
            )
            for other in same:
                info[other.id] = TemplateInfo(
                    other.id, other.name, other.categ_id, other.list_price
                )
        shared = self._read_known({ids[0] for ids in alike.values()})
        for other in info.values():
            pair, peer = pairs.get(other.id), peers.get(other.id)
            common = [shared[i].name for i in alike.get(other.id, ())[:1] if i in shared]
            score = engine.together(
                [
                    0.5 if other.category == template.categ_id else 0,
                    0.5 * engine.strength(pair.cautious) if pair else 0,
                    min(0.5, 0.1 * len(alike.get(other.id, ()))),
                    WEIGHT_PEERS * min(1, peer.share) if peer else 0,
                ]
            ) * engine.closeness(other.price, template.list_price)
            yield Suggestion(other.id, "similar", score, (pair, peer, common))

    def _price_domain(self, template):
        price = template.list_price
        if price <= 0:
            return Domain.TRUE
        return Domain("list_price", ">=", price / PRICE_RANGE) & Domain(
            "list_price", "<=", price * PRICE_RANGE
        )

    # ------------------------------------------------------------
    # which of them, in which order
    # ------------------------------------------------------------

    def _keep_sellable(self, found, company):
        """Return the best suggestion per product the reader may sell, and what is known of these."""
        best = {}
        for suggestion in sorted(found, key=lambda s: (-s.score, s.template)):
            best.setdefault(suggestion.template, suggestion)
        candidates = list(best)[:MAX_CANDIDATES]
        if not candidates:
            return [], {}
        templates = self._read_templates(
            self._sellable_domain(company) & Domain("id", "in", candidates)
        )
        return [best[template] for template in candidates if template in templates], templates

    def _prefer(self, found, templates, known, history):
        """Lower the score of what lies outside the categories and prices they usually buy."""
        bought = sorted(
            (known[template].price, known[template].category.id, len(days))
            for template, days in history.days.items()
            if template in known
        )
        if not bought:
            return found
        prices = [price for price, category, times in bought for time in range(times)]
        usual = prices[len(prices) // 2]
        times_by_category = {}
        for _price, category, times in bought:
            times_by_category[category] = times_by_category.get(category, 0) + times
        most = max(times_by_category.values())

        def preferred(suggestion):
            if suggestion.kind == "usual":
                return suggestion
            info = templates[suggestion.template]
            factor = 1.0
            for like in (
                times_by_category.get(info.category.id, 0) / most,
                engine.closeness(info.price, usual),
            ):
                factor *= PREFERENCE_FLOOR + (1 - PREFERENCE_FLOOR) * like
            return suggestion._replace(score=suggestion.score * factor)

        return [preferred(suggestion) for suggestion in found]

    def _choose(self, found, limit):
        """Return the best ``limit`` suggestions, at least one of each kind, the best first."""
        found = sorted(found, key=lambda suggestion: (-suggestion.score, suggestion.template))
        first = {}
        for suggestion in found:
            first.setdefault(suggestion.kind, suggestion)
        chosen = list(first.values())[:limit]
        chosen += [suggestion for suggestion in found if suggestion not in chosen]
        return sorted(
            chosen[:limit], key=lambda suggestion: (-suggestion.score, suggestion.template)
        )

    def _pick_variants(self, chosen, history, company):
        """Return ``{template id: product.product}``: their size, else the best seller."""
        variants = self.env["product.product"].search(
            [("product_tmpl_id", "in", [suggestion.template for suggestion in chosen])]
        )
        grouped = variants.grouped(lambda product: product.product_tmpl_id.id)
        if all(len(products) == 1 for products in grouped.values()):
            return grouped
        liked = self._read_attribute_values(history)
        best = self._read_best_sellers(company, variants.product_tmpl_id)

        def rank(product):
            values = product.product_template_attribute_value_ids.product_attribute_value_id
            return (
                sum(liked[value_id] for value_id in values.ids),
                history.variants[product.id],
                best.get(product.product_tmpl_id.id) == product.id,
            )

        # the first of equals is the first of the product's own order
        return {template: max(products, key=rank) for template, products in grouped.items()}
