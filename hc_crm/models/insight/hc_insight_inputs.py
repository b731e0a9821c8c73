import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.insight import engagement
from ..id_array import id_among
from .copy_arrays import read_arrays

SIGNALS = {
    "partner_id": "integer",
    "kept": "double precision",
    "contact_count": "integer",
    "last_contact_date": "integer",
    "last_personal_date": "integer",
    "feeling": "double precision",
    "feeling_count": "integer",
    "bad_feeling_count": "integer",
    "late_promise_count": "integer",
}


class HcInsightRun(models.Model):
    """What a run looks at: who has news, what they bought, how they are in touch, how they were before."""

    _inherit = "hc.insight.run"

    def _collect_changed(self, config, base):
        """Return whom to look at: sorted ids, some of which may be no customers (any more).

        :return: ids of all of them, and of those who were in touch or are due: the others only bought
        """
        latest = self.search(
            [
                ("company_id", "=", config.company_id.id),
                ("kind", "in", ("full", "incremental")),
                ("state", "=", "done"),
                ("id", ">=", base.id),
            ],
            order="id desc",
            limit=1,
        )
        since = (latest.params or {}).get("since") or latest.date_start
        sources = {
            "purchases": self.env["hc.insight.purchase"]._changed_query(config, since),
            "signals": self.env["hc.insight.signals"]._changed_contacts(
                config, fields.Datetime.to_datetime(since)
            ),
        }
        contacts = {
            name: np.unique(
                read_arrays(
                    self.env.cr,
                    SQL(
                        "SELECT id FROM (%s) AS news(id) WHERE id IS NOT NULL",
                        query,
                    ),
                    {"id": "integer"},
                )["id"]
            )
            for name, query in sources.items()
        }
        contacts["due"] = np.empty(0, dtype=np.int64)
        # one run of a day looks at all who are due on it
        if latest.as_of != self.as_of:
            contacts["due"] = read_arrays(
                self.env.cr,
                SQL(
                    "SELECT partner_id AS id FROM hc_customer_insight "
                    "WHERE company_id = %s AND refresh_on <= %s",
                    config.company_id.id,
                    self.as_of,
                ),
                {"id": "integer"},
            )["id"]
        in_touch = np.union1d(contacts["signals"], contacts["due"])
        known = read_arrays(
            self.env.cr,
            SQL(
                "SELECT id, COALESCE(commercial_partner_id, id) AS customer FROM res_partner "
                "WHERE %s",
                id_among(SQL("id"), np.union1d(contacts["purchases"], in_touch)),
            ),
            {"id": "integer", "customer": "integer"},
        )
        # themselves as well: a customer until now may be somebody's contact from now on
        changed = np.union1d(known["customer"], known["id"])
        return changed, np.unique(known["customer"][np.isin(known["id"], in_touch)])

    def _read_purchases(self, config, changed, people):
        today = self.env["hc.insight.purchase"]._today(config.company_id)
        # orders of tomorrow are counted, to be warned of; a look into the past must not see what followed
        until = self.as_of if self.as_of < today else None
        return self.env["hc.insight.purchase"]._load(config, changed, until, people)

    def _read_signals(self, config, changed=None, people=None, as_of=None):
        """Return what is known beside purchases, by customer; a day is an ordinal, 0 for none.

        :param people: :class:`People` of the only customers wanted, ``changed``
        """
        self.env["hc.insight.signals"]._collect(
            config,
            as_of or self.as_of,
            changed,
            with_purchases=False,
            contact_ids=None if changed is None else people.contact,
        )
        query = SQL(
            """
            SELECT signal.partner_id, COALESCE(signal.kept, 0) AS kept,
                   COALESCE(signal.contact_count, 0) AS contact_count,
                   COALESCE(signal.last_contact_date - DATE '0001-01-01' + 1, 0) AS last_contact_date,
                   COALESCE(signal.last_personal_date - DATE '0001-01-01' + 1, 0) AS last_personal_date,
                   COALESCE(signal.feeling, 'NaN') AS feeling,
                   COALESCE(signal.feeling_count, 0) AS feeling_count,
                   COALESCE(signal.bad_feeling_count, 0) AS bad_feeling_count,
                   COALESCE(signal.late_promise_count, 0) AS late_promise_count
              FROM hc_insight_signal AS signal
              JOIN res_partner AS customer ON customer.id = signal.partner_id
             WHERE customer.id = customer.commercial_partner_id AND customer.id IN %s
             ORDER BY signal.partner_id
            """,
            self.env["hc.insight.purchase"]._customers(changed).subselect(),
        )
        return read_arrays(self.env.cr, query, SIGNALS)

    def _read_past(self, config, changed=None):
        """Return how healthy customers were three months ago: sorted ids, health (NaN: not known)."""
        which = SQL(
            "company_id = %s AND month = %s", config.company_id.id, self._month(self.as_of, -3)
        )
        if changed is not None:
            which = SQL("%s AND %s", which, id_among(SQL("partner_id"), changed))
        past = read_arrays(
            self.env.cr,
            SQL(
                "SELECT partner_id, COALESCE(health, 'NaN') AS health "
                "FROM hc_customer_insight_history WHERE %s ORDER BY partner_id",
                which,
            ),
            {"partner_id": "integer", "health": "double precision"},
        )
        return past["partner_id"], past["health"]

    @api.model
    def _sellers(self, config, purchases, people, is_few=False):
        """Return whose documents a customer's figures rest on: purchases, quotations and opportunities.

        Totals tell about every one of them, so the record rules ask for the only salesperson there is.

        :param people: :class:`People` of all customers, or of the few
        :return: sorted ids of customers, number of different salespeople (2 for more), the only one or 0
        """
        others = read_arrays(
            self.env.cr,
            self.env["hc.insight.purchase"]._owners_query(
                config, people.contact if is_few else None
            ),
            {"contact": "integer", "low": "integer", "high": "integer"},
        )
        others["customer"] = people.customers_of(others.pop("contact"))
        counted = others["customer"] > 0
        others = {name: values[counted] for name, values in others.items()}
        nobody = np.iinfo(np.int64).max
        quoted = purchases.quoted_seller
        customer = np.concatenate(
            (purchases.customer, others["customer"], purchases.quoted_customer)
        )
        if not len(customer):
            return customer, customer, customer
        low = np.concatenate((purchases.seller_low, others["low"], quoted))
        high = np.concatenate((purchases.seller_high, others["high"], quoted))
        order = np.argsort(customer, kind="stable")
        ids, start = np.unique(customer[order], return_index=True)
        low = np.minimum.reduceat(np.where(low == 0, nobody, low)[order], start)
        high = np.maximum.reduceat(high[order], start)
        count = np.where(high == 0, 0, np.where(low == high, 1, 2))
        return ids, count, np.where(count == 1, high, 0)

    @api.model
    def _purchases_kept(self, config, purchases, as_of):
        """Return (sorted ids, what their purchases count as being in touch)."""
        return engagement.purchases_kept(
            purchases.customer,
            purchases.day,
            as_of,
            config.engagement_weight_purchase,
            config.engagement_half_life_days,
        )
