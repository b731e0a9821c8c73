from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .condition import parse
from .words import Words

# Fields of hc.customer.insight that say whose sales the figures are about, kept at both moments.
SOLD = ("seller_id", "seller_count", "frequency")


class HcSegmentMembership(models.Model):
    """Who is, or was, in which segment, since when and why. Open lines are today's members.

    It stands beside ``res.partner`` on purpose, as ``hc.persona.membership`` does, and is written in
    set-based SQL by ``hc.segment`` and nobody else. ``company_id`` is set where figures decided: each
    company has its own.

    ``entered_snapshot`` and ``left_snapshot`` hold the figures of that moment, by path as in the
    condition: ``{"revision": n, "figures": {path: value}, "before": {…}, "since": day}``. What a reader may
    not see in them must not be told by ``reason`` either: lines decided by figures are readable only to
    those who may read the customer's figures (record rule, ``is_readable``). Who sold then is kept beside
    them: an order that was cancelled since is in the figures of then, and they are only for those who
    might have read them then too.
    """

    _name = "hc.segment.membership"
    _description = "Segment of a Customer"
    _order = "date_entered desc, id desc"
    _rec_name = "segment_id"
    # written by the refresh alone: four columns less for every line
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    segment_id = fields.Many2one(
        "hc.segment", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Whose figures decided. Empty: no figures were asked for.",
    )
    uses_documents = fields.Boolean(
        readonly=True, help="Tells about records that not everybody may read."
    )
    date_entered = fields.Datetime(
        string="Entered", required=True, default=fields.Datetime.now, readonly=True, index=True
    )
    date_left = fields.Datetime(string="Left", readonly=True, index="btree_not_null")
    entered_cause = fields.Selection(
        [("start", "From the beginning"), ("figures", "Began to match")],
        string="How They Came",
        readonly=True,
        required=True,
        default="figures",
    )
    left_cause = fields.Selection(
        [
            ("figures", "No longer matches"),
            ("conditions", "The conditions were changed"),
            ("contact", "The contact was archived"),
            ("merged", "Merged with another contact"),
            ("segment", "The segment was archived"),
        ],
        string="How They Left",
        readonly=True,
    )
    entered_snapshot = fields.Json(readonly=True, prefetch=False, groups="base.group_system")
    left_snapshot = fields.Json(readonly=True, prefetch=False, groups="base.group_system")
    # what the record rules of figures look at, as it was; see SOLD
    entered_seller_id = fields.Many2one(
        "res.users",
        string="Only Salesperson on Entering",
        ondelete="set null",
        readonly=True,
        prefetch=False,
        groups="base.group_system",
    )
    entered_seller_count = fields.Integer(
        string="Salespeople on Entering",
        readonly=True,
        aggregator=None,
        prefetch=False,
        groups="base.group_system",
    )
    entered_frequency = fields.Integer(
        string="Purchases on Entering",
        readonly=True,
        aggregator=None,
        prefetch=False,
        groups="base.group_system",
    )
    left_seller_id = fields.Many2one(
        "res.users",
        string="Only Salesperson on Leaving",
        ondelete="set null",
        readonly=True,
        prefetch=False,
        groups="base.group_system",
    )
    left_seller_count = fields.Integer(
        string="Salespeople on Leaving",
        readonly=True,
        aggregator=None,
        prefetch=False,
        groups="base.group_system",
    )
    left_frequency = fields.Integer(
        string="Purchases on Leaving",
        readonly=True,
        aggregator=None,
        prefetch=False,
        groups="base.group_system",
    )
    reason = fields.Char(string="Why", compute="_compute_reason")
    left_reason = fields.Char(string="Why They Left", compute="_compute_reason")
    is_readable = fields.Boolean(
        compute="_compute_is_readable",
        search="_search_is_readable",
        compute_sudo=False,
        help="Whether the current user may read everything that decided.",
    )

    # also what every lookup of a segment's members goes through
    _current_uniq = models.UniqueIndex(
        "(segment_id, partner_id, (COALESCE(company_id, 0))) WHERE date_left IS NULL",
        "A customer is in a segment once.",
    )

    @api.depends_context("uid", "lang", "company")
    def _compute_reason(self):
        words = Words(self.env)
        trees = {}
        # superuser: whoever may read the line may read what decided (see the class), unless others sold
        # then; Words leaves out fields the reader has no right to
        lines = self.sudo()
        open_entered = lines.filtered_domain(self._readable_then("entered"))
        open_left = lines.filtered_domain(self._readable_then("left"))
        for membership, line in zip(self, lines, strict=True):
            entered = line.entered_snapshot or {}
            if line not in open_entered:
                entered = {"revision": entered.get("revision")}
            tree = self._tree(trees, line.segment_id, entered.get("revision"))
            day = fields.Date.to_string(line.date_entered)
            membership.reason = words.entered(
                tree, entered.get("figures") or {}, entered.get("before") or {}, day
            )
            if not line.date_left:
                membership.left_reason = False
            elif line.left_cause != "figures":
                membership.left_reason = dict(
                    self._fields["left_cause"]._description_selection(self.env)
                ).get(line.left_cause)
            else:
                left = line.left_snapshot or {}
                if line not in open_left:
                    left = {"revision": left.get("revision")}
                membership.left_reason = words.left(
                    self._tree(trees, line.segment_id, left.get("revision")),
                    left.get("figures") or {},
                    left.get("since"),
                    fields.Date.to_string(line.date_left),
                )

    @api.model
    def _readable_then(self, moment):
        """Return the domain of lines whose figures of then the record rules of figures allow, as of then.

        :param moment: ``entered`` or ``left``
        """

        def then(condition):
            name = condition.field_expr
            if name in SOLD:
                name = f"{moment}_{name}"
            elif name.partition(".")[0] not in ("partner_id", "company_id"):
                return Domain.FALSE  # not known any more
            return Domain(name, condition.operator, condition.value)

        rule = self.env["ir.rule"]._compute_domain("hc.customer.insight", "read")
        return Domain("company_id", "=", False) | rule.map_conditions(then)

    def _tree(self, trees, segment, revision):
        """Return the conditions as they were worded at the time."""
        key = (segment.id, revision)
        if key not in trees:
            log = segment.domain_log or []
            known = isinstance(revision, int) and 0 <= revision < len(log)
            try:
                trees[key] = parse(log[revision] if known else segment.domain)
            except (ValueError, RecursionError):
                trees[key] = parse("[]")
        return trees[key]

    @api.depends("segment_id", "partner_id")
    def _compute_display_name(self):
        for membership in self:
            membership.display_name = self.env._(
                "%(customer)s: %(segment)s",
                customer=membership.partner_id.display_name,
                segment=membership.segment_id.display_name,
            )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_readable(self):
        # superuser to find them: this is itself the rule that says what may be read
        found = self.sudo().search([("id", "in", self._origin.ids), ("is_readable", "=", True)])
        readable = set(found.ids)
        for membership in self:
            membership.is_readable = membership._origin.id in readable

    def _search_is_readable(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Record rules are applied as superuser; whose figures may be read is asked as the reader.
        reader = self.env(su=False)
        Insight = reader["hc.customer.insight"]
        insights = (
            Insight._search([]) if Insight.has_access("read") else Insight._search([(0, "=", 1)])
        )
        pairs = insights.subselect(
            SQL.identifier(insights.table, "partner_id"),
            SQL.identifier(insights.table, "company_id"),
        )

        # who is in today is told by the figures of today; who was, by those of then
        lines = reader[self._name]
        then = (
            Domain("date_left", "=", False)
            | lines._readable_then("entered") & lines._readable_then("left")
        ).optimize_full(self.sudo())

        def to_sql(model, alias, query):
            return SQL(
                """EXISTS (
                    SELECT 1
                      FROM res_partner AS member
                      JOIN %(pairs)s AS figures ON figures.partner_id = member.commercial_partner_id
                     WHERE member.id = %(partner)s AND figures.company_id = %(company)s
                ) AND (%(then)s) IS TRUE""",
                pairs=pairs,
                # superuser: who sold then is looked at, not told
                then=then._to_sql(model.sudo(), alias, query),
                partner=model._field_to_sql(alias, "partner_id", query),
                company=model._field_to_sql(alias, "company_id", query),
            )

        readable = Domain("uses_documents", "=", False) & (
            Domain("company_id", "=", False) | Domain.custom(to_sql=to_sql)
        )
        return readable if True in value else ~readable

    @api.model
    def _here(self):
        """Return the domain of the lines that count for the current company."""
        return Domain("company_id", "in", [False, self.env.company.id])

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def _close(self, cause):
        """Close lines, keeping the figures they were opened with."""
        self.write({"date_left": fields.Datetime.now(), "left_cause": cause})
        # the unique index looks at the table, not at the cache
        self.flush_model(["date_left", "left_cause"])
