from odoo import fields, models

METRICS = [
    ("nps", "NPS: would they recommend us"),
    ("csat", "CSAT: how satisfied they are"),
    ("ces", "CES: how easy it was"),
    ("enps", "eNPS: would colleagues recommend us"),
    ("own", "Own scale"),
]


class SurveyQuestion(models.Model):
    """A question whose answers are a metric: the host's scale, with a meaning."""

    _inherit = "survey.question"

    metric = fields.Selection(
        METRICS,
        index="btree_not_null",
        help="What the answers to this scale measure. Answers become feedback: they stand on the "
        "customer's timeline and count in the results.",
    )
    metric_summary = fields.Selection(
        [("share", "Share of good answers"), ("mean", "Average")],
        string="Told As",
        default="share",
        help="Two conventions live side by side for effort; whichever is chosen is named beside the figure.",
    )
    metric_display = fields.Selection(
        [("numbers", "Numbers"), ("faces", "Faces"), ("stars", "Stars")],
        string="Shown As",
        default="numbers",
    )
    # of an own scale only; those of the others are published
    metric_good_from = fields.Integer(string="Good From")
    metric_bad_to = fields.Integer(string="Bad Up To")
