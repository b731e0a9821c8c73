import numpy as np

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..models.insight.copy_arrays import read_arrays, write_arrays

COLUMNS = {"id": "integer", "number": "numeric", "share": "double precision"}
ZONES = ("UTC", "Europe/Brussels", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe")


@tagged("post_install", "-at_install")
class TestInsightArrays(TransactionCase):
    """What goes to PostgreSQL and comes back as bytes is what was meant."""

    def test_numbers_arrive(self):
        numbers = np.array(
            [0, 1, -1, 0.01, -12.35, 9999.99, 10_000, 123_456_789.25, 999_999_999_999.99, 1e-8, 5e-9,
             0.999999999, np.nan, np.inf, 1e12]
        )  # fmt: skip
        # more than are written at once
        numbers = np.concatenate(
            (numbers, np.round(np.random.default_rng(3).normal(0, 1e5, 2500), 4))
        )
        cr = self.env.cr
        cr.execute(
            "CREATE TEMPORARY TABLE hc_test_number (id integer, number numeric, share float8) ON COMMIT DROP"
        )
        arrays = {"id": np.arange(len(numbers)), "number": numbers, "share": numbers}
        write_arrays(cr, "hc_test_number", COLUMNS, arrays)
        cr.execute("SELECT id, number, share FROM hc_test_number ORDER BY id")
        rows = cr.fetchall()
        self.assertEqual(len(rows), len(numbers))
        for (id_, number, share), expected in zip(rows, numbers.tolist(), strict=True):
            np.testing.assert_equal(share, expected)
            if not abs(expected) < 1e12:
                self.assertTrue(np.isnan(number), id_)
            else:
                self.assertAlmostEqual(
                    float(number), expected, delta=5.1e-9 + abs(expected) * 1e-15
                )
        cr.execute("SELECT COUNT(*) FROM hc_test_number WHERE number = 9999.99 OR number = -12.35")
        self.assertEqual(cr.fetchone()[0], 2, "what was rounded stays exact")
        back = read_arrays(
            cr,
            SQL("SELECT id, share FROM hc_test_number ORDER BY id"),
            {"id": "integer", "share": "double precision"},
        )
        np.testing.assert_array_equal(back["share"], numbers)

    def test_days_are_those_of_the_database(self):
        query = SQL(
            "SELECT timestamp '1995-01-01' + n * interval '7919 minutes' AS moment "
            "FROM generate_series(1, 2500) AS n"
        )
        moments = read_arrays(self.env.cr, query, {"moment": "timestamp"})["moment"]
        for zone in ZONES:
            days = read_arrays(
                self.env.cr,
                SQL(
                    "SELECT (moment AT TIME ZONE 'UTC' AT TIME ZONE %s)::date - DATE '0001-01-01' + 1 AS day "
                    "FROM (%s) AS moments",
                    zone,
                    query,
                ),
                {"day": "integer"},
            )["day"]
            found = self.env["hc.insight.purchase"]._local_days(moments, zone)
            np.testing.assert_array_equal(found, days, zone)
