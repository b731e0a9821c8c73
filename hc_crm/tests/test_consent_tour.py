from odoo.tests import HttpCase, tagged

from .common import HcCommon


@tagged("post_install", "-at_install")
class TestConsentTour(HcCommon, HttpCase):
    def test_consent(self):
        """The tab of a contact: note a yes, leave them to people, and end that again."""
        self.start_tour(
            f"/odoo/res.partner/{self.person.id}", "hc_consent_tour", login="hc_salesman"
        )
        self.assertRecordValues(
            self.env["hc.consent"].search([("partner_id", "=", self.person.id)]),
            [
                {
                    "state": "given",
                    "purpose_id": self.env.ref("hc_crm.hc_consent_purpose_news").id,
                    "channel_id": False,
                    "proof": "Tell me when the wool is in",
                    "how": "told",
                    "user_id": self.salesman.id,
                }
            ],
        )
        # it was noted and ended on one day: nothing is left of it
        pauses = self.env["hc.contact.pause"].search([("partner_id", "=", self.person.id)])
        self.assertFalse(pauses.filtered("is_current"))
