from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one have one open case, and are thanked once."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # superuser: the merge has the rights checked, and what the user does not see moves along as well
        among = [("partner_id", "in", (src_partners | dst_partner).ids)]
        cases = self.env["hc.feedback.case"].sudo().search([*among, ("is_open", "=", True)])
        for company_cases in cases.grouped("company_id").values():
            kept = company_cases.sorted(lambda c: (c.partner_id != dst_partner, c.date_open, c.id))[
                :1
            ]
            company_cases._merge_into(kept)
        thanks = self.env["hc.feedback.thanks"].sudo().search([*among, ("state", "=", "waiting")])
        for rows in thanks.grouped(lambda row: (row.company_id, row.action)).values():
            rows.sorted(lambda row: (row.partner_id != dst_partner, row.id))[1:].unlink()
        # The merge moves rows by SQL; nothing of ours may be written over it later.
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        # who may read a case is decided by its customer
        self.env["hc.feedback.case"].sudo().search([("partner_id", "=", dst_partner.id)]).modified(
            ["partner_id"]
        )
        return res
