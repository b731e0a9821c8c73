import logging

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine import insight as engine
from ..id_array import id_among
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

    def _publish(self, config, staged, changed=None):
        """Let readers see what was put down: all of it at once.

        :param staged: of how many customers there is something
        :param changed: sorted ids of the only customers that were looked at, or None for all
        """
        self._close_month(config)
        staged -= self._unstage_gone(config)
        values = self._published_values(config, changed)
        done = self._publish_known(values)
        if done < staged:
            done += self._publish_new(values, config, changed)
        self.changed_count = done
        self._delete_unstaged(values, done)
        stage.drop(self.env.cr, config.company_id.id)
        # SQL wrote behind the back of the cache
        self.env["hc.customer.insight"].invalidate_model()
        self.env["res.partner"].invalidate_model(["hc_insight_id"])

    def _unstage_gone(self, config):
        """Take away those who opted out or were archived while we worked; return how many.

        Whoever had been before is not among those that were read.
        """
        cr = self.env.cr
        Purchase = self.env["hc.insight.purchase"]
        news = read_arrays(
            cr,
            SQL(
                "SELECT id FROM (%s) AS news(id)",
                Purchase._described_query(fields.Datetime.to_datetime(self.params["since"])),
            ),
            {"id": "integer"},
        )["id"]
        if not len(news):
            return 0
        eligible = read_arrays(cr, Purchase._customers(news).select(), {"id": "integer"})["id"]
        cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s",
                SQL.identifier(stage.table(config.company_id.id)),
                id_among(SQL("partner_id"), np.setdiff1d(news, eligible)),
            )
        )
        return cr.rowcount

    def _published_values(self, config, changed=None):
        columns = [name for name in stage.KINDS if name != "partner_id"]
        mine = SQL("insight.company_id = %s", config.company_id.id)
        if changed is not None:
            # told which, the planner takes the index
            mine = SQL("%s AND %s", mine, id_among(SQL("insight.partner_id"), changed))
        return {
            "company": config.company_id.id,
            "currency": config.currency_id.id,
            "now": fields.Datetime.now(),
            "staged": SQL.identifier(stage.table(config.company_id.id)),
            "mine": mine,
            "columns": SQL(", ").join(map(SQL.identifier, columns)),
            "published": SQL(", ").join(map(stage.published, columns)),
        }

    def _publish_known(self, values):
        """Bring rows up to date; return how many.

        An update that finds room on the same page leaves the indexes alone: a third of the time of an upsert.
        """
        cr = self.env.cr
        cr.execute("SELECT current_setting('work_mem')")
        [memory] = cr.fetchone()
        cr.execute("SELECT set_config('work_mem', %s, TRUE)", [WORK_MEMORY])
        cr.execute(
            SQL(
                """
                UPDATE hc_customer_insight AS insight
                   SET (currency_id, computed_at, %(columns)s) = ROW (
                       %(currency)s, %(now)s::timestamp, %(published)s
                   )
                  FROM %(staged)s AS stage
                 WHERE %(mine)s AND insight.partner_id = stage.partner_id
                """,
                **values,
            )
        )
        known = cr.rowcount
        cr.execute("SELECT set_config('work_mem', %s, TRUE)", [memory])
        return known

    def _publish_new(self, values, config, changed):
        """Make the rows of customers who have none yet; return how many."""
        cr = self.env.cr
        cr.execute(
            SQL(
                """
                INSERT INTO hc_customer_insight (
                    company_id, currency_id, computed_at, partner_id, %(columns)s
                )
                SELECT %(company)s, %(currency)s, %(now)s, stage.partner_id, %(published)s
                  FROM %(staged)s AS stage
                 WHERE NOT EXISTS (
                           SELECT 1 FROM hc_customer_insight AS insight
                            WHERE %(mine)s AND insight.partner_id = stage.partner_id
                       )
                   -- they may have been deleted while we worked
                   AND stage.partner_id IN %(eligible)s
                """,
                eligible=self.env["hc.insight.purchase"]._customers(changed).subselect(),
                **values,
            )
        )
        return cr.rowcount

    def _delete_unstaged(self, values, done):
        """Delete the rows of whoever has no purchase and no contact any more, does not want a row, or became
        part of another customer.

        :param done: how many rows of those looked at are right
        """
        # counting is cheaper than finding out that there is nobody
        [[known]] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM hc_customer_insight AS insight WHERE %(mine)s", **values)
        )
        if known == done:
            return
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM hc_customer_insight AS insight
                 WHERE %(mine)s AND NOT EXISTS (
                       SELECT 1 FROM %(staged)s AS stage WHERE stage.partner_id = insight.partner_id
                 )
                """,
                **values,
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
            stage.create(self.env.cr, config.company_id.id)
            for start in range(0, len(customers), BATCH):
                batch = customers[start : start + BATCH]
                arrays = self._score_batch(
                    config, fitted, batch, summary, signals, documents, end.toordinal()
                )
                write_arrays(self.env.cr, stage.table(config.company_id.id), stage.STAGED, arrays)
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
                  FROM %(staged)s AS stage
                  JOIN res_partner AS customer ON customer.id = stage.partner_id
                ON CONFLICT (partner_id, company_id, month) DO NOTHING
                """,
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                published=SQL(", ").join(map(stage.published, columns)),
                company=config.company_id.id,
                currency=config.currency_id.id,
                month=month,
                staged=SQL.identifier(stage.table(config.company_id.id)),
            )
        )
        written = self.env.cr.rowcount
        stage.drop(self.env.cr, config.company_id.id)
        return written
