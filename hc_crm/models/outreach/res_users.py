from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def action_archive(self):
        """The host deletes the activities of who leaves; tasks of plans go to somebody else."""
        self._hc_release_tasks()
        return super().action_archive()

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_release_tasks(self):
        self._hc_release_tasks()

    def _hc_release_tasks(self):
        # sudo: whoever manages users need not be one of customer care
        deliveries = self.env["hc.outreach.delivery"].sudo()
        deliveries.search([("user_id", "in", self.ids), ("state", "=", "open")])._release()
