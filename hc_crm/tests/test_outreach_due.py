import doctest
from datetime import datetime

from odoo.tests import tagged

from odoo.addons.hc_crm.engine.outreach import due as engine

from .common_outreach import OutreachCommon


@tagged("post_install", "-at_install")
class TestOutreachDue(OutreachCommon):
    """When steps are due: in the customer's own time zone, on working days, over changes of the clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Europe/Brussels"
        cls.company.partner_id.tz = "Europe/Brussels"
        cls.belgium, cls.japan, cls.australia = (
            cls.env.ref(f"base.{code}") for code in ("be", "jp", "au")
        )
        cls.plan = cls.make_plan([{"type": "note", "text": "Hello"}], start=False)
        cls.step = cls.plan.draft_version_id.step_ids

    def due(self, after, partner=None, occurred=None, **vals):
        self.step.write({"wait_hour": 10.0, **vals})
        partner = partner or self.person
        return self.step._due_at([("x", partner.id, occurred)], after)["x"]

    def holiday(self, first, last, **vals):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Easter",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": first,
                "date_to": last,
                **vals,
            }
        )

    def test_engine(self):
        result = doctest.testmod(engine)
        self.assertGreater(result.attempted, 20)
        self.assertFalse(result.failed)

    def test_zone_of_a_person(self):
        """The zone of whoever typed them in counts only if it can be theirs."""
        people = self.env["res.partner"].create(
            [
                {"name": "A", "country_id": self.japan.id, "tz": "Europe/Brussels"},
                {"name": "B", "country_id": self.australia.id, "tz": "Australia/Perth"},
                {"name": "C", "country_id": self.australia.id, "tz": False},
                {"name": "D", "country_id": False, "tz": "America/Lima"},
                {"name": "E", "country_id": False, "tz": False},
            ]
        )
        self.assertEqual(
            [people._hc_timezones()[one.id] for one in people],
            [
                "Asia/Tokyo",
                "Australia/Perth",
                "Australia/Sydney",
                "America/Lima",
                "Europe/Brussels",
            ],
        )

    def test_at_once_and_after(self):
        start = datetime(2026, 3, 28, 9, 0)
        self.assertEqual(self.due(start, wait_type="none"), start)
        waits = {
            ("minutes", 30): datetime(2026, 3, 28, 9, 30),
            ("hours", 24): datetime(2026, 3, 29, 9, 0),
            # the clock goes forward that night: the same hour is an hour earlier in UTC
            ("days", 1): datetime(2026, 3, 29, 8, 0),
            ("weeks", 2): datetime(2026, 4, 11, 8, 0),
            ("months", 1): datetime(2026, 4, 28, 8, 0),
        }
        self.person.country_id = self.belgium
        for (unit, count), expected in waits.items():
            with self.subTest(unit=unit):
                got = self.due(start, wait_type="after", wait_unit=unit, wait_count=count)
                self.assertEqual(got, expected)

    def test_working_days(self):
        """Easter Monday is a holiday: the working day after Good Friday is Tuesday."""
        self.holiday(datetime(2026, 4, 5, 22, 0), datetime(2026, 4, 6, 22, 0))
        friday = datetime(2026, 4, 3, 8, 30)
        got = self.due(friday, wait_type="after", wait_unit="workdays", wait_count=1)
        self.assertEqual(got, datetime(2026, 4, 7, 8, 30))
        # somebody's own time off is no holiday of the company
        resource = self.env["resource.resource"].create(
            {"name": "Sam", "user_id": self.salesman.id, "company_id": self.company.id}
        )
        self.holiday(
            datetime(2026, 4, 6, 22, 0), datetime(2026, 4, 7, 22, 0), resource_id=resource.id
        )
        got = self.due(friday, wait_type="after", wait_unit="workdays", wait_count=1)
        self.assertEqual(got, datetime(2026, 4, 7, 8, 30))

    def test_until(self):
        saturday = datetime(2026, 3, 28, 12, 0)
        japanese = self.env["res.partner"].create({"name": "Y", "country_id": self.japan.id})
        self.person.country_id = self.belgium
        cases = [
            # 29 March is the day of the change in Brussels: ten o'clock is 8:00 UTC
            (self.person, "any", 10, datetime(2026, 3, 29, 8, 0)),
            (self.person, "0", 10, datetime(2026, 3, 30, 8, 0)),
            (self.person, "work", 9.5, datetime(2026, 3, 30, 7, 30)),
            (japanese, "0", 10, datetime(2026, 3, 30, 1, 0)),
            (japanese, "5", -1, saturday),
            # half past two does not exist that night
            (self.person, "6", 2.5, datetime(2026, 3, 29, 1, 30)),
        ]
        for partner, weekday, hour, expected in cases:
            with self.subTest(weekday=weekday, hour=hour):
                got = self.due(
                    saturday, partner, wait_type="until", wait_weekday=weekday, wait_hour=hour
                )
                self.assertEqual(got, expected)
        # of half past two that comes twice in autumn, the first
        got = self.due(
            datetime(2026, 10, 24, 12, 0), wait_type="until", wait_weekday="6", wait_hour=2.5
        )
        self.assertEqual(got, datetime(2026, 10, 25, 0, 30))
        self.holiday(datetime(2026, 3, 29, 22, 0), datetime(2026, 3, 30, 22, 0))
        got = self.due(saturday, wait_type="until", wait_weekday="work", wait_hour=10)
        self.assertEqual(got, datetime(2026, 3, 31, 8, 0))

    def test_around_a_day(self):
        """Three days before a birthday on 1 April, at ten in the morning of wherever they live."""
        self.person.country_id = self.belgium
        birthday = datetime(2026, 4, 1, 8, 0)
        got = self.due(self.now, occurred=birthday, wait_type="date", wait_count=-3)
        self.assertEqual(got, datetime(2026, 3, 29, 8, 0))
        got = self.due(self.now, occurred=birthday, wait_type="date", wait_count=0, wait_hour=-1)
        self.assertEqual(got, birthday)

    def test_input(self):
        """No time to wait, no hour of the day: refused on saving, naming the field."""
        wrong = [
            ({"wait_type": "after", "wait_count": 0}, "Wait"),
            ({"wait_type": "after", "wait_count": -1}, "Wait"),
            ({"wait_type": "after", "wait_count": 999999, "wait_unit": "days"}, "Wait"),
            ({"wait_type": "date", "wait_count": -999999}, "Wait"),
            ({"wait_type": "until", "wait_hour": 24}, "Hour"),
            ({"wait_type": "until", "wait_hour": -2}, "Hour"),
            ({"draft_hours": 0}, "Draft Hours"),
            ({"deadline_days": -1}, "Deadline Days"),
            ({"task_expire_days": -1}, "Task Expire Days"),
        ]
        for vals, word in wrong:
            with self.subTest(vals=vals):
                self.refused(word, self.step.write, vals)
        self.step.write({"wait_type": "date", "wait_count": -3})

    def test_many_cost_no_more_queries(self):
        partners = self.make_partners(40, country_id=self.belgium.id)
        start = datetime(2026, 3, 28, 9, 0)
        for kind in ("after", "until", "date"):
            self.step.write({"wait_type": kind, "wait_unit": "days", "wait_weekday": "work"})
            counts = []
            for number in (3, 40):
                self.env.flush_all()
                self.env.invalidate_all()
                rows = [(one, one, start) for one in partners.ids[:number]]
                before = self.env.cr.sql_log_count
                self.assertEqual(len(self.step._due_at(rows, start)), number)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[0], counts[1], kind)

    def test_words(self):
        self.step.write({"wait_type": "after", "wait_count": 2, "wait_unit": "workdays"})
        self.assertEqual(self.step._wait_text(), "2 working days later")
        self.step.write({"wait_type": "until", "wait_weekday": "1", "wait_hour": 9.5})
        self.assertEqual(self.step._wait_text(), "On the next Tuesday, 9:30 their time")
        self.step.write({"wait_type": "date", "wait_count": -3, "wait_hour": -1})
        self.assertEqual(self.step._wait_text(), "3 days before the day")
