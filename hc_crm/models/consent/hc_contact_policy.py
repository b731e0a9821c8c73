from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...engine.contact_hours import HORIZON_DAYS

WEEKDAYS = (
    "on_monday", "on_tuesday", "on_wednesday", "on_thursday", "on_friday", "on_saturday", "on_sunday",
)  # fmt: skip
# A day off is one that is off for the better part of a working day.
HOLIDAY_HOURS = 4
MAX_DAYS = 3650  # ten years: more is a typing error


class HcContactPolicy(models.Model):
    """How one company treats its customers' time: when, how often, and when to leave it to people."""

    _name = "hc.contact.policy"
    _description = "Contact Rules"
    _rec_name = "company_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    hour_from = fields.Float(
        string="Not before", required=True, default=9.0, help="In the customer's own time zone."
    )
    hour_to = fields.Float(string="Not after", required=True, default=19.0)
    on_monday = fields.Boolean(default=True)
    on_tuesday = fields.Boolean(default=True)
    on_wednesday = fields.Boolean(default=True)
    on_thursday = fields.Boolean(default=True)
    on_friday = fields.Boolean(default=True)
    on_saturday = fields.Boolean(default=True)
    on_sunday = fields.Boolean(default=False)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Public Holidays of",
        default=lambda self: self.env.company.resource_calendar_id,
        check_company=True,
        help="Nobody is contacted on days off of this working calendar.",
    )
    budget_count = fields.Integer(
        string="At Most",
        required=True,
        default=3,
        help="Contacts of ours by themselves, on all channels.",
    )
    budget_days = fields.Integer(
        string="Within Days", required=True, default=14, help="0: no limit."
    )
    human_days = fields.Integer(
        string="Leave Them Alone after a Talk",
        required=True,
        default=3,
        help="Days during which nothing goes out by itself after a colleague called, met or wrote.",
    )
    complaint_days = fields.Integer(
        string="A Complaint Stays Open",
        required=True,
        default=30,
        help="Days after which a bad feeling that nobody answered no longer counts as an open complaint.",
    )
    dispute_days = fields.Integer(
        string="A Bill Is Disputed after",
        required=True,
        default=30,
        help="Who has a bill that is overdue for longer hears from a person, not from a plan. "
        "0: bills are not looked at.",
    )
    task_limit = fields.Integer(
        string="Open Tasks per Colleague",
        required=True,
        default=8,
        help="Outreach gives nobody more open tasks than this.",
    )
    approval_above = fields.Integer(
        string="Second Pair of Eyes above",
        required=True,
        default=200,
        help="A plan that would reach more people than this is started by a second person.",
    )
    show_inferences = fields.Boolean(
        string="Show What We Work Out",
        default=True,
        help="Customers see in the preference centre what we work out about them, in plain words.",
    )
    in_words = fields.Char(compute="_compute_in_words")

    _company_uniq = models.UniqueIndex(
        "(company_id)", "There is one set of contact rules per company."
    )

    @api.constrains("hour_from", "hour_to")
    def _check_hours(self):
        for policy in self:
            # also refuses what is no number
            if not 0 <= policy.hour_from < policy.hour_to <= 24:
                raise ValidationError(
                    self.env._(
                        "“Not before” must be earlier than “Not after”, both between 0:00 and 24:00."
                    )
                )

    @api.constrains(*WEEKDAYS)
    def _check_weekdays(self):
        for policy in self:
            if not any(policy[name] for name in WEEKDAYS):
                raise ValidationError(
                    self.env._("Choose at least one day of the week on which we may write.")
                )

    @api.constrains(
        "budget_count", "budget_days", "human_days", "complaint_days", "dispute_days", "task_limit",
        "approval_above",
    )  # fmt: skip
    def _check_numbers(self):
        bounds = [
            ("budget_count", 1, 1000),
            ("budget_days", 0, MAX_DAYS),
            ("human_days", 0, MAX_DAYS),
            ("complaint_days", 0, MAX_DAYS),
            ("dispute_days", 0, MAX_DAYS),
            ("task_limit", 1, 1000),
            ("approval_above", 0, 10**9),
        ]
        for policy in self:
            for name, least, most in bounds:
                if not least <= policy[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "%(field)s must be between %(least)s and %(most)s.",
                            field=self._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )

    @api.depends(
        "hour_from", "hour_to", *WEEKDAYS, "budget_count", "budget_days", "human_days",
        "complaint_days", "dispute_days",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_in_words(self):
        for policy in self:
            policy.in_words = policy._in_words()

    def _in_words(self):
        """Say what the rules mean, for whoever sets them."""
        self.ensure_one()
        parts = [
            self.env._(
                "What goes out by itself arrives %(days)s between %(start)s and %(end)s, by the clock of "
                "the customer.",
                days=self._days_in_words(),
                start=_clock(self.hour_from),
                end=_clock(self.hour_to),
            )
        ]
        if self.budget_days > 0:
            parts.append(
                self.env._(
                    "Nobody hears from us more than %(count)s times in %(days)s days.",
                    count=self.budget_count,
                    days=self.budget_days,
                )
            )
        else:
            parts.append(self.env._("There is no limit to how often somebody hears from us."))
        if self.human_days > 0:
            parts.append(
                self.env._(
                    "After a talk with a colleague we leave them alone for %(days)s days.",
                    days=self.human_days,
                )
            )
        if self.complaint_days > 0:
            parts.append(
                self.env._(
                    "Who is unhappy hears from people only, until somebody has set it right, for "
                    "%(days)s days at most.",
                    days=self.complaint_days,
                )
            )
        if self.dispute_days > 0:
            parts.append(
                self.env._(
                    "The same holds for who has a bill overdue by more than %(days)s days.",
                    days=self.dispute_days,
                )
            )
        return " ".join(parts)

    def _days_in_words(self):
        chosen = [name for name in WEEKDAYS if self[name]]
        if len(chosen) == len(WEEKDAYS):
            return self.env._("on any day")
        if chosen == list(WEEKDAYS[:6]):
            return self.env._("from Monday to Saturday")
        if chosen == list(WEEKDAYS[:5]):
            return self.env._("from Monday to Friday")
        names = {
            "on_monday": self.env._("Mondays"),
            "on_tuesday": self.env._("Tuesdays"),
            "on_wednesday": self.env._("Wednesdays"),
            "on_thursday": self.env._("Thursdays"),
            "on_friday": self.env._("Fridays"),
            "on_saturday": self.env._("Saturdays"),
            "on_sunday": self.env._("Sundays"),
        }
        return self.env._("on %(days)s", days=", ".join(names[name] for name in chosen))

    def write(self, vals):
        if "company_id" in vals and any(
            policy.company_id.id != vals["company_id"] for policy in self
        ):
            raise UserError(
                self.env._("The company of contact rules stays. Each company has its own.")
            )
        return super().write(vals)

    def unlink(self):
        self.env.cr.cache.pop("hc_contact_policy", None)
        return super().unlink()

    @api.model
    def _for_company(self, company):
        """Return the rules of ``company``, made on first use."""
        # superuser: the rules hold for everybody, only administrators change them
        policies = self.sudo()
        # asked again and again: remembered until the end of the transaction
        known = self.env.cr.cache.setdefault("hc_contact_policy", {})
        if company.id not in known:
            policy = policies.search([("company_id", "=", company.id)], limit=1)
            if not policy:
                policy = policies.create(
                    {
                        "company_id": company.id,
                        "calendar_id": company.sudo().resource_calendar_id.id,
                    }
                )
            known[company.id] = policy.id
        return policies.browse(known[company.id])

    @api.model
    def _for_all_companies(self):
        """Make the rules of every company, at installation: two first readers at once would both try."""
        # superuser: see _for_company
        for company in (
            self.env["res.company"].sudo().with_context(active_test=False).search(Domain.TRUE)
        ):
            self._for_company(company)

    @api.model
    def action_open(self):
        """Open the rules of the current company."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact Rules"),
            "res_model": self._name,
            "res_id": self._for_company(self.env.company).id,
            "views": [(False, "form")],
            "target": "current",
        }

    # -- for the decision -------------------------------------------------------------------------

    def _weekdays(self):
        """Return the good weekdays, Monday is 0."""
        self.ensure_one()
        return {number for number, name in enumerate(WEEKDAYS) if self[name]}

    def _days_off(self, at):
        """Return the days on which everybody is off, by the calendar's own clock, from ``at`` on."""
        self.ensure_one()
        calendar = self.calendar_id
        if not calendar:
            return set()
        leaves = self.env["resource.calendar.leaves"].sudo().search_fetch(
            [
                ("calendar_id", "in", (False, calendar.id)),
                ("resource_id", "=", False),
                ("company_id", "in", (False, self.company_id.id)),
                ("date_to", ">=", at - timedelta(days=2)),
                ("date_from", "<=", at + timedelta(days=HORIZON_DAYS)),
            ],
            ["date_from", "date_to", "time_type"],
        )  # fmt: skip
        zone = pytz.timezone(calendar.tz or "UTC")
        days = set()
        for leave in leaves:
            if leave.time_type != "leave":
                continue
            start = pytz.utc.localize(leave.date_from).astimezone(zone).replace(tzinfo=None)
            end = pytz.utc.localize(leave.date_to).astimezone(zone).replace(tzinfo=None)
            day = start.date()
            while day <= end.date():
                morning = fields.Datetime.to_datetime(day)
                off = min(end, morning + timedelta(days=1)) - max(start, morning)
                if off >= timedelta(hours=HOLIDAY_HOURS):
                    days.add(day)
                day += timedelta(days=1)
        return days


def _clock(hour):
    minutes = round(hour * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
