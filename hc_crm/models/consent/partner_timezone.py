import pytz

from odoo import models

# Where most people of a country of several zones live, if pytz (IANA zone.tab, ordered east to west or by
# importance) does not name it first.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "UZ": "Asia/Tashkent",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_timezones(self, company=None):
        """Return the time zone each of these people most probably lives in.

        Odoo gives a new contact the zone of whoever typed it in. So theirs counts only where it can be:
        in their country. Else it is the country's main one, then that of the company or household they
        belong to, then our company's.

        :param company: whose zone stands in where nothing is known; the current one by default
        :return: ``{partner id: name of a zone pytz knows}``; constant queries
        """
        company = (company or self.env.company).sudo()
        ours = _known(company.resource_calendar_id.tz) or _known(company.partner_id.tz) or "UTC"
        # sudo: the zone of the household, whoever may read it; it is told to nobody
        return {
            partner.id: _at_home(partner)
            or _at_home(partner.commercial_partner_id)
            or _known(partner.tz)
            or ours
            for partner in self.sudo()
        }


def _known(name):
    return name if name in pytz.all_timezones_set else None


def _at_home(partner):
    code = (partner.country_id.code or "").upper()
    zones = pytz.country_timezones.get(code, ())
    if partner.tz in zones:
        return partner.tz
    return MAIN_ZONES.get(code) or next(iter(zones), None)
