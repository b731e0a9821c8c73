from datetime import date

import numpy as np

from odoo import fields, models
from odoo.tools import format_date

from ...engine import insight as engine
from ...engine.insight import value as engine_value
from . import words

RISK_LEVELS = [(0.35, "low"), (0.65, "medium")]
# Dots on the strip: more would run together on a phone.
MAX_DOTS = 60
CLOCKWORK, REGULAR = 0.75, 0.5  # regularity, see engine/insight/purchases.py


class HcCustomerInsight(models.Model):
    """The parts of the Insight page that rest on purchases, in words: RFM, rhythm, value, risk."""

    _inherit = "hc.customer.insight"

    def _hc_page_purchases(self):
        """Return the parts of the page that rest on purchases."""
        self.ensure_one()
        config = self.env["hc.insight.config"]._for_company(self.company_id)
        # superuser: the caller made sure that the reader may see every one of these purchases
        purchases = self.env["hc.insight.purchase"].sudo()._load(config, self.partner_id.ids)
        if not len(purchases.customer):
            missing = self.env._("Not enough history to say: no purchase yet.")
            return {"value": {"missing": missing}, "risk": {"missing": missing}}
        return {
            "rfm": self._hc_page_rfm(),
            "rhythm": self._hc_page_rhythm(config, purchases),
            "value": self._hc_page_value(config),
            "risk": self._hc_page_risk(config, purchases),
        }

    def _hc_page_rfm(self):
        if not self.rfm_score:
            return False
        return {
            "score": self.rfm_score,
            "recency": self.rfm_recency,
            "frequency": self.rfm_frequency,
            "monetary": self.rfm_monetary,
            "text": self._hc_rfm_text(),
        }

    def _hc_rfm_text(self):
        """Return what the three scores say together."""
        recency, frequency, monetary = (
            0 if score <= 2 else 1 if score == 3 else 2
            for score in (self.rfm_recency, self.rfm_frequency, self.rfm_monetary)
        )
        return self.env._(
            "Compared with your other customers: %(recency)s, %(frequency)s, %(monetary)s.",
            recency=(
                self.env._("not seen for long"),
                self.env._("seen a while ago"),
                self.env._("seen lately"),
            )[recency],
            frequency=(
                self.env._("bought rarely"),
                self.env._("bought now and then"),
                self.env._("bought often"),
            )[frequency],
            monetary=(
                self.env._("spent little"),
                self.env._("spent a middling sum"),
                self.env._("spent much"),
            )[monetary],
        )

    def _hc_page_rhythm(self, config, purchases):
        known = bool(self.rhythm_days)
        if not known:
            text = self.env._(
                "Not enough history to say: %(count)s of about %(needed)s purchases that make a rhythm.",
                count=self.frequency,
                needed=config.min_purchases,
            )
        elif self.regularity >= CLOCKWORK:
            text = self.env._(
                "Buys %(rhythm)s, like clockwork.", rhythm=words.rhythm(self.env, self.rhythm_days)
            )
        elif self.regularity >= REGULAR:
            text = self.env._(
                "Buys %(rhythm)s, fairly regularly.",
                rhythm=words.rhythm(self.env, self.rhythm_days),
            )
        else:
            text = self.env._(
                "Buys %(rhythm)s on average, at no regular time.",
                rhythm=words.rhythm(self.env, self.rhythm_days),
            )
        if self.next_purchase_date:
            expected = format_date(self.env, self.next_purchase_date)
            text += " " + (
                self.env._("The next purchase was expected around %(day)s.", day=expected)
                if self.next_purchase_date < fields.Date.context_today(self)
                else self.env._("The next purchase is expected around %(day)s.", day=expected)
            )
        dots = zip(purchases.day[-MAX_DOTS:], purchases.amount[-MAX_DOTS:], strict=True)
        return {
            "days": [
                {
                    "date": fields.Date.to_string(date.fromordinal(int(day))),
                    "amount": float(amount) if np.isfinite(amount) else 0.0,
                }
                for day, amount in dots
            ],
            "gap_days": self.rhythm_days if known else False,
            "regularity": self.regularity if known else False,
            "first_date": fields.Date.to_string(self.first_purchase_date),
            "last_date": fields.Date.to_string(self.last_purchase_date),
            "next_date": fields.Date.to_string(self.next_purchase_date)
            if self.next_purchase_date
            else False,
            "overdue": self.is_overdue,
            "text": text,
            "action": self._hc_purchases_action(),
        }

    def _hc_page_value(self, config):
        if self.value_state != "money":
            return {"missing": self._hc_missing_value(config)}
        low, high, middle = (
            words.money(self.env, words.round_estimate(amount), self.currency_id)
            for amount in (self.clv_low, self.clv_high, self.clv)
        )
        return {
            "clv": self.clv,
            "low": self.clv_low,
            "high": self.clv_high,
            "expected_purchases": self.expected_purchases,
            "horizon_days": config.horizon_days,
            "text": self.env._(
                "Most likely nothing in the next %(span)s: few customers like this one come back. Over all of "
                "them it comes to %(middle)s each.",
                middle=middle,
                span=words.span(self.env, config.horizon_days),
            )
            if self._hc_is_mostly_nothing()
            else self.env._(
                "Worth about %(middle)s in the next %(span)s, most likely between %(low)s and %(high)s; "
                "%(count)s purchases expected.",
                middle=middle,
                low=low,
                high=high,
                span=words.span(self.env, config.horizon_days),
                count=round(self.expected_purchases, 1),
            ),
            "why": self._hc_value_reasons(config),
        }

    def _hc_is_mostly_nothing(self):
        """Return whether nine in ten customers like this one spend less than the mean: nothing."""
        return not self.clv_low and self.clv_high <= self.clv * 1.001

    def _hc_value_reasons(self, config):
        """Return how the value comes about: how many purchases, of what size, what time takes off."""
        purchases = self._hc_purchases_action()
        known = (self.last_purchase_date - self.first_purchase_date).days
        bought = (
            self.env._("bought once, %(ago)s", ago=words.ago(self.env, self.recency_days))
            if self.frequency == 1
            else self.env._(
                "bought %(count)s times within %(span)s, last %(ago)s",
                count=self.frequency,
                span=words.span(self.env, known),
                ago=words.ago(self.env, self.recency_days),
            )
        )
        reasons = [
            {
                "text": self.env._(
                    "%(count)s purchases expected in %(span)s: %(bought)s.",
                    count=round(self.expected_purchases, 1),
                    span=words.span(self.env, config.horizon_days),
                    bought=bought,
                ),
                "action": purchases,
            }
        ]
        later = engine_value.discount_factor(config.horizon_days, config.discount_rate)
        if self.expected_purchases > 0:
            each = self.clv / self.expected_purchases / later
            reasons.append(
                {
                    "text": self.env._(
                        "About %(each)s each time: they spent %(average)s so far, drawn towards what is "
                        "usual here as long as there are few purchases.",
                        each=words.money(self.env, words.round_estimate(each), self.currency_id),
                        average=words.money(
                            self.env, words.round_estimate(self.average_purchase), self.currency_id
                        ),
                    ),
                    "action": purchases,
                }
            )
        if config.discount_rate:
            reasons.append(
                {
                    "text": self.env._(
                        "Money later counts less: %(rate)s a year.",
                        rate=f"{100 * config.discount_rate:g}\N{NO-BREAK SPACE}%",
                    ),
                    "action": False,
                }
            )
        reasons.append(
            {
                "text": self.env._(
                    "The range is meant to hold for 8 of 10 customers like this one; Reporting, How Good "
                    "Is This? tells how it did on your own past."
                ),
                "action": False,
            }
        )
        return reasons

    def _hc_missing_value(self, config):
        return self.env._(
            "Not enough history to say: sums of money need about %(count)s customers who came back; "
            "with fewer they would be off by a third and more.",
            count=config.min_value_customers,
        )

    def _hc_page_risk(self, config, purchases):
        if self.value_state == "few":
            return {
                "missing": self.env._(
                    "Not enough history to say: about %(count)s customers who came back are needed to "
                    "tell who stays from who goes.",
                    count=config.min_rank_customers,
                )
            }
        level = next((name for most, name in RISK_LEVELS if self.churn_risk < most), "high")
        run, reasons = self._hc_risk_reasons(config, purchases)
        return {
            "churn_risk": self.churn_risk,
            "level": level,
            "method": run.method or "none",
            "text": self._hc_risk_text(config, level),
            "reasons": reasons,
        }

    def _hc_risk_text(self, config, level):
        values = {
            "risk": words.percent(self.churn_risk),
            "span": words.span(self.env, config.horizon_days),
        }
        if level == "high":
            return self.env._(
                "Likely to stop buying: of 100 customers like this one, %(risk)s buy nothing in the next "
                "%(span)s.",
                **values | {"risk": round(100 * self.churn_risk)},
            )
        if level == "medium":
            return self.env._(
                "May stop buying: of 100 customers like this one, %(risk)s buy nothing in the next "
                "%(span)s.",
                **values | {"risk": round(100 * self.churn_risk)},
            )
        return self.env._(
            "Likely to stay: of 100 customers like this one, %(risk)s buy nothing in the next %(span)s.",
            **values | {"risk": round(100 * self.churn_risk)},
        )

    def _hc_risk_reasons(self, config, purchases):
        """Return the run whose model is used, and what moves the risk, strongest first.

        Worked out anew from the customer's purchases as of the day of the figures: nobody has to store
        them for a million customers.
        """
        # superuser: the model is about all customers together
        run = (
            self.env["hc.insight.run"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("kind", "=", "full"),
                    ("state", "=", "done"),
                ],
                limit=1,
            )
        )
        fitted = run._fitted_model()
        if not fitted:
            return run, []
        as_of = fields.Date.context_today(self.with_context(tz=None), self.computed_at)
        summary = engine.summarize(
            purchases.customer, purchases.day, purchases.amount, as_of.toordinal()
        )
        if not len(summary):
            return run, []
        scores = engine.score(fitted, summary, config.horizon_days, config.discount_rate)
        contributions = self._hc_join_rhythm(
            dict(zip(engine.FACTORS, scores.factors[0], strict=True))
        )
        strongest = max(map(abs, contributions.values()), default=0) or 1
        reasons = []
        for name, weight in contributions.items():
            if abs(weight) < 0.05 * strongest or not np.isfinite(weight):
                continue
            label, text, value = self._hc_words_risk(name, summary, weight)
            reasons.append(
                {
                    "factor": name,
                    "label": label,
                    "text": text,
                    "weight": float(weight / max(strongest, 1)),
                    "value": value,
                    "action": self._hc_purchases_action(),
                }
            )
        reasons.sort(key=lambda reason: -abs(reason["weight"]))
        return run, reasons

    def _hc_join_rhythm(self, contributions):
        """Make one factor of those that only together say how unusual the silence of a customer is.

        Twelve purchases alone speak for a customer and seven months of silence alone for nothing much; that
        somebody who bought every month was not seen for seven is what raises the risk. Contributions add
        up, so their sum is what the three are worth together.
        """
        if not self.rhythm_days:
            return contributions
        parts = [contributions.pop(name) for name in ("silence", "few_purchases", "overdue")]
        return {"rhythm": sum(parts)} | contributions
