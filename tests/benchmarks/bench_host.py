"""What our addon costs the host: the same work in a database without it and in one with it.

Creating, writing, reading, searching and opening the forms of contacts, leads and orders; then the bytes
that the web client loads. Both databases come from the same generator; each piece of work has a
transaction with empty record caches of its own, which is rolled back.
"""

import gzip
import logging

import common
import data
from common import in_turn, milliseconds, ratio, say, stopwatch
from lxml import etree

SIDES = ("without", "with")
LOGIN = "bench_all"
LABELS = {"res.partner": "contact", "crm.lead": "lead", "sale.order": "order"}
OURS = {
    "res.partner": [("ref", "in", ("bench own", "other"))],
    "crm.lead": [("name", "like", "Wants to buy")],
    "sale.order": [("name", "like", "SB")],
}
BUNDLE = "web.assets_web"
PAGE = 80  # rows of a list in the web client


class Work:
    """The pieces of work on one model; each takes ``(env, ids, number of the round)``."""

    def __init__(self, model, form, listed):
        self.model = model
        self.form = form
        self.listed = listed

    def create(self, env, ids, number):
        env[self.model].create(self._new(env, ids, number))
        env.flush_all()

    def write(self, env, ids, number):
        record = env[self.model].browse(ids[number % len(ids)])
        if self.model == "sale.order":
            record.write({"client_order_ref": f"reference {number}", "note": f"<p>{number}</p>"})
        elif self.model == "crm.lead":
            record.write(
                {"name": f"Wants more {number}", "expected_revenue": number, "priority": "2"}
            )
        else:
            record.write(
                {"phone": f"+1 555 0{number}", "street": f"{number} Main Street", "city": "Rome"}
            )
        env.flush_all()

    def read(self, env, ids, number):
        start = number % max(len(ids) - PAGE, 1)
        env[self.model].browse(ids[start : start + PAGE]).web_read(self.listed)

    def search(self, env, ids, number):
        domain = {
            "res.partner": [("name", "ilike", f"company {number}"), ("user_id", "!=", False)],
            "crm.lead": [("partner_id.name", "ilike", "company 1"), ("active", "=", True)],
            "sale.order": [("partner_id.name", "ilike", "company 1"), ("state", "=", "sale")],
        }[self.model]
        env[self.model].web_search_read(domain, {"display_name": {}}, limit=PAGE)

    def open_form(self, env, ids, number):
        env[self.model].browse(ids[number % len(ids)]).web_read(self.form)

    def _new(self, env, ids, number):
        if self.model == "res.partner":
            return {
                "name": f"New {number}",
                "email": f"new{number}@example.com",
                "phone": "+1 555 123",
            }
        partner_id = env["res.partner"].search([("ref", "=", "bench own")], limit=1).id
        if self.model == "crm.lead":
            return {"name": f"New {number}", "partner_id": partner_id, "type": "opportunity"}
        product = env["product.product"].search([("default_code", "=", data.PRODUCT)])
        lines = [
            (0, 0, {"product_id": product.id, "product_uom_qty": count}) for count in (1, 2, 3)
        ]
        return {"partner_id": partner_id, "order_line": lines}


PIECES = {
    "create": "create",
    "write": "write",
    "read": f"read {PAGE} rows of the list",
    "search": "search",
    "open_form": "open the form",
}


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    size = data.Size(25 if tiny else 400, whale_orders=20, order_lines=3)
    rounds = bench.options.rounds or (1 if tiny else 150)
    names = {
        "without": bench.database("host", size, ours=False),
        "with": bench.database("ours", size, demo=tiny),
    }
    logging.getLogger("odoo.addons").setLevel(logging.ERROR)
    rows = []
    for model, label in LABELS.items():
        say(f"· {label}s …")
        rows += compare(bench, names, model, label, rounds)
    bench.table(
        "",
        ["work", "host", "with hc_crm", "ratio (middle half)", "queries"],
        rows,
        f"{rounds} rounds in turn; in brackets the middle half of the rounds' ratios.",
    )
    if not tiny:
        say("· bundles …")
        bench.table("", ["web client", "host", "with hc_crm", "added"], bundles(bench, names))
    bench.drop(*names.values())


