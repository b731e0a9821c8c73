from odoo import api, models
from odoo.fields import Datetime
from odoo.tools import format_date


class HcContactAttempt(models.Model):
    """Why somebody was not asked, in words."""

    _inherit = "hc.contact.attempt"

    @api.model
    def _reason_texts(self):
        return super()._reason_texts() | {
            "asked_lately": self._asked_lately,
            "survey_gone": lambda env, args: env._("The survey was deleted."),
            "survey_closed": lambda env, args: env._("The survey is closed."),
            "rule_off": lambda env, args: env._("The rule was switched off or deleted."),
            "no_longer": lambda env, args: env._(
                "What it was about is not so any more, or does not meet the conditions."
            ),
            "no_answer": lambda env, args: env._("They did not answer in time."),
            "survey_waits": lambda env, args: env._("The plan waits for their answer."),
        }

    @staticmethod
    def _asked_lately(env, args):
        moment = Datetime.to_datetime(args.get("date")) if args.get("date") else None
        if not moment:
            return env._("They were asked lately.")
        day = format_date(env, Datetime.context_timestamp(env.user, moment).date())
        return env._(
            "They were asked on %(day)s, and are not asked again within %(days)s days.",
            day=day,
            days=args.get("days", ""),
        )
