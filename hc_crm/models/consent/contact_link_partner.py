from urllib.parse import quote

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_contact_links(self, purpose=None, company=None):
        """Return the personal links of these people, for mail headers and footers.

        Of what belongs to an order nobody can unsubscribe; those links and, without a purpose, the ones
        about a purpose are False. ``one_click`` is for the header ``List-Unsubscribe`` together with
        ``List-Unsubscribe-Post: List-Unsubscribe=One-Click`` (RFC 8058); ``unsubscribe`` is for people.

        Four queries at most, for one or for thousands.

        :param purpose: record or key of ``hc.consent.purpose``
        :param company: in whose name; the current one by default
        :return: ``{partner id: {"preferences": url, "unsubscribe": url, "one_click": url}}``
        """
        company = (company or self.env.company).sudo()
        if isinstance(purpose, str):
            # superuser: who writes mail need not read purposes
            purpose = self.env["hc.consent.purpose"].sudo().search([("key", "=", purpose)])
        key = purpose and purpose.basis != "contract" and quote(purpose.key, safe="")
        base = f"{company.get_base_url()}/care"
        # superuser: links are made for whoever is written to; who calls this writes to them
        tokens = self.env["hc.contact.link"].sudo()._tokens(self.ids, company)
        return {
            partner_id: {
                "preferences": f"{base}/{token}",
                "unsubscribe": f"{base}/{token}/unsubscribe/{key}" if key else False,
                "one_click": f"{base}/{token}/one-click/{key}" if key else False,
            }
            for partner_id, token in tokens.items()
        }

    def action_hc_preferences(self):
        """Open a dialog with the personal link of this contact: copy, open, revoke."""
        self.ensure_one()
        self.check_access("write")
        dialog = self.env["hc.preference.share"].create({"partner_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preference Page"),
            "res_model": "hc.preference.share",
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }
