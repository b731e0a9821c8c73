from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one: links in mails to either go on working, hours are said once."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # superuser: the merge has the rights checked, and what the user does not see moves along as well
        self.env["hc.contact.link"].sudo().search(
            [("partner_id", "in", src_partners.ids), ("is_current", "=", True)]
        ).is_current = False
        hours = (
            self.env["hc.contact.hours"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
            .sorted(lambda h: (h.partner_id == dst_partner, h.write_date, h.id), reverse=True)
        )
        hours[1:].unlink()
        self._hc_join_requests(src_partners, dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _hc_join_requests(self, src_partners, dst_partner):
        """One open request of a kind: that of the other contact is told to be continued in it."""
        requests = self.env["hc.privacy.request"].sudo().search(
            [("partner_id", "in", (src_partners | dst_partner).ids), ("is_open", "=", True)],
            order="date, id",
        )  # fmt: skip
        for same in requests.grouped(lambda r: (r.company_id, r.kind)).values():
            kept = same.filtered(lambda r: r.partner_id == dst_partner)[:1] or same[:1]
            for other in same - kept:
                if other.text:
                    kept.text = f"{kept.text or ''}\n{other.text}".strip()
                other.write(
                    {
                        "state": "done",
                        "outcome": self.env._(
                            "Continued in the same request, after a merge of contacts."
                        ),
                    }
                )
