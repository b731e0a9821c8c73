from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..question.survey_question import METRICS

SOURCES = [
    ("survey", "Survey"),
    ("rating", "Rating"),
    ("card", "Comment Card"),
    ("told", "Told a Colleague"),
    ("interaction", "Conversation"),
    ("mention", "Mention"),
]
MAX_TITLE = 80  # characters
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

    # how we worked before they said it; see “facts”
    days_deliver = fields.Float(string="Days to Deliver", readonly=True, aggregator="avg")
    days_answer = fields.Float(string="Days to Answer", readonly=True, aggregator="avg")
    contacts = fields.Integer(string="Contacts Before", readonly=True, aggregator="avg")
    discount = fields.Float(string="Discount (%)", readonly=True, aggregator="avg")
    date_facts = fields.Datetime(readonly=True, help="When the facts were last looked up.")

    # to search by only
    segment_id = fields.Many2one(
        "hc.segment", string="Segment Today", compute="_compute_search_only", search="_search_segment_id"
    )  # fmt: skip
    about_product_id = fields.Many2one(
        "product.product", compute="_compute_search_only",
        search="_search_about_product_id", help="The product itself, or an order it stands on.",
    )  # fmt: skip

    case_id = fields.Many2one("hc.feedback.case", index="btree_not_null", ondelete="set null")
    improvement_ids = fields.Many2many("hc.improvement", string="What We Did")

    _origin_unique = models.UniqueIndex(
        "(origin_model, origin_id) WHERE origin_id IS NOT NULL",
        "This answer is feedback already.",
    )
    # what is answered about documents is found by them
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    _company_date_idx = models.Index("(company_id, metric, date) WHERE is_counted")

    @api.depends("is_test", "is_suspect")
    def _compute_is_counted(self):
        for feedback in self:
            feedback.is_counted = not feedback.is_test and not feedback.is_suspect

    @api.depends("metric", "score", "scale_max", "is_scored", "partner_id", "comment")
    def _compute_display_name(self):
        for feedback in self:
            feedback.display_name = feedback._hc_title()

    def _hc_title(self):
        """Return what was said in a few words: "NPS 3 of 10", or the beginning of the remark."""
        self.ensure_one()
        if self.is_scored:
            return self.env._(
                "%(what)s %(score)s of %(max)s",
                what=self._hc_metric_name(),
                score=self.score,
                max=self.scale_max,
            )
        title = (self.comment or self.env._("Remark")).split("\n")[0]
        return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].rstrip() + "…"

    def _hc_metric_name(self):
        """Return the short name of what was measured, as it stands before a figure."""
        if self.source == "rating" and self.metric == "own":
            return self.env._("Rating")
        return self._hc_metric_names(self.env).get(self.metric) or self.env._("Score")

    @staticmethod
    def _hc_metric_names(env):
        return {
            "nps": env._("NPS"),
            "csat": env._("CSAT"),
            "ces": env._("Effort"),
            "enps": env._("eNPS"),
        }

    def _compute_search_only(self):
        self.segment_id = False
        self.about_product_id = False

    def _search_segment_id(self, operator, value):
        if operator in ("any", "any!"):
            # superuser's wish or not: which segments there are to see, their own rules say
            value = self.env["hc.segment"]._search(
                Domain(value) if isinstance(value, list) else value
            )
            operator = "in"
        if operator != "in":
            return NotImplemented
        return Domain("partner_id.hc_segment_ids", "in", value)

    def _search_about_product_id(self, operator, value):
        if operator in ("any", "any!"):
            value = self.env["product.product"]._search(value)
            operator = "in"
        if operator != "in":
            return NotImplemented
        lines = self.env["sale.order.line"]._search(Domain("product_id", "in", value))
        orders = lines.subselect(SQL.identifier(lines.table, "order_id"))
        return Domain("product_id", "in", value) | (
            Domain("res_model", "=", "sale.order")
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s IN %s", model._field_to_sql(alias, "res_id", query), orders
                )
            )
        )

    def action_open_document(self):
        """Open what it is about; its own rights apply."""
        self.ensure_one()
        return self._hc_open(self.res_model, self.res_id)

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action() if self.partner_id else False

    def _hc_open(self, model, res_id):
        if not model or model not in self.env or not res_id:
            raise UserError(
                self.env._("It is about no document, or the app of the document is gone.")
            )
        record = self.env[model].browse(res_id)
        if not record.exists():
            raise UserError(self.env._("The document was deleted."))
        return record.get_formview_action()
