from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class HcFact(models.Model):
    _inherit = "hc.fact"

    date_greeted = fields.Date(
        string="Greeted for",
        copy=False,
        readonly=True,
        help="The last occurrence somebody congratulated on, so that nobody does it twice.",
    )

    def _greeting_domain(self, first, last):
        """Milestones from ``first`` to ``last`` on which nobody has congratulated yet."""
        return (
            Domain("kind", "=", "milestone")
            & Domain("is_expired", "=", False)
            & Domain("next_date", ">=", first)
            & Domain("next_date", "<=", last)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s IS DISTINCT FROM %s",
                    SQL.identifier(alias, "date_greeted"),
                    model._next_date_sql(alias),
                )
            )
        )
