from odoo import api, fields, models
from odoo.exceptions import UserError

from . import words


class HcCustomerInsight(models.Model):
    """What the lists lead to: a sentence about each customer, and the next step."""

    _inherit = "hc.customer.insight"

    summary = fields.Char(
        string="In Words", compute="_compute_summary", help="Their rhythm, and how long ago it was."
    )
    main_reason = fields.Char(
        string="Why",
        compute="_compute_main_reason",
        help="What moves their health most, beside the rhythm; without what the reader may not see.",
    )

    @api.depends_context("lang", "tz")
    @api.depends("rhythm_days", "last_purchase_date", "frequency")
    def _compute_summary(self):
        for insight in self:
            insight.summary = insight._hc_summary()

    def _hc_summary(self):
        if not self.last_purchase_date:
            return self.env._("No purchase yet")
        ago = words.ago(self.env, self.recency_days)
        if self.rhythm_days > 0:
            return self.env._(
                "Buys %(rhythm)s, last time %(ago)s",
                rhythm=words.rhythm(self.env, self.rhythm_days),
                ago=ago,
            )
        if self.frequency == 1:
            return self.env._("Bought once, %(ago)s", ago=ago)
        return self.env._(
            "Bought %(times)s times, last time %(ago)s", times=self.frequency, ago=ago
        )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_main_reason(self):
        reasons = self._hc_reasons()
        for insight in self:
            # the rhythm is in the summary already
            others = [reason for reason in reasons[insight.id] if reason["factor"] != "rhythm"]
            if insight.health_band in ("low", "high"):
                # what speaks against the band does not explain it
                sign = -1 if insight.health_band == "low" else 1
                others = [reason for reason in others if reason["weight"] * sign > 0]
            insight.main_reason = (
                getattr(insight, f"_hc_words_{others[0]['factor']}")()[0] if others else False
            )

    def action_log_interaction(self):
        """Open the “Log interaction” dialog for these customers."""
        return self._hc_customers().action_hc_log_interaction()

    def action_new_quotation(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Quotation"),
            "res_model": "sale.order",
            "views": [(False, "form")],
            "context": {"default_partner_id": self._hc_customers().id},
        }

    def action_schedule_calls(self):
        """Open the host's dialog for activities, set to a call with each of these customers."""
        customers = self._hc_customers()
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule Calls"),
            "res_model": "mail.activity.schedule",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "res.partner",
                "active_ids": customers.ids,
                "active_id": customers[:1].id,
                "default_activity_type_id": call.id if call else False,
            },
        }

    def action_open_customers(self):
        """Open the contacts of these rows as a list, for whatever the host does with several contacts."""
        customers = self._hc_customers()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers"),
            "res_model": "res.partner",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", customers.ids)],
        }

    def _hc_customers(self):
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Select at least one customer first."))
        return self.partner_id


class HcCustomerInsightHistory(models.Model):
    _inherit = "hc.customer.insight.history"

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()


class HcInsightRun(models.Model):
    _inherit = "hc.insight.run"

    accuracy_text = fields.Char(
        string="How Good",
        compute="_compute_accuracy_text",
        help="What came of predictions on the company's own past.",
    )

    @api.depends_context("lang")
    @api.depends("accuracy", "method")
    def _compute_accuracy_text(self):
        for run in self:
            known = run.accuracy and run.accuracy.get("deciles")
            run.accuracy_text = known and run._accuracy_values(run.accuracy)["sentence"]
