from odoo import models

# what follows its customer by a stored related field (company, household)
FOLLOWERS = ("hc.fact", "hc.partner.email", "hc.interaction", "hc.promise")


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one keep everything good to know, and nothing twice."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # superuser: the merge has the rights checked, and what the user does not see moves along as well
        self.sudo()._hc_drop_twins(src_partners, dst_partner)
        res = super()._update_foreign_keys(src_partners, dst_partner)
        # The merge moves rows by SQL. What decides who may read them must not stay behind.
        self.env.invalidate_all()
        for model in FOLLOWERS:
            self.env[model].sudo().with_context(active_test=False).search(
                [("partner_id", "=", dst_partner.id)]
            ).modified(["partner_id"])
        return res

    def _hc_drop_twins(self, src_partners, dst_partner):
        """Make room for what a customer can have only once, or the merge fails or drops all of a table."""

        def kept_first(records):
            return records.sorted(lambda r: (r.partner_id != dst_partner, r.id))

        among = [("partner_id", "in", (src_partners | dst_partner).ids)]
        addresses = self.env["hc.partner.email"].search(among)
        twins = addresses.filtered(lambda a: a.email_normalized == dst_partner.email_normalized)
        for same in (addresses - twins).grouped("email_normalized").values():
            twins |= kept_first(same)[1:]
        twins.unlink()

        birthdays = kept_first(
            self.env["hc.fact"].search(
                [*among, ("occasion", "=", "birthday"), ("sensitivity", "=", "normal")]
            )
        )
        kept, others = birthdays[:1], birthdays[1:]
        told_twice = others.filtered(lambda fact: fact.date == kept.date)
        told_twice.unlink()
        # Which day is right only a person can say: the other one is put away, not lost.
        (others - told_twice).action_archive()
        self.env.flush_all()
