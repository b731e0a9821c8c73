from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.insight import hc_insight_pipeline, insight_stage
from .common_insight import InsightCommon

PIPELINE = "odoo.addons.hc_crm.models.insight.hc_insight_pipeline"


@tagged("post_install", "-at_install")
class TestInsightRun(InsightCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.customers(140)
        cls.shop_orders(cls.people)

    def test_full_run(self):
        run = self.run_insight()
        self.assertEqual(run.customer_count, 140)
        self.assertEqual(run.changed_count, 140)
        self.assertIn(run.method, ("model", "rule"))
        insights = self.Insight.search([("company_id", "=", self.shop.id)])
        self.assertEqual(insights.partner_id, self.people)
        self.assertEqual(set(insights.mapped("value_state")), {"rank"}, "too few for money")
        stopped, stays = self.people[0], self.people[3]
        self.assertGreater(self.insight(stopped).churn_risk, self.insight(stays).churn_risk)
        self.assertEqual(self.insight(stopped).health_band, "low")
        self.assertIn(self.insight(stopped).status, ("late", "lapsed"))
        self.assertEqual(self.insight(stays).status, "active")
        self.assertFalse(self.insight(stopped).clv)
        self.assertIn("Few customers", run.warning_text)

    def test_money_from_enough_customers(self):
        self.config.write({"min_value_customers": 100})
        self.run_insight()
        insight = self.insight(self.people[3])
        self.assertEqual(insight.value_state, "money")
        self.assertGreater(insight.clv, 0)
        self.assertLessEqual(insight.clv_low, insight.clv)
        self.assertLessEqual(insight.clv, insight.clv_high)
        page = self.people[3].with_company(self.shop).hc_get_insight()
        self.assertIn("purchases expected", page["value"]["why"][0]["text"])
        self.assertIn("each time", page["value"]["why"][1]["text"])
        before = insight.clv
        self.config.discount_rate = 0.5
        self.run_insight()
        self.assertLess(insight.clv, before, "money later is worth less")

    def test_reporting_currency(self):
        dollar = self.env.ref("base.USD")
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "rate": 4.0,
                "name": fields.Date.today(),
                "company_id": self.shop.id,
            }
        )
        rate = self.shop.currency_id._convert(
            1, dollar, self.shop, fields.Date.today(), round=False
        )
        self.run_insight()
        before = self.insight(self.people[3]).monetary
        self.config.currency_id = dollar
        self.run_insight()
        self.assertRecordValues(
            self.insight(self.people[3]),
            [{"currency_id": dollar.id, "monetary": round(before * rate, 2)}],
        )

    def test_incremental_is_a_full_run_of_those_with_news(self):
        first = self.run_insight()
        self.env.cr.execute("UPDATE sale_order SET write_date = '2020-01-01'")
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01'")
        quiet = self.run_insight("incremental")
        self.assertEqual(quiet.kind, "incremental")
        self.assertEqual(quiet.changed_count, 0)
        self.assertEqual(quiet.params["base"], first.id)
        stopped = self.people[0]
        before = self.insight(stopped)
        id_, risk = before.id, before.churn_risk
        self.orders([(stopped, 0, 50)])
        news = self.run_insight("incremental")
        self.assertEqual(news.changed_count, 1)
        self.assertEqual(before.id, id_, "links to it hold")
        self.assertLess(before.churn_risk, risk)
        one_by_one = self.snapshot()
        # with the same model a full run says the same about everybody
        with patch.object(type(self.Run), "_fitted", lambda self, *args: first._fitted_model()):
            self.Run.search([]).flush_recordset()
            self.run_insight()
        self.assertEqual(self.snapshot(), one_by_one)

    def test_time_alone_is_news_one_day(self):
        self.run_insight()
        self.env.cr.execute("UPDATE sale_order SET write_date = '2020-01-01'")
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01'")
        stopped, late = self.insight(self.people[0]), self.insight(self.people[3])
        self.assertGreater(stopped.refresh_on, late.refresh_on, "long silence ages slowly")
        self.env.cr.execute(
            "UPDATE hc_customer_insight SET refresh_on = %s WHERE id = %s", [self.today, late.id]
        )
        self.assertEqual(self.run_insight("incremental").changed_count, 0, "looked at today")
        self.Run.search([]).as_of = self.today - timedelta(days=1)
        self.assertEqual(self.run_insight("incremental").changed_count, 1)

    def test_settings_make_everybody_news(self):
        self.run_insight()
        self.assertEqual(self.run_insight("incremental").kind, "incremental")
        self.config.horizon_days = 90
        self.env.flush_all()
        self.assertEqual(self.run_insight("incremental").kind, "full")

    def test_an_older_engine_is_not_believed(self):
        run = self.run_insight()
        run.params = run.params | {"engine": ["something else"]}
        self.assertEqual(self.run_insight("incremental").kind, "full")
        page = self.people[0].with_company(self.shop).hc_get_insight()
        self.assertTrue(page["risk"]["reasons"])

    def test_who_is_gone_goes(self):
        self.run_insight()
        archived, merged, optout = self.people[:3]
        archived.active = False
        merged.parent_id = self.company_customer
        optout.hc_profiling_optout = True
        self.assertFalse(self.insight(optout), "at once")
        self.run_insight("incremental")
        self.assertFalse(self.insight(archived) + self.insight(optout) + self.insight(merged))
        self.assertTrue(self.insight(self.company_customer), "a contact buys for its company")
        everybody = self.snapshot()
        self.run_insight()
        self.assertEqual(len(self.snapshot()), len(everybody))

    def test_two_at_once_the_second_leaves(self):
        # locks of a session: another connection holds it
        with self.registry.cursor() as other:
            other.execute(
                "SELECT pg_try_advisory_lock(%s, %s)",
                [hc_insight_pipeline.RUN_LOCK, self.shop.id],
            )
            run = self.Run._run(self.shop, "full")
            other.execute(
                "SELECT pg_advisory_unlock(%s, %s)",
                [hc_insight_pipeline.RUN_LOCK, self.shop.id],
            )
        if other is self.env.cr or run.state == "done":
            self.skipTest("both use one session here; tests/test_insight_faults.py has two")
        self.assertEqual(run.state, "left")
        self.assertIn("under way", run.error)
        self.assertFalse(self.snapshot())

    def test_merged_customers(self):
        self.run_insight()
        self.run_insight("history")
        kept, gone, third = self.people[3], self.people[4], self.people[5]
        both = self.insight(kept).frequency + self.insight(gone).frequency
        self.env["base.partner.merge.automatic.wizard"]._merge((kept + gone + third).ids, kept)
        self.env.invalidate_all()
        self.assertEqual(len(self.insight(kept)), 1)
        self.run_insight("incremental")
        self.assertGreater(self.insight(kept).frequency, both - 5, "on some days both had bought")
        self.assertFalse(self.Insight.search([("partner_id", "in", (gone + third).ids)]))

    def test_failure_leaves_what_was(self):
        self.run_insight()
        before = self.snapshot()
        self.orders([(self.people[0], 0, 50)])
        with (
            patch.object(type(self.Run), "_publish", side_effect=ValueError("disk on fire")),
            mute_logger(PIPELINE),
        ):
            run = self.Run._run(self.shop, "full")
        self.assertEqual(run.state, "failed")
        self.assertIn("disk on fire", run.error)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.run_insight("full").changed_count, 140, "and the next one works")

    def test_an_interrupted_run_goes_on(self):
        with (
            patch.object(hc_insight_pipeline, "BATCH", 50),
            patch.object(type(self.Run), "_publish", side_effect=KeyboardInterrupt),
            # not assertRaises, which would undo what the run has put down
            suppress(KeyboardInterrupt),
        ):
            self.Run._run(self.shop, "full")
        run = self.Run.search([("company_id", "=", self.shop.id)])
        self.assertEqual(run.state, "running")
        self.assertTrue(run._fitted_model(), "what it learnt is kept")
        scored = []
        score = type(self.Run)._score_batch

        def spy(self, config, fitted, batch, *args):
            scored.append(len(batch))
            return score(self, config, fitted, batch, *args)

        self.env.cr.execute(
            f"DELETE FROM {insight_stage.table(self.shop.id)} WHERE partner_id > %s",
            [self.people[49].id],
        )
        with (
            patch.object(type(self.Run), "_score_batch", spy),
            patch(f"{PIPELINE}.engine.fit", side_effect=AssertionError("fitted twice")),
        ):
            again = self.run_insight()
        self.assertEqual(again, run)
        self.assertEqual(sum(scored), 90, "what was put down is not worked out again")
        self.assertEqual(len(self.snapshot()), 140)

    def test_history(self):
        self.run_insight()
        self.run_insight("history")
        lines = self.env["hc.customer.insight.history"].search(
            [("partner_id", "=", self.people[3].id), ("company_id", "=", self.shop.id)]
        )
        months = lines.mapped("month")
        self.assertEqual(months, sorted(months, reverse=True))
        self.assertLessEqual(len(lines), 12)
        self.assertEqual(months[0], self.Run._month(self.today, -1))
        purchases = lines.mapped("frequency")
        self.assertEqual(purchases, sorted(purchases, reverse=True), "each month as it was then")
        before = len(self.env["hc.customer.insight.history"].search([]))
        self.run_insight("history")
        self.assertEqual(
            len(self.env["hc.customer.insight.history"].search([])), before, "never twice"
        )
        self.run_insight()
        insight = self.insight(self.people[3])
        self.assertAlmostEqual(
            insight.health_change, insight.health - insight.health_previous, places=1
        )

    def test_a_month_is_closed_once(self):
        last_month = self.Run._month(self.today) - timedelta(days=1)
        self.run_insight(as_of=last_month)
        self.env.cr.execute(
            "UPDATE hc_customer_insight SET computed_at = %s WHERE company_id = %s",
            [last_month, self.shop.id],
        )
        self.run_insight()
        lines = self.env["hc.customer.insight.history"].search([("company_id", "=", self.shop.id)])
        self.assertEqual(len(lines), 140)
        self.assertEqual(set(lines.mapped("month")), {self.Run._month(self.today, -1)})
        self.orders([(self.people[0], 0, 50)])
        self.run_insight()
        self.assertEqual(len(lines.search([("company_id", "=", self.shop.id)])), 140)

    def test_sellers(self):
        one, two, nobody, quoted, met = self.customers(5, "Sold")
        self.orders([(quoted, 5, 10, self.salesman), (met, 5, 10, self.salesman)])
        self.orders([(quoted, 3, 10, self.seller_all)], state="draft")
        self.env["crm.lead"].create(
            {
                "name": "Met",
                "partner_id": met.id,
                "user_id": self.seller_all.id,
                "company_id": self.shop.id,
                "team_id": False,
            }
        )
        self.orders(
            [
                (one, 5, 10, self.salesman),
                (one, 9, 10, None),
                (two, 5, 10, self.salesman),
                (two, 9, 10, self.seller_all),
                (nobody, 5, 10, None),
            ]
        )
        self.run_insight()
        self.assertRecordValues(
            self.insight(one)
            + self.insight(two)
            + self.insight(nobody)
            + self.insight(quoted)
            + self.insight(met),
            [
                {"seller_count": 1, "seller_id": self.salesman.id},
                {"seller_count": 2, "seller_id": False},
                {"seller_count": 0, "seller_id": False},
                # figures rest on what was said about these, too
                {"seller_count": 2, "seller_id": False},
                {"seller_count": 2, "seller_id": False},
            ],
        )

    def test_number_of_queries_does_not_grow(self):
        def count(people):
            self.shop_orders(people, seed=3)
            self.env["hc.insight.purchase"]._today(self.shop)
            before = self.env.cr.sql_log_count
            self.run_insight()
            return self.env.cr.sql_log_count - before

        self.run_insight()
        few = count(self.customers(5, "Few"))
        many = count(self.customers(200, "Many"))
        self.assertLessEqual(many, few + 5)

    def test_bad_input(self):
        with self.assertRaisesRegex(UserError, "future"):
            self.Run._run(self.shop, "full", as_of=self.today + timedelta(days=1))
        for name, value, words in (
            ("horizon_days", 0, "Look Ahead"),
            ("discount_rate", -0.1, "Discount Rate"),
            ("discount_rate", float("nan"), "Discount Rate"),
            ("min_purchases", 1, "Purchases Needed"),
            ("health_weight_rhythm", -1, "Buys in Their Rhythm"),
            ("health_low", 90, "Needs care below"),
            ("engagement_half_life_days", 0, "Half of It"),
            ("support_floor", 1, "Bought Together"),
        ):
            with self.subTest(name), self.assertRaises(ValidationError) as caught:
                self.config.write({name: value})
            self.assertIn(words, str(caught.exception))
        with self.assertRaises(ValidationError) as caught:
            self.config.write(
                {f"health_weight_{name}": 0 for name in self.config._health_weights()}
            )
        self.assertIn("sum to zero", str(caught.exception))

    def test_preview_of_weights(self):
        self.run_insight()
        Config = self.env["hc.insight.config"].with_user(self.manager).with_company(self.shop)
        same = Config.hc_preview_health(self.config._health_weights())
        self.assertFalse(same["error"])
        self.assertEqual(same["bands"]["before"], same["bands"]["after"])
        self.assertEqual(sum(same["bands"]["after"].values()), 140)
        weights = dict.fromkeys(self.config._health_weights(), 0) | {"trend": 1}
        other = Config.hc_preview_health(weights, 5)
        self.assertEqual(len(other["customers"]), 5)
        self.assertNotEqual(other["bands"]["before"], other["bands"]["after"])
        self.assertIn("sum to zero", Config.hc_preview_health({})["error"])
        self.assertIn("number", Config.hc_preview_health({"trend": float("nan")})["error"])
        with self.assertRaises(ValidationError):
            Config.hc_preview_health(weights, 10**9)

    def test_switched_off(self):
        self.run_insight()
        self.env["hc.segment"]._refresh_all(self.shop)
        mine = [("company_id", "=", self.shop.id)]
        self.assertTrue(self.env["hc.segment.membership"].search(mine))
        self.config.is_active = False
        self.assertFalse(self.snapshot())
        self.assertFalse(self.env["hc.segment.membership"].search(mine))
        with self.assertRaisesRegex(UserError, "off"):
            self.config.with_user(self.manager).action_run()

    def test_asked_for_and_progress(self):
        config = self.config.with_user(self.manager)
        progress = config.action_run()
        self.assertEqual(progress["state"], "waiting")
        self.assertEqual(config.action_run()["id"], progress["id"], "asked for once")
        run = self.run_insight()
        self.assertEqual(run.id, progress["id"])
        Run = self.Run.with_user(self.manager).with_company(self.shop)
        self.assertEqual(Run.hc_get_progress()["state"], "done")

    def test_accuracy(self):
        Run = self.Run.with_user(self.seller_all).with_company(self.shop)
        self.assertIn("not been worked out", Run.hc_get_accuracy()["empty"])
        self.run_insight()
        page = Run.hc_get_accuracy()
        self.assertEqual(len(page["deciles"]), 10)
        self.assertEqual(page["sample"], sum(row["customers"] for row in page["deciles"]))
        self.assertEqual(page["auc"]["used"], max(page["auc"]["model"], page["auc"]["rule"]))
        self.assertTrue(page["sentence"])


