from odoo import api, models


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    @api.ondelete(at_uninstall=False)
    def _unlink_close_asks(self):
        """Nobody is asked any more with a survey that is deleted; what was asked stays in the figures.

        Rules that used it are switched off, and say on their form that there is nothing to ask.
        """
        asks = self.env["hc.ask"].sudo()
        asks.search(
            [("survey_id", "in", self.ids), ("state", "in", ("waiting", "sending"))]
        )._set_skipped("survey_gone")
        asks.search([("survey_id", "in", self.ids), ("state", "=", "sent")])._set_expired(
            "survey_gone"
        )
        rules = self.env["hc.ask.rule"].sudo().with_context(active_test=False)
        rules.search([("survey_id", "in", self.ids), ("active", "=", True)]).active = False
