from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class ResPartner(models.Model):
    """The wish not to be profiled, kept in ``hc.profiling.optout``.

    It is each person's own: that of a company's contact takes their messages, calls and visits out of the
    company's figures and ends their own scores; the company is described on. That of a company ends the
    company's figures; its people may still be spoken to in the way they like best.
    """

    _inherit = "res.partner"

    hc_profiling_optout = fields.Boolean(
        string="No Profiling",
        compute="_compute_hc_profiling",
        inverse="_inverse_hc_profiling",
        search="_search_hc_profiling_optout",
        copy=False,
        groups="hc_crm.hc_crm_group_user",
        help="They asked that nothing is worked out about them: no scores, no persona by rules, no segments. "
        "What was worked out is deleted at once.",
    )
    hc_profiling_reason = fields.Char(
        string="How We Know",
        compute="_compute_hc_profiling",
        inverse="_inverse_hc_profiling",
        copy=False,
        groups="hc_crm.hc_crm_group_user",
        help="For example: asked by e-mail on 3 March.",
    )
    hc_profiling_note = fields.Char(
        string="Noted",
        compute="_compute_hc_profiling",
        groups="hc_crm.hc_crm_group_user",
    )

    def _compute_hc_profiling(self):
        # superuser: whoever sees the contact sees this wish, so that it is respected
        optouts = {
            optout.partner_id.id: optout
            for optout in self.env["hc.profiling.optout"]
            .sudo()
            .search([("partner_id", "in", self._origin.ids)])
        }
        for partner in self:
            optout = optouts.get(partner._origin.id)
            partner.hc_profiling_optout = bool(optout)
            partner.hc_profiling_reason = optout and optout.reason
            partner.hc_profiling_note = optout and self.env._(
                "Since %(date)s, noted by %(user)s",
                date=format_date(self.env, optout.date),
                user=optout.user_id.name or self.env._("somebody who left"),
            )

    def _inverse_hc_profiling(self):
        for (optout, reason), partners in self.grouped(
            lambda p: (p.hc_profiling_optout, (p.hc_profiling_reason or "").strip())
        ).items():
            if optout:
                partners._hc_opt_out(reason)
            else:
                partners._hc_opt_in()
        # while it is being written the ORM protects the cached value: read what became of it
        self.invalidate_recordset(self._hc_profiling_fields())

    def _search_hc_profiling_optout(self, operator, value):
        if operator != "in":
            return NotImplemented
        # the host asks for the field's groups when it is read, but not when it is searched
        self._check_field_access(self._fields["hc_profiling_optout"], "read")
        # superuser: as the compute
        optouts = self.env["hc.profiling.optout"].sudo()._search([])
        found = Domain("id", "in", optouts.subselect("partner_id"))
        wanted = Domain.FALSE
        if True in value:
            wanted |= found
        if False in value:
            wanted |= ~found
        return wanted

    def action_hc_profiling(self):
        """Open a dialog that says in plain words what profiling is, and takes note of the wish."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Profiling"),
            "res_model": "res.partner",
            "res_id": self.id,
            "views": [(self.env.ref("hc_crm.res_partner_view_form_profiling").id, "form")],
            "target": "new",
        }

    def _hc_opt_out(self, reason):
        """Note the wish and delete what was worked out. The right to write the contacts was checked."""
        # superuser: nobody writes these lines directly
        Optout = self.env["hc.profiling.optout"].sudo()
        known = Optout.search([("partner_id", "in", self.ids)])
        changed = known.filtered(lambda optout: (optout.reason or "") != reason)
        changed.write({"reason": reason})
        new = self - known.partner_id.with_env(self.env)
        if not new:
            return
        Optout.create(
            [
                {"partner_id": partner.id, "reason": reason, "user_id": self.env.uid}
                for partner in new
            ]
        )
        new.sudo()._hc_forget_profile()
        # without the reason: the note is read by colleagues who may not read that
        new._hc_log_profiling(
            self.env._("Profiling is off: they asked us not to work out anything about them.")
        )

    def _hc_opt_in(self):
        # superuser: see above
        known = self.env["hc.profiling.optout"].sudo().search([("partner_id", "in", self.ids)])
        if not known:
            return
        partners = known.partner_id.with_env(self.env)
        known.unlink()
        partners._hc_touch_profile()
        partners._hc_log_profiling(
            self.env._("Profiling is on again: the next run looks at them like at everybody else.")
        )

    def _hc_log_profiling(self, text):
        """What was decided about a person, by whom and when, stands where everybody looks."""
        self._message_log_batch(bodies=dict.fromkeys(self.ids, text))

    def _hc_touch_profile(self):
        """Called as the profile of these contacts starts anew. Override to have it computed soon."""

    def _hc_forget_profile(self):
        """Delete what was worked out about these contacts. Override to add what another app works out.

        Called as superuser, when somebody opts out and after a merge. What a person wrote down or chose is
        no profiling and stays: the persona a colleague chose, a preferred channel the customer named.
        """
        forget = [
            ("hc.customer.insight", []),
            ("hc.customer.insight.history", []),
            ("hc.channel.score", []),
            ("hc.persona.membership", [("source", "=", "rule")]),
            ("hc.segment.membership", []),
        ]
        for model, domain in forget:
            if model in self.env:
                self.env[model].search([("partner_id", "in", self.ids), *domain]).unlink()
        self.env["hc.persona"].invalidate_model(
            ["membership_ids", "customer_count", "customer_share"]
        )
        self.invalidate_recordset(self._hc_persona_fields())

    @api.model
    def _hc_profiling_domain(self):
        # superuser: a wish that the caller does not see holds all the same
        optouts = self.env["hc.profiling.optout"].sudo()._search([])
        return super()._hc_profiling_domain() & Domain(
            "id", "not in", optouts.subselect("partner_id")
        )

    @api.model
    def _hc_profiling_fields(self):
        return ["hc_profiling_optout", "hc_profiling_reason", "hc_profiling_note"]
