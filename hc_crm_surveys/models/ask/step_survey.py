from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# While a plan waits for the answer it looks again so often; an answer wakes it at once.
LOOK_HOURS = 12


class HcOutreachStep(models.Model):
    """A step of a plan that asks for feedback, waits for the answer, and goes on by what they said.

    The request decides for itself whether they may be asked, and logs that; so the step does not.
    """

    _inherit = "hc.outreach.step"

    ask_rule_id = fields.Many2one(
        "hc.ask.rule", string="Ask", ondelete="set null", index="btree_not_null",
        help="With which survey and letter; its condition and its share are not asked here.",
    )  # fmt: skip

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "survey": {
                "label": self.env._("Ask for feedback"),
                "icon": "fa-commenting-o",
                "channel": "email",
                "human": False,
                "lanes": [
                    ("good", self.env._("Good answer")),
                    ("neutral", self.env._("In between")),
                    ("bad", self.env._("Bad answer")),
                    ("none", self.env._("No answer")),
                ],
                "description": self.env._(
                    "Ask how it was; the plan waits for the answer and goes on by what they said."
                ),
            }
        }

    def _contact_channel(self):
        # whether they may be asked is decided, and logged, by the request
        return None if self.type == "survey" else super()._contact_channel()

    def _problems_survey(self):
        rule = self.ask_rule_id.sudo()
        if not rule:
            return [self.env._("choose what to ask.")]
        if rule.company_id != self.plan_id.company_id:
            return [self.env._("“%s” asks in the name of another company.", rule.name)]
        if not rule.survey_id.active:
            return [self.env._("the survey of “%s” is closed or deleted.", rule.name)]
        return []

    def _step_text_survey(self):
        return self.env._(
            "Ask for feedback: %s", self.ask_rule_id.sudo().name or self.env._("nothing chosen yet")
        )

    def _run_survey(self, deliveries):
        """Ask whom was not asked yet; let those go on whose answer is known, or will not come."""
        self.ensure_one()
        if problems := self._problems_survey():
            deliveries._set_failed(problems[0])
            return
        Ask = self.env["hc.ask"].sudo()
        asks = {ask.delivery_id: ask for ask in Ask.search([("delivery_id", "in", deliveries.ids)])}
        new = deliveries.filtered(lambda row: row not in asks)
        asks |= {ask.delivery_id: ask for ask in Ask._hc_ask_deliveries(self.ask_rule_id, new)}
        waiting = []
        for delivery in deliveries:
            ask = asks[delivery]
            if ask.state == "answered":
                delivery._set_done(outcome=ask._answer_band() or "neutral")
            elif ask.state in ("expired", "failed"):
                delivery._set_done(outcome="none")
            elif ask.state == "skipped":
                delivery._set_skipped(ask.reason_code, ask.reason_args, outcome="none")
            else:
                waiting.append(delivery.id)
        rows = deliveries.browse(waiting)
        soon = deliveries._now() + timedelta(hours=LOOK_HOURS)
        rows._mark({"date_due": soon, "reason_code": "survey_waits", "reason_args": None})
        if rows:
            Ask._trigger_work()


class HcOutreachEnrollment(models.Model):
    _inherit = "hc.outreach.enrollment"

    def _expected_reply(self):
        """Who answers a survey that a step of the plan asked goes on in it, by what they said."""
        return SQL(
            "%s OR event.channel = 'survey' AND EXISTS (SELECT 1 FROM hc_ask "
            "JOIN hc_outreach_delivery AS step ON step.id = hc_ask.delivery_id "
            "WHERE step.enrollment_id = entered.id)",
            super()._expected_reply(),
        )
