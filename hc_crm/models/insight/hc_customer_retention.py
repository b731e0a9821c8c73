import re
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

# months in a period, and how many cohorts fit on a screen
PERIODS = {"month": (1, 13), "quarter": (3, 12)}
MAX_PERIODS = 24  # each is a look at all purchases
PERIOD_NAME = re.compile(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))")


class HcCustomerInsight(models.Model):
    """Do they come back? Of those who first bought in a period, the share buying in each one after it."""

    _inherit = "hc.customer.insight"

    purchase_period = fields.Char(
        string="Bought in",
        compute="_compute_purchase_period",
        search="_search_purchase_period",
        help="Finds who bought something in a month or quarter, for example 2026-05 or 2026-Q2.",
    )

    def _compute_purchase_period(self):
        """Only for searching: one customer bought in many periods."""
        self.purchase_period = False

    def _search_purchase_period(self, operator, value):
        if operator != "in":
            return NotImplemented
        # purchases are looked up as they are now, not as of the last run: not for everybody to ask about
        self._hc_check_retention_access()
        value = list(value)
        if len(value) > MAX_PERIODS:
            raise UserError(
                self.env._("Bought in: give at most %(most)s periods at once.", most=MAX_PERIODS)
            )
        company = self.env.company
        found = Domain.FALSE
        for name in value:
            start, months = self._hc_parse_period(name)
            found |= Domain("partner_id", "in", self._hc_buyers_query(company, start, months))
        return Domain("company_id", "=", company.id) & found

    @api.model
    def _hc_parse_period(self, name):
        """Return (first day, number of months) of ``2026-05`` or ``2026-Q2``."""
        match = PERIOD_NAME.fullmatch(name) if isinstance(name, str) else None
        # the calendar ends with 9999, and a period ends after it begins
        if not match or match[1] in ("0000", "9999"):
            raise UserError(
                self.env._("Bought in: write a month like 2026-05 or a quarter like 2026-Q2.")
            )
        if match[2]:
            return date(int(match[1]), int(match[2]), 1), 1
        return date(int(match[1]), int(match[3]) * 3 - 2, 1), 3

    @api.model
    def _hc_period_name(self, start, period):
        if period == "quarter":
            return f"{start.year:04}-Q{(start.month + 2) // 3}"
        return f"{start.year:04}-{start.month:02}"

    @api.model
    def _hc_purchases_query(self, company):
        """Return the SELECT of (customer, day) of purchases counted in ``company``.

        It looks at everybody's orders, so its callers ask ``_hc_check_retention_access`` first.
        """
        config = self.env["hc.insight.config"]._for_company(company)
        # superuser: which documents count does not depend on the reader
        documents = self.env["hc.insight.purchase"].sudo()._documents_query(config)
        return SQL(
            "SELECT customer, day FROM (%s) AS document WHERE left_out IS NOT TRUE", documents
        )

    @api.model
    def _hc_buyers_query(self, company, start, months):
        end = start + relativedelta(months=months, days=-1)
        return SQL(
            "(SELECT customer FROM (%s) AS purchase WHERE day BETWEEN %s AND %s)",
            self._hc_purchases_query(company),
            start,
            end,
        )

    @api.model
    @api.readonly
    def hc_get_retention(self, period="quarter"):
        """Return the cohorts of the current company for the page “Retention”.

        :param period: ``month`` or ``quarter``
        :return: ``{"periods": [label], "cohorts": [{"label", "start", "size", "cells": [{"index",
            "customers", "share", "domain"}]}], "res_model", "empty": text or False}``; ``index`` counts
            periods since the first purchase, and a domain finds the customers of its cell
        """
        self._hc_check_retention_access()
        if not isinstance(period, str) or period not in PERIODS:
            raise UserError(self.env._("Retention is by “month” or by “quarter”."))
        company = self.env.company
        today = self.env["hc.insight.purchase"]._today(company)
        months, count = PERIODS[period]
        running = today.replace(day=1)
        running -= relativedelta(months=(running.month - 1) % months)
        oldest = running - relativedelta(months=months * (count - 1))
        counts = self._hc_count_cohorts(company, oldest, running, months)
        cohorts = [
            self._hc_cohort(company, start, by_index, period, running)
            for start, by_index in sorted(counts.items())
        ]
        longest = max((len(cohort["cells"]) for cohort in cohorts), default=0)
        return {
            "periods": [self._hc_offset_label(index, period) for index in range(longest)],
            "cohorts": cohorts,
            "res_model": self._name,
            "empty": False
            if cohorts
            else self.env._(
                "No customer of %(company)s has bought anything yet, or insight has not been worked out.",
                company=company.name,
            ),
        }

    @api.model
    def _hc_check_retention_access(self):
        """Shares of all customers are for those who may see all customers."""
        self.browse().check_access("read")
        if not (
            self.env.user.has_group("sales_team.group_sale_salesman_all_leads")
            or self.env.user.has_group("hc_crm.hc_crm_group_manager")
        ):
            raise AccessError(
                self.env._(
                    "Retention counts all customers of the company. Ask for the right to see all "
                    "documents, or for the role of a Customer Care administrator."
                )
            )

    @api.model
    def _hc_count_cohorts(self, company, oldest, running, months):
        """Return ``{first day of the cohort: {index: customers}}``; index 0 is the cohort itself."""
        rows = self._search(
            [
                ("company_id", "=", company.id),
                ("first_purchase_date", ">=", oldest),
                ("partner_id.active", "=", True),
            ]
        )
        member = SQL(
            "SELECT %s AS customer, %s AS first",
            SQL.identifier(rows.table, "partner_id"),
            SQL.identifier(rows.table, "first_purchase_date"),
        )
        counted = self.env.execute_query(
            SQL(
                """
                WITH member AS MATERIALIZED (%(member)s FROM %(tables)s WHERE %(where)s),
                bought AS (
                    SELECT DISTINCT member.customer, %(cohort)s AS cohort, %(period)s AS period
                      FROM member JOIN (%(purchases)s) AS purchase USING (customer)
                     WHERE purchase.day >= member.first AND purchase.day < %(after)s
                )
                SELECT cohort, period - cohort, count(*) FROM bought GROUP BY 1, 2
                """,
                member=member,
                tables=rows.from_clause,
                where=rows.where_clause or SQL("TRUE"),
                cohort=self._hc_period_number(SQL("member.first"), months),
                period=self._hc_period_number(SQL("purchase.day"), months),
                purchases=self._hc_purchases_query(company),
                after=running + relativedelta(months=months),
            )
        )
        found = {}
        for number, index, customers in counted:
            first_month = int(number) * months
            start = date(first_month // 12, first_month % 12 + 1, 1)
            found.setdefault(start, {})[int(index)] = customers
        return found

    @api.model
    def _hc_period_number(self, day, months):
        """Number periods through, so that a difference of two counts periods."""
        return SQL(
            "(EXTRACT(YEAR FROM %(day)s)::int * 12 + EXTRACT(MONTH FROM %(day)s)::int - 1) / %(months)s",
            day=day,
            months=months,
        )

    @api.model
    def _hc_cohort(self, company, start, by_index, period, running):
        months = PERIODS[period][0]
        size = by_index.get(0, 0)
        last = ((running.year - start.year) * 12 + running.month - start.month) // months
        members = [
            ("company_id", "=", company.id),
            ("first_purchase_date", ">=", fields.Date.to_string(start)),
            (
                "first_purchase_date",
                "<=",
                fields.Date.to_string(start + relativedelta(months=months, days=-1)),
            ),
            ("partner_id.active", "=", True),
        ]
        cells = []
        for index in range(last + 1):
            then = self._hc_period_name(start + relativedelta(months=months * index), period)
            customers = by_index.get(index, 0)
            cells.append(
                {
                    "index": index,
                    "customers": customers,
                    "share": customers / size if size else 0.0,
                    "domain": [*members, ("purchase_period", "=", then)],
                    # not over yet: the share may still grow
                    "is_running": index == last,
                }
            )
        return {
            "label": self._hc_period_label(start, period),
            "start": fields.Date.to_string(start),
            "size": size,
            "cells": cells,
        }

    @api.model
    def _hc_period_label(self, start, period):
        if period == "quarter":
            return self.env._(
                "Q%(quarter)s %(year)s", quarter=(start.month + 2) // 3, year=start.year
            )
        return format_date(self.env, start, date_format="MMM yyyy")

    @api.model
    def _hc_offset_label(self, index, period):
        if not index:
            return self.env._("At first")
        if period == "quarter":
            if index == 1:
                return self.env._("+1 quarter")
            return self.env._("+%(count)s quarters", count=index)
        if index == 1:
            return self.env._("+1 month")
        return self.env._("+%(count)s months", count=index)
