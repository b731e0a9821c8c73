from ast import literal_eval
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import HcCommon

LISTS = ("at_risk", "due", "silent", "rising", "thanked")


def insert_insight(env, partner, company=None, **values):
    """Write a row as a run does: by SQL, NULL where nothing is given."""
    company = company or env.company
    values = {
        "partner_id": partner.id,
        "company_id": company.id,
        "currency_id": company.currency_id.id,
        "computed_at": fields.Datetime.now(),
        "seller_count": 0,
        "frequency": 0,
        "status": "prospect",
        "value_state": "few",
        "health_band": "unknown",
        "feeling_count": 0,
        "bad_feeling_count": 0,
        "late_promise_count": 0,
        "contact_count": 0,
        "is_overdue": False,
        **values,
    }
    [[id_]] = env.execute_query(
        SQL(
            "INSERT INTO hc_customer_insight (%s) VALUES %s RETURNING id",
            SQL(", ").join(map(SQL.identifier, values)),
            tuple(values.values()),
        )
    )
    env.invalidate_all()
    return env["hc.customer.insight"].browse(id_)


@tagged("post_install", "-at_install")
class TestInsightLists(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env["hc.customer.insight"])
        cls.env.cr.execute(SQL("DELETE FROM hc_customer_insight"))
        cls.good = {
            "status": "active",
            "value_state": "money",
            "health_band": "high",
            "health": 80,
            "health_change": 0,
            "frequency": 6,
            "rfm_monetary": 5,
            "monetary": 900,
            "churn_risk": 0.1,
            "clv": 500,
            "clv_low": 200,
            "clv_high": 900,
            "rhythm_days": 21,
            "last_purchase_date": cls.day(-60),
            "first_purchase_date": cls.day(-400),
            "next_purchase_date": cls.day(90),
            "last_personal_date": cls.day(-30),
        }

    @classmethod
    def day(cls, days):
        return cls.today + timedelta(days=days)

    def row(self, name, **values):
        partner = self.env["res.partner"].create({"name": name})
        return insert_insight(self.env, partner, **{**self.good, **values})

    def shown(self, key, user=None):
        action = self.env.ref(f"hc_crm.hc_customer_insight_action_{key}")
        Insight = self.env["hc.customer.insight"].with_user(user or self.seller_all)
        return Insight.search(literal_eval(action.domain)).mapped("partner_id.name")

    def test_one_customer_at_a_time(self):
        for customers in (self.env["res.partner"], self.person | self.company_customer):
            with self.assertRaisesRegex(UserError, "open one customer"):
                customers.with_user(self.salesman).hc_get_insight()

    def test_steady_customer_is_on_no_list(self):
        self.row("Steady")
        for key in LISTS:
            self.assertNotIn("Steady", self.shown(key), key)

    def test_at_risk(self):
        risky = {"churn_risk": 0.8, "status": "late"}
        self.row("Risky", **risky)
        self.row("Small", **risky, rfm_monetary=3)
        self.row("Once", **risky | {"frequency": 1})
        self.row("Long gone", **risky, last_purchase_date=self.day(-500))
        self.row("Unknown", **risky | {"value_state": "few"})
        # NULL is not a low risk, nor a high one
        self.row("Nothing said", churn_risk=None)
        self.assertEqual(self.shown("at_risk"), ["Risky"])

    def test_at_risk_without_money(self):
        self.row("Ranked", churn_risk=0.8, status="late", value_state="rank", clv=None)
        self.assertEqual(self.shown("at_risk"), ["Ranked"])

    def test_due(self):
        self.row("Tomorrow", next_purchase_date=self.day(1))
        self.row("Last week", next_purchase_date=self.day(-6), status="late")
        self.row("Next month", next_purchase_date=self.day(30))
        self.row("Gone", next_purchase_date=self.day(1), status="lapsed")
        self.row("No rhythm", next_purchase_date=None)
        self.assertEqual(set(self.shown("due")), {"Tomorrow", "Last week"})

    def test_newly_silent(self):
        self.row("Quiet", status="late")
        self.row("Lost", status="lapsed")
        self.row("Twice", status="late", frequency=2)
        self.assertEqual(self.shown("silent"), ["Quiet"])

    def test_rising(self):
        self.row("Up", health_change=12)
        self.row("New up", health_change=12, status="new")
        self.row("A little", health_change=9)
        self.row("Up but lost", health_change=12, status="lapsed")
        self.row("Never compared", health_change=None)
        self.assertEqual(set(self.shown("rising")), {"Up", "New up"})

    def test_never_thanked(self):
        self.row("Unthanked", last_personal_date=None)
        self.row("Twice", last_personal_date=None, frequency=2)
        self.assertEqual(self.shown("thanked"), ["Unthanked"])

    def test_rights(self):
        mine = {"seller_id": self.salesman.id, "seller_count": 1}
        self.row("Mine", last_personal_date=None, **mine)
        self.row("Shared", last_personal_date=None, seller_count=2)
        self.row("Nobody's", last_personal_date=None)
        self.row("Other", last_personal_date=None, seller_id=self.seller_all.id, seller_count=1)
        everybody = {"Mine", "Shared", "Nobody's", "Other"}
        for user, names in (
            (self.salesman, {"Mine", "Nobody's"}),
            (self.seller_all, everybody),
            (self.manager, everybody),
            (self.stranger, set()),
        ):
            self.assertEqual(set(self.shown("thanked", user)), names, user.login)
        for user in (self.portal, self.public):
            with self.assertRaises(AccessError):
                self.shown("thanked", user)

    def test_orders_of_lists(self):
        """A list's default order must be one the database can sort by."""
        self.row("One")
        for key in LISTS:
            view = self.env.ref(f"hc_crm.hc_customer_insight_view_list_{key}")
            arch = self.env["hc.customer.insight"].get_view(view.id, "list")["arch"]
            order = arch.split('default_order="')[1].split('"')[0]
            self.assertTrue(self.env["hc.customer.insight"].search([], order=order), key)

    def test_analysis_groups(self):
        self.row("A", last_purchase_date=self.day(-10))
        self.row("B", last_purchase_date=self.day(-30))
        self.row("C", status="new", last_purchase_date=self.day(-4))
        Insight = self.env["hc.customer.insight"].with_user(self.seller_all)
        Insight = Insight.with_context(tz=str(self.env.tz))
        groups = {
            status: (count, recency, clv, risk)
            for status, count, recency, clv, risk in Insight._read_group(
                [],
                ["status"],
                ["__count", "recency_days:avg", "clv:sum", "churn_risk:avg"],
            )
        }
        self.assertEqual(groups["active"][0], 2)
        self.assertAlmostEqual(groups["active"][1], 20)
        self.assertEqual(groups["active"][2], 1000)
        self.assertAlmostEqual(groups["new"][3], 0.1, 5)

    def test_filters_and_groups_of_the_search_view(self):
        self.row("A")
        for model in ("hc.customer.insight", "hc.customer.insight.history", "hc.insight.run"):
            Model = self.env[model].with_user(self.manager)
            tree = self.env.ref(
                f"hc_crm.{model.replace('.', '_')}_view_search"
            )._get_combined_arch()
            filters = tree.xpath("//filter")
            self.assertTrue(filters)
            for node in filters:
                if domain := node.get("domain"):
                    Model.search_count(literal_eval(domain.replace("uid", str(self.manager.id))))
                if context := node.get("context"):
                    Model._read_group([], [literal_eval(context)["group_by"]], ["__count"])

    def test_summary(self):
        row = self.row("A", rhythm_days=21, last_purchase_date=self.day(-63))
        self.assertEqual(row.summary, "Buys every ~3 weeks, last time 9 weeks ago")
        once = self.row("B", rhythm_days=None, frequency=1, last_purchase_date=self.day(-5))
        self.assertEqual(once.summary, "Bought once, 5 days ago")
        twice = self.row("C", rhythm_days=None, frequency=2, last_purchase_date=self.day(-5))
        self.assertEqual(twice.summary, "Bought 2 times, last time 5 days ago")
        none = self.row("D", rhythm_days=None, frequency=0, last_purchase_date=None)
        self.assertEqual(none.summary, "No purchase yet")

    def test_main_reason(self):
        row = self.row(
            "A",
            health_band="low",
            health_rhythm=0.0,
            health_trend=None,
            health_care=0.0,
            health_feeling=1.0,
            feeling=2,
            feeling_count=3,
            late_promise_count=2,
        )
        self.assertEqual(
            row.with_user(self.seller_all).main_reason, "2 promises are late or were broken."
        )
        # what helps is no reason for needing care
        good_feeling = {
            "health_rhythm": 0.5,
            "health_feeling": 1.0,
            "feeling": 2,
            "feeling_count": 3,
        }
        well = self.row("Well", health_band="low", **good_feeling)
        self.assertFalse(well.with_user(self.seller_all).main_reason)
        happy = self.row("Happy", **good_feeling)
        self.assertEqual(
            happy.with_user(self.seller_all).main_reason, "Mostly happy, by 3 remarks."
        )
        unknown = self.row("B", health_band="unknown")
        self.assertFalse(unknown.with_user(self.seller_all).main_reason)

    def test_main_reason_is_the_readers_own(self):
        row = self.row("A", health_band="low", health_rhythm=0.5, health_engagement=0.0)
        self.env["crm.lead"].create(
            {"name": "Fitting", "partner_id": row.partner_id.id, "user_id": self.seller_all.id}
        )
        for user, reason in (
            (self.seller_all, "No contact beside their purchases in 12 months."),
            # how much they are in touch rests on a lead this one may not see
            (self.salesman, False),
        ):
            self.assertEqual(row.with_user(user).main_reason, reason, user.login)

    def test_what_a_list_leads_to(self):
        rows = self.row("A") + self.row("B")
        rows = rows.with_user(self.salesman)
        partners = rows.partner_id
        self.assertEqual(rows[0].action_open_customer()["res_id"], partners[0].id)
        log = rows.action_log_interaction()
        self.assertEqual(log["context"]["default_partner_ids"], partners.ids)
        quote = rows[0].action_new_quotation()
        self.assertEqual(quote["context"]["default_partner_id"], partners[0].id)
        contacts = rows.action_open_customers()
        self.assertEqual(self.env["res.partner"].search(contacts["domain"]), partners)
        with self.assertRaises(UserError):
            rows.browse().action_schedule_calls()

    def test_schedule_calls(self):
        rows = (self.row("A") + self.row("B")).with_user(self.salesman)
        action = rows.action_schedule_calls()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.salesman)
            .with_context(**action["context"])
            .create({"summary": "Ask how the coat is"})
        )
        wizard.action_schedule_activities()
        for partner in rows.partner_id:
            self.assertEqual(partner.activity_ids.summary, "Ask how the coat is")
            self.assertEqual(
                partner.activity_ids.activity_type_id,
                self.env.ref("mail.mail_activity_data_call"),
            )

    def test_actions_keep_to_the_record_rules(self):
        row = self.row("Other", seller_id=self.seller_all.id, seller_count=1)
        with self.assertRaises(AccessError):
            row.with_user(self.salesman).action_open_customers()

    def test_settings(self):
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.hc_insight_is_active)
        row = self.row("A")
        settings.set_values()
        self.assertTrue(row.exists(), "nothing was switched")
        settings.hc_insight_is_active = False
        settings.set_values()
        self.assertFalse(self.env["hc.insight.config"]._for_company(self.env.company).is_active)
        self.assertFalse(row.exists(), "switched off, figures are deleted")
        action = settings.action_hc_insight_config()
        self.assertEqual(action["res_model"], "hc.insight.config")

    def test_settings_are_for_administrators(self):
        action = self.env.ref("hc_crm.hc_insight_config_action_open")
        opened = action.with_user(self.manager).run()
        config = self.env["hc.insight.config"].browse(opened["res_id"])
        self.assertEqual(config.company_id, self.env.company)
        with self.assertRaises(AccessError):
            action.with_user(self.seller_all).run()
