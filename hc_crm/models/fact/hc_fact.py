import calendar
import re
from collections import defaultdict
from datetime import date, timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..links import check_links

MAX_TEXT = 500  # characters; what can be taken in at a glance before a call
# The year written when nobody knows it. A leap year, so that 29 February can be kept.
UNKNOWN_YEAR = 2000
KEEP_EXPIRED_DAYS = 30
MAX_DAYS = 36_500  # a century; the calendar ends somewhere
REMIND_BATCH = 500

KINDS = [
    ("access", "Accessibility need"),
    ("avoid", "Please avoid"),
    ("milestone", "Milestone"),
    ("like", "Likes"),
    ("family", "Family"),
    ("other", "Other"),
]


def in_year(day, year):
    """Return the day on which ``day`` is kept in ``year``.

    29 February is kept on 28 February in years without one: the last day of the same month, which is
    also what PostgreSQL's date arithmetic does, so the search and the display agree.

    >>> in_year(date(2024, 2, 29), 2025)
    datetime.date(2025, 2, 28)
    >>> in_year(date(2024, 2, 29), 2028)
    datetime.date(2028, 2, 29)
    """
    last = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, min(day.day, last))


def next_occurrence(day, yearly, today):
    """Return the first occurrence of ``day`` on or after ``today``, or False when there is none.

    >>> next_occurrence(date(1980, 12, 31), True, date(2026, 1, 1))
    datetime.date(2026, 12, 31)
    >>> next_occurrence(date(1980, 1, 1), True, date(2026, 12, 31))
    datetime.date(2027, 1, 1)
    >>> next_occurrence(date(1980, 1, 1), False, date(2026, 12, 31))
    False
    """
    if not day:
        return False
    if day >= today:
        return day
    if not yearly:
        return False
    this_year = in_year(day, today.year)
    return this_year if this_year >= today else in_year(day, today.year + 1)


