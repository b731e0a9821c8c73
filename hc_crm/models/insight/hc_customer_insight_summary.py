from odoo import fields, models

from . import words
from .hc_customer_insight_page import RISK_LEVELS

TREND_POINTS = 3  # change of health that is worth an arrow


class HcCustomerInsight(models.Model):
    """How a customer stands, in a few words: health, what is said first on the page, and the chips."""

    _inherit = "hc.customer.insight"

    def _hc_page_health(self, reasons):
        if self.health_band == "unknown":
            return {
                "missing": self.env._(
                    "Not enough history to say: health needs a rhythm, contacts or feelings."
                ),
                "factors": reasons,
            }
        # superuser: as the row itself, which the reader may read
        history = (
            self.env["hc.customer.insight.history"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("health_band", "!=", "unknown"),
                    ("month", ">=", fields.Date.subtract(self.computed_at.date(), months=13)),
                ],
                order="month",
            )
        )
        points = [
            {"month": f"{line.month:%Y-%m}", "health": round(line.health)} for line in history
        ]
        points.append({"month": f"{self.computed_at:%Y-%m}", "health": round(self.health)})
        return {
            "score": round(self.health),
            "band": self.health_band,
            "band_label": self._hc_band_label(),
            "trend": round(self._hc_health_trend()),
            "history": points,
            "factors": reasons,
        }

    def _hc_band_label(self):
        return dict(self._fields["health_band"]._description_selection(self.env))[self.health_band]

    def _hc_health_trend(self):
        """Return the change of health in three months; 0 where it was not known then."""
        return self.health_change or 0.0

    def _hc_sentences(self, answer):
        """Return at most four sentences that say what matters about the customer."""
        sentences = []

        def say(key, text, tone="muted"):
            sentences.append({"key": key, "text": text, "tone": tone})

        rhythm = answer["rhythm"]
        if rhythm and rhythm["gap_days"]:
            ago = words.ago(self.env, self.recency_days)
            every = words.rhythm(self.env, self.rhythm_days)
            if self.is_overdue:
                say(
                    "rhythm",
                    self.env._(
                        "Usually buys %(every)s; last time %(ago)s. That is unusual.",
                        every=every,
                        ago=ago,
                    ),
                    "danger" if self.status == "lapsed" else "warning",
                )
            else:
                say(
                    "rhythm",
                    self.env._("Usually buys %(every)s; last time %(ago)s.", every=every, ago=ago),
                    "success",
                )
        elif rhythm:
            say(
                "rhythm",
                self.env._(
                    "Bought once, %(ago)s. %(text)s",
                    ago=words.ago(self.env, self.recency_days),
                    text=rhythm["text"],
                )
                if self.frequency == 1
                else self.env._(
                    "Last bought %(ago)s. %(text)s",
                    ago=words.ago(self.env, self.recency_days),
                    text=rhythm["text"],
                ),
            )
        risk = answer["risk"]
        if "churn_risk" in risk:
            tones = {"low": "success", "medium": "warning", "high": "danger"}
            say("risk", risk["text"], tones[risk["level"]])
        if "clv" in answer["value"]:
            say("value", answer["value"]["text"], "info")
        health = answer["health"]
        if "score" in health:
            say("health", self._hc_health_sentence(health), self._hc_band_tone())
        return sentences

    def _hc_health_sentence(self, health):
        text = self.env._(
            "Health %(score)s of 100: %(band)s.",
            score=health["score"],
            band=health["band_label"].lower(),
        )
        if abs(health["trend"]) >= TREND_POINTS:
            text += " " + (
                self.env._("Up %(points)s in three months.", points=health["trend"])
                if health["trend"] > 0
                else self.env._("Down %(points)s in three months.", points=-health["trend"])
            )
        if health["factors"] and abs(health["factors"][0]["weight"]) > 0.05:
            strongest = health["factors"][0]
            text += " " + (
                self.env._("What helps most: %(what)s", what=strongest["text"])
                if strongest["weight"] > 0
                else self.env._("What hurts most: %(what)s", what=strongest["text"])
            )
        return text

    def _hc_band_tone(self):
        return {"low": "danger", "middle": "info", "high": "success"}.get(self.health_band, "muted")

    def _hc_chips(self):
        """Return the chips of a readable row: health, rhythm, value, risk."""
        self.ensure_one()
        config = self.env["hc.insight.config"]._for_company(self.company_id)
        chips = []

        def chip(key, text, tone, icon, title):
            chips.append({"key": key, "text": text, "tone": tone, "icon": icon, "title": title})

        if self.health_band != "unknown":
            trend = self._hc_health_trend()
            arrow = "↗" if trend >= TREND_POINTS else "↘" if trend <= -TREND_POINTS else "→"
            chip(
                "health",
                self.env._("Health %(score)s %(arrow)s", score=round(self.health), arrow=arrow),
                self._hc_band_tone(),
                "fa-heartbeat",
                self.env._(
                    "%(band)s; %(points)+d in three months",
                    band=self._hc_band_label(),
                    points=round(trend),
                )
                if self.health_previous
                else self._hc_band_label(),
            )
        if self.rhythm_days:
            every = words.rhythm(self.env, self.rhythm_days)
            chip(
                "rhythm",
                self.env._(
                    "buys %(every)s, last %(ago)s",
                    every=every,
                    ago=words.ago(self.env, self.recency_days),
                ),
                "warning" if self.is_overdue else "muted",
                "fa-clock-o",
                self.env._("Bought %(count)s times so far", count=self.frequency),
            )
        if self.value_state == "money":
            span = words.span(self.env, config.horizon_days)
            chip(
                "value",
                self.env._("worth little")
                if self._hc_is_mostly_nothing()
                else self.env._(
                    "worth %(low)s – %(high)s",
                    low=words.money(self.env, words.round_estimate(self.clv_low), self.currency_id),
                    high=words.money(
                        self.env, words.round_estimate(self.clv_high), self.currency_id
                    ),
                ),
                "muted",
                "fa-money",
                self.env._("Expected in the next %(span)s", span=span),
            )
        if self.value_state != "few" and self.churn_risk >= RISK_LEVELS[-1][0]:
            chip(
                "risk",
                self.env._("likely to stop buying"),
                "danger",
                "fa-exclamation-triangle",
                self._hc_risk_text(config, "high"),
            )
        return chips
