import ast
import logging
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.links import check_links

from ..feedback.hc_feedback import BANDS, SENTIMENTS, SOURCES
from ..question.survey_question import METRICS

_logger = logging.getLogger(__name__)

MAX_HOURS = 2000  # working hours: about a year
MAX_KEYWORDS = 5000  # characters
CONDITIONS = ("metric", "source", "band", "sentiment", "keywords", "topic_ids")
LINKS = ("company_id", "user_id", "escalate_user_id", "template_id")


class HcFeedbackCaseRule(models.Model):
    """What happens by itself with which feedback: whose case it becomes and by when, or a thank-you.

    Rules are asked in their order; the first that wants a case opens it. Of those that thank or ask for
    something each may act, if no case was opened.
    """

    _name = "hc.feedback.case.rule"
    _description = "Rule for Cases"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade")
    metric = fields.Selection(METRICS)
    source = fields.Selection(SOURCES, string="Came By")
    band = fields.Selection(BANDS, string="Score")
    sentiment = fields.Selection(
        SENTIMENTS, string="Tone",
        help="How the words sound. Who gave a good score is believed before their tone.",
    )  # fmt: skip
    keywords = fields.Char(
        help="Any of these words in the comment, separated by commas. lawy* finds every word that "
        "begins so."
    )
    topic_ids = fields.Many2many("hc.feedback.topic", string="Topics")
    partner_domain = fields.Char(string="Only Customers", default="[]")
    is_anonymous = fields.Boolean(
        string="Also of Unknown People",
        help="Open cases for feedback of which nobody knows who gave it, for example from a card.",
    )
    action = fields.Selection(
        [("case", "Open a case"), ("thank", "Thank them"), ("referral", "Ask for a referral"),
         ("review", "Ask for a public review")],
        required=True, default="case",
    )  # fmt: skip
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", ondelete="set null", check_company=True,
        domain="[('share', '=', False)]",
        help="Empty: the customer's own person, else whoever answers for the topic.",
    )  # fmt: skip
    hours_answer = fields.Float(string="Answer Within", default=8, help="Working hours.")
    hours_solve = fields.Float(string="Solve Within", default=40, help="Working hours.")
    escalate_user_id = fields.Many2one(
        "res.users", string="Escalate To", ondelete="set null", check_company=True,
        domain="[('share', '=', False)]",
        help="Hears of it when it is overdue, and stands in for the owner. Empty: as the company says.",
    )  # fmt: skip
    way = fields.Selection(
        [("mail", "By mail, by itself"), ("task", "As a task for their salesperson")],
        string="How", default="mail", required=True,
    )  # fmt: skip
    template_id = fields.Many2one(
        "mail.template",
        string="Letter",
        ondelete="set null",
        domain=[("model", "=", "res.partner")],
    )
    again_days = fields.Integer(
        string="Not Again Within", default=365, help="Days in which nobody gets it twice."
    )

    @api.constrains("hours_answer", "hours_solve", "again_days")
    def _check_times(self):
        for rule in self:
            for name in ("hours_answer", "hours_solve"):
                if not 0 < rule[name] <= MAX_HOURS:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: give a number of working hours between 0 and %(max)s.",
                            field=self._fields[name]._description_string(self.env),
                            max=MAX_HOURS,
                        )
                    )
            if rule.hours_solve < rule.hours_answer:
                raise ValidationError(
                    self.env._("Solve Within: nothing is solved before it is answered.")
                )
            if not 1 <= rule.again_days <= 3650:
                raise ValidationError(
                    self.env._("Not Again Within: choose between 1 and 3650 days.")
                )

    @api.constrains(*CONDITIONS, "action")
    def _check_conditions(self):
        for rule in self:
            if not any(rule[name] for name in CONDITIONS):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” would take all feedback. Say at least one thing about it: its score, "
                        "its tone, words, topics, or how it came.",
                        rule=rule.name,
                    )
                )
            if rule.keywords and (len(rule.keywords) > MAX_KEYWORDS or not rule._pattern()):
                raise ValidationError(
                    self.env._(
                        "Keywords: write words separated by commas, %(max)s characters at most.",
                        max=MAX_KEYWORDS,
                    )
                )
            if rule.action != "case" and rule.band == "bad":
                raise ValidationError(
                    self.env._("Score: who is unhappy gets a case, not a “%(what)s”.",
                               what=dict(self._fields["action"]._description_selection(self.env))[rule.action])
                )  # fmt: skip

    @api.constrains("action", "way", "template_id", "active")
    def _check_letter(self):
        for rule in self.filtered("active"):
            if rule.action == "case" or rule.way != "mail":
                continue
            if not rule.template_id or rule.template_id.sudo().model != "res.partner":
                raise ValidationError(
                    self.env._("Letter: choose one about contacts, or let a colleague do it.")
                )

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for rule in self:
            try:
                # superuser: whether it is one, not whom it finds
                self.env["res.partner"].sudo().search(rule._partner_domain(), limit=1)
            except Exception as error:
                # a domain can be wrong in more ways than one can name
                raise ValidationError(
                    self.env._(
                        "Only Customers: this is no condition on customers: %(error)s",
                        error=str(error)[:300],
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, LINKS, creating=True)
        return super().create(vals_list)

    def write(self, vals):
        check_links(self, [vals], LINKS)
        return super().write(vals)

    def _partner_domain(self):
        return Domain(ast.literal_eval((self.partner_domain or "[]").strip() or "[]"))

    def _pattern(self):
        """Return a compiled expression that finds any of the keywords, or None."""
        words = [" ".join(word.split()) for word in (self.keywords or "").split(",")]
        parts = []
        for word in words:
            stem = word.rstrip("*")
            if stem:
                parts.append(
                    re.escape(stem.casefold()).replace(r"\ ", r"\s+")
                    + ("" if word != stem else r"(?!\w)")
                )
        return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})") if parts else None

    @api.model
    def _match(self, records):
        """Return which rules concern which feedback.

        As superuser. A constant number of queries for the rules, one for each rule about certain customers.

        :param records: ``hc.feedback``
        :return: ``{feedback: hc.feedback.case.rule in their order}``
        """
        result = {feedback: self.browse() for feedback in records}
        for rule in self.search(Domain.TRUE) if records else ():
            try:
                wanted = rule._allowed_partner_ids(records.partner_id)
            except (UserError, ValueError, KeyError, SyntaxError):
                # a field that is gone, with its app: what somebody said must not be lost over it
                _logger.warning("Rule %s for cases has an invalid condition on customers", rule.id)
                continue
            pattern = rule._pattern()
            for feedback in records:
                if rule._concerns(feedback, pattern, wanted):
                    result[feedback] |= rule
        return result

    def _allowed_partner_ids(self, partners):
        domain = self._partner_domain()
        if domain.is_true():
            return None
        found = self.env["res.partner"].with_context(active_test=False).search(
            domain & Domain("id", "in", partners.ids)
        )  # fmt: skip
        return set(found.ids)

    def _concerns(self, feedback, pattern, partner_ids):
        if self.company_id and self.company_id != feedback.company_id:
            return False
        if not feedback.partner_id and not (self.is_anonymous and self.action == "case"):
            return False
        if partner_ids is not None and feedback.partner_id.id not in partner_ids:
            return False
        if any(
            self[name] and self[name] != feedback[name]
            for name in ("metric", "source", "band", "sentiment")
        ):
            return False
        if self.sentiment == "negative" and feedback.band == "good":
            return False
        if self.topic_ids and not self.topic_ids & feedback.topic_ids:
            return False
        return not self.keywords or bool(
            pattern and pattern.search((feedback.comment or "").casefold())
        )
