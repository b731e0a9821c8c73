from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytz

from odoo import api, models
from odoo.tools import SQL

from ..id_array import id_among, id_array
from .copy_arrays import read_arrays

DOCUMENTS = {
    "contact": "integer",
    "day": "integer",
    "amount": "double precision",
    "seller": "integer",
    "flags": "integer",
}
# as they stand in the table; a seller below zero says that there is no exchange rate, and the first of all
# moments that it is a quotation
ORDERS = {
    "contact": "integer",
    "moment": "timestamp",
    "amount": "double precision",
    "seller": "integer",
}
CREDITS = {"order_id": "integer", "amount": "double precision"}
NO_RATE, LEFT_OUT = 1, 2  # flags: the amount is unknown, having no exchange rate; it is no purchase
NO_SELLER = 0
MAX_AMOUNT = 1e15  # a larger sum is a typing error
MIN_DAY, MAX_DAY = date.min, date.max
MICROSECONDS_A_DAY = 86_400_000_000
NEVER = np.iinfo(np.int64).min  # what PostgreSQL sends for -infinity
YEAR_2000 = np.datetime64("2000-01-01", "us")
NOBODY = np.empty(0, dtype=np.int64)


@dataclass
class People:
    """The contacts of customers who may be described: sorted ids, and the customer of each.

    Both int64; a customer is a contact of its own.
    """

    contact: np.ndarray
    customer: np.ndarray

    def customers_of(self, contacts):
        """Return the customer of each contact; 0 where it is nobody who may be described."""
        if not len(self.contact):
            return np.zeros(len(contacts), dtype=np.int64)
        place = np.searchsorted(self.contact, contacts)
        place[place == len(self.contact)] = 0
        return np.where(self.contact[place] == contacts, self.customer[place], 0)


@dataclass
class Purchases:
    """One row per customer and day, sorted by both.

    ``customer`` int64 ids of commercial partners; ``day`` int32 ordinals (1 is 1 January of year 1);
    ``amount`` float64 in the company's currency, NaN where it is unknown or nothing was paid;
    ``seller_low`` and ``seller_high`` the smallest and largest id of a salesperson that day, 0 for none.
    ``documents``, ``without_rate`` count what was read. ``quoted_customer`` and ``quoted_seller`` say who
    holds quotations, where they are read with the orders.
    """

    customer: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    seller_low: np.ndarray
    seller_high: np.ndarray
    documents: int = 0
    without_rate: int = 0
    left_out: int = 0
    quoted_customer: np.ndarray = field(default_factory=lambda: NOBODY)
    quoted_seller: np.ndarray = field(default_factory=lambda: NOBODY)


