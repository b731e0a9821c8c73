import numpy as np

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...engine import insight as engine
from .hc_insight_config import HEALTH_FACTORS

MAX_PREVIEW = 50


class HcInsightConfig(models.Model):
    """What other weights would make of real customers, before anybody saves them."""

    _inherit = "hc.insight.config"

    @api.readonly
    @api.model
    def hc_preview_health(self, weights, limit=8, low=None, high=None):
        """Return the health of real customers with the weights given, beside what it is now.

        :param weights: ``{rhythm, trend, engagement, feeling, care: number ≥ 0}``
        :param limit: customers to name: those whose health would change most
        :param low, high: borders of the bands, 0 to 100; by default the saved ones
        :return: ``{customers, bands, error}``
        """
        self.check_access("write")
        company = self.env.company
        config = self._for_company(company)
        try:
            weights = self._preview_weights(weights)
            low, high = self._preview_bands(config, low, high)
        except ValidationError as error:
            return {"customers": [], "bands": {}, "error": str(error)}
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= MAX_PREVIEW:
            raise ValidationError(
                self.env._("The number of customers must be from 1 to %(most)s.", most=MAX_PREVIEW)
            )
        # the rules of the reader apply: a manager of one company sees nobody of another
        query = self.env["hc.customer.insight"]._search([("company_id", "=", company.id)])
        columns = [SQL.identifier(query.table, f"health_{name}") for name in HEALTH_FACTORS]
        rows = self.env.execute_query(
            query.select(SQL.identifier(query.table, "partner_id"), *columns)
        )
        factors = np.array([row[1:] for row in rows], dtype=float).reshape(-1, len(HEALTH_FACTORS))
        before, band_before, _parts = engine.health(
            *factors.T, config._health_weights(), config.health_low, config.health_high
        )
        after, band_after, _parts = engine.health(*factors.T, weights, low, high)
        moved = np.nan_to_num(np.abs(after - before), nan=-1.0)
        order = np.argsort(-moved, kind="stable")[:limit]
        partners = self.env["res.partner"].browse([rows[place][0] for place in order])
        names = {partner.id: partner.display_name for partner in partners._filtered_access("read")}

        def shown(score):
            return round(float(score)) if np.isfinite(score) else False

        return {
            "customers": [
                {
                    "partner_id": rows[place][0],
                    "name": names[rows[place][0]],
                    "before": shown(before[place]),
                    "after": shown(after[place]),
                    "band_before": str(band_before[place]),
                    "band_after": str(band_after[place]),
                }
                for place in order
                if rows[place][0] in names
            ],
            "bands": {
                "before": self._count_bands(band_before),
                "after": self._count_bands(band_after),
            },
            "error": False,
        }

    @api.model
    def _count_bands(self, bands):
        return {name: int((bands == name).sum()) for name in ("low", "middle", "high", "unknown")}

    @api.model
    def _preview_weights(self, weights):
        if not isinstance(weights, dict) or set(weights) - set(HEALTH_FACTORS):
            raise ValidationError(
                self.env._("Weights must be given by the names %(names)s.", names=HEALTH_FACTORS)
            )
        weights = {name: weights.get(name, 0.0) for name in HEALTH_FACTORS}
        self._check_weights(
            {f"health_weight_{name}": weight for name, weight in weights.items()},
            self.env._("the health score"),
        )
        return weights

    @api.model
    def _preview_bands(self, config, low, high):
        low = config.health_low if low is None else low
        high = config.health_high if high is None else high
        for value in (low, high):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValidationError(self.env._("The borders of the bands must be numbers."))
        if not 0 <= low < high <= 100:
            raise ValidationError(
                self.env._(
                    "“Needs care below” must be less than “Thriving from”, both between 0 and 100."
                )
            )
        return low, high
