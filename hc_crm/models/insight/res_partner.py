from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..links import as_reader


class ResPartner(models.Model):
    _inherit = "res.partner"

    hc_insight_id = fields.Many2one(
        "hc.customer.insight",
        string="Insight",
        compute="_compute_hc_insight_id",
        search="_search_hc_insight_id",
        compute_sudo=False,
        groups="hc_crm.hc_crm_group_user",
        help="What the current company's records say about this customer.",
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_hc_insight_id(self):
        insights = self.env["hc.customer.insight"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        by_partner = {insight.partner_id.id: insight for insight in insights}
        for partner in self:
            partner.hc_insight_id = by_partner.get(partner.commercial_partner_id.id, False)

    def _search_hc_insight_id(self, operator, value):
        """Contacts share the insight of their company or household.

        The reader's own rules apply, so that nobody can ask about figures they may not read.
        """
        Insight = as_reader(self.env["hc.customer.insight"])
        here = Domain("company_id", "=", self.env.company.id)
        if operator in ("any", "any!"):
            return self._hc_with_insight(Insight._search(here & Domain(value)))
        if operator in ("ilike", "like", "=ilike", "=like"):
            return self._hc_with_insight(
                Insight._search(here & Domain("partner_id", operator, value))
            )
        if operator != "in":
            return NotImplemented
        known = Domain.FALSE
        if ids := [id_ for id_ in value if id_]:
            known = self._hc_with_insight(Insight._search(here & Domain("id", "in", ids)))
        if len(ids) < len(list(value)):
            known |= ~self._hc_with_insight(Insight._search(here))
        return known

    @api.model
    def _hc_with_insight(self, query):
        return Domain(
            "commercial_partner_id",
            "in",
            query.subselect(SQL.identifier(query.table, "partner_id")),
        )
