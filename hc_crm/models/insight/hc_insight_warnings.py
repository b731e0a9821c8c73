from odoo import api, models

from . import words


class HcInsightRun(models.Model):
    """What a reader of the figures should mind, kept as codes and numbers, said in their language."""

    _inherit = "hc.insight.run"

    @api.model
    def _warnings(self, config, fitted, purchases, base):
        """Return the warnings of a run: the engine's and those about the documents.

        :return: list of ``{"code": …, numbers}``
        """
        warnings = list(fitted.warnings) if not base else []
        if not base and not len(purchases.customer):
            warnings = [{"code": "no_purchases"}]
        if purchases.left_out:
            warnings.append({"code": "left_out", "documents": purchases.left_out})
        if purchases.without_rate:
            warnings.append({"code": "no_rate", "documents": purchases.without_rate})
        if not base and config.currency_id != config.company_id.currency_id:
            [[known]] = self.env.execute_query(
                self.env["hc.insight.purchase"]._has_rate_query(config)
            )
            if not known:
                warnings.append({"code": "no_reporting_rate", "currency": config.currency_id.name})
        return warnings

    def _warning_texts(self):
        self.ensure_one()
        return [
            text for warning in self.warnings or [] if (text := self._warning_text(dict(warning)))
        ]

    def _warning_text(self, values):
        code = values.pop("code")
        match code:
            case "no_purchases":
                return self.env._(
                    "There are no purchases yet. Confirm a sales order, or choose under Configuration, "
                    "Insight, what counts as a purchase."
                )
            case "few_customers":
                return self.env._(
                    "Few customers: %(repeaters)s came back and %(capable)s could have; about "
                    "%(needed)s are needed to say more.",
                    **values,
                )
            case "one_purchase_each":
                return self.env._(
                    "Each of the %(customers)s customers bought once: there is nothing yet to learn who "
                    "comes back.",
                    **values,
                )
            case "no_repeat":
                return self.env._(
                    "Nobody bought again in the time kept apart for checking: how good the figures are "
                    "is not known."
                )
            case "no_fit":
                return self.env._(
                    "The model could not be fitted to these purchases; the simple rule is used instead."
                )
            case "short_history":
                return self.env._(
                    "Only %(span)s of sales: too short to check predictions against.",
                    span=words.span(self.env, values["days"]),
                )
            case "season":
                if values.get("kind") == "backtest":
                    return self.env._(
                        "On your own past the total was off by a quarter or more: sums of money may be "
                        "too high or too low, the order of customers still holds. A season is the usual "
                        "cause."
                    )
                return self.env._(
                    "Your sales have a season: totals over part of a year may be too high or too low."
                )
            case "future":
                return self.env._(
                    "%(purchases)s purchases are dated in the future and were left out.", **values
                )
            case "left_out":
                return self.env._(
                    "%(documents)s documents with a negative total, or credited as a whole, do not count "
                    "as purchases.",
                    **values,
                )
            case "no_rate":
                return self.env._(
                    "%(documents)s documents are in a currency without any exchange rate: they count as "
                    "purchases, their amounts do not. Add a rate under Accounting, Currencies.",
                    **values,
                )
            case "no_reporting_rate":
                return self.env._(
                    "There is no exchange rate for %(currency)s: values are shown as if it were worth "
                    "as much as your own currency. Add a rate under Accounting, Currencies.",
                    **values,
                )
            case "channels_failed":
                return self.env._(
                    "Which channels customers prefer could not be worked out anew; the log says why."
                )
            case "products_failed":
                return self.env._(
                    "What is bought together could not be worked out anew; the log says why."
                )
        return ""
