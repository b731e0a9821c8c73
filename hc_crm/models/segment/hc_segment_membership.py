from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .condition import parse
from .words import Words


class HcSegmentMembership(models.Model):
    """Who is, or was, in which segment, since when and why. Open lines are today's members.

    It stands beside ``res.partner`` on purpose, as ``hc.persona.membership`` does, and is written in
    set-based SQL by ``hc.segment`` and nobody else. ``company_id`` is set where figures decided: each
    company has its own.

    ``entered_snapshot`` and ``left_snapshot`` hold the figures of that moment, by path as in the
    condition: ``{"revision": n, "figures": {path: value}, "before": {…}, "since": day}``. What a reader may
    not see in them must not be told by ``reason`` either: lines decided by figures are readable only to
    those who may read the customer's figures (record rule, ``is_readable``).
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
        # superuser: whoever may read the line may read what decided (see the class); Words leaves out
        # fields the reader has no right to
        for membership, line in zip(self, self.sudo(), strict=True):
            entered = line.entered_snapshot or {}
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
                membership.left_reason = words.left(
                    self._tree(trees, line.segment_id, left.get("revision")),
                    left.get("figures") or {},
                    left.get("since"),
                    fields.Date.to_string(line.date_left),
                )

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
        Insight = self.env(su=False)["hc.customer.insight"]
        insights = (
            Insight._search([]) if Insight.has_access("read") else Insight._search([(0, "=", 1)])
        )
        pairs = insights.subselect(
            SQL.identifier(insights.table, "partner_id"),
            SQL.identifier(insights.table, "company_id"),
        )

        def to_sql(model, alias, query):
            return SQL(
                """EXISTS (
                    SELECT 1
                      FROM res_partner AS member
                      JOIN %(pairs)s AS figures ON figures.partner_id = member.commercial_partner_id
                     WHERE member.id = %(partner)s AND figures.company_id = %(company)s
                )""",
                pairs=pairs,
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
