from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..insight import words

# The ways in which somebody may say yes or no to a purpose.
CHOICE_CHANNELS = ("email", "sms", "call", "letter")
# What colleagues noticed by themselves is theirs; what somebody said or published is not.
SHOWN_SOURCES = ("told", "document", "public")
CONTACT_FIELDS = ("phone", "street", "street2", "zip", "city", "country_id")


class ResPartner(models.Model):
    """What the preference page says about one person, in plain words and with its source.

    Everything here runs as superuser, for the person of a personal link and its company alone, which is the
    company of the environment. Nothing of another company, of another person or of colleagues' own notes
    may be said.
    """

    _inherit = "res.partner"

    def _hc_preference_page(self):
        self.ensure_one()
        policy = self.env["hc.contact.policy"]._for_company(self.env.company)
        optout = self.env["hc.profiling.optout"].search([("partner_id", "=", self.id)])
        shows = policy.show_inferences
        return {
            "purposes": self._hc_preference_purposes(),
            "known": self._hc_preference_known(),
            "inferences": self._hc_preference_inferences() if shows and not optout else [],
            "shows_inferences": shows,
            "optout_date": optout and format_date(self.env, optout.date),
            "channels": self._hc_preference_channels(),
            "channel_id": self.env["hc.channel.preference"]
            .search([("partner_id", "=", self.id)])
            .channel_id.id,
            "hours": self._hc_preference_hours(),
            "requests": self._hc_preference_requests(),
            "address": {name: self._hc_contact_value(name) for name in CONTACT_FIELDS},
            "address_is_own": self._hc_address_is_own(),
            "countries": self.env["res.country"].search_fetch([], ["name"]),
            "can_change_country": self._can_edit_country(),
        }

    def _hc_contact_value(self, name):
        value = self[name]
        return value.id if self._fields[name].type == "many2one" else value or ""

    def _hc_address_is_own(self):
        """The address of a company's contact is the company's: changing one changes the other."""
        return not (self.parent_id and self.type == "contact")

    # -- what we write about ----------------------------------------------------------------------

    def _hc_preference_purposes(self):
        channels = (
            self.env["hc.channel"]
            .search([("key", "in", CHOICE_CHANNELS)])
            .sorted(lambda channel: CHOICE_CHANNELS.index(channel.key))
        )
        said = self._hc_consents()[self.id]
        result = []
        for purpose in self.env["hc.consent.purpose"].search(Domain.TRUE):
            choices = []
            for channel in channels:
                allowed, line = self._hc_choice(purpose, channel, said)
                choices.append(
                    {
                        "id": channel.id,
                        "key": channel.key,
                        "name": channel.name,
                        "on": allowed,
                        "said": self._hc_said(line),
                    }
                )
            result.append(
                {
                    "id": purpose.id,
                    "key": purpose.key,
                    "name": purpose.name,
                    "description": purpose.description or "",
                    "is_always": purpose.basis == "contract",
                    "channels": choices,
                    "said": list(dict.fromkeys(c["said"] for c in choices if c["said"])),
                }
            )
        return result

    def _hc_choice(self, purpose, channel, said=None):
        """Return whether they let us write on this channel, and the line of the log that says so, if any.

        Odoo's blacklist ends all mail, whatever was said about one purpose.
        """
        said = self._hc_consents()[self.id] if said is None else said
        latest = self._hc_latest(said, purpose.key, channel.key)
        allowed, _state, _date, consent_id = self._hc_allowed(purpose.basis, latest)
        if channel.key == "email" and purpose.basis != "contract" and self.is_blacklisted:
            allowed = False
        return allowed, self.env["hc.consent"].browse(consent_id or [])

    def _hc_said(self, line):
        if not line:
            return ""
        how = dict(line._fields["how"]._description_selection(self.env))[line.how]
        day = format_date(self.env, line.date)
        channel = line.channel_id.name
        if not channel:
            if line.state == "given":
                return self.env._("You said yes on %(date)s (%(how)s).", date=day, how=how)
            return self.env._("You said no on %(date)s (%(how)s).", date=day, how=how)
        values = {"channel": channel, "date": day, "how": how}
        if line.state == "given":
            return self.env._("%(channel)s: you said yes on %(date)s (%(how)s).", **values)
        return self.env._("%(channel)s: you said no on %(date)s (%(how)s).", **values)

    # -- how and when -----------------------------------------------------------------------------

    def _hc_preference_channels(self):
        Preference = self.env["hc.channel.preference"]
        return self.env["hc.channel"].search(Preference._fields["channel_id"].domain)

    def _hc_preference_hours(self):
        hours = self.env["hc.contact.hours"].search([("partner_id", "=", self.id)])
        return {
            "from": int(hours.hour_from) if hours else 0,
            "to": int(hours.hour_to) if hours else 24,
            "days": hours.weekdays if hours else "1234567",
            "known": bool(hours),
        }

    # -- what we know -----------------------------------------------------------------------------

    def _hc_preference_known(self):
        since = self.env._(
            "In our address book since %(date)s", date=format_date(self.env, self.create_date)
        )
        lines = [
            {"key": "name", "label": self.env._("Name"), "value": self.name or "", "source": since},
            {
                "key": "email",
                "label": self.env._("E-mail"),
                "value": self.email or "",
                "source": since,
            },
            {
                "key": "phone",
                "label": self.env._("Phone"),
                "value": self.phone or "",
                "source": since,
            },
            {
                "key": "address",
                "label": self.env._("Address"),
                "value": ", ".join(
                    part
                    for part in (
                        self.street,
                        self.street2,
                        " ".join(filter(None, (self.zip, self.city))),
                        self.country_id.name,
                    )
                    if part
                ),
                "source": since
                if self._hc_address_is_own()
                else self.env._("The address of your company"),
            },
        ]
        if self.parent_id:
            lines.append(
                {
                    "key": "parent",
                    "label": self.env._("Company"),
                    "value": self.parent_id.name,
                    "source": since,
                }
            )
        if self.function:
            lines.append(
                {
                    "key": "function",
                    "label": self.env._("Position"),
                    "value": self.function,
                    "source": since,
                }
            )
        for address in self.env["hc.partner.email"].search([("partner_id", "=", self.id)]):
            lines.append(
                {
                    "key": "other_email",
                    "label": self.env._("Another e-mail address"),
                    "value": address.email,
                    "source": self.env._(
                        "Noted on %(date)s", date=format_date(self.env, address.create_date)
                    ),
                }
            )
        stated = self.env["hc.channel.preference"].search([("partner_id", "=", self.id)])
        if stated:
            lines.append(
                {
                    "key": "channel",
                    "label": self.env._("You like to be reached by"),
                    "value": stated.channel_id.name,
                    "source": self.env._(
                        "You said so on %(date)s", date=format_date(self.env, stated.stated_date)
                    ),
                }
            )
        lines += self._hc_preference_facts()
        return [line for line in lines if line["value"]]

    def _hc_shown_facts(self):
        """Return what is good to know and not the colleagues' own.

        Nothing sensitive: a link may fall into other hands. Nothing that a colleague noticed: those are
        their words. Both are in the answer that a person gives to a request.
        """
        return self.env["hc.fact"].search(
            [
                ("partner_id", "=", self.id),
                ("sensitivity", "=", "normal"),
                ("source", "in", SHOWN_SOURCES),
                ("is_expired", "=", False),
            ]
        )

    def _hc_preference_facts(self):
        sources = {
            "told": self.env._("You told us"),
            "document": self.env._("From a document"),
            "public": self.env._("Publicly known"),
        }
        kinds = {
            "access": self.env._("What you need"),
            "avoid": self.env._("What we avoid"),
            "milestone": self.env._("Your day"),
            "like": self.env._("What you like"),
            "family": self.env._("About your family"),
            "other": self.env._("Good to know"),
        }
        lines = []
        for fact in self._hc_shown_facts():
            source = sources[fact.source]
            if fact.date_learned:
                source = f"{source}, {format_date(self.env, fact.date_learned)}"
            if fact.date_expiry:
                until = format_date(self.env, fact.date_expiry)
                kept = self.env._("kept until %(date)s", date=until)
                source = f"{source}; {kept}"
            lines.append(
                {
                    "key": "fact",
                    "label": kinds[fact.kind],
                    "value": f"{fact.text}: {fact.date_label}" if fact.date else fact.text,
                    "source": source,
                }
            )
        return lines

    # -- what we work out -------------------------------------------------------------------------

    def _hc_preference_inferences(self):
        return [
            *self._hc_preference_persona(),
            *self._hc_preference_insight(),
            *self._hc_preference_learned_channel(),
            *self._hc_preference_segments(),
        ]

    def _hc_preference_persona(self):
        membership = self.env["hc.persona.membership"].search(
            [
                ("partner_id", "=", self.id),
                ("date_left", "=", False),
                ("persona_id.company_id", "in", (False, self.env.company.id)),
            ]
        )
        if not membership:
            return []
        persona = membership.persona_id
        return [
            {
                "key": "persona",
                "label": self.env._("What kind of customer"),
                # what colleagues call them among each other is no word for them to read
                "value": persona.tagline
                or self.env._("You shop in the way that many of our customers do."),
                "source": self.env._("Thought so by a colleague")
                if membership.source == "person"
                else self.env._("Worked out by rules from what you bought and how we are in touch"),
            }
        ]

    def _hc_preference_insight(self):
        """Figures are about whole customers: who belongs to a company is not told the company's."""
        insight = self.env["hc.customer.insight"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        )
        if not insight:
            return []
        source = self.env._(
            "Worked out from your purchases and our contacts on %(date)s",
            date=format_date(self.env, insight.computed_at),
        )
        lines = []

        def add(key, label, value):
            lines.append({"key": key, "label": label, "value": value, "source": source})

        if insight.rhythm_days:
            rhythm = words.rhythm(self.env, insight.rhythm_days)
            add(
                "rhythm",
                self.env._("How often you buy"),
                self.env._("You buy %(rhythm)s.", rhythm=rhythm),
            )
        if insight.value_state != "few":
            add(
                "risk",
                self.env._("Whether you will come back"),
                self.env._("We think that you may stop buying from us.")
                if insight.churn_risk >= 0.5
                else self.env._("We think that you will buy from us again."),
            )
        if insight.value_state == "money":
            add(
                "value",
                self.env._("What you may buy"),
                self.env._("We estimate it, so that we know for whom to take time first."),
            )
        bands = {
            "low": self.env._("It needs care: we may have let you down."),
            "middle": self.env._("It is steady."),
            "high": self.env._("It is thriving."),
        }
        if insight.health_band in bands:
            add("health", self.env._("How our relationship is"), bands[insight.health_band])
        return lines

    def _hc_preference_learned_channel(self):
        learned = self.env["hc.channel.score"].search(
            [
                ("partner_id", "=", self.id),
                ("is_learned", "=", True),
                ("company_id", "in", (False, self.env.company.id)),
                ("company_count", "<=", 1),
            ]
        )
        return [
            {
                "key": "learned_channel",
                "label": self.env._("How you answer best"),
                "value": score.channel_id.name,
                "source": self.env._("Worked out from how you answered us"),
            }
            for score in learned
        ]

    def _hc_preference_segments(self):
        memberships = self.env["hc.segment.membership"].search(
            [
                ("partner_id", "=", self.id),
                ("date_left", "=", False),
                ("company_id", "in", (False, self.env.company.id)),
                ("segment_id.company_id", "in", (False, self.env.company.id)),
            ]
        )
        return [
            {
                "key": "segment",
                "label": self.env._("Group we count you in"),
                "value": membership.segment_id.name,
                "source": self.env._(
                    "By rules, since %(date)s", date=format_date(self.env, membership.date_entered)
                ),
            }
            for membership in memberships
        ]

    # -- what they asked for ----------------------------------------------------------------------

    def _hc_preference_requests(self):
        requests = self.env["hc.privacy.request"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)],
            order="date desc, id desc",
            limit=20,
        )
        kinds = {
            "copy": self.env._("Copy of your data"),
            "correction": self.env._("Correction"),
            "erasure": self.env._("Erasure of your data"),
            "objection": self.env._("Profiling"),
        }
        states = dict(requests._fields["state"]._description_selection(self.env))
        return [
            {
                "kind": request.kind,
                "label": kinds[request.kind],
                "state": request.state,
                "state_label": states[request.state],
                "is_open": request.is_open,
                "date": format_date(
                    self.env, fields.Datetime.context_timestamp(self, request.date)
                ),
                "moment": request.date,
                "due": format_date(self.env, request.date_due),
                "outcome": request.outcome or "",
            }
            for request in requests
        ]
