from odoo import api, fields, models

from .own_context import is_quiet, outcome_of


class MailActivity(models.Model):
    _inherit = "mail.activity"

    hc_outreach_delivery_ids = fields.One2many(
        "hc.outreach.delivery",
        "activity_id",
        string="Step of a Plan",
        groups="hc_crm.hc_crm_group_user",
    )

    def _action_done(self, feedback=False, attachment_ids=None):
        deliveries = self._hc_deliveries()
        deliveries.with_env(self.env)._check_may_finish()
        res = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        outcome, note = outcome_of(self.env) or ("reached", feedback or "")
        drafts = deliveries.filtered("is_draft")
        # done without having been sent: they did it another way
        drafts.filtered(lambda row: row.state == "open")._set_skipped("draft_done")
        (deliveries - drafts)._record_outcome(outcome, note)
        return res

    def write(self, vals):
        res = super().write(vals)
        # Postponing the activity is postponing the task, passing it on is passing on the task.
        if vals.get("date_deadline") or vals.get("user_id"):
            for delivery in self._hc_deliveries().filtered(lambda row: row.state == "open"):
                activity = delivery.activity_id
                if vals.get("user_id") and delivery.user_id != activity.user_id:
                    delivery.user_id = activity.user_id
                if vals.get("date_deadline") and not delivery.is_draft:
                    delivery._move_expiry(activity.date_deadline)
        return res

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_not_needed(self):
        """Cancelling the activity says that it is not needed."""
        if is_quiet(self.env):
            return
        deliveries = self._hc_deliveries().filtered(lambda row: row.state == "open")
        deliveries.with_env(self.env)._check_may_finish()
        drafts = deliveries.filtered("is_draft")
        drafts._set_skipped("draft_dropped")
        (deliveries - drafts)._record_outcome("not_needed", "")

    def _hc_deliveries(self):
        """Return (as superuser) the steps of plans that these activities stand for."""
        # sudo: those may finish it, too, who were given the activity without using customer care
        return (
            self.env["hc.outreach.delivery"]
            .sudo()
            .search([("activity_id", "in", self.ids), ("state", "in", ("open", "done"))])
            .filtered(
                lambda row: row.state == "open" or (row.activity_id.active and not row.outcome)
            )
        )
