from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..links import check_links, search_visible
from .condition import EndlessNumberError, asked_segments, parse, read
from .condition_fields import check_fields, missing_field, nested_nowhere, reach, unusable_number
from .words import Words

# Fields that decide who is in: a change asks everybody anew.
CONDITION_FIELDS = {"domain", "level", "company_id", "active"}
COUNTED_DAYS = 30


class HcSegment(models.Model):
    """Customers who have something in common today, and what to do with them.

    A condition over contacts (``domain``) says who; every night, after each look at the figures and
    whenever it is saved, ``hc.segment.membership`` notes who entered and who left, and why
    (``hc_segment_refresh``).
    """

    _name = "hc.segment"
    _description = "Segment"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(
        string="What to Do with Them",
        translate=True,
        help="What this segment is for: who uses it, and what these customers should get or hear.",
    )
    color = fields.Integer()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: for all companies, each with its own figures. Otherwise only for this company.",
    )
    domain = fields.Char(
        string="Conditions",
        required=True,
        default="[]",
        help="Who is in. Under “Insight” you find rhythm, value, risk, health and being in touch.",
    )
    level = fields.Selection(
        [
            ("customer", "Customers only"),
            ("contact", "Customers and their contact persons"),
        ],
        string="Whom",
        required=True,
        default="customer",
        help="A company with three contact persons counts once, or four times. People write to people: "
        "for mailings take the contact persons too.",
    )
    author_id = fields.Many2one(
        "res.users",
        string="Conditions by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who wrote the conditions. They see what this person may see, in all their companies, and no "
        "more.",
    )
    condition_text = fields.Char(string="In Words", compute="_compute_condition_text")
    uses_insight = fields.Boolean(
        compute="_compute_reach",
        store=True,
        help="The conditions ask for figures, which each company has its own of.",
    )
    reach = fields.Selection(
        [
            ("contact", "What stands on the contact"),
            ("insight", "Figures about purchases"),
            ("documents", "Other records"),
        ],
        compute="_compute_reach",
        store=True,
        help="What being in the segment tells about a customer, and so who may see who is in it.",
    )
    # Every wording so far: what was true of somebody when they entered is said by the conditions of then.
    revision = fields.Integer(default=0, readonly=True, copy=False)
    domain_log = fields.Json(readonly=True, copy=False, prefetch=False)
    refreshed_revision = fields.Integer(default=-1, readonly=True, copy=False)

    state = fields.Selection(
        [
            ("waiting", "Waiting for its first refresh"),
            ("ready", "Up to date"),
            ("broken", "Broken"),
        ],
        readonly=True,
        required=True,
        default="waiting",
        copy=False,
        index=True,
    )
    last_refresh = fields.Datetime(string="Last Looked at", readonly=True, copy=False)
    error = fields.Text(string="What Is Wrong", readonly=True, copy=False)

    membership_ids = fields.One2many(
        "hc.segment.membership",
        "segment_id",
        string="Customers over Time",
        search="_search_membership_ids",
    )
    member_count = fields.Integer(string="Customers", compute="_compute_counts")
    entered_count = fields.Integer(
        string="Entered",
        compute="_compute_counts",
        help="Who came in over the last 30 days, without those who were there from the beginning.",
    )
    left_count = fields.Integer(
        string="Left", compute="_compute_counts", help="Who dropped out over the last 30 days."
    )
    can_mail = fields.Boolean(compute="_compute_can_mail")

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self:
            conditions = segment._get_conditions()
            if Domain(conditions).is_true():
                raise ValidationError(
                    self.env._(
                        "Segment “%(segment)s”: add at least one condition, else every contact would be in it.",
                        segment=segment.name,
                    )
                )
            if str(segment.id) in asked_segments(conditions):
                raise ValidationError(
                    self.env._(
                        "Segment “%(segment)s”: a segment cannot ask who is in itself. Remove that line.",
                        segment=segment.name,
                    )
                )
            # Tried as the author, not as the superuser constraints run as: what one may not read cannot
            # be asked here either.
            try:
                with self.env.cr.savepoint(flush=False):
                    segment._partners_of_author().search_count(Domain(conditions), limit=1)
            except Exception as error:
                # the search methods of other modules' fields raise whatever they like
                raise ValidationError(segment._error_text(error)) from error

    @api.depends("domain")
    @api.depends_context("uid", "lang", "company")
    def _compute_condition_text(self):
        words = Words(self.env)
        for segment in self:
            try:
                segment.condition_text = words.condition(parse(segment.domain))
            except (ValueError, RecursionError):
                segment.condition_text = False

    @api.depends("domain")
    def _compute_reach(self):
        for segment in self:
            try:
                segment.reach = reach(self.env, read(segment.domain))
            except (ValueError, RecursionError):
                segment.reach = "documents"  # who knows
            # who is in another segment may follow from figures as well
            segment.uses_insight = any(
                name in (segment.domain or "") for name in ("hc_insight_id", "hc_segment_")
            )

    @api.depends("membership_ids.date_left")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_counts(self):
        # through the reader's own rights: not even a number of customers they may not see
        Membership = self.env["hc.segment.membership"]
        recent = fields.Datetime.subtract(fields.Datetime.now(), days=COUNTED_DAYS)
        here = Domain("segment_id", "in", self._origin.ids) & Membership._here()

        def count(domain):
            return {
                segment.id: number
                for segment, number in Membership._read_group(
                    here & Domain(domain), ["segment_id"], ["__count"]
                )
            }

        members = count([("date_left", "=", False)])
        entered = count([("date_entered", ">=", recent), ("entered_cause", "=", "figures")])
        left = count([("date_left", ">=", recent), ("left_cause", "in", ("figures", "contact"))])
        for segment in self:
            segment.member_count = members.get(segment._origin.id, 0)
            segment.entered_count = entered.get(segment._origin.id, 0)
            segment.left_count = left.get(segment._origin.id, 0)

    @api.depends_context("uid")
    def _compute_can_mail(self):
        self.can_mail = "mailing.mailing" in self.env and self.env["mailing.mailing"].has_access(
            "create"
        )

    def _search_membership_ids(self, operator, value):
        return search_visible(self, "membership_ids", operator, value)

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("company_id",), creating=True)
        segments = super().create(
            [self._own_values(vals) | {"author_id": self.env.uid} for vals in vals_list]
        )
        for segment in segments:
            segment._log_conditions()
        segments._refresh_after_change()
        return segments

    def write(self, vals):
        check_links(self, [vals], ("company_id",))
        vals = self._own_values(vals)
        if "domain" in vals:
            vals["author_id"] = self.env.uid
        changed = self.filtered(
            lambda segment: (
                any(
                    self._fields[name].convert_to_write(segment[name], segment) != vals[name]
                    for name in CONDITION_FIELDS & vals.keys()
                )
                # another author sees other things
                or ("domain" in vals and segment.author_id.id != self.env.uid)
            )
        )
        result = super().write(vals)
        for segment in changed:
            segment._log_conditions()
        if "company_id" in vals:
            # the host asks before, not whether the result is still one's own
            self.check_access("write")
        changed._refresh_after_change()
        return result

    @api.model
    def _own_values(self, vals):
        """Leave out what is ours to say: the outcome of refreshes, and who answers for the conditions.

        Screens do not send these, but imports and other programs may. How far a condition reaches is among
        them: it decides who may see who is in.
        """
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if not self._is_ours(name)}

    @api.model
    def _is_ours(self, name):
        field = self._fields.get(name)
        return field is not None and field.readonly

    @api.model
    def default_get(self, fields):
        """Nor are they for defaults to say, those of the context or those that somebody saved."""
        defaults = super().default_get(fields)
        if self.env.su:
            return defaults
        ours = {name: self._fields[name].default for name in defaults if self._is_ours(name)}
        return {name: value for name, value in defaults.items() if name not in ours} | {
            name: default(self) for name, default in ours.items() if default
        }

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        return [
            dict(vals, name=self.env._("%s (copy)", segment.name))
            for segment, vals in zip(self, vals_list, strict=True)
        ]

    # ------------------------------------------------------------
    # the condition
    # ------------------------------------------------------------

    def _log_conditions(self):
        """Keep the wording: memberships refer to it by its number."""
        self.ensure_one()
        log = list(self.domain_log or [])
        # superuser: nobody writes these by hand; the write on the segment was checked
        self.sudo().write({"domain_log": [*log, self.domain], "revision": len(log)})

    def _get_conditions(self):
        self.ensure_one()
        try:
            conditions = read(self.domain)
            Domain(conditions)
            if wrong := nested_nowhere(self.env, conditions):
                raise ValueError(wrong)
            if wrong := unusable_number(self.env, conditions):
                raise ValueError(wrong)
            return conditions
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError(self._error_text(error)) from error

    def _partners_of_author(self, company=None):
        """Return ``res.partner`` as the author of the conditions sees it, after checking every field in them.

        Else a segment would be a way to ask about anything: who enters tells who matches. The segments
        shipped with the app are OdooBot's and see everything.
        """
        self.ensure_one()
        author = self.author_id
        if not author:
            # not a validation error: it is named in one by _error_text
            raise UserError(
                self.env._(
                    "nobody answers for the conditions any more; save them again to make them yours"
                )
            )
        partners = (
            self.env["res.partner"]
            .with_user(author)
            .with_context(
                active_test=True,
                # their own company first: it is the current one
                allowed_company_ids=(
                    company or author.sudo().company_id | author.sudo().company_ids
                ).ids,
            )
        )
        check_fields(partners, self._get_conditions())
        return partners

    def _error_text(self, error):
        """Say what is wrong with the conditions, and what helps."""
        self.ensure_one()
        missing = None
        try:
            conditions = read(self.domain)
            missing = missing_field(self.env["res.partner"], conditions)
        except EndlessNumberError as endless:
            return self.env._(
                "Segment “%(segment)s”: “%(field)s” is compared with a number beyond all bounds. Give a "
                "number.",
                segment=self.name,
                field=Words(self.env).label(endless.path),
            )
        except (ValueError, RecursionError):
            return self.env._(
                "Segment “%(segment)s”: the conditions cannot be read. Remove them, choose them again from "
                "the list, and save.",
                segment=self.name,
            )
        if missing:
            return self.env._(
                "Segment “%(segment)s”: the conditions ask for “%(field)s”, which contacts do not have. The "
                "app that brought it may have been removed. Take that line out and save, or install the app "
                "again and refresh.",
                segment=self.name,
                field=missing,
            )
        if wrong := nested_nowhere(self.env, conditions):
            return self.env._(
                "Segment “%(segment)s”: “%(field)s” leads to no other records, so it cannot have conditions "
                "within it. Take that line out.",
                segment=self.name,
                field=Words(self.env).label(wrong),
            )
        if wrong := unusable_number(self.env, conditions):
            return self.env._(
                "Segment “%(segment)s”: “%(field)s” is compared with “%(value)s”. Give a number.",
                segment=self.name,
                field=Words(self.env).label(wrong[0]),
                value=wrong[1],
            )
        if isinstance(error, AccessError):
            return self.env._(
                "Segment “%(segment)s”: the conditions ask for something that %(author)s may not see. Take "
                "that line out, or let somebody who may see it save the conditions.",
                segment=self.name,
                author=self.author_id.sudo().name or self.env.user.name,
            )
        return self.env._(
            "Segment “%(segment)s”: the conditions do not work on contacts (%(error)s). Take out the line it "
            "complains about, and save again.",
            segment=self.name,
            error=error,
        )
