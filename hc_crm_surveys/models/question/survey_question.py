from odoo import fields, models

from ...engine.feedback.metric import scale_of

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

    def _scale(self):
        """Return the :class:`Scale` of the answers."""
        self.ensure_one()
        own = self.metric == "own"
        return scale_of(
            self.metric,
            self.scale_min,
            self.scale_max,
            self.metric_good_from if own and self.metric_good_from else None,
            self.metric_bad_to if own and self.metric_bad_to else None,
        )
