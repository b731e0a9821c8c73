from datetime import datetime, timedelta

import pytz
from freezegun import freeze_time

from .common import HcCommon

# A Tuesday, 11:00 in Brussels.
NOW = datetime(2026, 11, 24, 10, 0)


class ContactCommon(HcCommon):
    """People who may be contacted, at a frozen moment; rules as they come, in Brussels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time(NOW)
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        cls.company.partner_id.write(
            {"tz": "Europe/Brussels", "country_id": cls.env.ref("base.be").id}
        )
        cls.policy = cls.env["hc.contact.policy"]._for_company(cls.company)
        cls.policy.calendar_id = cls.env["resource.calendar"].create(
            {"name": "Shop", "tz": "Europe/Brussels", "company_id": cls.company.id}
        )
        cls.belgium = cls.env.ref("base.be")
        (cls.person | cls.company_customer | cls.contact).write(
            {"country_id": cls.belgium.id, "tz": False}
        )

    @classmethod
    def make_person(cls, name="Someone", **vals):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{name.lower().replace(' ', '.')}@someone.example",
                "country_id": cls.belgium.id,
                "tz": False,
                **vals,
            }
        )

    def say(self, partners, purpose, state="given", channel=None, **kwargs):
        return self.env["hc.consent"]._hc_record(partners, purpose, state, channel, **kwargs)

    def decide(self, partner=None, channel="email", purpose="care", at=None, **options):
        return (partner or self.person)._hc_contact_decision(channel, purpose, at, **options)

    def assertNever(self, decision, code):
        self.assertEqual((decision.answer, decision.code, decision.until), ("never", code, None))
        self.assertFalse(decision)
        self.assertTrue(decision.reason(self.env))

    def assertLater(self, decision, code, until):
        self.assertEqual((decision.answer, decision.code), ("later", code))
        self.assertEqual(decision.until, until)
        self.assertTrue(decision.reason(self.env))

    def assertYes(self, decision):
        self.assertTrue(decision, decision)
        self.assertEqual((decision.code, decision.until), ("ok", None))

    def brussels(self, *parts):
        """The naive UTC of a moment in Brussels."""
        zone = pytz.timezone("Europe/Brussels")
        return zone.localize(datetime(*parts)).astimezone(pytz.utc).replace(tzinfo=None)

    def log(self, partner=None, days_ago=1, **vals):
        return self.env["hc.interaction"].create(
            {
                "partner_id": (partner or self.person).id,
                "summary": "Talked",
                "date": NOW - timedelta(days=days_ago),
                "channel_id": self.env.ref("hc_crm.hc_channel_call").id,
                "user_id": self.salesman.id,
                **vals,
            }
        )

    def send(self, partner=None, days_ago=1, number=1, **vals):
        """Put something sent into the ledger."""
        return self.env["hc.contact.attempt"]._hc_log(
            [
                {
                    "partner_id": (partner or self.person).id,
                    "company_id": self.company.id,
                    "channel_id": self.env.ref("hc_crm.hc_channel_email").id,
                    "date": NOW - timedelta(days=days_ago),
                    "outcome": "sent",
                    "is_budgeted": True,
                    "res_model": "res.partner",
                    "res_id": number,
                    **vals,
                }
            ]
        )