@tagged("post_install", "-at_install")
class TestInsightOddShops(InsightCommon):
    """Said clearly, and the rest is worked out."""

    def test_no_orders_at_all(self):
        run = self.run_insight()
        self.assertEqual(run.method, "none")
        self.assertIn("no purchases yet", run.warning_text)
        page = self.person.with_company(self.shop).with_user(self.seller_all).hc_get_insight()
        self.assertIn("no purchase and no contact yet", page["empty"])

    def test_all_bought_once(self):
        self.orders([(partner, 30 + n, 50) for n, partner in enumerate(self.customers(150))])
        run = self.run_insight()
        self.assertIn("bought once", run.warning_text)
        insights = self.Insight.search([("company_id", "=", self.shop.id)])
        self.assertEqual(set(insights.mapped("value_state")), {"few"})
        page = insights[0].partner_id.with_company(self.shop).hc_get_insight()
        self.assertIn("Not enough history", page["risk"]["missing"])
        self.assertIn("Not enough history", page["value"]["missing"])
        self.assertIn("Bought once", page["sentences"][0]["text"])

    def test_one_customer_with_very_many_orders(self):
        people = self.customers(120)
        self.shop_orders(people)
        whale = self.customers(1, "Whale")
        self.orders([(whale, n % 2000, 10) for n in range(100_000)])
        self.run_insight()
        self.assertEqual(self.insight(whale).frequency, 2000)
        page = whale.with_company(self.shop).hc_get_insight()
        self.assertLessEqual(len(page["rhythm"]["days"]), 60)

    def test_impossible_amounts(self):
        people = self.customers(120)
        self.shop_orders(people)
        odd = self.customers(2, "Odd")
        ids = self.orders([(odd[0], 5, 1), (odd[0], 9, 1), (odd[1], 5, 1)])
        self.env.cr.execute("UPDATE sale_order SET amount_untaxed = 'NaN' WHERE id = %s", [ids[0]])
        self.env.cr.execute("UPDATE sale_order SET amount_untaxed = 1e40 WHERE id = %s", [ids[1]])
        self.env.cr.execute("UPDATE sale_order SET date_order = 'infinity' WHERE id = %s", [ids[2]])
        self.env.invalidate_all()
        self.run_insight()
        self.assertRecordValues(self.insight(odd[0]), [{"frequency": 2, "monetary": 0}])
        self.assertFalse(self.insight(odd[1]))
        self.assertTrue(self.insight(people[0]))
