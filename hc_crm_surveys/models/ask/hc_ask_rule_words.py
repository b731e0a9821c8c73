from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .hc_ask_rule import PREVIEW_DAYS


class HcAskRule(models.Model):
    """What a rule does, in words and with numbers."""

    _inherit = "hc.ask.rule"

    summary = fields.Char(string="In Words", compute="_compute_summary")
    preview_text = fields.Char(
        string="Would Have Asked", compute="_compute_preview_text", help="In the last 30 days."
    )
    asked_count = fields.Integer(string="Asked", compute="_compute_asked_count")

    @api.depends(
        "trigger", "delay_count", "delay_unit", "share", "survey_id", "throttle_days", "reminder_count",
        "reminder_days", "sender", "user_id", "domain", "partner_domain",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_summary(self):
        for rule in self:
            rule.summary = rule._summary()

    def _summary(self):
        """Say in one or two sentences whom this rule asks, what, when and how often at most."""
        self.ensure_one()
        # superuser: who may read a rule may know the name of its survey
        survey = self.sudo().survey_id.title or self.env._("a survey that is not chosen yet")
        parts = [
            self.env._(
                "%(when)s, ask %(who)s: “%(survey)s”.",
                when=self._summary_when(),
                who=self._summary_who(),
                survey=survey,
            )
        ]
        if self.reminder_count:
            parts.append(
                self.env._("Remind once after %s days.", self.reminder_days)
                if self.reminder_count == 1
                else self.env._(
                    "Remind %(count)s times, every %(days)s days.",
                    count=self.reminder_count,
                    days=self.reminder_days,
                )
            )
        if self.throttle_days:
            parts.append(self.env._("Nobody twice within %s days.", self.throttle_days))
        return " ".join(parts)

    def _summary_when(self):
        phrase = self._triggers().get(self.trigger, {}).get("phrase")
        if not phrase:
            return self.env._("When a colleague says so")
        count = self.delay_count
        if not count:
            return self.env._("Right after %s", phrase)
        if self.delay_unit == "hours":
            if count == 1:
                return self.env._("An hour after %s", phrase)
            return self.env._("%(count)s hours after %(what)s", count=count, what=phrase)
        if count == 1:
            return self.env._("A day after %s", phrase)
        return self.env._("%(count)s days after %(what)s", count=count, what=phrase)

    def _summary_who(self):
        conditions = any((text or "[]") != "[]" for text in (self.domain, self.partner_domain))
        one_in = {100: None, 50: 2, 33: 3, 25: 4, 20: 5, 10: 10}.get(self.share, self.share)
        if self.share in (50, 33, 25, 20, 10):
            if conditions:
                return self.env._("one in %s customers who meet the conditions", one_in)
            return self.env._("one in %s customers", one_in)
        if self.share != 100:
            if conditions:
                return self.env._("%s %% of the customers who meet the conditions", self.share)
            return self.env._("%s %% of the customers", self.share)
        if self.trigger == "manual":
            return self.env._("the customers chosen")
        if conditions:
            return self.env._("the customer, if the conditions are met")
        return self.env._("the customer")

    @api.depends(
        "trigger", "domain", "partner_domain", "share", "company_id", "delay_count", "delay_unit"
    )
    @api.depends_context("lang", "uid")
    def _compute_preview_text(self):
        for rule in self:
            rule.preview_text = rule._preview()

    def _preview(self):
        """Say how many this rule would have asked in the last 30 days, before consent and throttle."""
        self.ensure_one()
        if not self.trigger_model or not self.company_id:
            return False
        now = fields.Datetime.now()
        try:
            rows = self.sudo()._candidates(fields.Datetime.subtract(now, days=PREVIEW_DAYS), now)
        except ValidationError as error:
            return str(error)
        self.env.flush_all()
        [[count, people]] = self.env.execute_query(
            SQL("SELECT COUNT(*), COUNT(DISTINCT partner_id) FROM (%s) AS candidate", rows)
        )
        if not count:
            return self.env._("In the last 30 days nobody.")
        if count == people:
            return self.env._(
                "In the last 30 days %s customers, before asking who may be written to.", people
            )
        return self.env._(
            "In the last 30 days %(people)s customers for %(count)s events; each of them once at most "
            "within the time above.",
            people=people,
            count=count,
        )

    def _compute_asked_count(self):
        counts = dict(
            self.env["hc.ask"]._read_group(
                [("rule_id", "in", self.ids), ("date_sent", "!=", False)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.asked_count = counts.get(rule, 0)
