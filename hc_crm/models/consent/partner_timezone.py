from odoo import models
from odoo.tools import SQL

from ...engine.contact_hours import zone_of
from .contact_decision import array


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_timezones(self, company=None):
        """Return the time zone each of these people most probably lives in.

        :param company: whose zone stands in where nothing is known; the current one by default
        :return: ``{partner id: name of a zone pytz knows}``; one query
        """
        company = (company or self.env.company).sudo()
        ours = company.partner_id.tz or company.resource_calendar_id.tz or "UTC"
        self.flush_model(["tz", "country_id", "commercial_partner_id"])
        # by SQL: the country of the company or household, whoever may read it; it is told to nobody
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.tz, COALESCE(own.code, theirs.code)
                  FROM res_partner AS partner
                  LEFT JOIN res_country AS own ON own.id = partner.country_id
                  LEFT JOIN res_partner AS customer ON customer.id = partner.commercial_partner_id
                  LEFT JOIN res_country AS theirs ON theirs.id = customer.country_id
                 WHERE partner.id = ANY(%s)
                """,
                array(self.ids),
            )
        )
        known, zones = {}, dict.fromkeys(self.ids, ours)
        for partner_id, tz, country in rows:
            if (tz, country) not in known:
                known[tz, country] = zone_of(tz, country, ours)
            zones[partner_id] = known[tz, country]
        return zones
