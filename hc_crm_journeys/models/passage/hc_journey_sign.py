from odoo import api, fields, models
from odoo.tools import SQL

from .hc_journey_rule import WAYS


class HcJourneySign(models.Model):
    """What no record tells: that a colleague put a customer into a stage, or that a condition came true.

    Passages are worked out anew whenever something changes; these are what has to be remembered for it.
    """

    _name = "hc.journey.sign"
    _description = "Sign of a Customer on a Journey"
    _order = "date desc, id desc"
    _log_access = False

    rule_id = fields.Many2one(
        "hc.journey.rule", index="btree_not_null", ondelete="cascade", help="Empty: by hand."
    )
    journey_id = fields.Many2one("hc.journey", required=True, index=True, ondelete="cascade")
    stage_id = fields.Many2one("hc.journey.stage", required=True, index=True, ondelete="cascade")
    touchpoint_id = fields.Many2one(
        "hc.journey.touchpoint", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    way = fields.Selection(WAYS, required=True, default="enter")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    date_until = fields.Datetime(help="Since when the condition is not true any more.")
    user_id = fields.Many2one("res.users", ondelete="set null", help="Who said so.")
    note = fields.Char()
    is_open = fields.Boolean(
        help="Tells nothing that not everybody who sees the customer may know."
    )

    @api.model
    def _events(self, where):
        """Return the SELECT of events, as ``hc.journey.rule._events_<kind>``."""
        return SQL(
            """
            SELECT sign.partner_id, date_trunc('second', sign.date) AS date, 'hc.journey.sign'::varchar AS res_model,
                   sign.id AS res_id, NULL::int AS user_id, COALESCE(sign.is_open, FALSE) AS is_open,
                   sign.date AS written
              FROM hc_journey_sign AS sign WHERE %s
            """,
            where,
        )
