"""What is worked out for a customer: columns, their staging types, and how a run publishes them.

The staging table holds plain numbers only, so that numpy can write it in one go: a day is its ordinal,
a selection the place of its key, an unknown number NaN, an unknown record 0. Publishing turns them into
what ``hc_customer_insight`` holds. What that holds as a numeric is one here as well: making three million
of them out of floating point numbers takes the server a second.

Each company has a table of its own while a run is under way, since there is never more than one. It has no
index, which would cost a third of writing it, and it is dropped, not emptied: that takes no time, and the
next run does not wade through what was deleted.
"""

from odoo.tools import SQL

STATUS_KEYS = ("prospect", "new", "active", "late", "lapsed")
VALUE_KEYS = ("few", "rank", "money")
BAND_KEYS = ("unknown", "low", "middle", "high")

INT, FLOAT, NUMERIC = "integer", "double precision", "numeric"
# column → how it is staged; "number": a numeric that is no sum of money
KINDS = {
    "partner_id": "int",
    "seller_id": "id",
    "seller_count": "int",
    "first_purchase_date": "day",
    "last_purchase_date": "day",
    "frequency": "int",
    "monetary": "money",
    "average_purchase": "money",
    "revenue_recent": "money",
    "revenue_previous": "money",
    "rfm_score": "rfm",
    "rfm_recency": "id",
    "rfm_frequency": "id",
    "rfm_monetary": "id",
    "rhythm_days": "number",
    "regularity": "float",
    "next_purchase_date": "day",
    "is_overdue": "bool",
    "status": STATUS_KEYS,
    "value_state": VALUE_KEYS,
    "expected_purchases": "number",
    "buy_probability": "float",
    "churn_risk": "float",
    "clv": "money",
    "clv_low": "money",
    "clv_high": "money",
    "engagement": "number",
    "contact_count": "int",
    "last_contact_date": "day",
    "last_personal_date": "day",
    "feeling": "number",
    "feeling_count": "int",
    "bad_feeling_count": "int",
    "late_promise_count": "int",
    "health": "number",
    "health_band": BAND_KEYS,
    "health_previous": "number",
    "health_change": "number",
    "health_rhythm": "float",
    "health_trend": "float",
    "health_engagement": "float",
    "health_feeling": "float",
    "health_care": "float",
    "refresh_on": "day",
}
PREFIX = "hc_insight_stage_"  # and the company's id
SQL_TYPES = {"float": FLOAT, "money": NUMERIC, "number": NUMERIC}
STAGED = {name: SQL_TYPES.get(kind, INT) for name, kind in KINDS.items() if kind != "rfm"}


def table(company_id):
    """Return the name of the table that holds what the run of this company has put down."""
    return f"{PREFIX}{company_id}"


def create(cr, company_id):
    """Make the table, unless an interrupted run has left it, with what it put down."""
    columns = SQL(", ").join(
        SQL("%s %s NOT NULL", SQL.identifier(name), SQL(sql_type))
        for name, sql_type in STAGED.items()
    )
    cr.execute(
        SQL(
            # Unlogged: after a crash of the database it is empty, and a run begins again. No vacuum: dropping
            # the table would wait for it.
            "CREATE UNLOGGED TABLE IF NOT EXISTS %s (%s) WITH (autovacuum_enabled = off)",
            SQL.identifier(table(company_id)),
            columns,
        )
    )


def drop(cr, company_id):
    """Forget what was put down for this company."""
    cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table(company_id))))


def drop_all(cr):
    """Forget what was put down for any company; a killed run begins again."""
    cr.execute(
        SQL(
            # the one of all companies, which earlier versions had, as well
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname ~ %s",
            rf"^{PREFIX[:-1]}(_\d+)?$",
        )
    )
    for [name] in cr.fetchall():
        cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))


def published(name):
    """Return the ``SQL`` expression of column ``name``, read from the staging table ``stage``."""
    kind = KINDS[name]
    if kind == "rfm":
        return SQL(
            "CASE WHEN stage.rfm_recency > 0 THEN "
            "(stage.rfm_recency * 100 + stage.rfm_frequency * 10 + stage.rfm_monetary)::varchar END"
        )
    column = SQL.identifier("stage", name)
    if isinstance(kind, tuple):
        return SQL("(%s::varchar[])[%s + 1]", list(kind), column)
    match kind:
        case "id":
            return SQL("NULLIF(%s, 0)", column)
        case "day":
            return SQL(
                "CASE WHEN %(day)s > 0 THEN DATE '0001-01-01' + (%(day)s - 1) END", day=column
            )
        case "bool":
            return SQL("%s = 1", column)
        case "float" | "money" | "number":
            return SQL("NULLIF(%s, 'NaN')", column)
    return column
