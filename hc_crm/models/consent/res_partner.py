from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """What people said yes and no to. Each person speaks for themselves, also within a company."""

    _inherit = "res.partner"

    def _hc_consents(self, company=None):
        """Return what these people said last, purpose by purpose; one query.

        As superuser, for code that decides or that checked the caller's right to read these contacts.
        What only tells of Odoo's blacklist is left out: that is asked of the blacklist itself.

        :param company: to whom they said it (what was said to all companies counts too); the current one
            by default
        :return: ``{partner id: {(purpose key, channel key or None): (state, date, consent id)}}``
        """
        company = company or self.env.company
        result = {partner_id: {} for partner_id in self.ids}
        self.env["hc.consent"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (consent.partner_id, consent.purpose_id, consent.channel_id)
                       consent.partner_id, purpose.key, channel.key,
                       consent.state, consent.date, consent.id
                  FROM hc_consent AS consent
                  JOIN hc_consent_purpose AS purpose ON purpose.id = consent.purpose_id
             LEFT JOIN hc_channel AS channel ON channel.id = consent.channel_id
                 WHERE consent.partner_id = ANY(%s) AND consent.how <> 'blacklist'
                   AND (consent.company_id IS NULL OR consent.company_id = %s)
                 ORDER BY consent.partner_id, consent.purpose_id, consent.channel_id,
                       consent.date DESC, consent.id DESC
                """,
                self.ids,
                company.id,
            )
        )
        for partner_id, purpose, channel, state, date, consent_id in rows:
            result[partner_id][purpose, channel] = (state, date, consent_id)
        return result

    def _hc_consent_of(self, purpose, channel=None, company=None):
        """Return whether these people let us contact them, by what they said and by the purpose's basis.

        Asks neither addresses nor blacklists nor the moment: that is ``_hc_contact_decisions``.

        :param purpose: record or key of ``hc.consent.purpose``
        :param channel: record or key of ``hc.channel``; None: what they said about all channels
        :return: ``{partner id: (allowed, state or None, date or None, consent id or None)}``
        """
        purpose = self.env["hc.consent.purpose"]._get(purpose)
        channel_key = self.env["hc.channel"]._hc_get(channel).key if channel else None
        said = self._hc_consents(company)
        return {
            partner_id: self._hc_allowed(
                purpose.basis, self._hc_latest(said[partner_id], purpose.key, channel_key)
            )
            for partner_id in self.ids
        }

    def _hc_latest(self, said, purpose_key, channel_key):
        """Return the later of the lines about this channel and about all channels, or None.

        :param said: ``{(purpose key, channel key or None): (state, date, consent id)}``
        """
        lines = [said.get((purpose_key, key)) for key in {channel_key, None}]
        return max(filter(None, lines), key=lambda line: (line[1], line[2]), default=None)

    def _hc_allowed(self, basis, line):
        state, date, consent_id = line or (None, None, None)
        if basis == "contract":
            allowed = True
        elif basis == "interest":
            allowed = state != "withdrawn"
        else:
            allowed = state == "given"
        return allowed, state, date, consent_id