class HcInsightPurchase(models.AbstractModel):
    """Purchases as arrays, a million at a time.

    What is dear for the server and cheap for numpy is done here: whose contact it is, which day it was
    where the company is.
    """

    _inherit = "hc.insight.purchase"

    @api.model
    def _people(self, customers=None):
        """Return the contacts of all customers who may be described, or of some.

        :param customers: ids of commercial partners, or None for all
        :return: :class:`People`
        """
        self.env.flush_all()
        cr = self.env.cr
        eligible = self._customers(customers)
        described = read_arrays(cr, eligible.select(), {"id": "integer"})["id"]
        others = SQL("id IS DISTINCT FROM commercial_partner_id")
        if customers is not None:
            others = SQL("%s AND %s", others, id_among(SQL("commercial_partner_id"), customers))
        others = read_arrays(
            cr,
            SQL(
                "SELECT id, COALESCE(commercial_partner_id, 0) AS customer FROM res_partner WHERE %s",
                others,
            ),
            {"id": "integer", "customer": "integer"},
        )
        # somebody's contact is no customer, whatever else it may be
        own = described[~np.isin(described, others["id"])]
        known = np.isin(others["customer"], own)
        contact = np.concatenate((own, others["id"][known]))
        customer = np.concatenate((own, others["customer"][known]))
        order = np.argsort(contact)
        return People(contact[order], customer[order])

    @api.model
    def _load(self, config, customers=None, until=None, people=None):
        """Read the purchases of all customers, or of some.

        :param config: ``hc.insight.config``
        :param customers: ids of commercial partners, or None for all
        :param until: last day counted, a date, or None
        :param people: :class:`People` of these customers, where they have been read
        :return: :class:`Purchases`
        """
        self.env.flush_all()
        people = people or self._people(customers)
        contacts = None if customers is None else people.contact
        cr = self.env.cr
        # Several workers read and convert where the server has them; it thinks handing rows over too dear.
        cr.execute("SELECT current_setting('parallel_tuple_cost')")
        [cost] = cr.fetchone()
        if contacts is None:
            cr.execute("SELECT set_config('parallel_tuple_cost', '0', TRUE)")
        main, *others = self._sources(config)
        rows = [self._read_source(query, contacts) for query in others]
        quoted = {"contact": NOBODY, "seller": NOBODY}
        if config.purchase_source == "order":
            orders, quoted = self._read_orders(config, contacts)
            rows.append(orders)
        else:
            rows.append(self._read_source(main, contacts))
        cr.execute("SELECT set_config('parallel_tuple_cost', %s, TRUE)", [cost])
        rows = {name: np.concatenate([part[name] for part in rows]) for name in DOCUMENTS}
        rows["customer"] = people.customers_of(rows.pop("contact"))
        last = (until or MAX_DAY).toordinal()
        counted = (
            (rows["customer"] > 0) & (rows["day"] >= MIN_DAY.toordinal()) & (rows["day"] <= last)
        )
        if not counted.all():
            rows = {name: values[counted] for name, values in rows.items()}
        amount = rows["amount"]
        known = (rows["flags"] & NO_RATE == 0) & (amount > 0) & (amount <= MAX_AMOUNT)
        amount[~known] = np.nan
        purchases = self._merge_days(rows)
        quoted_customer = people.customers_of(quoted["contact"])
        purchases.quoted_customer = quoted_customer[quoted_customer > 0]
        purchases.quoted_seller = quoted["seller"][quoted_customer > 0]
        return purchases

    def _read_source(self, query, contacts):
        """Read one of ``_sources``; the columns are those of ``DOCUMENTS``."""
        theirs = SQL("document.partner_id IS NOT NULL")
        if contacts is not None:
            theirs = id_among(SQL("document.partner_id"), contacts)
        query = SQL(
            """
            SELECT document.partner_id AS contact,
                   document.day - DATE '0001-01-01' + 1 AS day,
                   COALESCE(document.amount::double precision, 'NaN') AS amount,
                   COALESCE(document.seller, %s) AS seller,
                   document.no_rate::int * %s + COALESCE(document.left_out, FALSE)::int * %s AS flags
              FROM (%s) AS document
             WHERE document.day BETWEEN %s AND %s AND %s
            """,
            NO_SELLER,
            NO_RATE,
            LEFT_OUT,
            query,
            MIN_DAY,
            MAX_DAY,
            theirs,
        )
        return read_arrays(self.env.cr, query, DOCUMENTS)

    def _read_orders(self, config, contacts):
        """Read orders, and quotations with them: one reading of the table instead of two.

        :return: orders, with the columns of ``DOCUMENTS``; contact and seller of quotations that somebody holds

        Orders say the same as ``_order_query`` in half the time: what was credited is put beside the few
        orders that it is for, and the day is found, by numpy.
        """
        company = config.company_id
        cr = self.env.cr
        credits = read_arrays(cr, self._credit_query(company), CREDITS)
        columns = ORDERS | ({"order_id": "integer"} if len(credits["order_id"]) else {})
        theirs = SQL("sale_order.partner_id IS NOT NULL")
        if contacts is not None:
            theirs = id_among(SQL("sale_order.partner_id"), contacts)
        rateless = self.env.execute_query(self._rateless(company))
        query = SQL(
            """
            SELECT sale_order.partner_id AS contact,
                   CASE WHEN sale_order.state = 'sale' THEN sale_order.date_order ELSE '-infinity' END AS moment,
                   -- dividing numerics is dear
                   CASE WHEN sale_order.currency_rate = 1
                        THEN COALESCE(sale_order.amount_untaxed::float8, 'NaN')
                        ELSE COALESCE((sale_order.amount_untaxed
                             / COALESCE(NULLIF(sale_order.currency_rate, 0), 1))::float8, 'NaN')
                   END AS amount,
                   CASE WHEN sale_order.currency_id <> %(own)s AND sale_order.currency_id = ANY(%(rateless)s)
                        THEN -1 - COALESCE(sale_order.user_id, %(nobody)s)
                        ELSE COALESCE(sale_order.user_id, %(nobody)s) END AS seller,
                   sale_order.id AS order_id
              FROM sale_order
             WHERE sale_order.company_id = %(company)s AND %(theirs)s
               AND CASE WHEN sale_order.state = 'sale' THEN sale_order.date_order IS NOT NULL
                        ELSE sale_order.user_id IS NOT NULL END
            """,
            own=company.currency_id.id,
            rateless=id_array([currency for (currency,) in rateless]),
            nobody=NO_SELLER,
            company=company.id,
            theirs=theirs,
        )
        rows = read_arrays(cr, query, columns)
        seller = rows["seller"]
        no_rate = seller < 0
        seller = rows["seller"] = np.where(no_rate, -1 - seller, seller)
        rows["no_rate"] = no_rate
        is_quoted = rows["moment"] == NEVER
        quoted = {name: rows[name][is_quoted] for name in ("contact", "seller")}
        if is_quoted.any():
            rows = {name: values[~is_quoted] for name, values in rows.items()}
        amount = rows["amount"]
        left_out = amount < 0
        if "order_id" in columns:
            place = np.searchsorted(credits["order_id"], rows["order_id"])
            place[place == len(credits["order_id"])] = 0
            credited = np.flatnonzero(credits["order_id"][place] == rows["order_id"])
            credit = credits["amount"][place[credited]]
            left_out[credited] |= (credit > 0) & (amount[credited] <= credit + 0.005)
            amount[credited] -= credit
        orders = {
            "contact": rows["contact"],
            "day": self._local_days(rows["moment"], self._timezone(company)),
            "amount": amount,
            "seller": rows["seller"],
            "flags": rows["no_rate"] * NO_RATE + left_out * LEFT_OUT,
        }
        return orders, quoted

    @api.model
    def _local_days(self, moments, timezone):
        """Return the ordinals of the days on which these moments were.

        :param moments: int64, microseconds since 2000, UTC
        :param timezone: name of the time zone
        """
        zone = pytz.timezone(timezone)
        local = moments
        if changes := getattr(zone, "_utc_transition_times", None):
            since = np.array(changes, dtype="datetime64[us]") - YEAR_2000
            shift = np.array(
                [offset.total_seconds() * 1e6 for offset, *_names in zone._transition_info],
                dtype=np.int64,
            )
            place = np.searchsorted(since.astype(np.int64), moments, side="right") - 1
            local = moments + shift[np.maximum(place, 0)]
        elif shift := getattr(zone, "_utcoffset", None):
            local = moments + int(shift.total_seconds() * 1e6)
        return local // MICROSECONDS_A_DAY + YEAR_2000.astype(object).toordinal()

    def _merge_days(self, rows):
        """Make one purchase of all documents of a customer and day."""
        documents = len(rows["day"])
        left_out = (rows["flags"] & LEFT_OUT) > 0
        without_rate = int(((rows["flags"] & NO_RATE) > 0).sum())
        order = np.lexsort((rows["day"], rows["customer"]))
        order = order[~left_out[order]]
        customer = rows["customer"][order]
        day = rows["day"][order].astype(np.int32)
        amount = rows["amount"][order]
        seller = rows["seller"][order]
        if not len(customer):
            return Purchases(
                customer, day, amount, seller, seller, documents, without_rate, documents
            )
        first = np.empty(len(customer), dtype=bool)
        first[0] = True
        first[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
        start = np.flatnonzero(first)
        known = np.isfinite(amount)
        total = np.add.reduceat(np.where(known, amount, 0.0), start)
        total[~np.logical_or.reduceat(known, start)] = np.nan
        nobody = np.iinfo(np.int64).max
        low = np.minimum.reduceat(np.where(seller == NO_SELLER, nobody, seller), start)
        return Purchases(
            customer[start],
            day[start],
            total,
            np.where(low == nobody, NO_SELLER, low),
            np.maximum.reduceat(seller, start),
            documents,
            without_rate,
            int(left_out.sum()),
        )
