from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...engine import persona as engine
from ..links import search_visible
from .hc_persona_trait import TRAIT_KINDS

# Average length of a month, for the age of evidence: years of 365.25 days.
DAYS_PER_MONTH = 365.25 / 12


class HcPersona(models.Model):
    """A typical customer as a person one can picture: what they want, fear and like to hear.

    Its rules say which real customers are one (``hc.persona.membership``), its research notes how much of
    it is known rather than guessed (``engine.persona``).
    """

    _name = "hc.persona"
    _description = "Persona"
    _inherit = ["mail.thread", "mail.activity.mixin", "avatar.mixin"]
    _order = "sequence, name, id"
    _mail_post_access = "read"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="When two personas match a customer equally well, the first in the list wins.",
    )
    tagline = fields.Char(
        translate=True, help="Who this is in one line, for example “No minute to lose before nine”."
    )
    quote = fields.Char(
        translate=True, help="A sentence this customer would say, in their own words."
    )
    age_range = fields.Char(string="Age", translate=True, help="For example: 30 to 45.")
    occupation = fields.Char(translate=True)
    family = fields.Char(string="Household", translate=True)
    location = fields.Char(
        string="Lives", translate=True, help="For example: in town, close to the shop."
    )
    income = fields.Char(translate=True)
    education = fields.Char(translate=True)
    context = fields.Text(
        string="Their Day",
        translate=True,
        help="The situation in which they come to you: when, where, with whom, and in what hurry.",
    )

    trait_ids = fields.One2many("hc.persona.trait", "persona_id", string="Traits", copy=True)
    motivation_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Motivations", domain=[("kind", "=", "motivation")]
    )
    goal_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Goals", domain=[("kind", "=", "goal")]
    )
    need_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Needs", domain=[("kind", "=", "need")]
    )
    pain_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Pains", domain=[("kind", "=", "pain")]
    )
    fear_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Fears", domain=[("kind", "=", "fear")]
    )
    feeling_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Feelings", domain=[("kind", "=", "feeling")]
    )
    aspiration_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Aspirations", domain=[("kind", "=", "aspiration")]
    )
    value_ids = fields.One2many("hc.persona.trait", "persona_id", domain=[("kind", "=", "value")])
    do_ids = fields.One2many("hc.persona.trait", "persona_id", domain=[("kind", "=", "do")])
    dont_ids = fields.One2many(
        "hc.persona.trait", "persona_id", string="Don't", domain=[("kind", "=", "dont")]
    )
    channel_ids = fields.One2many(
        "hc.persona.channel", "persona_id", string="Preferred Channels", copy=True
    )
    tag_ids = fields.Many2many("hc.persona.tag", string="Tags")

    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        tracking=True,
        domain=[("share", "=", False)],
        help="Keeps the persona true: hears about broken rules and reviews it in time.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: for the customers of all companies. Otherwise only for contacts of this company.",
    )
    review_date = fields.Date(
        string="Review by",
        tracking=True,
        help="The day by which somebody should check it is still true.",
    )
    is_review_overdue = fields.Boolean(
        string="Review Overdue",
        compute="_compute_is_review_overdue",
        search="_search_is_review_overdue",
    )

    rule_ids = fields.One2many("hc.persona.rule", "persona_id", string="Rules", copy=True)
    min_match = fields.Float(
        string="Match at Least",
        default=0.5,
        required=True,
        help="A customer is this persona only when at least this share of the rules' weight matches.",
    )
    membership_ids = fields.One2many(
        "hc.persona.membership",
        "persona_id",
        string="Customers over Time",
        search="_search_membership_ids",
    )
    customer_count = fields.Integer(string="Customers", compute="_compute_customers")
    customer_share = fields.Float(
        string="Share of Customers",
        compute="_compute_customers",
        help="Of all customers who have a persona.",
    )

    insight_ids = fields.One2many(
        "hc.research.insight", "persona_id", string="Insights", search="_search_insight_ids"
    )
    foundation = fields.Selection(
        [
            ("assumption", "Assumption"),
            ("some", "Some evidence"),
            ("well", "Well founded"),
            ("stale", "Stale"),
        ],
        string="How Well Founded",
        compute="_compute_foundation",
        search="_search_foundation",
        help="Whether research with real customers stands behind the card.",
    )
    foundation_text = fields.Char(string="Why So Founded", compute="_compute_foundation")
    people_count = fields.Integer(
        string="People Heard",
        compute="_compute_foundation",
        help="Different people whose words or deeds are evidence for or against this persona.",
    )

    _min_match_range = models.Constraint(
        "CHECK(min_match > 0 AND min_match <= 1)",
        "“Match at least” is a share: above 0 % and at most 100 %.",
    )

    @api.constrains("company_id")
    def _check_company_customers(self):
        for persona in self.filtered("company_id"):
            # superuser: the count must also see the customers of companies the user does not see
            strangers = (
                self.env["hc.persona.membership"]
                .sudo()
                .search_count(
                    [
                        ("persona_id", "=", persona.id),
                        ("date_left", "=", False),
                        ("source", "=", "person"),
                        ("partner_id.company_id", "!=", persona.company_id.id),
                    ],
                    limit=1,
                )
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "Somebody chose “%(persona)s” for contacts outside %(company)s. Choose another "
                        "persona for them first, or leave the company of the persona empty.",
                        persona=persona.name,
                        company=persona.company_id.name,
                    )
                )

    @api.depends("review_date")
    def _compute_is_review_overdue(self):
        today = fields.Date.context_today(self)
        for persona in self:
            persona.is_review_overdue = bool(persona.review_date and persona.review_date < today)

    def _search_is_review_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("review_date", "<", fields.Date.context_today(self))
        return overdue if True in value else ~overdue

    @api.depends("membership_ids.date_left")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customers(self):
        # through the reader's own rights: not even a number of customers they may not see
        counts = {
            persona.id: count
            for persona, count in self.env["hc.persona.membership"]._read_group(
                [("date_left", "=", False)], ["persona_id"], ["__count"]
            )
        }
        total = sum(counts.values())
        for persona in self:
            persona.customer_count = counts.get(persona._origin.id, 0)
            persona.customer_share = persona.customer_count / total if total else 0.0

    @api.depends(
        "insight_ids.stance", "insight_ids.note_id.date", "insight_ids.note_id.participant_ids"
    )
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_foundation(self):
        evidence = self.env["hc.research.insight"]._evidence_by_persona(self._origin)
        today = fields.Date.context_today(self)
        for persona in self:
            found = evidence.get(persona._origin.id)
            if not found:
                persona.foundation = engine.ASSUMPTION
                persona.people_count = 0
                persona.foundation_text = self.env._(
                    "Nobody was asked yet. Add a research note to find out whether it is true."
                )
                continue
            age = max(0.0, (today - found["newest"]).days / DAYS_PER_MONTH)
            persona.foundation = engine.foundation(
                found["supporting"], found["contradicting"], found["methods"], age
            )
            persona.people_count = found["people"]
            persona.foundation_text = persona._foundation_sentence(found, age)

    def _foundation_sentence(self, found, age):
        """Say in words why the persona is as well founded as it is, and what would make it better."""
        sentence = self.env._(
            "%(people)s heard: %(supporting)s for it, %(contradicting)s against. Newest on %(date)s.",
            people=(
                self.env._("1 person")
                if found["people"] == 1
                else self.env._("%(count)s people", count=found["people"])
            ),
            supporting=found["supporting"],
            contradicting=found["contradicting"],
            date=format_date(self.env, found["newest"]),
        )
        if age > engine.MONTHS_AGEING:
            return self.env._("%(sentence)s That is long ago: ask again.", sentence=sentence)
        if engine.is_disputed(found["supporting"], found["contradicting"]):
            return self.env._(
                "%(sentence)s Many contradict: is this two personas?", sentence=sentence
            )
        if missing := engine.still_needed(found["supporting"], found["methods"]):
            return self.env._(
                "%(sentence)s Well founded needs %(missing)s more.",
                sentence=sentence,
                missing=missing,
            )
        return sentence

    def _search_membership_ids(self, operator, value):
        return search_visible(self, "membership_ids", operator, value)

    def _search_insight_ids(self, operator, value):
        return search_visible(self, "insight_ids", operator, value)

    def _search_foundation(self, operator, value):
        if operator != "in":
            return NotImplemented
        # personas are counted in dozens, and the answer depends on what the reader may see
        personas = self.search([("active", "in", [True, False])])
        return Domain("id", "in", personas.filtered(lambda p: p.foundation in value).ids)

    def write(self, vals):
        if vals.get("active") is False:
            self._close_memberships()
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        return [
            dict(vals, name=self.env._("%s (copy)", persona.name))
            for persona, vals in zip(self, vals_list, strict=True)
        ]

    def _close_memberships(self):
        """An archived persona describes nobody any more, neither by rule nor by choice."""
        # superuser: memberships are written by nobody directly; archiving needs write access on the persona
        current = (
            self.env["hc.persona.membership"]
            .sudo()
            .search([("persona_id", "in", self.ids), ("date_left", "=", False)])
        )
        self.check_access("write")
        current._close(self.env._("The persona was archived"))

    def action_refresh(self):
        """Decide all customers' personas anew, now, and say how many entered and left."""
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._(
                    "Only administrators of Customer Care can refresh the personas of all customers."
                )
            )
        result = self.env["hc.persona.membership"]._refresh()
        if result is None:
            kind = "warning"
            message = self.env._(
                "Somebody is refreshing the personas right now. Try again in a minute."
            )
        else:
            # not even a number, or a name, of what they may not see
            Membership = self.env["hc.persona.membership"]
            skipped = result["skipped"].with_env(self.env)._filtered_access("read")
            kind = "warning" if skipped else "success"
            message = self.env._(
                "%(entered)s entered, %(left)s left.",
                entered=Membership._count_changes("entered"),
                left=Membership._count_changes("left"),
            )
            if skipped:
                message = self.env._(
                    "%(message)s Left out because they no longer work: %(rules)s.",
                    message=message,
                    rules=", ".join(skipped.mapped("name")),
                )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                # the numbers on the screen are the old ones
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_customers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("contacts.action_contacts")
        return action | {
            "display_name": self.name,
            "domain": [("persona_id", "=", self.id)],
            "context": {},
        }

    def action_open_memberships(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm.hc_persona_membership_action"
        )
        return action | {"domain": [("persona_id", "=", self.id)], "context": {}}

    def action_open_evidence(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_research_insight_action")
        return action | {
            "display_name": self.env._("Evidence: %(persona)s", persona=self.name),
            "domain": [("persona_id", "=", self.id)],
            "context": {"default_persona_id": self.id},
        }

    def action_mark_reviewed(self):
        """Checked and still true: look again in a year."""
        self.write({"review_date": fields.Date.add(fields.Date.context_today(self), years=1)})

    def _traits_by_kind(self):
        """Return ``[(kind, label, traits)]`` for the sections that have any, in the order of the card."""
        self.ensure_one()
        labels = dict(self.env["hc.persona.trait"]._fields["kind"]._description_selection(self.env))
        by_kind = self.trait_ids.grouped("kind")
        return [
            (kind, labels[kind], by_kind[kind].sorted("sequence"))
            for kind, _label in TRAIT_KINDS
            if kind in by_kind
        ]
