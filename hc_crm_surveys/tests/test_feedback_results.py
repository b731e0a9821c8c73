from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged

from .common import SurveysCommon


class ResultsCommon(SurveysCommon):
    """Sixty answers of two customers of two colleagues, with an NPS of 25 now and 0 before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("DELETE FROM hc_feedback")
        cls.env.cr.execute("DELETE FROM hc_ask")
        cls.env.invalidate_all()
        cls.mine, cls.theirs = cls.env["res.partner"].create(
            [
                {"name": "Customer of Sam", "user_id": cls.salesman.id},
                {"name": "Customer of Ada", "user_id": cls.seller_all.id},
            ]
        )
        cls.topic = cls.env["hc.feedback.topic"].create(
            {"name": "Delivery test", "key": "x_delivery"}
        )
        # 30 days ago: 20 promoters, 10 passives, 10 detractors → NPS 25; in the period before: 10 and 10 → 0
        cls.rows = cls.say([9] * 20 + [7] * 10 + [2] * 10, days=30)
        cls.say([10] * 10 + [0] * 10, days=120)
        cls.rows.filtered(lambda row: row.score == 2).write(
            {"topic_ids": cls.topic.ids, "comment": "late", "sentiment": "negative"}
        )
        cls.rows.filtered(lambda row: row.score == 9).comment = "great"

    @classmethod
    def say(cls, scores, days=30, partner=None, **kwargs):
        date = fields.Datetime.now() - timedelta(days=days)
        before = cls.env["hc.feedback"].search_count([])
        return cls.env["hc.feedback"]._hc_record(
            [
                {
                    "origin_model": "test",
                    "origin_id": before + n + 1000 * days,
                    "source": "card",
                    "metric": "nps",
                    "score": score,
                    "date": date,
                    "partner_id": (partner or (cls.mine if n % 2 else cls.theirs)).id,
                    "company_id": cls.company.id,
                    **kwargs,
                }
                for n, score in enumerate(scores)
            ]
        )


@tagged("post_install", "-at_install")
class TestFeedbackResults(ResultsCommon):
    """The figures of the page, worked out by hand; and whose answers they are."""

    def results(self, user=None, **options):
        return self.Feedback.with_user(user or self.manager).hc_get_results(options)

    def details(self, user=None, **options):
        return self.Feedback.with_user(user or self.manager).hc_get_results_details(options)

    def measure(self, found, key="nps"):
        return next(m for m in found["measures"] if m["key"] == key)

    def test_the_figure_and_its_sentence(self):
        nps = self.measure(self.results())
        self.assertEqual((nps["value"], nps["n"]), (25.0, 40))
        self.assertLess(nps["low"], 25)
        self.assertGreater(nps["high"], 25)
        self.assertRegex(
            nps["sentence"], r"^NPS 25, between −?\d+ and \d+, from 40 answers; higher than"
        )
        self.assertIn("may be chance", nps["sentence"])

    def test_a_difference_that_is_none_by_chance(self):
        self.say([10] * 200, days=20)
        nps = self.measure(self.results())
        self.assertIn("hardly by chance", nps["sentence"])
        self.assertEqual(nps["moved"], "up")

    def test_distribution_and_trend(self):
        found = self.results()
        shares = {line["score"]: line["n"] for line in found["distribution"]}
        self.assertEqual(len(shares), 11)
        self.assertEqual((shares[9], shares[7], shares[2], shares[5]), (20, 10, 10, 0))
        points = [point for point in found["trend"] if point["n"]]
        self.assertEqual([point["value"] for point in points], [0.0, 25.0])
        self.assertEqual(sum(point["n"] for point in found["trend"]), 60)

    def test_drilling_down_gives_what_was_counted(self):
        found = self.results()
        reader = self.Feedback.with_user(self.manager)
        nps = self.measure(found)
        self.assertEqual(reader.search_count(nps["domain"]), nps["n"])
        for line in found["distribution"] + found["trend"]:
            self.assertEqual(reader.search_count(line["domain"]), line["n"])
        details = self.details(group="user_id")
        for line in details["groups"]:
            self.assertEqual(reader.search_count(line["domain"]), line["n"])
        for line in details["topics"]:
            self.assertEqual(reader.search_count(line["domain"]), line["n"])

    def test_too_few_answers(self):
        self.company.hc_feedback_least = 41
        nps = self.measure(self.results())
        self.assertIs(nps["value"], False)
        self.assertIn("too few answers", nps["sentence"])
        self.assertIn("40", nps["sentence"])
        self.assertFalse(any(point["value"] for point in self.results()["trend"]))

    def test_what_does_not_count(self):
        self.say([0] * 30, days=29, is_test=True)
        self.say([0] * 30, days=28, is_suspect=True)
        self.assertEqual(self.measure(self.results())["value"], 25.0)

    def test_own_customers_only(self):
        """20 answers each: odd places are the salesman's customer."""
        own = self.measure(self.results(self.salesman))
        self.assertEqual(own["n"], 20)
        self.assertEqual(own["value"], 25.0)
        self.assertEqual(self.measure(self.results(self.seller_all))["n"], 40)
        groups = self.details(self.salesman, group="user_id")["groups"]
        self.assertEqual([line["label"] for line in groups], ["Sam Salesman"])
        said = self.results(self.salesman)["verbatims"]
        self.assertEqual({line["partner"]["id"] for line in said}, {self.mine.id})

    def test_other_company_portal_and_public(self):
        self.assertFalse(self.results(self.stranger)["measures"])
        for user in (self.portal, self.public):
            for method in ("hc_get_results", "hc_get_results_details", "hc_get_verbatims"):
                with self.assertRaises(AccessError):
                    getattr(self.Feedback.with_user(user), method)({})

    def test_measures_are_kept_apart(self):
        self.say([5] * 8 + [1] * 4, days=25, metric="csat")
        self.say([7] * 12, days=24, metric="ces")
        self.say([5] * 11 + [1], days=23, metric="own", scale_min=1, scale_max=5, source="rating")
        found = self.results()
        self.assertEqual([m["key"] for m in found["measures"]], ["nps", "csat", "ces", "rating"])
        csat = self.measure(found, "csat")
        self.assertEqual(csat["figure"].replace("\xa0", " "), "67 %")
        self.assertEqual(self.results(measure="csat")["distribution"][4]["n"], 8)
        rating = self.measure(found, "rating")
        self.assertAlmostEqual(rating["value"], 91.67, 2)
        self.assertEqual(self.Feedback.search_count(rating["domain"]), 12)

    def test_groups_and_comparison(self):
        self.say([0] * 40, days=20, partner=self.mine)
        groups = self.details(group="user_id")["groups"]
        self.assertEqual(
            {line["label"]: line["n"] for line in groups}, {"Sam Salesman": 60, "Ada Alldocs": 20}
        )
        by_label = {line["label"]: line for line in groups}
        self.assertEqual(by_label["Sam Salesman"]["differs"], "down")
        keys = [by_label[name]["key"] for name in ("Sam Salesman", "Ada Alldocs")]
        self.assertIn("hardly by chance", self.details(group="user_id", compare=keys)["compared"])
        self.assertEqual(self.details(group="user_id", compare=[keys[0], keys[0]])["compared"], "")

    def test_segments(self):
        segment = self.env["hc.segment"].create(
            {"name": "Sam's", "domain": [("user_id", "=", self.salesman.id)]}
        )
        segment.action_refresh() if hasattr(segment, "action_refresh") else segment._refresh()
        groups = self.details(group="segment_id")["groups"]
        line = next(line for line in groups if line["label"] == "Sam's")
        self.assertEqual(line["n"], 20)
        self.assertEqual(self.Feedback.with_user(self.manager).search_count(line["domain"]), 20)

    def test_filter(self):
        found = self.results(domain=[("partner_id", "=", self.mine.id)])
        self.assertEqual(self.measure(found)["n"], 20)

    def test_drivers(self):
        """Late deliveries have bad scores: a strong connection, and the topic as well."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE hc_feedback SET days_deliver = CASE WHEN score < 7 THEN 9 + id %% 2 ELSE 2 + id %% 2 END "
            "WHERE id = ANY(%s)",
            [self.rows.ids],
        )
        self.env.invalidate_all()
        details = self.details()
        drivers = {line["key"]: line for line in details["drivers"]}
        self.assertEqual(drivers["days_deliver"]["strength"], "strong")
        self.assertLess(drivers["days_deliver"]["r"], -0.5)
        self.assertEqual(drivers["days_deliver"]["n"], 40)
        self.assertFalse(drivers["days_deliver"]["may_be_chance"])
        self.assertEqual(drivers[self.topic.id]["n"], 30, "of those who wrote something")
        self.assertEqual(drivers[self.topic.id]["r"], -1.0)
        self.assertNotIn("discount", drivers)
        topic = details["topics"][0]
        self.assertEqual((topic["n"], topic["negative"], topic["mean"]), (10, 10, 2.0))

    def test_facts_are_looked_up(self):
        product = self.env["product.product"].create(
            {"name": "Lamp", "type": "consu", "list_price": 100}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.mine.id,
                "order_line": [
                    fields.Command.create(
                        {"product_id": product.id, "price_unit": 100, "discount": 20}
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=10)
        order.commitment_date = order.date_order + timedelta(days=4)
        self.env["hc.interaction"].create(
            {"partner_id": self.mine.id, "summary": "Where is it?", "date": order.date_order}
        )
        feedback = self.say([3], days=1, partner=self.mine)
        about = self.say([3], days=2, partner=self.theirs, res_model="sale.order", res_id=order.id)
        nothing = self.say([3], days=3, partner=self.theirs)
        rows = feedback | about | nothing
        self.Feedback._hc_fill_facts(rows.ids)
        self.assertRecordValues(feedback, [{"days_deliver": 4.0, "discount": 20.0, "contacts": 1}])
        self.assertRecordValues(about, [{"days_deliver": 4.0, "discount": 20.0, "contacts": 0}])
        self.assertRecordValues(nothing, [{"days_deliver": 0.0, "discount": 0.0, "contacts": 0}])
        self.env.cr.execute("SELECT days_deliver FROM hc_feedback WHERE id = %s", [nothing.id])
        self.assertIsNone(self.env.cr.fetchone()[0], "no order is not zero days")

    def test_product_is_also_that_of_the_order(self):
        product = self.env["product.product"].create({"name": "Lamp", "type": "consu"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.mine.id,
                "order_line": [fields.Command.create({"product_id": product.id})],
            }
        )
        about = self.say([3], days=2, res_model="sale.order", res_id=order.id)
        self.assertEqual(self.Feedback.search([("about_product_id", "=", product.id)]), about)

    def test_response(self):
        Ask = self.env["hc.ask"]
        now = fields.Datetime.now()
        Ask.create(
            [
                {
                    "company_id": self.company.id,
                    "survey_id": self.survey.id,
                    "partner_id": self.mine.id,
                    "state": state,
                    "metric": "nps",
                    "date_sent": now - timedelta(days=5)
                    if state not in ("waiting", "skipped")
                    else False,
                    "occurrence": str(n),
                }
                for n, state in enumerate(
                    ["answered", "sent", "expired", "expired", "waiting", "skipped"]
                )
            ]
        )
        response = self.details()["response"]
        self.assertEqual((response["asked"], response["answered"], response["complete"]), (4, 1, 0))
        self.assertIn("25", response["sentence"])
        self.assertEqual(Ask.search_count(Domain(response["domain_silent"])), 3)

    def test_odd_options(self):
        reader = self.Feedback.with_user(self.salesman)
        odd = [
            "x", 5, {"domain": 5}, {"domain": [("nothing", "=", 1)]}, {"domain": "[("}, {"period": "7"},
            {"period": True}, {"period": 10**30}, {"from": "2024-13-01", "to": "x"}, {"measure": []},
            {"from": "2025-01-02", "to": "2025-01-01"}, {"from": "0001-01-01", "to": "2025-01-01"},
            {"domain": [("partner_id.nothing", "=", 1)]}, {"domain": [("date", "=", "\0")]},
            {"domain": [("id", "in", [10**30])]}, {"group": "password"}, {"compare": 5},
            {"domain": [("comment", "ilike", "\0")]}, {"domain": ["|", ("lang", "=", "\0"), ("id", "=", 1)]},
            {"band": "\0"}, {"tone": "\0"}, {"topic": "\0"},
        ]  # fmt: skip
        for options in odd:
            for method in ("hc_get_results", "hc_get_results_details", "hc_get_verbatims"):
                with self.subTest(options=options, method=method):
                    try:
                        with self.env.cr.savepoint():
                            self.assertIsInstance(getattr(reader, method)(options), dict | list)
                    except UserError as error:
                        self.assertTrue(str(error))

    def test_a_domain_cannot_ask_what_may_not_be_read(self):
        with self.assertRaises(UserError):
            self.results(self.salesman, domain=[("ask_id.token", "like", "a")])

    def test_nobody_has_said_anything_yet(self):
        self.env.cr.execute("DELETE FROM hc_feedback")
        self.env.invalidate_all()
        self.assertEqual(self.results()["empty"], "never")
        self.assertFalse(self.details()["groups"])

    def test_number_of_queries_does_not_grow(self):
        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.results()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        self.say(list(range(11)) * 20, days=22)
        self.assertEqual(count(), few)
