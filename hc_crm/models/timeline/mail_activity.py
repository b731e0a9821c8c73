from odoo import api, fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    hc_promise_ids = fields.One2many("hc.promise", "activity_id", string="Promises")

    def _action_done(self, feedback=False, attachment_ids=None):
        promises = self.sudo().hc_promise_ids.filtered(lambda p: p.state == "open")
        res = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        promises._close_kept()
        return res

    def write(self, vals):
        res = super().write(vals)
        # Postponing the activity is postponing the promise: one date, not two.
        if "date_deadline" in vals and self.env.context.get("hc_promise_syncing") is None:
            self.sudo().hc_promise_ids.filtered(
                lambda p: (
                    p.state == "open" and p.date_due != fields.Date.to_date(vals["date_deadline"])
                )
            ).with_context(hc_promise_syncing=True).write({"date_due": vals["date_deadline"]})
        return res

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_release_promises(self):
        """Cancelling the activity is taking the promise off the list: nothing is owed any more."""
        if self.env.context.get("hc_promise_closing"):
            return
        promises = self.sudo().hc_promise_ids.filtered(lambda p: p.state == "open")
        promises.write({"state": "released", "date_closed": fields.Datetime.now()})
