from odoo import models
from odoo.tools import SQL, email_normalize

# Beside what the host finds: what goes with the contact when it is deleted, which the host leaves out.
OWN_MODELS = (
    "hc.fact",
    "hc.partner.email",
    "hc.interaction",
    "hc.promise",
    "hc.persona.membership",
    "hc.segment.membership",
    "hc.customer.insight",
    "hc.channel.preference",
    "hc.channel.score",
    "hc.contact.hours",
    "hc.contact.pause",
    "hc.contact.attempt",
    "hc.consent",
    "hc.profiling.optout",
    "hc.privacy.request",
)


class PrivacyLookupWizard(models.TransientModel):
    _inherit = "privacy.lookup.wizard"

    def _hc_own_models(self):
        """Return models whose ``partner_id`` says whom they are about. Override to add others."""
        return [model for model in OWN_MODELS if model in self.env]

    def _get_query(self):
        query = super()._get_query()
        people = SQL(
            "SELECT id FROM res_partner WHERE email_normalized = %s OR name ILIKE %s",
            email_normalize(self.email.strip()),
            self.name.strip(),
        )
        for name in self._hc_own_models():
            model = self.env[name]
            query = SQL(
                "%s UNION SELECT %s, id, %s FROM %s WHERE partner_id IN (%s)",
                query,
                self.env["ir.model"]._get_id(name),
                SQL.identifier("active") if "active" in model._fields else SQL("TRUE"),
                SQL.identifier(model._table),
                people,
            )
        return query
