from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.exceptions import ConcurrencyError, UserError

MAX_TITLE = 80  # characters of their words in the title of a case


class OpenedMeanwhileError(ConcurrencyError, OperationalError):
    """Another request opened a case of the same person: tried again, ours joins it."""


class HcFeedback(models.Model):
    _inherit = "hc.feedback"

    is_case_dismissed = fields.Boolean(
        help="Its case was deleted: nothing opens one for it again by itself."
    )

    def _follow_up(self):
        res = super()._follow_up()
        self._follow_case()
        return res

    def _follow_case(self):
        """Open cases, tell cases what their customers say now, thank who is happy. Idempotent."""
        # how colleagues feel about us is nobody's case, nor what they say as if they were customers
        records = self.filtered(
            lambda row: (
                row.is_counted
                and row.metric != "enps"
                and (not row.partner_id or row.partner_id.partner_share)
            )
        )
        answers = records.filtered(lambda row: row.ask_id.case_id)
        for feedback in answers.filtered("is_scored"):
            feedback.ask_id.case_id._take_verdict(feedback)
        records -= answers
        records = records.filtered(lambda row: not row.case_id and not row.is_case_dismissed)
        matched = self.env["hc.feedback.case.rule"]._match(records)
        happy = []
        for feedback, rules in matched.items():
            if rule := rules.filtered(lambda rule: rule.action == "case")[:1]:
                feedback._to_case(rule)
            else:
                happy += [(feedback, rule) for rule in rules]
        if happy:
            self.env["hc.feedback.thanks"]._follow(happy)

    def _to_case(self, rule=None):
        """Put this feedback into the person's open case, or open one. Returns the case."""
        self.ensure_one()
        if self.case_id:
            return self.case_id
        Case = self.env["hc.feedback.case"]
        if self.partner_id and (case := Case._open_of(self.partner_id, self.company_id.id)):
            case._join(self, rule)
            return case
        try:
            with self.env.cr.savepoint():
                case = Case.with_company(self.company_id).create(self._case_vals(rule))
        except UniqueViolation as error:
            raise OpenedMeanwhileError(str(error)) from error
        return case

    def _case_vals(self, rule=None):
        return {
            "name": self._case_title(),
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "rule_id": rule.id if rule else False,
            "priority": rule.priority if rule else "0",
            "topic_ids": [fields.Command.set(self.topic_ids.ids)],
            "feedback_ids": [fields.Command.link(self.id)],
        }

    def _case_title(self):
        words = " ".join((self.comment or "").split())
        if len(words) > MAX_TITLE:
            words = words[: MAX_TITLE - 1].rstrip() + "…"
        parts = [self._case_score_text() if self.is_scored else "", f"“{words}”" if words else ""]
        return " ".join(filter(None, parts)) or self.env._("Complaint")

    def _case_score_text(self):
        return self.env._("%(score)s of %(max)s", score=self.score, max=self.scale_max)

    def _case_percent(self):
        """The place of the score on its scale, 0 to 100."""
        span = self.scale_max - self.scale_min
        return 100 * (self.score - self.scale_min) / span if span else 0.0

    def action_hc_open_case(self):
        """Show the case of this feedback; if there is none, put it into the person's or open one."""
        self.ensure_one()
        self.check_access("read")
        Case = self.env["hc.feedback.case"]
        Case.check_access("create")
        if self.is_test or self.is_suspect:
            raise UserError(
                self.env._("This is a trial, or no person gave it: it is nobody's case.")
            )
        if self.case_id:
            self.case_id.check_access("read")
        # sudo: who may read what was said may see to it; the case is theirs then
        case = self.sudo()._to_case()
        if not case.user_id:
            case.user_id = self.env.user
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Case"),
            "res_model": "hc.feedback.case",
            "res_id": case.id,
            "views": [(False, "form")],
            "target": "current",
        }
