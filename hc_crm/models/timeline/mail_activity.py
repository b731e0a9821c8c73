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
        # Postponing the activity is postponing the promise, passing it on is passing on the promise.
        moved = {
            name: vals[key]
            for key, name in (
                ("date_deadline", "date_due"),
                ("user_id", "user_id"),
                ("summary", "summary"),
            )
            if vals.get(key)
        }
        if moved and not self.env.context.get("hc_promise_syncing"):
            self.sudo().hc_promise_ids.filtered(lambda p: p.state == "open").with_context(
                hc_promise_syncing=True
            ).write(moved)
        return res

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_release_promises(self):
        """Cancelling the activity is taking the promise off the list: nothing is owed any more."""
        if self.env.context.get("hc_promise_closing"):
            return
        promises = self.sudo().hc_promise_ids.filtered(lambda p: p.state == "open")
        promises.write({"state": "released", "date_closed": fields.Datetime.now()})
