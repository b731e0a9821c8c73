from odoo import api, fields, models

MAX_NAME = 200


class HcOutreachStep(models.Model):
    """A new opportunity for the sales team."""

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "lead": {
                "label": self.env._("Opportunity"),
                "icon": "fa-star",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    def _problems_lead(self):
        return [
            problem
            for problem in (self._words_problem(self[name]) for name in ("summary", "text"))
            if problem
        ]

    def _step_text_lead(self):
        return self.env._(
            "New opportunity for %(team)s", team=self.team_id.name or self.env._("the sales team")
        )

    def _run_lead(self, deliveries):
        """One for each customer, with their salesperson; nobody is mailed about each."""
        partners = deliveries.partner_id.sudo()
        names = self._words(self.summary or "", partners)
        texts = self._words(self.text or "", partners)
        team = self.team_id.sudo().filtered("active")
        values = []
        for row in deliveries:
            partner = row.partner_id.sudo()
            user = partner.user_id or partner.commercial_partner_id.user_id
            title = names[partner.id] or self.env._(
                "%(customer)s: %(plan)s", customer=partner.display_name, plan=self.plan_id.name
            )
            values.append(
                {
                    "name": title[:MAX_NAME],
                    "type": "opportunity",
                    "partner_id": partner.id,
                    "company_id": row.company_id.id,
                    "team_id": team.id,
                    "user_id": user.id if user.active and not user.share else False,
                    "description": self._as_html(texts[partner.id]) or False,
                }
            )
        leads = (
            self.env["crm.lead"]
            .sudo()
            .with_company(self.company_id)
            .with_context(mail_auto_subscribe_no_notify=True, mail_create_nosubscribe=True)
            .create(values)
        )
        deliveries._set_done(lead_id=dict(zip(deliveries._ids, leads._ids, strict=True)))


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", readonly=True, ondelete="set null", index="btree_not_null"
    )
