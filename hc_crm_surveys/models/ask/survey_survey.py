from odoo import api, models
from odoo.tools import SQL


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
        # The database would empty these links one by one, and stumbles over rows of this transaction.
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE hc_feedback SET question_id = NULL, user_input_id = NULL WHERE survey_id = ANY(%s)",
                self.ids,
            )
        )
        self.env["hc.feedback"].invalidate_model(["question_id", "user_input_id"], flush=False)
