from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """A case was solved. Asking *again* what they had said is done by the case itself (``_hc_ask_again``)."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        return super()._triggers() | {
            "case_solved": {
                "label": self.env._("A case was solved"),
                "phrase": self.env._("a case was solved"),
                "model": "hc.feedback.case",
            }
        }

    def _trigger_case_solved(self, query):
        query.add_where(SQL("hc_feedback_case.is_open IS NOT TRUE"))
        return SQL("hc_feedback_case.partner_id"), SQL("hc_feedback_case.date_solved")
