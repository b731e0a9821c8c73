from odoo import fields, models
from odoo.exceptions import ValidationError

LEAST_ANSWERS, MOST = 10, 1000


class ResCompany(models.Model):
    _inherit = "res.company"

    hc_feedback_least = fields.Integer(
        string="Fewest Answers for a Figure",
        default=LEAST_ANSWERS,
        help="With fewer answers, results say “too few answers” instead of a figure.",
    )

    def write(self, vals):
        least = vals.get("hc_feedback_least", LEAST_ANSWERS)
        if type(least) is not int or not 1 <= least <= MOST:
            raise ValidationError(
                self.env._(
                    "Fewest answers for a figure: give a number from 1 to %(max)s.", max=MOST
                )
            )
        return super().write(vals)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hc_feedback_least = fields.Integer(related="company_id.hc_feedback_least", readonly=False)
