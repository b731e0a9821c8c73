import numpy as np

from odoo import api, fields, models

from ...engine import insight as engine
from ...engine.insight import engagement
from ...engine.insight.status import status
from . import insight_stage as stage
from .hc_insight_inputs import SIGNALS

# An eighth of the silence so far changes the picture enough to look again; never later than a month.
AGEING_SHARE, AGEING_MAX_DAYS = 0.125, 30
MAX_MONEY = 1e12  # a larger sum is a typing error


class HcInsightRun(models.Model):
    """What a run says about each customer: everything at once, as arrays."""

    _inherit = "hc.insight.run"

    def _score_batch(self, config, fitted, batch, summary, signals, documents, as_of=None):
        """Work out everything about the customers ``batch`` (sorted ids).

        :return: ``{column: array}`` as the staging table holds them
        """
        as_of = as_of or self.as_of.toordinal()
        count = len(batch)
        out = {
            name: np.zeros(count, np.int64) if sql_type == stage.INT else np.full(count, np.nan)
            for name, sql_type in stage.STAGED.items()
        }
        out["partner_id"] = batch
        buyers = np.isin(batch, summary.customer)
        part = summary.take(np.searchsorted(summary.customer, batch[buyers]))
        scores = engine.score(fitted, part, config.horizon_days, config.discount_rate)
        rate = self._rate(config)

        def put(name, values):
            out[name][buyers] = values

        def put_money(name, values):
            values = np.asarray(values, dtype=np.float64) * rate
            put(name, np.where(np.abs(values) < MAX_MONEY, np.round(values, 2), np.nan))

        put("first_purchase_date", part.first)
        put("last_purchase_date", part.last)
        put("frequency", part.n)
        put_money("monetary", part.total)
        put_money("average_purchase", part.mean)
        put_money("revenue_recent", part.recent)
        put_money("revenue_previous", part.previous)
        for name in ("rfm_recency", "rfm_frequency", "rfm_monetary"):
            put(name, getattr(scores, name))
        rhythmic = part.n >= config.min_purchases
        put("rhythm_days", np.where(rhythmic, part.median_gap, np.nan))
        put("regularity", np.where(rhythmic, part.regularity, np.nan))
        put("next_purchase_date", np.where(rhythmic, scores.next_day, 0))
        put("expected_purchases", scores.expected)
        put("buy_probability", scores.buy_probability)
        put("churn_risk", scores.churn_risk)
        put_money("clv", scores.clv)
        put_money("clv_low", scores.clv_low)
        put_money("clv_high", scores.clv_high)
        place_in_status, overdue = status(part, self.params["typical_gap"], config.min_purchases)
        put("status", place_in_status)
        put("is_overdue", overdue)
        put(
            "value_state",
            np.where(
                np.isfinite(scores.clv),
                stage.VALUE_KEYS.index("money"),
                np.where(np.isfinite(scores.churn_risk), stage.VALUE_KEYS.index("rank"), 0),
            ),
        )
        (owned, seller_count, seller), (ids, purchases_kept) = documents
        with_owner = np.isin(batch, owned)
        place = np.searchsorted(owned, batch[with_owner])
        out["seller_count"][with_owner] = seller_count[place]
        out["seller_id"][with_owner] = seller[place]

        known = np.isin(batch, signals["partner_id"])
        place = np.searchsorted(signals["partner_id"], batch[known])
        for name in SIGNALS:
            if name in out and name != "partner_id":
                out[name][known] = signals[name][place]
        kept = np.zeros(count)
        kept[known] = signals["kept"][place]
        kept[buyers] += purchases_kept[np.searchsorted(ids, batch[buyers])]
        weights = config._engagement_weights()
        out["engagement"] = np.round(engagement.points(kept, weights), 2)

        out["health_rhythm"][buyers] = engine.rhythm_factor(part, config.min_purchases)
        out["health_trend"][buyers] = engine.trend_factor(part)
        out["health_engagement"] = out["engagement"] / 100
        out["health_feeling"] = engine.feeling_factor(out["feeling"])
        # owing nothing is no merit of somebody we know nothing else of
        cared = (out["late_promise_count"] + out["bad_feeling_count"] > 0) | (
            out["contact_count"] > 0
        )
        out["health_care"] = np.where(
            cared,
            engine.care_factor(out["late_promise_count"], out["bad_feeling_count"]),
            np.nan,
        )
        out["health"], out["health_band"] = self._health(config, out)
        silence = np.maximum(as_of - out["last_purchase_date"], 1)
        out["refresh_on"] = as_of + np.clip(
            np.round(silence * AGEING_SHARE).astype(np.int64), 1, AGEING_MAX_DAYS
        )
        return out

    @api.model
    def _compare(self, arrays, past):
        """Say how healthy these customers were, and what has changed since."""
        ids, health = past
        known = np.isin(arrays["partner_id"], ids)
        place = np.searchsorted(ids, arrays["partner_id"][known])
        arrays["health_previous"][known] = health[place]
        arrays["health_change"] = arrays["health"] - arrays["health_previous"]

    @api.model
    def _health(self, config, columns, weights=None):
        """Return the health scores and the places of their bands in ``stage.BAND_KEYS``."""
        health, band, _contributions = engine.health(
            columns["health_rhythm"],
            columns["health_trend"],
            columns["health_engagement"],
            columns["health_feeling"],
            columns["health_care"],
            weights or config._health_weights(),
            config.health_low,
            config.health_high,
        )
        places = np.select([band == key for key in stage.BAND_KEYS], range(len(stage.BAND_KEYS)))
        return np.round(health, 2), places

    @api.model
    def _rate(self, config):
        """Return what one unit of the company's currency is worth in the currency of insight, today."""
        company = config.company_id
        return company.currency_id._convert(
            1.0, config.currency_id, company, fields.Date.today(), round=False
        )
