from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.hc_crm.models.consent.contact_decision import LATER, YES
from odoo.addons.hc_crm.models.outreach.hc_outreach_words import reason_label

# Names shown beside a reason.
SHOWN_NAMES = 3
# Who wants to ask more people at once makes a rule.
MAX_PEOPLE = 20_000


class HcAskInvite(models.TransientModel):
    """Ask a customer, a list of contacts or a segment by hand: first who will be asked, and who not and why."""

    _name = "hc.ask.invite"
    _description = "Ask for Feedback"

    rule_id = fields.Many2one(
        "hc.ask.rule", string="What to Ask", required=True,
        domain="[('company_id', 'in', allowed_company_ids), ('survey_id', '!=', False)]",
        default=lambda self: self._default_rule(),
    )  # fmt: skip
    partner_ids = fields.Many2many("res.partner", string="Whom")
    segment_id = fields.Many2one("hc.segment")
    date = fields.Datetime(
        string="When",
        required=True,
        default=fields.Datetime.now,
        help="Quiet hours are kept anyway.",
    )
    count_asked = fields.Integer(string="Will Be Asked", compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def _default_rule(self):
        Rule = self.env["hc.ask.rule"]
        domain = [("company_id", "=", self.env.company.id), ("survey_id", "!=", False)]
        return Rule.search([*domain, ("trigger", "=", "manual")], limit=1) or Rule.search(
            domain, limit=1
        )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if model == "res.partner" and "partner_ids" in fields:
            values["partner_ids"] = [Command.set(ids)]
        elif model == "hc.segment" and "segment_id" in fields and ids:
            values["segment_id"] = ids[0]
        return values

    def _people(self):
        """Return whom the user chose, of those they may read; people of a segment as the user sees it."""
        self.ensure_one()
        partners = self.partner_ids._origin or self.partner_ids
        if self.segment_id:
            partners |= (
                self.env["hc.segment.membership"]
                .search(
                    [
                        ("segment_id", "=", self.segment_id.id),
                        ("date_left", "=", False),
                        ("company_id", "in", [False, self.rule_id.company_id.id]),
                    ]
                )
                .partner_id
            )
        partners = partners._filtered_access("read")
        if len(partners) > MAX_PEOPLE:
            raise UserError(
                self.env._(
                    "“Whom”: these are %(count)s people; %(most)s at once is the most. Take a smaller segment.",
                    count=len(partners),
                    most=MAX_PEOPLE,
                )
            )
        return partners

    def _sort_out(self):
        """Return who would be asked now, and why the others would not.

        :return: (people asked, {(answer, code): people})
        """
        self.ensure_one()
        partners = self._people()
        # superuser: what is hidden from the user holds all the same; only reasons without details are told
        rule = self.rule_id.sudo()
        rest = {}

        def put(answer, code, partner):
            rest[answer, code] = rest.get((answer, code), partner.browse()) | partner

        lately = rule._asked_lately(partners)
        decisions = partners._hc_contact_decisions(
            "email", rule.purpose_id.key, self.date, company=rule.company_id
        )
        asked = partners.browse()
        later = partners.browse()
        for partner in partners:
            decision = decisions[partner.id]
            if partner.id in lately:
                put("never", "asked_lately", partner)
            elif decision.answer == YES:
                asked |= partner
            elif decision.answer == LATER:
                put(LATER, decision.code, partner)
                later |= partner
            else:
                put("never", decision.code, partner)
        return asked, later, rest

    @api.depends("rule_id", "partner_ids", "segment_id", "date")
    def _compute_preview(self):
        for wizard in self:
            if not wizard.rule_id or not wizard.date:
                wizard.count_asked, wizard.preview = 0, False
                continue
            asked, later, rest = wizard._sort_out()
            wizard.count_asked = len(asked) + len(later)
            wizard.preview = wizard._preview_html(asked, rest)

    def _preview_html(self, asked, rest):
        lines = [(len(asked), self.env._("will be asked"), asked)] if asked else []
        for is_later in (True, False):
            for (answer, code), people in sorted(rest.items(), key=lambda item: -len(item[1])):
                if (answer == LATER) == is_later:
                    reason = reason_label(self.env, code)
                    text = (
                        self.env._("will be asked later: %s", reason)
                        if is_later
                        else self.env._("will not be asked: %s", reason)
                    )
                    lines.append((len(people), text, people))
        if not lines:
            return Markup("<p>%s</p>") % self.env._("Nobody is chosen yet.")
        row = Markup(
            "<tr><td class='text-end fw-bold pe-3'>%s</td><td class='pe-3'>%s</td>"
            "<td class='text-muted'>%s</td></tr>"
        )
        return Markup(
            "<table class='table table-sm mb-0'><tbody>%s</tbody></table>"
        ) % Markup().join(row % (count, text, self._names(people)) for count, text, people in lines)

    def _names(self, people):
        names = ", ".join(people[:SHOWN_NAMES].mapped("display_name"))
        more = len(people) - SHOWN_NAMES
        return (
            self.env._("%(names)s and %(count)s more", names=names, count=more)
            if more > 0
            else names
        )

    def action_ask(self):
        """Note that they are to be asked; each mail is decided about once more right before it leaves."""
        self.ensure_one()
        rule = self.rule_id
        rule.check_access("read")
        if not rule.active or not rule.sudo().survey_id.active:
            raise ValidationError(
                self.env._(
                    "“What to Ask”: “%s” is switched off, or its survey is closed.", rule.name
                )
            )
        asked, later, _rest = self._sort_out()
        people = asked | later
        if not people:
            raise UserError(self.env._("Nobody of them can be asked; below you see why."))
        asks = self.env["hc.ask"].sudo()._hc_ask(rule, people, at=self.date)
        asks._trigger_work()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s people will be asked.", len(people))
                if len(people) > 1
                else self.env._("%s will be asked.", people.display_name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
