from odoo import api, fields, models
from odoo.exceptions import UserError


class HcCustomerInsight(models.Model):
    """What the lists lead to: a sentence about each customer, and the next step."""

    _inherit = "hc.customer.insight"

    summary = fields.Char(
        string="In Words", compute="_compute_summary", help="Their rhythm, and how long ago it was."
    )

    @api.depends("status", "rhythm_days", "last_purchase_date", "frequency")
    def _compute_summary(self):
        for insight in self:
            insight.summary = insight._hc_summary()

    def _hc_summary(self):
        if not self.last_purchase_date:
            return self.env._("No purchase yet")
        ago = self._hc_duration(self.recency_days)
        if self.rhythm_days > 0:
            return self.env._(
                "Buys about every %(rhythm)s, last time %(ago)s ago",
                rhythm=self._hc_duration(self.rhythm_days),
                ago=ago,
            )
        if self.frequency == 1:
            return self.env._("Bought once, %(ago)s ago", ago=ago)
        return self.env._(
            "Bought %(times)s times, last time %(ago)s ago", times=self.frequency, ago=ago
        )

    @api.model
    def _hc_duration(self, days):
        """Return ``days`` in the unit people would use: 3 weeks rather than 21 days."""
        _ = self.env._
        days = round(days)
        if days == 1:
            return _("day")
        if days < 14:
            return _("%(days)s days", days=days)
        if days < 70:
            return _("%(weeks)s weeks", weeks=round(days / 7))
        if days < 730:
            return _("%(months)s months", months=round(days / 30.4))
        return _("%(years)s years", years=round(days / 365))

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
