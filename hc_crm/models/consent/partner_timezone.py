from odoo import models

from ...engine.contact_hours import zone_of


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_timezones(self, company=None):
        """Return the time zone each of these people most probably lives in.

        :param company: whose zone stands in where nothing is known; the current one by default
        :return: ``{partner id: name of a zone pytz knows}``; constant queries
        """
        company = (company or self.env.company).sudo()
        ours = company.partner_id.tz or company.resource_calendar_id.tz or "UTC"
        # sudo: the country of the company or household, whoever may read it; it is told to nobody
        return {
            partner.id: zone_of(
                partner.tz,
                (partner.country_id or partner.commercial_partner_id.country_id).code,
                ours,
            )
            for partner in self.sudo()
        }
