from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.feedback.metric import scale_of

METRICS = [
    ("nps", "NPS: would they recommend us"),
    ("csat", "CSAT: how satisfied they are"),
    ("ces", "CES: how easy it was"),
    ("enps", "eNPS: would colleagues recommend us"),
    ("own", "Own scale"),
]
# The ends a metric is asked on; the first is what choosing the metric sets. An own scale has its own.
SCALES = {
    "nps": [(0, 10)],
    "enps": [(0, 10)],
    "ces": [(1, 7)],
    "csat": [(1, 5), (1, 3), (1, 7), (1, 10)],
}
FACES = {3: ("1", "3", "5"), 5: ("1", "2", "3", "4", "5")}  # number of points: which of five faces
STARS_MAX = 7  # more stars of 44 pixels do not fit beside each other on a phone


class SurveyQuestion(models.Model):
    """A question whose answers are a metric: the host's scale, with a meaning."""

    _inherit = "survey.question"

    metric = fields.Selection(
        METRICS,
        string="Measures",
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
        compute="_compute_metric_display",
        store=True,
        readonly=False,
        help="Faces need a scale of 3 or 5 points, stars one from 1 to at most 7.",
    )
    metric_good_from = fields.Integer(
        string="Good From",
        compute="_compute_metric_bands",
        store=True,
        readonly=False,
        help="The lowest score that counts as a good answer.",
    )
    metric_bad_to = fields.Integer(
        string="Bad Up To",
        compute="_compute_metric_bands",
        store=True,
        readonly=False,
        help="The highest score that counts as a bad answer.",
    )

    # -- constraints ------------------------------------------------------------------------------

    @api.constrains("metric", "question_type", "is_page", "scale_min", "scale_max")
    def _check_metric(self):
        for question in self.filtered("metric"):
            name = {"metric": question._metric_name(), "question": question.title}
            if question.is_page or question.question_type != "scale":
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: %(metric)s is asked on a scale. Choose “Scale” as the question "
                        "type, or leave “Measures” empty.",
                        **name,
                    )
                )
            allowed = SCALES.get(question.metric)
            if allowed and (question.scale_min, question.scale_max) not in allowed:
                scales = ", ".join(f"{low} – {high}" for low, high in allowed)
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: %(metric)s is asked on %(scales)s. Change the scale, or choose "
                        "“Own scale” under “Measures”.",
                        scales=scales,
                        **name,
                    )
                )

    @api.constrains("metric", "metric_good_from", "metric_bad_to", "scale_min", "scale_max")
    def _check_metric_bands(self):
        for question in self.filtered(lambda one: one.metric == "own"):
            low, high = question.scale_min, question.scale_max
            if not low <= question.metric_bad_to < question.metric_good_from <= high:
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: “Bad Up To” must be lower than “Good From”, and both must lie "
                        "between %(low)s and %(high)s.",
                        question=question.title,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("metric", "metric_display", "scale_min", "scale_max")
    def _check_metric_display(self):
        for question in self.filtered("metric"):
            if not question._metric_can_show(question.metric_display):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: faces need a scale of 3 or 5 points, stars one from 1 to at most "
                        "%(most)s. Choose “Numbers” under “Shown As”, or change the scale.",
                        question=question.title,
                        most=STARS_MAX,
                    )
                )

    # -- computes ---------------------------------------------------------------------------------

    @api.depends("metric", "scale_min", "scale_max")
    def _compute_metric_display(self):
        for question in self:
            shown = question.metric_display or "numbers"
            question.metric_display = shown if question._metric_can_show(shown) else "numbers"

    @api.depends("metric", "scale_min", "scale_max")
    def _compute_metric_bands(self):
        """Keep bands of an own scale that lie on it; all others are published."""
        for question in self:
            low, high = question.scale_min, question.scale_max
            good_from, bad_to = question.metric_good_from, question.metric_bad_to
            if question.metric != "own" or not low <= bad_to < good_from <= high:
                scale = question._metric_published()
                good_from, bad_to = (scale.good_from, scale.bad_to) if scale else (0, 0)
            question.metric_good_from = good_from
            question.metric_bad_to = bad_to

    @api.onchange("metric")
    def _onchange_metric(self):
        """Choosing what is measured sets the scale it is asked on."""
        for name, value in self._metric_scale_values(self.metric).items():
            self[name] = value

    # -- CRUD -------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            {**self.browse()._metric_scale_values(vals["metric"]), **vals}
            if isinstance(vals.get("metric"), str)
            else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        if not vals.get("metric") or not isinstance(vals["metric"], str):
            return super().write(vals)
        # each keeps its own scale if the metric can be asked on it
        groups = {}
        for question in self:
            more = question._metric_scale_values(vals["metric"])
            key = tuple(sorted(more.items()))
            groups[key] = groups.get(key, self.browse()) | question
        result = True
        for more, questions in groups.items():
            result = super(SurveyQuestion, questions).write({**dict(more), **vals})
        return result

    # -- business ---------------------------------------------------------------------------------

    def _metric_scale_values(self, metric):
        """Return what choosing ``metric`` sets: ``{}``, or type and ends of the scale."""
        if not metric:
            return {}
        values = {} if self and self.question_type == "scale" else {"question_type": "scale"}
        allowed = SCALES.get(metric)
        ends = (self.scale_min, self.scale_max) if self else None
        if allowed and (ends not in allowed or "question_type" in values):
            values["scale_min"], values["scale_max"] = allowed[0]
        return values

    def _metric_name(self):
        """Return the name of the metric in the reader's language, without its explanation."""
        self.ensure_one()
        labels = dict(self._fields["metric"]._description_selection(self.env))
        return labels.get(self.metric, "").partition(":")[0]

    def _metric_published(self):
        """Return the :class:`Scale` of the metric by its publication, None if there is none."""
        self.ensure_one()
        low, high = self.scale_min, self.scale_max
        try:
            return scale_of(self.metric, low, high)
        except ValueError:
            # two points have no third; anything else is told by the constraints
            if self.metric == "own" and high - low == 1:
                return scale_of("own", low, high, high, low)
            return None

    def _scale(self):
        """Return the :class:`~odoo.addons.hc_crm_surveys.engine.feedback.metric.Scale` of this question.

        :return: None for a question that is no metric
        """
        self.ensure_one()
        if not self.metric:
            return None
        if self.metric == "own":
            return scale_of(
                "own", self.scale_min, self.scale_max, self.metric_good_from, self.metric_bad_to
            )
        return scale_of(self.metric, self.scale_min, self.scale_max)

    def _metric_can_show(self, display):
        """Tell whether the points of the scale can be shown as ``display``."""
        self.ensure_one()
        if display == "faces":
            return self.scale_max - self.scale_min + 1 in FACES
        if display == "stars":
            return self.scale_min == 1 and self.scale_max <= STARS_MAX
        return True

    def _metric_end_labels(self):
        """Return what stands at the low end, in the middle and at the high end of the scale.

        Labels of the question come first; without any, those the metric is published with.
        """
        self.ensure_one()
        own = (self.scale_min_label, self.scale_mid_label, self.scale_max_label)
        if any(own):
            return tuple(label or "" for label in own)
        published = {
            "nps": (self.env._("Not at all likely"), self.env._("Extremely likely")),
            "enps": (self.env._("Not at all likely"), self.env._("Extremely likely")),
            "csat": (self.env._("Very dissatisfied"), self.env._("Very satisfied")),
            "ces": (self.env._("Strongly disagree"), self.env._("Strongly agree")),
        }
        low, high = published.get(self.metric, ("", ""))
        return low, "", high

    def _metric_points(self):
        """Return the points of the scale as they are shown.

        :return: list of ``{"value": int, "face": "1" … "5" or None, "label": str}``; the label is what a
            screen reader says: “9 of 10, Extremely likely”
        """
        self.ensure_one()
        low, mid, high = self._metric_end_labels()
        values = range(self.scale_min, self.scale_max + 1)
        words = {self.scale_min: low, self.scale_max: high}
        if len(values) % 2:
            words[values[len(values) // 2]] = mid
        faces = FACES.get(len(values)) if self.metric_display == "faces" else None
        points = []
        for number, value in enumerate(values):
            label = self.env._("%(score)s of %(most)s", score=value, most=self.scale_max)
            if words.get(value):
                label = f"{label}, {words[value]}"
            points.append(
                {"value": value, "face": faces[number] if faces else None, "label": label}
            )
        return points

    def _metric_caption(self):
        """Return what a figure of this question is called, with the convention it follows."""
        self.ensure_one()
        scale = self._scale()
        if not scale:
            return ""
        name = self._metric_name()
        if self.metric in ("nps", "enps"):
            return name
        if self.metric_summary == "mean":
            return self.env._(
                "%(metric)s: average, %(low)s to %(high)s",
                metric=name,
                low=scale.low,
                high=scale.high,
            )
        return self.env._(
            "%(metric)s: share of answers from %(good)s to %(high)s",
            metric=name,
            good=scale.good_from,
            high=scale.high,
        )
