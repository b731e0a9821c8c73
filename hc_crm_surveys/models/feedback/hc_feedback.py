from odoo import api, fields, models

from ..question.survey_question import METRICS

SOURCES = [
    ("survey", "Survey"),
    ("rating", "Rating"),
    ("card", "Comment Card"),
    ("told", "Told a Colleague"),
    ("interaction", "Conversation"),
    ("mention", "Mention"),
]
BANDS = [("good", "Good"), ("neutral", "Neutral"), ("bad", "Bad")]
SENTIMENTS = [
    ("positive", "Positive"),
    ("neutral", "Neutral"),
    ("negative", "Negative"),
    ("unknown", "Unknown"),
]


class HcFeedback(models.Model):
    """What somebody told us: one row for each scored answer or remark, whatever it came by.

    Everything analytic reads this one table. A row is made from its origin (``origin_model``,
    ``origin_id``: never two rows of one origin) and follows it; only what people add here is theirs:
    sentiment, topics, whether it counts.
    """

    _name = "hc.feedback"
    _description = "Feedback"
    _order = "date desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="set null",
        help="Empty if nobody knows who it was, or they asked to be forgotten.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Company or Household",
        related="partner_id.commercial_partner_id",
        store=True,
        index="btree_not_null",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, help="When they said it.")
    source = fields.Selection(SOURCES, required=True, default="survey")
    origin_model = fields.Char(readonly=True)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True)
    survey_id = fields.Many2one("survey.survey", index="btree_not_null", ondelete="set null")
    question_id = fields.Many2one("survey.question", ondelete="set null")
    user_input_id = fields.Many2one(
        "survey.user_input", index="btree_not_null", ondelete="set null"
    )
    ask_id = fields.Many2one(
        "hc.ask", string="Asked By", index="btree_not_null", ondelete="set null"
    )

    # the score; a remark has none
    metric = fields.Selection(METRICS)
    is_scored = fields.Boolean(string="Has a Score")
    score = fields.Integer(aggregator="avg")
    scale_min = fields.Integer()
    scale_max = fields.Integer()
    band = fields.Selection(
        BANDS, help="Promoters, satisfied and easy are good; detractors are bad."
    )

    # the words
    comment = fields.Text()
    lang = fields.Char(
        string="Language", help="ISO 639-1 code of the language of the comment, if known."
    )
    sentiment = fields.Selection(
        SENTIMENTS, string="Tone", default="unknown", required=True,
        help="How the words sound. It never changes a score that was given.",
    )  # fmt: skip
    sentiment_by = fields.Char(
        string="Tone According To", help="“person”, or the technical name of what read the text."
    )
    emotion_ids = fields.Many2many("hc.emotion", string="Emotions")
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")

    # about what
    touchpoint = fields.Char(
        index="btree_not_null",
        help="Technical name of the moment it is about, for example delivery.",
    )
    res_model = fields.Char(string="About Document Model")
    res_id = fields.Many2oneReference(string="About Document", model_field="res_model")
    user_id = fields.Many2one("res.users", string="Colleague Concerned", ondelete="set null")
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    persona_id = fields.Many2one(
        "hc.persona", string="Persona Then", index="btree_not_null", ondelete="set null",
        help="Who they were to us when they said it.",
    )  # fmt: skip

    # whether it counts
    is_test = fields.Boolean(help="A trial of the survey: counts nowhere.")
    is_suspect = fields.Boolean(
        string="Probably No Person", help="The click came from a machine, as far as one can tell."
    )
    is_counted = fields.Boolean(
        string="Counts", compute="_compute_is_counted", store=True, precompute=True
    )

    case_id = fields.Many2one("hc.feedback.case", index="btree_not_null", ondelete="set null")
    improvement_ids = fields.Many2many("hc.improvement", string="What We Did")

    _origin_unique = models.UniqueIndex(
        "(origin_model, origin_id) WHERE origin_id IS NOT NULL",
        "This answer is feedback already.",
    )
    _company_date_idx = models.Index("(company_id, metric, date) WHERE is_counted")

    @api.depends("is_test", "is_suspect")
    def _compute_is_counted(self):
        for feedback in self:
            feedback.is_counted = not feedback.is_test and not feedback.is_suspect
