from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..links import search_visible

# field of res.partner → column of hc.persona.membership
PERSONA_COLUMNS = {
    "persona_id": "persona_id",
    "persona_confidence": "confidence",
    "persona_source": "source",
    "persona_reason": "reason",
}


class ResPartner(models.Model):
    """A partner's persona, read from the open line of ``hc.persona.membership``.

    None of these fields is a column of ``res_partner``; they can be searched, sorted and grouped by all
    the same, because ``_field_to_sql`` joins the side table where a query needs one of them. Contacts do
    not inherit the persona of their company: a shop and its buyer are two different characters.
    """

    _inherit = "res.partner"

    persona_membership_ids = fields.One2many(
        "hc.persona.membership",
        "partner_id",
        string="Persona History",
        search="_search_persona_membership_ids",
        groups="hc_crm.hc_crm_group_user",
    )
    persona_id = fields.Many2one(
        "hc.persona",
        compute="_compute_persona",
        inverse="_inverse_persona_id",
        search="_search_persona_id",
        copy=False,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        groups="hc_crm.hc_crm_group_user",
        help="The typical customer this one resembles. Choose another one if you know better: your choice "
        "stays. Empty it to hand the decision back to the rules.",
    )
    persona_confidence = fields.Float(
        compute="_compute_persona",
        search="_search_persona_confidence",
        aggregator="avg",
        groups="hc_crm.hc_crm_group_user",
        help="How sure we are. What a person chose counts as certain.",
    )
    persona_source = fields.Selection(
        [("rule", "Rules"), ("person", "A Person")],
        string="Persona Decided by",
        compute="_compute_persona",
        search="_search_persona_source",
        groups="hc_crm.hc_crm_group_user",
    )
    persona_reason = fields.Char(
        string="Why This Persona",
        compute="_compute_persona",
        search="_search_persona_reason",
        groups="hc_crm.hc_crm_group_user",
    )

    @api.depends(
        "persona_membership_ids.persona_id",
        "persona_membership_ids.date_left",
        "persona_membership_ids.confidence",
        "persona_membership_ids.source",
        "persona_membership_ids.reason",
    )
    def _compute_persona(self):
        current = {
            membership.partner_id.id: membership
            for membership in self.env["hc.persona.membership"].search(
                [("partner_id", "in", self._origin.ids), ("date_left", "=", False)]
            )
        }
        known = self.filtered(lambda partner: partner._origin.id in current)
        for field, column in PERSONA_COLUMNS.items():
            for partner in known:
                partner[field] = current[partner._origin.id][column]
            # all at once: a list of contacts is mostly of people without a persona
            (self - known)[field] = False

    def _inverse_persona_id(self):
        for persona, partners in self.grouped("persona_id").items():
            self.env["hc.persona.membership"]._choose(partners, persona)
        # while it is being written the ORM protects the cached value: read what became of it
        self.invalidate_recordset(self._hc_persona_fields())

    def _search_persona_membership_ids(self, operator, value):
        return search_visible(self, "persona_membership_ids", operator, value)

    def _search_persona_id(self, operator, value):
        if operator in ("any", "any!"):
            return self._hc_search_membership(Domain("persona_id", operator, value))
        if operator != "in":
            return NotImplemented
        return self._hc_search_membership_value("persona_id", value)

    def _search_persona_source(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._hc_search_membership_value("source", value)

    def _search_persona_reason(self, operator, value):
        if operator == "in":
            return self._hc_search_membership_value("reason", value)
        if operator in ("ilike", "like", "=ilike", "=like"):
            return self._hc_search_membership(Domain("reason", operator, value))
        return NotImplemented

    def _search_persona_confidence(self, operator, value):
        if operator == "in":
            return self._hc_search_membership_value("confidence", value)
        if operator in ("<", ">", "<=", ">="):
            return self._hc_search_membership(Domain("confidence", operator, value))
        return NotImplemented

    def _hc_search_membership(self, domain):
        query = self.env["hc.persona.membership"]._search(Domain("date_left", "=", False) & domain)
        return Domain("id", "in", query.subselect(SQL.identifier(query.table, "partner_id")))

    def _hc_search_membership_value(self, column, values):
        """``in`` where the values may hold False: those without a persona are without a line."""
        found = Domain.FALSE
        if given := [value for value in values if value is not False]:
            found |= self._hc_search_membership(Domain(column, "in", given))
        if len(given) < len(values):
            found |= ~self._hc_search_membership(Domain.TRUE)
        return found

    def _field_to_sql(self, alias, field_expr, query=None):
        if query is None or field_expr not in PERSONA_COLUMNS:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        Membership = self.env["hc.persona.membership"]
        current = Membership._search([("date_left", "=", False)])
        join = query.make_alias(alias, "hc_persona_membership")
        query.add_join(
            "LEFT JOIN",
            join,
            current.subselect(
                *(
                    SQL.identifier(Membership._table, column)
                    for column in ("partner_id", *PERSONA_COLUMNS.values())
                )
            ),
            SQL("%s = %s", SQL.identifier(join, "partner_id"), SQL.identifier(alias, "id")),
        )
        return SQL.identifier(join, PERSONA_COLUMNS[field_expr])

    def write(self, vals):
        if "company_id" in vals:
            self._hc_leave_foreign_personas(vals["company_id"])
        return super().write(vals)

    def _hc_leave_foreign_personas(self, company_id):
        """A contact that moves to another company leaves the personas that belong to the old one."""
        # superuser: nobody writes memberships directly; the write on the partner checks the right to it
        foreign = (
            self.env["hc.persona.membership"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", self.ids),
                    ("date_left", "=", False),
                    ("persona_id.company_id", "not in", [False, company_id]),
                ]
            )
        )
        if foreign:
            self.check_access("write")
            foreign._close(self.env._("The contact moved to another company"))

    def action_hc_persona_why(self):
        """Open, in words, why this customer has this persona; here a person may decide otherwise.

        A dialog of its own instead of fields on the contact: they would be read with every contact opened.
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which persona?"),
            "res_model": "res.partner",
            "res_id": self.id,
            "views": [(self.env.ref("hc_crm.res_partner_view_form_persona_choose").id, "form")],
            "target": "new",
        }

    def action_hc_persona_confirm(self):
        """Agree with the rules: from now on it is a person's choice, and stays."""
        self.ensure_one()
        self.persona_membership_ids.filtered(lambda line: not line.date_left).action_confirm()
        return {"type": "ir.actions.act_window_close"}

    def action_hc_persona_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm.hc_persona_membership_action"
        )
        return action | {"domain": [("partner_id", "=", self.id)], "context": {}}

    @api.model
    def _hc_profiling_domain(self):
        """Return the domain of partners whom rules may describe. Override to let people opt out.

        Called by the refresh of personas, as superuser. Colleagues (internal users), our own companies and
        mere postal addresses are not customers.
        """
        return (
            Domain("partner_share", "=", True)
            & Domain(
                "id", "not in", self.env["res.company"].sudo()._search([]).subselect("partner_id")
            )
            & Domain("type", "not in", ("invoice", "delivery"))
        )

    @api.model
    def _hc_persona_fields(self):
        return [*PERSONA_COLUMNS, "persona_membership_ids"]
