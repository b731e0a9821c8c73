from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, format_date

from .hc_fact import next_occurrence

# Milestones that just passed still deserve a word; those ahead want preparing. In days.
MILESTONE_PAST = 2
MILESTONE_AHEAD = 7


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Imports and the API look customers up by address; without an index each look-up reads the table.
    email_normalized = fields.Char(index="btree_not_null")
    # No one2many to facts and addresses: the host answers “has any” and “is one of these ids” on those
    # without the record rules, and so would count what is hidden.
    hc_other_email = fields.Char(
        string="Other E-mail Address",
        compute="_compute_hc_other_email",
        search="_search_hc_other_email",
        groups="hc_crm.hc_crm_group_user",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_hc_other_email(self):
        addresses = dict(
            self.env["hc.partner.email"]._read_group(
                [("partner_id", "in", self._origin.ids)], ["partner_id"], ["email:array_agg"]
            )
        )
        for partner in self:
            partner.hc_other_email = ", ".join(addresses.get(partner._origin, [])) or False

    def _search_hc_other_email(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented

        def having(domain):
            # through the record rules
            query = self.env["hc.partner.email"]._search(domain)
            return Domain("id", "in", query.subselect(SQL.identifier(query.table, "partner_id")))

        if operator != "in":
            return having(Domain("email", operator, value))
        found = having(Domain("email", "in", [address for address in value if address]))
        return found | ~having(Domain.TRUE) if False in value else found

    def write(self, vals):
        # what may change who looks after whom
        if {"user_id", "parent_id", "is_company"}.isdisjoint(vals):
            return super().write(vals)
        # superuser: also of facts that the current user does not see, or they could take over unnoticed
        facts = (
            self.env["hc.fact"]
            .sudo()
            .with_context(active_test=False)
            .search(
                Domain("sensitivity", "=", "sensitive")
                & (
                    Domain("partner_id", "in", self.ids)
                    | Domain("commercial_partner_id", "in", self.ids)
                )
            )
        )
        owners = {fact: fact._owners() for fact in facts}
        res = super().write(vals)
        facts._log_new_readers(owners)
        return res

    @api.readonly
    def hc_get_good_to_know(self):
        """Return what the tab “Good to Know” shows, as far as the current user may read it.

        :return: ``{"facts": [...], "emails": [...]}``: facts most important first, without expired ones,
            and the other e-mail addresses
        """
        self.ensure_one()
        self.check_access("read")
        facts = self.env["hc.fact"]
        labels = {
            name: dict(facts._fields[name]._description_selection(self.env))
            for name in ("kind", "purpose", "source")
        }
        return {
            "facts": [
                {
                    "id": fact["id"],
                    "kind": fact["kind"],
                    "kind_label": labels["kind"][fact["kind"]],
                    "text": fact["text"],
                    "date_label": fact["date_label"],
                    "is_sensitive": fact["sensitivity"] == "sensitive",
                    "purpose_label": labels["purpose"][fact["purpose"]],
                    "source_label": labels["source"][fact["source"]],
                    "until": fact["date_expiry"] and format_date(self.env, fact["date_expiry"]),
                }
                for fact in facts.search_read(
                    [("partner_id", "=", self.id), ("is_expired", "=", False)],
                    [
                        "kind",
                        "text",
                        "date_label",
                        "sensitivity",
                        "purpose",
                        "source",
                        "date_expiry",
                    ],
                )
            ],
            "emails": self.env["hc.partner.email"].search_read(
                [("partner_id", "=", self.id)], ["email", "label"]
            ),
        }

    def _hc_brief_facts(self):
        """Return the facts worth knowing before talking to this customer, most important first.

        Called by the brief. Accessibility needs and things to avoid, then milestones of these days,
        then likes; of a contact also those of its company, of a company those of all its people. Only
        what the current user may read.
        """
        self.ensure_one()
        if self == self.commercial_partner_id:
            whose = [("commercial_partner_id", "=", self.id)]
        else:
            whose = [("partner_id", "in", (self | self.commercial_partner_id).ids)]
        facts = self.env["hc.fact"].search(
            [
                *whose,
                ("kind", "in", ("access", "avoid", "milestone", "like")),
                ("is_expired", "=", False),
            ]
        )
        since = fields.Date.context_today(self) - timedelta(days=MILESTONE_PAST)
        until = since + timedelta(days=MILESTONE_PAST + MILESTONE_AHEAD)

        def is_now(fact):
            day = next_occurrence(fact.date, fact.yearly, since)
            return bool(day) and day <= until

        # what concerns this very person before what concerns the others
        return facts.filtered(lambda f: f.kind != "milestone" or is_now(f)).sorted(
            lambda f: (f.kind_rank, f.partner_id != self, f.id)
        )

    @api.model
    def _hc_find_by_emails(self, emails):
        """Return ``{normalized e-mail: partner}`` for the addresses that belong to a customer.

        Where several have the address, see ``_hc_match_emails`` for who comes first.
        """
        return {
            email: partner for email, (partner, _rivals) in self._hc_match_emails(emails).items()
        }

    @api.model
    def _hc_match_emails(self, emails):
        """Return ``{normalized e-mail: (partner, rivals)}``, in a fixed number of queries.

        Best is: active before archived, the main address before an other address, a person before a
        company, a contact of a company before a stand-alone person, the oldest before younger ones.
        Rivals are the partners just as good (but for their age) that belong to another customer: callers
        that must not guess refuse when there are any.
        Only partners the current user may see; archived ones too, for their history is history as well.
        """
        wanted = {normalized for email in emails if (normalized := email_normalize(email))}
        if not wanted:
            return {}
        among = [("email_normalized", "in", list(wanted))]
        matches = defaultdict(list)
        everyone = self.with_context(active_test=False)
        for partner in everyone.search_fetch(
            among,
            ["email_normalized", "active", "is_company", "parent_id", "commercial_partner_id"],
        ):
            matches[partner.email_normalized].append((False, partner))
        addresses = self.env["hc.partner.email"].search_fetch(
            among, ["email_normalized", "partner_id"]
        )
        # An address may be readable while its customer is not.
        visible = addresses.partner_id._filtered_access("read")
        for address in addresses:
            if address.partner_id in visible:
                matches[address.email_normalized].append((True, address.partner_id))

        def rank(match):
            is_other_address, partner = match
            return not partner.active, is_other_address, partner.is_company, not partner.parent_id

        found = {}
        for email, candidates in matches.items():
            candidates.sort(key=lambda match: (rank(match), match[1].id))
            best = candidates[0]
            rivals = self.union(
                *(
                    partner
                    for is_other, partner in candidates
                    if rank((is_other, partner)) == rank(best)
                    and partner.commercial_partner_id != best[1].commercial_partner_id
                )
            )
            found[email] = best[1].with_env(self.env), rivals
        return found
