from unittest.mock import patch

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.hc_crm.models.segment import hc_segment_refresh

from .common_segment import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentRefresh(SegmentCommon):
    """What a refresh does when things are not as they should be, and what it costs."""

    def _break(self, segment, domain):
        # as a removed module leaves it behind
        self.env.flush_all()
        self.env.cr.execute("UPDATE hc_segment SET domain = %s WHERE id = %s", (domain, segment.id))
        self.env.invalidate_all()

    def test_a_broken_one_is_said_and_the_rest_goes_on(self):
        self._break(self.risky, '[("gone_field", "=", 1)]')
        fine = self.make_segment("Fine", '[("hc_insight_id.churn_risk", ">", 0.8)]')
        self.foreign.churn_risk = 0.5
        self.own.churn_risk = 0.9
        result = self.Segment._refresh_all()
        self.assertEqual(result["broken"], self.risky)
        self.assertEqual(self.members(fine), self.person)
        self.assertEqual(self.risky.state, "broken")
        self.assertIn("“gone_field”, which contacts do not have", self.risky.error)
        # those who were in stay in
        self.assertEqual(self.members(self.risky), self.person | self.company_customer)
        action = self.risky.action_refresh()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Risky", action["params"]["message"])
        # repaired, it is well again
        self.risky.domain = '[("hc_insight_id.churn_risk", ">", 0.6)]'
        self.assertEqual((self.risky.state, self.risky.error), ("ready", False))
        self.assertEqual(self.members(self.risky), self.person)

    def test_all_ways_to_be_broken(self):
        for domain, words in (
            ("[('name', '=', ", "cannot be read"),
            ("[('name', 'frobs', 1)]", "do not work"),
            ("[('hc_insight_id.gone', '=', 1)]", "“hc_insight_id.gone”"),
            ("[('hc_insight_id.last_purchase_date', '<', 'whenever')]", "do not work"),
            ("[]", "do not work"),
        ):
            with self.subTest(domain=domain):
                segment = self.make_segment("Bad", '[("city", "=", "Nowhere")]')
                self._break(segment, domain)
                with mute_logger("odoo.sql_db"):
                    result = self.Segment._refresh_all()
                self.assertEqual(result["broken"], segment)
                self.assertIn(words, segment.error)
                self.assertIn("“Bad”", segment.error)
                segment.unlink()

    def test_nobody_answers_for_it(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE hc_segment SET author_id = NULL WHERE id = %s", self.risky.ids)
        self.env.invalidate_all()
        self.Segment._refresh_all()
        self.assertIn("save them again to make them yours", self.risky.error)
        self.assertEqual(len(self.members(self.risky)), 2)

    def test_two_at_once(self):
        """The second sees that somebody is at it, says so, and leaves."""
        # this transaction holds the lock since the first segment was made: let the other one hold another
        other_lock = hc_segment_refresh.REFRESH_LOCK + 1
        self.startPatcher(patch.object(hc_segment_refresh, "REFRESH_LOCK", other_lock))
        with db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s)", (other_lock,))
            self.assertTrue(cr.fetchone()[0])
            self.assertIsNone(self.Segment._refresh_all())
            action = self.risky.action_refresh()
            self.assertEqual(action["params"]["type"], "warning")
            self.assertIn("right now", action["params"]["message"])
            # what is saved meanwhile is not forgotten
            cron = self.env.ref("hc_crm.ir_cron_refresh_segments")
            before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
            self.risky.domain = '[("hc_insight_id.churn_risk", ">", 0.8)]'
            self.assertEqual(self.risky.state, "waiting")
            after = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
            self.assertEqual(after, before + 1)
            self.assertEqual(len(self.members(self.risky)), 2)
        self.Segment._cron_refresh()
        self.assertEqual(self.risky.state, "ready")
        self.assertEqual(self.members(self.risky), self.company_customer)

    def test_the_lock_is_free_again_after_saving(self):
        """Saved twice in one transaction, or saved and refreshed: one's own lock is no hindrance."""
        self.risky.domain = '[("hc_insight_id.churn_risk", ">", 0.8)]'
        self.assertIsNotNone(self.Segment._refresh_all())

    def test_nothing_changes_nothing(self):
        lines = self.Membership.search([("segment_id", "=", self.risky.id)])
        result = self.Segment._refresh_all()
        self.assertEqual((result["entered"], result["left"]), (0, 0))
        self.assertEqual(self.Membership.search([("segment_id", "=", self.risky.id)]), lines)

    def test_coming_back_is_a_new_line(self):
        self.own.churn_risk = 0.1
        self.Segment._refresh_all(self.company)
        self.own.churn_risk = 0.9
        self.Segment._refresh_all(self.company)
        lines = self.Membership.search(
            [("segment_id", "=", self.risky.id), ("partner_id", "=", self.person.id)]
        )
        self.assertEqual(len(lines), 2)
        self.assertEqual(len(lines.filtered("date_left")), 1)

    def test_archived_contacts_leave(self):
        self.person.active = False
        self.Segment._refresh_all()
        self.assertEqual(self.line(self.risky, self.person).left_cause, "contact")

    def test_optout_leaves_no_trace(self):
        self.person.hc_profiling_optout = True
        self.assertFalse(self.line(self.risky, self.person))
        self.Segment._refresh_all()
        self.assertFalse(self.line(self.risky, self.person))
        self.assertEqual(self.Segment.hc_preview('[("name", "=", "Rosa Testblum")]')["count"], 0)
        # and by name only: what is no figure is a segment all the same
        phone = self.make_segment("Phone", '[("phone", "!=", False)]')
        self.assertNotIn(self.person, self.members(phone))

    def test_optout_of_the_company_takes_its_figures_from_its_people(self):
        self.risky.level = "contact"
        self.assertIn(self.contact, self.members(self.risky))
        self.company_customer.hc_profiling_optout = True
        self.assertFalse(self.line(self.risky, self.contact))

    def test_optout_found_by_the_refresh(self):
        """Whoever notes the wish without telling us: the next refresh deletes what there is."""
        self.env["hc.profiling.optout"].create({"partner_id": self.person.id})
        self.Segment._refresh_all()
        self.assertFalse(self.line(self.risky, self.person))

    def test_merge(self):
        """Two contacts become one: in each segment once, the kept contact's line first."""
        double = self.env["res.partner"].create(
            {"name": "Rosa Testblum", "email": "r@blum.example", "ref": "double"}
        )
        (double | self.person).city = "Mergetown"
        town = self.make_segment("Town", '[("city", "=", "Mergetown")]')
        only = self.make_segment("Only", '[("ref", "=", "double")]')
        self.assertEqual(self.members(town), double | self.person)
        kept, doubled = self.line(town, self.person), self.line(town, double)
        moved = self.line(only, double)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (double | self.person).ids, self.person
        )
        self.env.invalidate_all()
        self.assertEqual((kept | doubled | moved).partner_id, self.person)
        self.assertFalse(kept.date_left)
        self.assertEqual(doubled.left_cause, "merged")
        self.assertFalse(moved.date_left)

    def test_queries_do_not_grow_with_customers(self):
        def refresh_queries():
            # written each time, however quickly one follows the other
            self.risky.last_refresh = False
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Segment._refresh_all()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def more(number):
            partners = self.env["res.partner"].create(
                [{"name": f"Many {number} {i}"} for i in range(number)]
            )
            self.env.flush_all()
            self.env.cr.execute(
                """
                INSERT INTO hc_customer_insight (partner_id, company_id, currency_id, computed_at,
                                                 value_state, churn_risk, seller_count)
                SELECT id, %s, %s, %s, 'money', 0.9, 0 FROM res_partner WHERE id = ANY(%s)
                """,
                (
                    self.company.id,
                    self.company.currency_id.id,
                    fields.Datetime.now(),
                    partners.ids,
                ),
            )
            return refresh_queries()

        more(3)
        few, many = more(10), more(300)
        self.assertEqual(len(self.members(self.risky)), 315)
        self.assertLessEqual(many, few)

    def test_lists_do_not_ask_row_by_row(self):
        partners = self.env["res.partner"].create([{"name": f"Row {i}"} for i in range(40)])
        for partner in partners:
            self.make_insight(partner, churn_risk=0.9)
        self.Segment._refresh_all()
        counts = []
        for number in (5, 40):
            self.env.invalidate_all()
            lines = self.Membership.with_user(self.salesman).search(
                [("segment_id", "=", self.risky.id)], limit=number
            )
            before = self.env.cr.sql_log_count
            lines.read(["partner_id", "reason", "left_reason", "date_entered"])
            lines.partner_id.read(["hc_segment_ids"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
