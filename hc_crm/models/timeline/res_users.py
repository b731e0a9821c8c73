from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_except_promised(self):
        # sudo: whoever deletes users need not be one of customer care
        promise = self.env["hc.promise"].sudo().search([("user_id", "in", self.ids)], limit=1)
        if promise:
            raise UserError(
                self.env._(
                    "%(name)s has made promises to customers. Archive the user instead, "
                    "or give the promises to a colleague first.",
                    name=promise.user_id.name,
                )
            )
