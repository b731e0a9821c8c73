from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..links import as_reader, search_visible


class ResPartner(models.Model):
    """A partner's segments, read from the open lines of ``hc.segment.membership``: no column here."""

    _inherit = "res.partner"

    hc_segment_membership_ids = fields.One2many(
        "hc.segment.membership",
        "partner_id",
        string="Segment History",
        search="_search_hc_segment_membership_ids",
        groups="hc_crm.hc_crm_group_user",
    )
    hc_segment_ids = fields.Many2many(
        "hc.segment",
        string="Segments",
        compute="_compute_hc_segment_ids",
        search="_search_hc_segment_ids",
        compute_sudo=False,
        groups="hc_crm.hc_crm_group_user",
        help="The segments this customer is in today, as far as the current company's figures say.",
    )
    hc_company_size = fields.Selection(
        [
            ("1-9", "1–9 people"),
            ("10-49", "10–49 people"),
            ("50-249", "50–249 people"),
            ("250+", "250 people and more"),
        ],
        string="Company Size",
        prefetch=False,
        help="How many people work there.",
    )

    @api.depends(
        "hc_segment_membership_ids.date_left", "hc_segment_membership_ids.segment_id.active"
    )
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_hc_segment_ids(self):
        Membership = self.env["hc.segment.membership"]
        segments = dict(
            Membership._read_group(
                Domain("partner_id", "in", self._origin.ids)
                & Domain("date_left", "=", False)
                & Domain("segment_id", "any", [("active", "=", True)])
                & Membership._here(),
                ["partner_id"],
                ["segment_id:recordset"],
            )
        )
        none = self.env["hc.segment"]
        for partner in self:
            partner.hc_segment_ids = segments.get(partner._origin, none)

    def _search_hc_segment_membership_ids(self, operator, value):
        return search_visible(self, "hc_segment_membership_ids", operator, value)

    def _search_hc_segment_ids(self, operator, value):
        """Always through the record rules of the lines: who may not see that a customer is in a segment
        does not learn it by searching either."""
        if operator in ("any", "any!"):
            Segment = as_reader(self.env["hc.segment"])
            if isinstance(value, (Query, SQL)):
                return self._hc_in_segments(Domain("segment_id", "in", value))
            return self._hc_in_segments(Domain("segment_id", "in", Segment._search(Domain(value))))
        if operator in ("like", "ilike", "=like", "=ilike"):
            return self._hc_in_segments(
                Domain(
                    "segment_id", "in", self.env["hc.segment"]._search([("name", operator, value)])
                )
            )
        if operator != "in":
            return NotImplemented
        if isinstance(value, (Query, SQL)):
            return self._hc_in_segments(Domain("segment_id", "in", value))
        ids = [segment_id for segment_id in value if segment_id]
        found = self._hc_in_segments(Domain("segment_id", "in", ids)) if ids else Domain.FALSE
        if len(ids) < len(value):
            found |= ~self._hc_in_segments(Domain.TRUE)
        return found

    @api.model
    def _hc_in_segments(self, domain):
        Membership = as_reader(self.env["hc.segment.membership"])
        query = Membership._search(Domain("date_left", "=", False) & Membership._here() & domain)
        return Domain("id", "in", query.subselect(SQL.identifier(query.table, "partner_id")))

    def _hc_forget_profile(self):
        """Whose company opted out is in no segment by its figures either."""
        self.env["hc.segment.membership"].search(
            [
                ("partner_id.commercial_partner_id", "in", self.ids),
                ("company_id", "!=", False),
            ]
        ).unlink()
        return super()._hc_forget_profile()
