from odoo import api, fields, models

from .hc_promise import differs


class MailActivity(models.Model):
    _inherit = "mail.activity"

    hc_promise_ids = fields.One2many(
        "hc.promise", "activity_id", string="Promises", groups="hc_crm.hc_crm_group_user"
    )
    hc_company_id = fields.Many2one(
        "res.company",
        string="Company of the Promise",
        index="btree_not_null",
        readonly=True,
        help="A promise is its company's own, also when the customer is shared with others.",
    )

    def _check_access(self, operation):
        """The host opens activities that rules close to whoever may read the document.

        That of a promise stays its company's.
        """
        result = super()._check_access(operation)
        if self.env.su or not self or (result and not self - result[0]):
            return result
        allowed = self - result[0] if result else self
        # sudo: the rights to these are just being found out
        companies = self.env.companies
        hidden = (
            allowed.sudo()
            .filtered(lambda a: a.hc_company_id and a.hc_company_id not in companies)
            .with_env(self.env)
        )
        if not hidden:
            return result
        forbidden = hidden | result[0] if result else hidden
        return forbidden, lambda: forbidden._make_access_error(operation)

    def _action_done(self, feedback=False, attachment_ids=None):
        promises = self._hc_open_promises()
        self._hc_hush(promises)
        res = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        promises._close_kept()
        return res

    def _hc_hush(self, promises):
        """The chatter of a customer shared between companies is read by all of them.

        It says that a promise was kept, without its words.
        """
        if not promises or self.env["res.company"].sudo().search_count([], limit=2) < 2:
            return
        shared = promises.filtered(lambda p: p.company_id and not p.partner_id.company_id)
        if shared:
            # Only what the message is made of: emptied words do not travel on to the promise.
            shared.activity_id.write({"summary": False, "note": False})

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
        if moved:
            promises = self._hc_open_promises().filtered(lambda p: differs(p, moved))
            if promises:
                promises.write(moved)
        return res

    @api.ondelete(at_uninstall=False)
    def _hc_unlink_release_promises(self):
        """Cancelling the activity is taking the promise off the list: nothing is owed any more."""
        if promises := self._hc_open_promises():
            promises._hc_close("released")

    def _hc_open_promises(self):
        """Return (as superuser) the open promises of these activities that the caller may change.

        Those are theirs to keep, too, who were given the activity without using customer care.
        """
        promises = self.sudo().hc_promise_ids.filtered(lambda p: p.state == "open")
        if self.env.su or not promises:
            return promises
        mine = promises.filtered(lambda p: p.user_id == self.env.user)
        return mine | promises.with_env(self.env)._filtered_access("write").sudo()
