import numpy as np

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import insight as engine
from . import words
from .hc_insight_config import HEALTH_FACTORS

FEELING_GOOD, FEELING_BAD, FEELING_RATHER = 0.5, -0.5, 0.15
# What moves health by less than this share of it is said to nobody.
NEGLIGIBLE = 0.02
# Less of a change in spending than this is none.
STEADY_SHARE = 0.1


class HcCustomerInsight(models.Model):
    """Why the figures are what they are, in words, for one reader.

    A reason rests on records; where the reader may not see all of them it is left out, because a total
    would tell about the hidden ones.
    """

    _inherit = "hc.customer.insight"

    def _hc_reasons(self, words_too=False):
        """Return what each customer's health is made of.

        :param words_too: add label, text and action to factor, value and weight
        :return: ``{insight id: [{factor, value (0…1), weight (−1…1, + helps)}]}``, strongest first
        """
        visible = self._hc_visible_factors()
        result = {}
        for company, insights in self.grouped("company_id").items():
            config = self.env["hc.insight.config"]._for_company(company)
            factors = insights._hc_factor_arrays()
            _score, _band, contributions = engine.health(
                *factors.T, config._health_weights(), config.health_low, config.health_high
            )
            for row, insight in enumerate(insights):
                reasons = [
                    {"factor": name, "value": float(value), "weight": float(weight)}
                    for name, value, weight in zip(
                        HEALTH_FACTORS, factors[row], contributions[row], strict=True
                    )
                    if np.isfinite(value) and name in visible[insight.id]
                ]
                reasons.sort(key=lambda reason: -abs(reason["weight"]))
                if words_too:
                    reasons = [reason for reason in reasons if abs(reason["weight"]) >= NEGLIGIBLE]
                    for reason in reasons:
                        insight._hc_put_in_words(reason)
                result[insight.id] = reasons
        return result

    def _hc_factor_arrays(self):
        """Return the health factors, NaN where unknown, shape (len(self), 5)."""
        if not self.ids:
            return np.zeros((0, len(HEALTH_FACTORS)))
        # the ORM reads NULL as 0, and a factor of 0 is the worst there is
        columns = SQL(", ").join(SQL.identifier(f"health_{name}") for name in HEALTH_FACTORS)
        rows = self.env.execute_query(
            SQL("SELECT id, %s FROM hc_customer_insight WHERE id IN %s", columns, tuple(self.ids))
        )
        known = {row[0]: row[1:] for row in rows}
        unknown = (None,) * len(HEALTH_FACTORS)
        return np.array([known.get(id_, unknown) for id_ in self.ids], dtype=float)

    def _hc_visible_factors(self):
        """Return ``{insight id: factors that rest on nothing the reader may not see}``."""
        user = self.with_env(self.env(su=False))
        partners = self.partner_id
        # Rows are readable for those who may read every purchase, see the record rules.
        readable = set(user._filtered_access("read").ids)
        purchases = user._hc_with_visible_purchases(partners)
        # being in touch is about whatever they wrote on
        contacts = user._hc_all_visible("crm.lead", partners)
        contacts &= user._hc_all_visible("sale.order", partners)
        feelings = partners - user._hc_partners_with_hidden_ratings(partners)
        promises = user.env["hc.promise"].has_access("read")
        result = {}
        for insight in self:
            partner = insight.partner_id
            factors = set()
            if insight.id in readable:
                if partner in purchases:
                    factors |= {"rhythm", "trend"}
                if partner in contacts:
                    factors.add("engagement")
            if partner in feelings:
                factors.add("feeling")
                if promises:
                    factors.add("care")
            result[insight.id] = factors
        return result

    def _hc_purchase_model(self):
        config = self.env["hc.insight.config"]._for_company(self.company_id[:1] or self.env.company)
        return self.env["account.move" if config.purchase_source == "invoice" else "sale.order"]

    def _hc_with_visible_purchases(self, partners):
        """Return the partners whose every purchase the reader may see, at this moment.

        The row says who sold until the last run; since then a colleague may have sold something, too.
        """
        model = self._hc_purchase_model()
        if not model.has_access("read"):
            return partners.browse()
        groups = ("sales_team.group_sale_salesman_all_leads", "hc_crm.hc_crm_group_manager")
        if any(self.env.user.has_group(group) for group in groups):
            return partners
        counted = {
            "sale.order": [("state", "=", "sale")],
            "account.move": [("state", "=", "posted"), ("move_type", "=", "out_invoice")],
        }
        return self._hc_all_visible(model._name, partners, Domain(counted[model._name]))

    def _hc_all_visible(self, model, partners, domain=Domain.TRUE):
        """Return the partners of whom the reader may see every record of ``model``."""
        if not self.env[model].has_access("read"):
            return partners.browse()
        domain &= Domain("partner_id.commercial_partner_id", "in", partners.ids)
        mine = {
            partner.id: count
            for partner, count in self.env[model]._read_group(domain, ["partner_id"], ["__count"])
        }
        # superuser: only to learn that there is more than the reader may see; nothing of it is shown
        every = self.env[model].sudo()._read_group(domain, ["partner_id"], ["__count"])
        hidden = {
            partner.commercial_partner_id.id
            for partner, count in every
            if count != mine.get(partner.id, 0)
        }
        return partners.filtered(lambda partner: partner.id not in hidden)

    def _hc_partners_with_hidden_ratings(self, partners):
        """Return the partners with a rating on a document that the reader may not see."""
        if "rating.rating" not in self.env:
            return partners.browse()
        # superuser: see _hc_all_visible. Ratings have no rules of their own; their documents have.
        ratings = (
            self.env["rating.rating"]
            .sudo()
            .search_fetch(
                [
                    ("partner_id.commercial_partner_id", "in", partners.ids),
                    ("consumed", "=", True),
                ],
                ["partner_id", "res_model", "res_id"],
            )
        )
        hidden = partners.browse()
        for model, rated in ratings.grouped("res_model").items():
            if model not in self.env:
                continue
            documents = self.env[model].browse(rated.mapped("res_id")).exists()
            seen = set(documents._filtered_access("read").ids)
            for rating in rated:
                if rating.res_id not in seen:
                    hidden |= rating.partner_id.commercial_partner_id.sudo(False)
        return hidden

    # ------------------------------------------------------------
    # words
    # ------------------------------------------------------------

    def _hc_put_in_words(self, reason):
        """Add label, text and action to a reason of health."""
        self.ensure_one()
        labels = {
            "rhythm": self.env._("Rhythm"),
            "trend": self.env._("Spending"),
            "engagement": self.env._("In touch"),
            "feeling": self.env._("Feelings"),
            "care": self.env._("What we owe them"),
        }
        name = reason["factor"]
        text, action = getattr(self, f"_hc_words_{name}")()
        reason |= {"label": labels[name], "text": text, "action": action}

    def _hc_words_rhythm(self):
        text = self.env._(
            "Usually buys %(rhythm)s; last time %(ago)s.",
            rhythm=words.rhythm(self.env, self.rhythm_days),
            ago=words.ago(self.env, self.recency_days),
        )
        return text, self._hc_purchases_action()

    def _hc_words_trend(self):
        now, before = self.revenue_recent, self.revenue_previous
        amount = words.money(self.env, now, self.currency_id)
        if not before:
            text = self.env._(
                "Spent %(amount)s without taxes in the last 12 months.", amount=amount
            )
        elif abs(now - before) < STEADY_SHARE * before:
            text = self.env._(
                "Spent %(amount)s in the last 12 months, about as much as in the 12 months before.",
                amount=amount,
            )
        elif now > before:
            text = self.env._(
                "Spent %(amount)s in the last 12 months, up from %(before)s.",
                amount=amount,
                before=words.money(self.env, before, self.currency_id),
            )
        else:
            text = self.env._(
                "Spent %(amount)s in the last 12 months, down from %(before)s.",
                amount=amount,
                before=words.money(self.env, before, self.currency_id),
            )
        return text, self._hc_purchases_action(self._hc_a_year_before(2))

    def _hc_words_engagement(self):
        action = {
            "res_model": "hc.timeline",
            "name": self.env._("Timeline"),
            "domain": [
                ("commercial_partner_id", "=", self.partner_id.id),
                ("date", ">=", fields.Date.to_string(self._hc_a_year_before())),
                ("is_automated", "=", False),
                ("source", "not in", ["note", "log", "order", "invoice"]),
            ],
        }
        if not self.contact_count:
            return self.env._("No contact beside their purchases in 12 months."), action
        if self.contact_count == 1:
            text = self.env._("In touch on one day in 12 months.")
        else:
            text = self.env._(
                "In touch about %(count)s times in 12 months.", count=self.contact_count
            )
        if self.last_contact_date:
            text += " " + self.env._(
                "Last on %(day)s.", day=words.day(self.env, self.last_contact_date)
            )
        return text, action

    def _hc_words_feeling(self):
        count = self.feeling_count
        if self.feeling >= FEELING_GOOD:
            mood = self.env._("Mostly happy")
        elif self.feeling <= FEELING_BAD:
            mood = self.env._("Mostly unhappy")
        elif self.feeling >= FEELING_RATHER:
            mood = self.env._("Rather happy")
        elif self.feeling <= -FEELING_RATHER:
            mood = self.env._("Rather unhappy")
        else:
            mood = self.env._("Neither happy nor unhappy")
        text = (
            self.env._("%(mood)s, by one remark.", mood=mood)
            if count == 1
            else self.env._("%(mood)s, by %(count)s remarks.", mood=mood, count=count)
        )
        return text, {
            "res_model": "hc.timeline",
            "name": self.env._("Timeline"),
            "domain": [
                ("commercial_partner_id", "=", self.partner_id.id),
                ("source", "in", ["interaction", "rating"]),
            ],
        }

    def _hc_words_care(self):
        late, bad = self.late_promise_count, self.bad_feeling_count
        promises = {
            "res_model": "hc.promise",
            "name": self.env._("Promises"),
            "domain": [
                ("commercial_partner_id", "=", self.partner_id.id),
                ("state", "in", ["open", "broken"]),
            ],
        }
        if not (late or bad):
            return self.env._(
                "No promise is late or was broken within a year, no complaint is fresh."
            ), promises
        parts = []
        if late:
            parts.append(
                self.env._("One promise is late or was broken.")
                if late == 1
                else self.env._("%(count)s promises are late or were broken.", count=late)
            )
        if bad:
            parts.append(
                self.env._("Unhappy once in the last 90 days.")
                if bad == 1
                else self.env._("Unhappy %(count)s times in the last 90 days.", count=bad)
            )
        if late:
            return " ".join(parts), promises
        return " ".join(parts), self._hc_words_feeling()[1]

    def _hc_a_year_before(self, years=1):
        """Return the day from which a year's figures count."""
        return fields.Date.subtract(self.computed_at.date(), days=365 * years)

    def _hc_purchases_action(self, since=None):
        """Return where the purchases can be looked at, all of them or those since a day."""
        model = self._hc_purchase_model()
        domain = [
            ("partner_id", "child_of", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        if since:
            date = "date_order" if model._name == "sale.order" else "invoice_date"
            domain.append((date, ">=", fields.Date.to_string(since)))
        if model._name == "sale.order":
            return {
                "res_model": model._name,
                "name": self.env._("Orders"),
                "domain": [*domain, ("state", "=", "sale")],
            }
        return {
            "res_model": model._name,
            "name": self.env._("Invoices"),
            "domain": [*domain, ("move_type", "=", "out_invoice"), ("state", "=", "posted")],
        }

    def _hc_words_risk(self, factor, summary, weight):
        """Return (label, text, value) of a factor of the risk to stop buying.

        :param factor: of ``engine.insight.FACTORS``, or ``rhythm``
        :param summary: ``engine.insight.Summary`` of this one customer
        :param weight: of the factor, + raises the risk
        """
        gap = float(summary.gap[0])
        match factor:
            case "silence":
                return (
                    self.env._("Silence"),
                    self.env._("Last bought %(ago)s.", ago=words.ago(self.env, gap)),
                    gap,
                )
            case "rhythm":
                text = self.env._(
                    "Last bought %(ago)s, after %(count)s purchases, usually %(every)s.",
                    ago=words.ago(self.env, gap),
                    count=self.frequency,
                    every=words.rhythm(self.env, self.rhythm_days),
                )
                return self.env._("Silence"), text, gap / self.rhythm_days
            case "overdue":
                return (
                    self.env._("Own rhythm"),
                    self.env._("Compared with how soon customers usually come back."),
                    gap,
                )
            case "few_purchases":
                if self.frequency > 1:
                    text = self.env._("Bought %(count)s times so far.", count=self.frequency)
                elif weight < 0:
                    text = self.env._("Bought once so far: too little to tell a silence by.")
                else:
                    text = self.env._("Bought once so far.")
                return self.env._("Purchases"), text, float(self.frequency)
            case "slowing":
                return self.env._("Pace"), self._hc_words_pace(summary), float(summary.last_gap[0])
            case "small_spend":
                return (
                    self.env._("Size of purchases"),
                    self.env._(
                        "Spends %(amount)s each time.",
                        amount=words.money(self.env, self.average_purchase, self.currency_id),
                    ),
                    self.average_purchase,
                )
        since = self.first_purchase_date
        return (
            self.env._("Customer since"),
            self.env._("First purchase on %(day)s.", day=words.day(self.env, since)),
            float(summary.T[0]),
        )

    def _hc_words_pace(self, summary):
        last, usual = float(summary.last_gap[0]), float(summary.median_gap[0])
        if not (np.isfinite(last) and np.isfinite(usual)):
            return self.env._("Too few purchases to see a change of pace.")
        values = {"last": words.span(self.env, last), "usual": words.span(self.env, usual)}
        if last > usual:
            return self.env._(
                "Slower of late: %(last)s between the last two purchases, usually %(usual)s.",
                **values,
            )
        if last < usual:
            return self.env._(
                "Faster of late: %(last)s between the last two purchases, usually %(usual)s.",
                **values,
            )
        return self.env._("As fast as ever: every %(usual)s.", **values)