def compare(bench, names, model, label, rounds):
    work, ids = {}, {}
    for side, database in names.items():
        with bench.environment(database, LOGIN) as env:
            work[side] = Work(model, view_spec(env, model, "form"), view_spec(env, model, "list"))
            # Generated ones, the same on both sides.
            ids[side] = env[model].search(OURS[model], order="id desc", limit=300).ids
    rows = []
    for piece, title in PIECES.items():
        queries = {}

        def side(name, piece=piece, queries=queries):
            def measure(number):
                with bench.environment(names[name], LOGIN) as env:
                    before = env.cr.sql_log_count
                    with stopwatch() as seconds:
                        getattr(work[name], piece)(env, ids[name], number)
                    queries[name] = env.cr.sql_log_count - before
                return seconds[0]

            return measure

        times = in_turn({name: side(name) for name in SIDES}, rounds)
        found = ratio(times["with"], times["without"])
        bench.values[f"{model} {piece}"] = {"ratio": found, "queries": queries, "times": times}
        rows.append(
            [
                f"{label}: {title}", milliseconds(times["without"]), milliseconds(times["with"]),
                f"**{found['median']:.2f}** ({found['low']:.2f}–{found['high']:.2f})",
                f"{queries['without']} / {queries['with']}",
            ]
        )  # fmt: skip
    return rows


def view_spec(env, model, kind):
    """Return what the web client asks ``web_read`` for, to show the default view of that kind."""
    views = env[model].get_views([(False, kind)])
    return _spec(etree.fromstring(views["views"][kind]["arch"]), model, views["models"])


def _spec(node, model, models):
    fields = models[model]["fields"]
    spec = {}
    for child in _own_fields(node):
        name = child.get("name")
        field = fields.get(name)
        if field is None:
            continue
        spec[name] = {}
        if field["type"] == "many2one":
            spec[name] = {"fields": {"display_name": {}}}
        elif field["type"] in ("one2many", "many2many"):
            # A list inside the form shows its first rows; tags show names.
            inner = next((view for view in child if view.tag in ("list", "kanban")), None)
            if inner is not None and field["relation"] in models:
                spec[name] = {"fields": _spec(inner, field["relation"], models), "limit": 40}
            elif child.get("widget") in ("many2many_tags", "many2many_avatar_user"):
                spec[name] = {"fields": {"display_name": {}}}
    return spec


def _own_fields(node):
    """Yield the fields of a view, but not those of the views inside them."""
    for child in node:
        if not isinstance(child.tag, str):
            continue
        if child.tag == "field":
            yield child
        else:
            yield from _own_fields(child)


def bundles(bench, names):
    rows = []
    sizes = {}
    for side, database in names.items():
        with bench.environment(database, LOGIN) as env:
            bundle = (
                env["ir.qweb"]
                .sudo()
                ._get_asset_bundle(BUNDLE, css=True, js=True, debug_assets=False)
            )
            for kind in ("js", "css"):
                content = bundle_content(bundle, kind)
                sizes[side, kind] = len(content), len(gzip.compress(content, 6, mtime=0))
    for kind in ("js", "css"):
        for index, title in enumerate(("minified", "minified, gzip")):
            without, with_ = sizes["without", kind][index], sizes["with", kind][index]
            bench.values[f"bundle {kind} {title}"] = {"without": without, "with": with_}
            rows.append(
                [
                    f"{BUNDLE} {kind}, {title}", f"{without:,} bytes", f"{with_:,} bytes",
                    f"{with_ - without:+,} bytes ({(with_ - without) / without:+.1%})",
                ]
            )  # fmt: skip
    return rows


def bundle_content(bundle, kind):
    attachments = getattr(bundle, kind)()
    return b"".join(attachment.raw for attachment in attachments)


if __name__ == "__main__":
    common.main("host", run)
