import logging

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import insight as engine
from ..id_array import id_array
from . import insight_stage as stage
from .copy_arrays import read_arrays, write_arrays
from .hc_insight_pipeline import BATCH, RECENT_DAYS

_logger = logging.getLogger(__name__)

HISTORY_MONTHS = 12
# The keys of 400,000 customers fit. With more the planner would gather what was put down in memory, and
# not the keys, and copy all of it once more.
WORK_MEMORY = "16MB"


class HcInsightRun(models.Model):
    """What becomes of a run: everybody's rows at once, the months before, and what lives on insight."""

    _inherit = "hc.insight.run"

    def _publish(self, config, changed=None):
        """Let readers see what was put down: all of it at once.

        :param changed: sorted ids of the only customers that were looked at, or None for all
        """
        cr = self.env.cr
        self._close_month(config)
        if changed is None:
            # of a few customers the planner thinks right without asking; of many, the columns of the key do
            cr.execute("ANALYZE hc_insight_stage (run_id, partner_id)")
        staged = read_arrays(
            cr,
            SQL("SELECT partner_id FROM hc_insight_stage WHERE run_id = %s", self.id),
            {"partner_id": "integer"},
        )["partner_id"]
        # who opted out or was archived while we worked
        eligible = self.env["hc.insight.purchase"]._customers(changed)
        eligible = read_arrays(cr, eligible.select(), {"id": "integer"})["id"]
        if len(gone := np.setdiff1d(staged, eligible, assume_unique=True)):
            self._unstage(gone)
            staged = np.intersect1d(staged, eligible, assume_unique=True)
        mine = SQL("company_id = %s", config.company_id.id)
        if changed is not None:
            mine = SQL("%s AND partner_id = ANY(%s)", mine, id_array(changed))
        known = read_arrays(
            cr,
            SQL("SELECT id, partner_id FROM hc_customer_insight WHERE %s", mine),
            {"id": "integer", "partner_id": "integer"},
        )
        stays = np.isin(known["partner_id"], staged)
        new = np.setdiff1d(staged, known["partner_id"], assume_unique=True)
        if stays.any():
            self._publish_known(config, None if changed is None else known["partner_id"][stays])
        if len(new):
            self._publish_new(config, new)
        self.changed_count = len(staged)
        # who has no purchase and no contact any more, does not want it, or became part of another customer
        if not stays.all():
            cr.execute(
                SQL(
                    "DELETE FROM hc_customer_insight WHERE id = ANY(%s)",
                    id_array(known["id"][~stays]),
                )
            )
        self._unstage()
        # SQL wrote behind the back of the cache
        self.env["hc.customer.insight"].invalidate_model()
        self.env["res.partner"].invalidate_model(["hc_insight_id"])

    def _unstage(self, customers=None):
        """Delete what was put down, of all customers or of some."""
        which = SQL("run_id = %s", self.id)
        if customers is not None:
            which = SQL("%s AND partner_id = ANY(%s)", which, id_array(customers))
        self.env.cr.execute(SQL("DELETE FROM hc_insight_stage WHERE %s", which))

    def _published_values(self, config):
        columns = [name for name in stage.KINDS if name != "partner_id"]
        return {
            "company": config.company_id.id,
            "currency": config.currency_id.id,
            "now": fields.Datetime.now(),
            "run": self.id,
            "columns": SQL(", ").join(map(SQL.identifier, columns)),
            "published": SQL(", ").join(map(stage.published, columns)),
        }

    def _publish_known(self, config, customers):
        """Bring rows up to date.

        An update that finds room on the same page leaves the indexes alone: a third of the time of an upsert.

        :param customers: ids of who has a row and figures put down, or None for all of them
        """
        cr = self.env.cr
        wanted = SQL("TRUE")
        if customers is not None:
            wanted = SQL("stage.partner_id = ANY(%s)", id_array(customers))
        cr.execute("SELECT current_setting('work_mem')")
        [memory] = cr.fetchone()
        if customers is None:
            cr.execute("SELECT set_config('work_mem', %s, TRUE)", [WORK_MEMORY])
        cr.execute(
            SQL(
                """
                UPDATE hc_customer_insight AS insight
                   SET (currency_id, computed_at, %(columns)s) = ROW (
                       %(currency)s, %(now)s::timestamp, %(published)s
                   )
                  FROM hc_insight_stage AS stage
                 WHERE stage.run_id = %(run)s AND %(wanted)s
                   AND insight.partner_id = stage.partner_id AND insight.company_id = %(company)s
                """,
                wanted=wanted,
                **self._published_values(config),
            )
        )
        cr.execute("SELECT set_config('work_mem', %s, TRUE)", [memory])

    def _publish_new(self, config, customers):
        """Make the rows of customers who have none yet."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_customer_insight (
                    company_id, currency_id, computed_at, partner_id, %(columns)s
                )
                SELECT %(company)s, %(currency)s, %(now)s, stage.partner_id, %(published)s
                  FROM hc_insight_stage AS stage
                 WHERE stage.run_id = %(run)s AND stage.partner_id = ANY(%(customers)s)
                """,
                customers=id_array(customers),
                **self._published_values(config),
            )
        )

    @api.model
    def _month(self, day, months=0):
        """Return the first day of the month of ``day``, moved by ``months``."""
        return fields.Date.start_of(fields.Date.add(day, months=months), "month")

    def _close_month(self, config):
        """Keep how everybody stood at the end of last month, before the first run of this one changes it."""
        if self.search_count(
            [
                ("company_id", "=", config.company_id.id),
                ("kind", "in", ("full", "incremental")),
                ("state", "=", "done"),
                ("as_of", ">=", self._month(self.as_of)),
                ("id", "!=", self.id),
            ],
            limit=1,
        ):
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_customer_insight_history (
                    partner_id, company_id, currency_id, seller_id, seller_count, month,
                    health, health_band, churn_risk, clv, engagement, frequency, monetary
                )
                SELECT partner_id, company_id, currency_id, seller_id, seller_count, %(last)s,
                       health, health_band, churn_risk, clv, engagement, frequency, monetary
                  FROM hc_customer_insight AS insight
                 WHERE company_id = %(company)s AND computed_at < %(month)s
                ON CONFLICT (partner_id, company_id, month) DO NOTHING
                """,
                company=config.company_id.id,
                month=self._month(self.as_of),
                last=self._month(self.as_of, -1),
            )
        )

    def _work_followers(self, config, in_touch):
        """Look anew at what lives on insight; its trouble is not insight's, which is published already.

        :param in_touch: sorted ids of customers who were in touch, or None for all
        """
        followers = {}
        if in_touch is None:
            followers["products"] = lambda: self._refresh_products(config)
        if in_touch is None or len(in_touch):
            followers["channels"] = lambda: self._refresh_channels(config, in_touch)
        for name, refresh in followers.items():
            try:
                with self.env.cr.savepoint():
                    refresh()
            except Exception:
                _logger.exception("Insight run %s: %s could not be refreshed", self.id, name)
                self.warnings = [*(self.warnings or []), {"code": f"{name}_failed"}]
        # Segments look at all customers, which takes longer than a run of a few: in the background.
        self.env.ref("hc_crm.ir_cron_refresh_segments")._trigger()

    def _refresh_channels(self, config, customer_ids):
        self.env["hc.channel.score"]._refresh(config, self.as_of, customer_ids)

    def _refresh_products(self, config):
        self.env["hc.product.affinity"]._refresh(config.company_id, self.as_of)

    # ------------------------------------------------------------
    # customers as they were
    # ------------------------------------------------------------

    def _work_history(self, config):
        """Write lines for the ends of the last months, where there are none.

        With the model of today: fitting one for each month would cost a dozen times as much, and the lines
        are for seeing how a customer moved, not for judging the model (its back-test is).
        """
        base = self.search(
            [
                ("company_id", "=", config.company_id.id),
                ("kind", "=", "full"),
                ("state", "=", "done"),
            ],
            order="id desc",
            limit=1,
        )
        fitted = base._fitted_model()
        if not fitted:
            raise UserError(self.env._("Run insight for all customers first."))
        self.params = (self.params or {}) | {"typical_gap": base.params["typical_gap"]}
        people = self.env["hc.insight.purchase"]._people()
        purchases = self._read_purchases(config, None, people)
        sellers = self._sellers(config, purchases, people)
        written = 0
        for months in range(HISTORY_MONTHS, 0, -1):
            month = self._month(self.as_of, -months)
            end = fields.Date.subtract(self._month(self.as_of, 1 - months), days=1)
            signals = self._read_signals(config, as_of=end)
            summary = engine.summarize(
                purchases.customer, purchases.day, purchases.amount, end.toordinal(), RECENT_DAYS
            )
            documents = (sellers, self._purchases_kept(config, purchases, end.toordinal()))
            customers = np.union1d(summary.customer, signals["partner_id"])
            for start in range(0, len(customers), BATCH):
                batch = customers[start : start + BATCH]
                arrays = self._score_batch(
                    config, fitted, batch, summary, signals, documents, end.toordinal()
                )
                write_arrays(
                    self.env.cr,
                    stage.TABLE,
                    stage.STAGED,
                    arrays | {"run_id": np.full(len(batch), self.id)},
                )
            written += self._publish_month(config, month)
        self.customer_count = written
        self.changed_count = written

    def _publish_month(self, config, month):
        columns = [
            "partner_id", "seller_id", "seller_count", "health", "health_band", "churn_risk", "clv",
            "engagement", "frequency", "monetary",
        ]  # fmt: skip
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_customer_insight_history (company_id, currency_id, month, %(columns)s)
                SELECT %(company)s, %(currency)s, %(month)s, %(published)s
                  FROM hc_insight_stage AS stage
                  JOIN res_partner AS customer ON customer.id = stage.partner_id
                 WHERE stage.run_id = %(run)s
                ON CONFLICT (partner_id, company_id, month) DO NOTHING
                """,
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                published=SQL(", ").join(map(stage.published, columns)),
                company=config.company_id.id,
                currency=config.currency_id.id,
                month=month,
                run=self.id,
            )
        )
        written = self.env.cr.rowcount
        self._unstage()
        return written
