from odoo.fields import Domain
from odoo.tools import SQL, sql

from .models.insight import insight_stage
from .models.insight.hc_insight_purchase import WRITTEN_INDEXES
from .models.outreach.own_context import QUIET
from .models.timeline.hc_timeline import HOST_INDEXES

# Made by fields and models of ours on tables of the host; Odoo keeps indexes it does not know.
OWN_INDEXES = ("res_partner__email_normalized_index", "mail_message_hc_timeline_idx")


def uninstall_hook(env):
    """Take away what would keep Odoo from deleting our records, or would stay behind in host tables."""

    def own(model):
        found = env["ir.model.data"].search([("module", "=", "hc_crm"), ("model", "=", model)])
        return env[model].with_context(active_test=False).browse(found.mapped("res_id")).exists()

    # The type of an activity cannot be deleted while there are activities. A reminder of a promise that
    # is not kept anywhere any more is of no use, nor is the task of a plan that is gone.
    tasks = env.execute_query(
        SQL(
            "SELECT activity_id FROM hc_outreach_delivery WHERE activity_id IS NOT NULL AND state = 'open'"
        )
    )
    env.cr.execute(SQL("UPDATE hc_promise SET activity_id = NULL"))
    env.invalidate_all()
    env["mail.activity"].with_context(active_test=False, hc_outreach_quiet=QUIET).search(
        Domain("activity_type_id", "in", own("mail.activity.type").ids)
        | Domain("id", "in", [activity_id for [activity_id] in tasks])
    ).unlink()
    # They forbid deleting channels, and are about to be dropped with their tables.
    env.cr.execute(SQL("DELETE FROM hc_timeline_source"))
    env.cr.execute(SQL("DELETE FROM hc_interaction"))
    env.cr.execute(SQL("DELETE FROM hc_channel_preference"))
    env.cr.execute(SQL("DELETE FROM hc_channel_score"))
    # Likewise with purposes of contact; whoever is in a plan goes with it.
    for table in ("hc_outreach_plan", "hc_contact_attempt", "hc_consent"):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    # What a killed run left; no models, so that Odoo does not know them.
    insight_stage.drop_all(env.cr)
    _keep_sold_products(env, own("product.product"), own("sale.order"))
    # The host's models that we extend are noted as ours too.
    names = [name for name in own("ir.model").mapped("model") if name.startswith("hc.")]
    env["ir.filters"].with_context(active_test=False).search([("model_id", "in", names)]).unlink()
    env.invalidate_all()
    for name in (*OWN_INDEXES, *WRITTEN_INDEXES.values()):
        env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
    for model, name, _columns, _where in HOST_INDEXES:
        if model in env:
            table = env[model]._table
            sql.drop_index(env.cr, f"{table}_{name}", table)


def _keep_sold_products(env, products, orders):
    """Products of the demo shop that its everyday customers bought stay, as their orders do."""
    sold = env["sale.order.line"]._read_group(
        [("product_id", "in", products.ids), ("order_id", "not in", orders.ids)],
        aggregates=["product_id:recordset"],
    )[0][0]
    templates = sold.product_tmpl_id
    kept = {
        "product.product": sold,
        "product.template": templates,
        "product.category": templates.categ_id,
    }
    env["ir.model.data"].search(
        Domain("module", "=", "hc_crm")
        & Domain.OR(
            Domain("model", "=", model) & Domain("res_id", "in", records.ids)
            for model, records in kept.items()
        )
    ).unlink()