class HcFact(models.Model):
    """One thing that is good to know about a customer before talking to them.

    Only what serves the customer is kept, with the reason why it is kept, where it came from and until
    when: a fact past its expiry is hidden at once and deleted some days later (data minimisation).
    """

    _name = "hc.fact"
    _description = "Good to Know"
    _order = "kind_rank, id"
    _rec_name = "text"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Company or Household",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="partner_id.company_id", store=True, index="btree_not_null"
    )
    kind = fields.Selection(KINDS, required=True, default="like", index=True)
    kind_rank = fields.Integer(
        compute="_compute_kind_rank", store=True, help="What to know first comes first."
    )
    text = fields.Char(
        string="What to Know",
        compute="_compute_text",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    occasion = fields.Selection(
        [("birthday", "Birthday"), ("anniversary", "Anniversary"), ("other", "Another day")],
        compute="_compute_milestone",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Date(string="Day")
    yearly = fields.Boolean(
        string="Every Year",
        compute="_compute_milestone",
        store=True,
        readonly=False,
        precompute=True,
        help="Comes round every year. 29 February is kept on the 28th in years without one.",
    )
    year_unknown = fields.Boolean(
        help="Only day and month are known; whatever year is picked is ignored.",
    )
    date_label = fields.Char(string="When", compute="_compute_date_label")
    next_date = fields.Date(
        string="Next Time", compute="_compute_next_date", search="_search_next_date"
    )
    purpose = fields.Selection(
        [
            ("service", "To serve them well"),
            ("greeting", "To greet or give a present"),
            ("safety", "For their safety"),
            ("talk", "To have a personal conversation"),
            ("other", "Another reason"),
        ],
        string="Why We Keep It",
        required=True,
        compute="_compute_purpose",
        store=True,
        readonly=False,
        precompute=True,
    )
    source = fields.Selection(
        [
            ("told", "They told us"),
            ("observed", "We noticed"),
            ("document", "From a document"),
            ("public", "Public information"),
        ],
        string="How We Know",
        required=True,
        default="told",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Learned By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_learned = fields.Date(string="Learned On", default=fields.Date.context_today)
    sensitivity = fields.Selection(
        [("normal", "Normal"), ("sensitive", "Sensitive")],
        string="Who May See It",
        default="normal",
        required=True,
        help="Sensitive: only the salesperson of the customer and administrators of Customer Care see it. "
        "Use it for health, belief, family matters and the like, and only when it helps the customer. "
        "Nobody is reminded of it by an activity, for colleagues would read that. Who becomes salesperson "
        "later sees it too; a note on the customer says so then.",
    )
    date_expiry = fields.Date(
        string="Keep Until",
        index="btree_not_null",
        help="After this day the fact is hidden, and some days later it is deleted for good. "
        "Keep only what still serves the customer.",
    )
    is_expired = fields.Boolean(compute="_compute_is_expired", search="_search_is_expired")
    active = fields.Boolean(default=True)
    last_reminded_year = fields.Integer(
        copy=False,
        readonly=True,
        help="Year of the occurrence a reminder was made for, so that nobody is reminded twice.",
    )

    _date_idx = models.Index("(date) WHERE date IS NOT NULL")
    _birthday_unique = models.UniqueIndex(
        # not the sensitive ones: a refusal would tell those who may not see one that it is there
        "(partner_id) WHERE occasion = 'birthday' AND active AND sensitivity = 'normal'",
        "A birthday is noted for this customer already. Change that one instead.",
    )

    @api.depends("kind")
    def _compute_kind_rank(self):
        ranks = {kind: rank for rank, (kind, _label) in enumerate(KINDS)}
        for fact in self:
            fact.kind_rank = ranks.get(fact.kind, len(ranks))

    @api.depends("kind")
    def _compute_milestone(self):
        for fact in self:
            is_milestone = fact.kind == "milestone"
            fact.occasion = (fact.occasion or "birthday") if is_milestone else False
            fact.yearly = is_milestone

    @api.depends("occasion")
    def _compute_text(self):
        labels = dict(self._fields["occasion"]._description_selection(self.env))
        standard = {labels["birthday"], labels["anniversary"]}
        for fact in self:
            if fact.occasion in ("birthday", "anniversary") and (
                not fact.text or fact.text in standard
            ):
                fact.text = labels[fact.occasion]
            else:
                fact.text = fact.text or False

    @api.depends("kind")
    def _compute_purpose(self):
        usual = {"access": "safety", "milestone": "greeting", "family": "talk", "like": "service"}
        for fact in self:
            fact.purpose = fact.purpose or usual.get(fact.kind, "service")

    @api.depends("date", "yearly", "year_unknown")
    @api.depends_context("lang")
    def _compute_date_label(self):
        for fact in self:
            if not fact.date:
                fact.date_label = False
            elif fact.year_unknown:
                fact.date_label = format_date(self.env, fact.date, date_format="d MMMM")
            else:
                fact.date_label = format_date(self.env, fact.date, date_format="d MMMM y")

    @api.depends("date", "yearly")
    @api.depends_context("tz")
    def _compute_next_date(self):
        today = fields.Date.context_today(self)
        for fact in self:
            fact.next_date = next_occurrence(fact.date, fact.yearly, today)

    def _next_date_sql(self, alias):
        """Same rule as ``next_occurrence``, for searching and sorting in one pass of the database.

        Adding years to a 29 February gives 28 February in PostgreSQL when there is no 29th.
        """
        today = fields.Date.context_today(self)
        day = SQL.identifier(alias, "date")

        def kept_in(year):
            return SQL(
                "(%s + make_interval(years => %s - EXTRACT(year FROM %s)::int))::date",
                day,
                year,
                day,
            )

        this_year = kept_in(today.year)
        return SQL(
            "(CASE WHEN %(day)s >= %(today)s THEN %(day)s WHEN NOT %(yearly)s THEN NULL "
            "WHEN %(this)s >= %(today)s THEN %(this)s ELSE %(next)s END)",
            day=day,
            today=today,
            yearly=SQL("COALESCE(%s, FALSE)", SQL.identifier(alias, "yearly")),
            this=this_year,
            next=kept_in(today.year + 1),
        )

    def _search_next_date(self, operator, value):
        if operator in ("<", "<=", ">", ">="):
            comparison = SQL(operator)
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s %s %s", model._next_date_sql(alias), comparison, value
                )
            )
        if operator == "in":
            days = tuple(day for day in value if day)
            conditions = []
            if days:
                conditions.append(
                    Domain.custom(
                        to_sql=lambda model, alias, query: SQL(
                            "%s IN %s", model._next_date_sql(alias), days
                        )
                    )
                )
            if len(days) < len(value):
                conditions.append(
                    Domain.custom(
                        to_sql=lambda model, alias, query: SQL(
                            "%s IS NULL", model._next_date_sql(alias)
                        )
                    )
                )
            return Domain.OR(conditions)
        if operator == "not in":
            return ~self._search_next_date("in", value)
        return NotImplemented

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        # not stored, because it changes at midnight; still the natural order of what is coming up
        if field_name == "next_date":
            self._check_field_access(self._fields["next_date"], "read")
            return SQL("%s %s %s", self._next_date_sql(alias), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.depends("date_expiry")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for fact in self:
            fact.is_expired = bool(fact.date_expiry) and fact.date_expiry < today

    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        expired = Domain("date_expiry", "<", fields.Date.context_today(self))
        return expired if True in value else (Domain("date_expiry", "=", False) | ~expired)

    @api.depends("text", "partner_id")
    @api.depends_context("hc_with_customer")
    def _compute_display_name(self):
        with_customer = self.env.context.get("hc_with_customer")
        for fact in self:
            fact.display_name = (
                f"{fact.partner_id.display_name}: {fact.text}" if with_customer else fact.text
            )

    @api.constrains("text")
    def _check_text(self):
        for fact in self:
            if not (fact.text or "").strip():
                raise ValidationError(
                    self.env._("“What to know” is empty. A few words are enough.")
                )
            if len(fact.text) > MAX_TEXT:
                raise ValidationError(
                    self.env._(
                        "“What to know” holds %(length)s characters; %(max)s is the most. "
                        "Log an interaction for the whole story.",
                        length=len(fact.text),
                        max=MAX_TEXT,
                    )
                )

    @api.constrains("kind", "occasion", "date", "yearly", "year_unknown", "partner_id")
    def _check_milestone(self):
        for fact in self.filtered(lambda f: f.kind == "milestone"):
            if not fact.date:
                raise ValidationError(
                    self.env._("Day: a milestone needs its day (tick “Year Unknown” if need be).")
                )
            if fact.year_unknown and not fact.yearly:
                raise ValidationError(
                    self.env._(
                        "Year Unknown: a day that comes only once needs its year. Tick “Every Year”."
                    )
                )
            if fact.occasion == "birthday" and fact.partner_id.is_company:
                raise ValidationError(
                    self.env._(
                        "Occasion: %(name)s is a company and has no birthday. Choose “Anniversary”, or "
                        "note the birthday on one of its contacts.",
                        name=fact.partner_id.display_name,
                    )
                )

    @api.constrains("occasion", "partner_id", "active", "sensitivity")
    def _check_birthday_once(self):
        """What the unique index leaves out: sensitive birthdays, as far as the user may see them."""
        birthdays = self.filtered(lambda f: f.occasion == "birthday" and f.active)
        if not birthdays:
            return
        # constraints run as superuser
        visible = self.with_user(self.env.user)
        for [_partner, count] in visible._read_group(
            [("partner_id", "in", birthdays.partner_id.ids), ("occasion", "=", "birthday")],
            ["partner_id"],
            ["__count"],
        ):
            if count > 1:
                raise ValidationError(
                    self.env._(
                        "A birthday is noted for this customer already. Change that one instead."
                    )
                )

    @api.constrains("date_expiry", "date_learned")
    def _check_expiry(self):
        for fact in self:
            if fact.date_expiry and fact.date_learned and fact.date_expiry < fact.date_learned:
                raise ValidationError(
                    self.env._(
                        "Keep Until: %(expiry)s lies before the day it was learned, %(learned)s.",
                        expiry=format_date(self.env, fact.date_expiry),
                        learned=format_date(self.env, fact.date_learned),
                    )
                )

    @api.constrains("sensitivity", "partner_id")
    def _check_sensitive_author(self):
        """Say in words what the record rule would refuse with a code."""
        if self.env.user._is_superuser() or self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            return
        for fact in self.filtered(lambda f: f.sensitivity == "sensitive"):
            if self.env.user not in fact._owners():
                owner = fact._owners()[:1].name
                if owner:
                    raise ValidationError(
                        self.env._(
                            "Sensitive: only %(owner)s, who looks after %(customer)s, and administrators "
                            "may keep sensitive facts. Tell them instead.",
                            owner=owner,
                            customer=fact.partner_id.display_name,
                        )
                    )
                raise ValidationError(
                    self.env._(
                        "Sensitive: nobody is salesperson of %(customer)s yet, so only administrators "
                        "may keep sensitive facts. Set the salesperson first.",
                        customer=fact.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id", "user_id"), creating=True)
        facts = super().create(vals_list)
        facts._forget_year()
        return facts

    def write(self, vals):
        check_links(self, [vals], ("partner_id", "user_id"))
        res = super().write(vals)
        if "partner_id" in vals:
            # the host asks before, not whether the result is still one's own
            self.check_access("write")
        if not {"date", "year_unknown"}.isdisjoint(vals):
            self._forget_year()
        return res

    def _log_new_readers(self, owners):
        """Note on the customers, without the facts' words, who came to see sensitive facts.

        Whoever may write a contact may make themselves its salesperson: that cannot be forbidden without
        keeping teams from passing customers on, but nobody does it unnoticed.

        :param owners: ``{fact: users}``, whose the facts were before
        """
        gained = defaultdict(int)
        for fact in self:
            for user in fact._owners() - owners[fact]:
                gained[fact.partner_id, user] += 1
        lines = defaultdict(list)
        for (partner, user), count in gained.items():
            lines[partner.id].append(
                self.env._("%(user)s can now read 1 sensitive fact.", user=user.name)
                if count == 1
                else self.env._(
                    "%(user)s can now read %(count)s sensitive facts.", user=user.name, count=count
                )
            )
        if lines:
            self.env["res.partner"].browse(lines)._message_log_batch(
                {
                    partner_id: Markup("<br/>").join(sentences)
                    for partner_id, sentences in lines.items()
                }
            )

    def _forget_year(self):
        """A year nobody knows must not look like one that somebody does."""
        for fact in self:
            if fact.year_unknown and fact.date and fact.date.year != UNKNOWN_YEAR:
                fact.date = in_year(fact.date, UNKNOWN_YEAR)

    def action_send_greeting(self):
        """Open the mail composer with a greeting that can still be changed before it goes."""
        self.ensure_one()
        partner = self.partner_id
        if not partner.email:
            raise UserError(
                self.env._(
                    "%(name)s has no e-mail address. Call or write a card instead.",
                    name=partner.display_name,
                )
            )
        if partner.is_blacklisted:
            raise UserError(
                self.env._(
                    "%(name)s asked not to receive mailings (%(email)s is on the blacklist). "
                    "Call or write a card instead.",
                    name=partner.display_name,
                    email=partner.email,
                )
            )
        template = self.env.ref(
            "hc_crm.mail_template_anniversary"
            if self.occasion == "anniversary"
            else "hc_crm.mail_template_birthday",
            raise_if_not_found=False,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Greeting"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": "res.partner",
                "default_res_ids": partner.ids,
                "default_partner_ids": partner.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment",
            },
        }

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def _owners(self):
        """Return who looks after the customer: salesperson of the contact, then of the company."""
        self.ensure_one()
        return self.partner_id.user_id | self.commercial_partner_id.user_id

    @api.model
    def _days_parameter(self, key, default):
        """Return a setting in days; whatever is not a number of days counts as the default."""
        value = self.env["ir.config_parameter"].sudo().get_param(key) or ""
        return min(int(value), MAX_DAYS) if re.fullmatch(r"[0-9]{1,9}", value) else default

    @api.model
    def _cron_remind(self):
        """Make one activity per milestone for the salesperson, some days before, once per occurrence."""
        if not self.env["ir.config_parameter"].sudo().get_param("hc_crm.fact_reminder"):
            return
        today = fields.Date.context_today(self)
        until = today + timedelta(days=self._days_parameter("hc_crm.fact_reminder_days", 0))
        domain = (
            Domain("kind", "=", "milestone")
            # Everybody who sees the customer reads its activities: not even the day of a sensitive one
            # may stand there. Who may know it finds it under “Coming up”.
            & Domain("sensitivity", "=", "normal")
            & Domain("is_expired", "=", False)
            & Domain("next_date", ">=", today)
            & Domain("next_date", "<=", until)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s IS DISTINCT FROM EXTRACT(year FROM %s)::int",
                    SQL.identifier(alias, "last_reminded_year"),
                    model._next_date_sql(alias),
                )
            )
        )
        facts = self.search(domain, limit=REMIND_BATCH, order="id").try_lock_for_update()
        if not facts:
            return
        facts._remind()
        remaining = self.search_count(domain) if len(facts) == REMIND_BATCH else 0
        self.env["ir.cron"]._commit_progress(len(facts), remaining=remaining)

    def _remind(self):
        activity_type = self.env.ref("hc_crm.mail_activity_type_greeting")
        partner_model = self.env["ir.model"]._get_id("res.partner")
        vals_list = []
        for fact in self:
            user = fact._owners().filtered("active")[:1] or fact.user_id.filtered(
                lambda u: u.active and not u.share
            )
            if not user:
                continue  # nobody to remind; it stands under “Coming up” all the same
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": partner_model,
                    "res_id": fact.partner_id.id,
                    "user_id": user.id,
                    "date_deadline": fact.next_date,
                    "summary": f"{fact.text} – {fact.partner_id.name or fact.partner_id.display_name}",
                }
            )
        # No mail to the salesperson per birthday: the activity is the reminder.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
        for year, facts in self.grouped(lambda f: f.next_date.year).items():
            facts.write({"last_reminded_year": year})

    @api.autovacuum
    def _gc_expired_facts(self):
        """Delete for good what was to be kept until some days ago: nobody needs it any more."""
        keep = self._days_parameter("hc_crm.fact_keep_expired_days", KEEP_EXPIRED_DAYS)
        limit = fields.Date.today() - timedelta(days=keep)
        expired = self.with_context(active_test=False).search(
            [("date_expiry", "<", limit)], limit=GC_UNLINK_LIMIT
        )
        expired.unlink()
        return len(expired), len(expired) == GC_UNLINK_LIMIT
