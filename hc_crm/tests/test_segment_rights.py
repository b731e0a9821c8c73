from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common_segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentRights(SegmentCommon):
    """Being in a segment tells the figures behind it: only to those who may read these."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outsider = new_test_user(cls.env, login="hc_outsider", groups="base.group_user")
        cls.town = cls.make_segment("Town", '[("city", "=", "Segmentville")]')
        (cls.person | cls.company_customer).city = "Segmentville"
        cls.town.action_refresh()

    def _seen_by(self, user, segment):
        """All ways to ask who is in a segment; they must agree."""
        segment = segment.with_user(user)
        Partner = self.env["res.partner"].with_user(user)
        both = Partner.browse((self.person | self.company_customer).ids)
        here = [("id", "in", both.ids)]
        by_search = Partner.search([*here, ("hc_segment_ids", "in", segment.ids)])
        by_name = Partner.search([*here, ("hc_segment_ids", "ilike", segment.name)])
        by_any = Partner.search([*here, ("hc_segment_ids", "any", [("id", "=", segment.id)])])
        by_path = Partner.search([*here, ("hc_segment_ids.name", "=", segment.name)])
        by_lines = Partner.search(
            [*here, ("hc_segment_membership_ids.segment_id", "=", segment.id)]
        )
        by_line_id = Partner.search(
            [
                *here,
                ("hc_segment_membership_ids", "in", segment.sudo().membership_ids.ids),
            ]
        )
        by_negation = both - Partner.search([*here, ("hc_segment_ids", "not in", segment.ids)])
        by_field = both.filtered(lambda partner: segment in partner.hc_segment_ids)
        by_log = self.members(segment, user)
        ways = [by_search, by_name, by_any, by_path, by_lines, by_line_id, by_negation, by_field]
        for way in ways:
            self.assertEqual(set(way.ids), set(by_search.ids))
        self.assertEqual(set((by_log & both).ids), set(by_search.ids))
        self.assertEqual(segment.member_count, len(by_log))
        self.assertEqual(segment.hc_get_history()[-1]["size"], len(by_log))
        segments = self.env["hc.segment"].with_user(user)
        with_members = segments.search([("membership_ids.partner_id", "in", both.ids)])
        self.assertEqual(segment in with_members, bool(by_search))
        return by_search.with_env(self.env)

    def test_who_sees_whom(self):
        both = self.person | self.company_customer
        for user, risky in (
            (self.salesman, self.person),
            (self.seller_all, both),
            (self.manager, both),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._seen_by(user, self.risky), risky)
                self.assertEqual(self._seen_by(user, self.town), both)
        # another company has figures of its own, and none here
        self.assertFalse(self._seen_by(self.stranger, self.risky))
        self.assertEqual(self._seen_by(self.stranger, self.town), both)

    def test_why_is_only_for_them_too(self):
        line = self.line(self.risky, self.company_customer)
        for user in (self.seller_all, self.manager):
            self.assertIn("81 %", line.with_user(user).reason)
        with self.assertRaises(AccessError):
            line.with_user(self.salesman).read(["reason"])
        own = self.line(self.risky, self.person).with_user(self.salesman)
        self.assertIn("72 %", own.reason)
        for name in ("entered_snapshot", "left_snapshot"):
            with self.assertRaises(AccessError):
                own.read([name])

    def test_the_figures_rule_follows_the_figures(self):
        """A second salesperson sells to the customer: totals are not for the first any more."""
        self.own.seller_count = 2
        self.assertFalse(self._seen_by(self.salesman, self.risky))

    def test_conditions_over_documents(self):
        """Who matches tells something about orders: not for those who see only their own."""
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.seller_all.id}
        )
        segment = self.make_segment("Ordered", f'[("sale_order_ids.name", "=", "{order.name}")]')
        self.assertEqual(segment.reach, "documents")
        self.assertEqual(self.members(segment), self.person)
        self.assertEqual(self._seen_by(self.seller_all, segment), self.person)
        self.assertFalse(self._seen_by(self.salesman, segment))

    def test_harmless_conditions_do_not_uncover_what_others_told(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.seller_all.id}
        )
        segment = self.make_segment("Ordered", f'[("sale_order_ids.name", "=", "{order.name}")]')
        segment.domain = '[("name", "=", "Rosa Testblum")]'
        self.assertEqual(segment.reach, "contact")
        self.assertEqual(self.members(segment), self.person)
        lines = self.Membership.with_user(self.salesman).search([("segment_id", "=", segment.id)])
        self.assertEqual(lines.partner_id, self.person)
        self.assertNotIn(order.name, str(lines.mapped("reason")))

    def test_conditions_within_id(self):
        """The host would look at the same contact again, past every check."""
        for domain in (
            "[('id', 'any', [('sale_order_ids.amount_total', '>', 500)])]",
            "[('hc_insight_id.id', 'any', [('partner_id.sale_order_ids.name', '=', 'x')])]",
            "[('id', 'any', [])]",
            "['!', ('id', 'not any', [('credit', '>', 0)])]",
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.make_segment("Within", domain)

    def test_old_lines_stay_as_closed_as_they_were(self):
        """The conditions become harmless; what they told before does not."""
        self.risky.domain = '[("city", "=", "Nowhere")]'
        self.assertEqual(self.risky.reach, "contact")
        lines = self.Membership.with_user(self.salesman).search(
            [("segment_id", "=", self.risky.id)]
        )
        self.assertEqual(lines.partner_id.ids, self.person.ids)

    def test_reach(self):
        for domain, reach in (
            ('[("name", "ilike", "a")]', "contact"),
            ('[("industry_id.name", "=", "Hotels")]', "contact"),
            ('[("country_id.code", "=", "BE")]', "contact"),
            ('[("user_id", "in", [2, False])]', "contact"),
            ('["!", ("parent_id", "=", False)]', "contact"),
            # of other contacts and people one may see less, or nothing
            ('[("parent_id.country_id.code", "=", "BE")]', "documents"),
            ('[("parent_id", "ilike", "x")]', "documents"),
            ('[("parent_id", "=", "x")]', "documents"),
            ('[("parent_id", "child_of", 1)]', "documents"),
            ('[("parent_id", "any", [("id", "=", 1)])]', "documents"),
            ('[("child_ids", "!=", False)]', "documents"),
            ('[("child_ids.name", "=", "x")]', "documents"),
            ('[("user_id.login", "=", "x")]', "documents"),
            ('[("user_ids", "=", 1)]', "documents"),
            ('[("create_uid.partner_id.name", "=", "x")]', "documents"),
            ('[("company_id.partner_id.name", "=", "x")]', "documents"),
            ('[("category_id.partner_ids.name", "=", "x")]', "documents"),
            ('[("hc_insight_id.partner_id.child_ids.name", "=", "x")]', "documents"),
            ('[("hc_company_size", "=", "250+")]', "contact"),
            ('[("persona_id", "!=", False)]', "contact"),
            ('[("hc_insight_id.clv", ">", 1)]', "insight"),
            ('[("hc_insight_id", "any", [("status", "=", "late")])]', "insight"),
            ('[("parent_id.hc_insight_id.clv", ">", 1)]', "documents"),
            ('[("sale_order_count", ">", 1)]', "documents"),
            ('[("opportunity_ids", "!=", False)]', "documents"),
            ('["&", ("hc_insight_id.clv", ">", 1), ("sale_order_ids", "!=", False)]', "documents"),
        ):
            with self.subTest(domain=domain):
                segment = self.Segment.new({"name": "x", "domain": domain})
                self.assertEqual(segment.reach, reach)

    def test_other_contacts_are_not_told(self):
        """A shared customer has somebody whom only another company knows."""
        self.env["res.partner"].create(
            {
                "name": "SECRETCHILD",
                "parent_id": self.company_customer.id,
                "company_id": self.other_company.id,
            }
        )
        segment = self.make_segment("Child", "[('child_ids.name', '=', 'SECRETCHILD')]")
        self.assertEqual(self.members(segment), self.company_customer)
        self.assertFalse(self._seen_by(self.salesman, segment))

    def test_figures_of_then(self):
        """What a colleague sold is in the figures of then, also after their order is cancelled."""
        self.own.write({"seller_count": 2, "seller_id": False, "monetary": 89488})
        spent = self.make_segment("Spent", '[("hc_insight_id.monetary", ">", 100)]')
        self.own.write({"seller_count": 1, "seller_id": self.salesman.id, "monetary": 500})
        self.env["hc.segment"]._refresh_all(self.company)
        line = self.line(spent, self.person)
        self.assertIn("89,488", line.with_user(self.seller_all).reason)
        # they are in by the figures of today, which Sam may read
        self.assertEqual(self._seen_by(self.salesman, spent), self.person)
        self.assertEqual(line.with_user(self.salesman).reason, "Spent in Total above $\xa0100.00")
        # out again by figures of Sam's own: that they were in is told by those of then only
        self.own.monetary = 50
        self.Segment._refresh_all(self.company)
        self.assertTrue(line.date_left)
        lines = self.Membership.with_user(self.salesman)
        self.assertFalse(lines.search([("id", "=", line.id)]))
        self.assertFalse(lines.search([("id", "=", line.id), ("is_readable", "=", True)]))
        self.assertTrue(self.Membership.with_user(self.manager).search([("id", "=", line.id)]))
        for name in ("entered_seller_id", "left_seller_count", "entered_frequency"):
            with self.assertRaises(AccessError):
                self.line(self.risky, self.person).with_user(self.salesman).read([name])

    def test_figures_of_leaving(self):
        """In by one's own sales, out by a colleague's, whose order is cancelled later."""
        line = self.line(self.risky, self.person)
        mine = line.with_user(self.salesman)
        self.own.write({"seller_count": 2, "seller_id": False, "churn_risk": 0.07})
        self.Segment._refresh_all(self.company)
        self.own.write({"seller_count": 1, "seller_id": self.salesman.id})
        self.env.invalidate_all()
        self.assertIn("7 %", line.with_user(self.manager).left_reason)
        with self.assertRaises(AccessError):
            mine.read(["left_reason"])
        # and where nobody else sold, it stays readable
        self.own.churn_risk = 0.9
        self.Segment._refresh_all(self.company)
        again = self.line(self.risky, self.person)
        self.assertNotEqual(again, line)
        self.own.churn_risk = 0.08
        self.Segment._refresh_all(self.company)
        self.assertIn("8 %", again.with_user(self.salesman).left_reason)
        self.assertIn("90 %", again.with_user(self.salesman).reason)

    def test_preview_asks_as_the_reader(self):
        preview = self.Segment.with_user(self.salesman).hc_preview(self.risky.domain)
        self.assertEqual(
            (preview["count"], [one["id"] for one in preview["customers"]]), (1, self.person.ids)
        )
        # found by the town, without a word about figures that are not theirs
        domain = (
            '["&", ("city", "=", "Segmentville"), "|", ("hc_insight_id.churn_risk", ">", 0.5), '
            '("name", "!=", False)]'
        )
        whys = {
            one["id"]: one["why"]
            for one in self.Segment.with_user(self.salesman).hc_preview(domain)["customers"]
        }
        self.assertEqual(set(whys), set((self.person | self.company_customer).ids))
        self.assertIn("72 %", whys[self.person.id])
        self.assertNotIn("81 %", whys[self.company_customer.id])
        # fields they may not read are said to be that, along the whole path
        for field in ("user_ids.totp_secret", "hc_segment_membership_ids.entered_snapshot"):
            preview = self.Segment.with_user(self.salesman).hc_preview(
                f"[('{field}', '!=', False)]"
            )
            self.assertTrue(preview["error"])
            self.assertIs(preview["count"], False)

    def test_conditions_see_what_their_author_sees(self):
        """An administrator without the right to all sales cannot ask about them by a segment."""
        theirs = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.seller_all.id}
        )
        mine = self.env["sale.order"].create(
            {"partner_id": self.company_customer.id, "user_id": self.manager.id}
        )
        segment = self.Segment.with_user(self.manager).create(
            {
                "name": "Asked by Mara",
                "domain": f'[("sale_order_ids.name", "in", {(theirs | mine).mapped("name")})]',
            }
        )
        self.assertEqual(segment.author_id, self.manager)
        self.assertEqual(self.members(segment), self.company_customer)
        # nobody answers for what another wrote: who changes it is its author
        segment.with_user(
            self.env.user
        ).domain = f'[("sale_order_ids.name", "in", {theirs.mapped("name")})]'
        self.assertEqual(self.members(segment), self.person)
        segment.with_user(self.manager).write(
            {"author_id": self.env.user.id, "domain": segment.domain}
        )
        self.assertEqual(segment.author_id, self.manager)
        self.assertFalse(self.members(segment))

    def test_who_may_change_them(self):
        for user in (self.salesman, self.seller_all):
            Segment = self.Segment.with_user(user)
            with self.assertRaises(AccessError):
                Segment.create({"name": "Mine", "domain": '[("name", "=", "x")]'})
            with self.assertRaises(AccessError):
                self.risky.with_user(user).name = "Mine"
            with self.assertRaises(AccessError):
                self.risky.with_user(user).action_refresh()
            with self.assertRaises(AccessError):
                self.line(self.risky, self.person).with_user(user).unlink()
        risky = self.risky.with_user(self.manager)
        risky.name = "Ours"
        risky.write({"state": "broken", "error": "made up", "domain_log": []})
        self.assertEqual((risky.state, risky.error), ("ready", False))
        log, revision = risky.domain_log, risky.revision
        risky.write({"domain_log": [], "revision": 9, "last_refresh": False})
        self.assertEqual((risky.domain_log, risky.revision), (log, revision))
        self.assertTrue(risky.last_refresh)
        for values in ({"date_left": "2026-01-01 00:00:00"}, {"entered_cause": "start"}):
            with self.assertRaises(AccessError):
                self.line(self.risky, self.person).with_user(self.manager).write(values)

    def test_nobody_says_how_far_it_reaches(self):
        """The record rule of the lines rests on it."""
        order = self.env["sale.order"].create(
            {"partner_id": self.person.id, "user_id": self.manager.id}
        )
        domain = f'[("sale_order_ids.name", "=", "{order.name}")]'
        harmless = {
            "reach": "contact",
            "uses_insight": True,
            "domain_log": ["x"],
            "revision": 5,
            "refreshed_revision": 5,
            "last_refresh": "2020-01-01 00:00:00",
            "state": "broken",
            "error": "made up",
            "author_id": self.seller_all.id,
        }
        Segment = self.Segment.with_user(self.manager)
        # saved defaults are one's own to write
        self.env["ir.default"].with_user(self.manager).set(
            "hc.segment", "reach", "contact", user_id=self.manager.id
        )
        by_values = Segment.create({"name": "A", "domain": domain, **harmless})
        by_context = Segment.with_context(
            **{f"default_{name}": value for name, value in harmless.items()}
        ).create({"name": "B", "domain": domain})
        by_write = Segment.create({"name": "C", "domain": domain})
        by_write.write(harmless)
        Segment.load(
            ["id", "name", "domain", "reach"],
            [["hc_test.loaded", "D", domain, "What stands on the contact"]],
        )
        by_import = Segment.search([("name", "=", "D")])
        by_copy = by_write.copy(harmless)
        for segment in by_values | by_context | by_write | by_import | by_copy:
            self.assertEqual(segment.reach, "documents")
            self.assertFalse(segment.uses_insight)
            self.assertEqual((segment.domain_log, segment.revision), ([domain], 0))
            self.assertEqual((segment.state, segment.error), ("ready", False))
            self.assertEqual(segment.author_id, self.manager)
            self.assertGreater(segment.last_refresh.year, 2020)
            self.assertEqual(self.members(segment), self.person)
            self.assertFalse(self.members(segment, self.salesman))

    def test_other_companies(self):
        theirs = self.make_segment(
            "Theirs", '[("city", "=", "Segmentville")]', company_id=self.other_company.id
        )
        for user in (self.salesman, self.manager):
            self.assertFalse(self.Segment.with_user(user).search([("id", "=", theirs.id)]))
            self.assertFalse(
                self.Membership.with_user(user).search([("segment_id", "=", theirs.id)])
            )
            self.assertFalse(
                self.env["res.partner"]
                .with_user(user)
                .search([("hc_segment_ids", "in", theirs.ids)])
            )
            with self.assertRaises(AccessError):
                theirs.with_user(user).hc_get_history()
        with self.assertRaises(AccessError):
            self.Segment.with_user(self.manager).create(
                {
                    "name": "There",
                    "domain": '[("name", "=", "x")]',
                    "company_id": self.other_company.id,
                }
            )
        with self.assertRaises(ValidationError):
            self.Segment.with_user(self.manager).hc_preview(
                self.risky.domain, company_id=self.other_company.id
            )
        hidden = self.env["res.partner"].create(
            {
                "name": "Hidden",
                "city": "Segmentville",
                "company_id": self.other_company.id,
            }
        )
        self.town.action_refresh()
        self.assertIn(hidden, self.members(self.town))
        self.assertNotIn(hidden, self.members(self.town, self.seller_all))

    def test_a_refresh_tells_no_numbers_of_others(self):
        self.manager.group_ids = [
            Command.unlink(self.env.ref("sales_team.group_sale_salesman_all_leads").id)
        ]
        self.env["res.partner"].create(
            {"name": "Far", "city": "Segmentville", "company_id": self.other_company.id}
        )
        self.env["res.partner"].create({"name": "Near", "city": "Segmentville"})
        action = self.town.with_user(self.manager).action_refresh()
        self.assertEqual(action["params"]["message"], "1 entered, 0 left.")

    def test_nothing_for_outsiders(self):
        for user in (self.portal, self.public, self.outsider):
            with self.subTest(user=user.login):
                for model in (self.Segment, self.Membership):
                    with self.assertRaises(AccessError):
                        model.with_user(user).search([])
                Partner = self.env["res.partner"].with_user(user)
                for attempt in (
                    lambda: self.Segment.with_user(user).hc_preview("[]"),  # noqa: B023
                    lambda: self.risky.with_user(user).hc_get_history(),  # noqa: B023
                    lambda: self.risky.with_user(user).action_refresh(),  # noqa: B023
                    lambda: Partner.search([("hc_segment_ids", "!=", False)]),  # noqa: B023
                    lambda: Partner.search([("hc_segment_ids.name", "=", "Risky")]),  # noqa: B023
                    lambda: Partner.search([("hc_segment_membership_ids", "!=", False)]),  # noqa: B023
                    lambda: self.person.with_user(user).read(["hc_segment_ids"]),  # noqa: B023
                ):
                    with self.assertRaises(AccessError):
                        attempt()
