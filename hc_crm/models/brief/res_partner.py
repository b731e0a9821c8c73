from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# Channels by which people meet; the rest of the timeline are documents and traces.
CONTACT_CHANNELS = (
    "call",
    "visit",
    "counter",
    "email",
    "sms",
    "chat",
    "social",
    "letter",
    "meeting",
)
# Written channels in which silence of ours is an answer owed.
ANSWER_CHANNELS = ("email", "sms", "chat", "social", "letter")
ANSWER_OWED_DAYS = 1
# A bad feeling older than this is history, not something to be careful about today.
PROBLEM_DAYS = 90
# A face shown as "feeling now" has to be of now.
FEELING_DAYS = 365
MAX_LINES = 3


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.readonly
    def hc_get_brief(self, res_model=None, res_id=None):
        """Return who this customer is and the three things to know before talking to them.

        One line each of: what is open, how they felt last, what to do or not to say; a kind with nothing
        to say leaves its place to the others. Every line names its source and the record behind it, and
        nothing is said that the reader could not open.

        :param res_model: model of the document the brief is shown on, which need not be mentioned again
        :param res_id: id of that document
        :return: dict, see ``_hc_brief_*`` for its parts
        """
        self.ensure_one()
        self.check_access("read")
        # One clear refusal, whatever parts there would be to tell.
        self.env["hc.timeline"].check_access("read")
        here = (res_model, res_id)
        contacts = self._hc_brief_contacts()
        feeling = self._hc_brief_feeling()
        promises = self._hc_brief_promises()
        return {
            "partner": {"id": self.id, "name": self.display_name, "is_company": self.is_company},
            "persona": self._hc_brief_persona(),
            "feeling": feeling,
            "last_contact": self._hc_brief_last_contact(contacts),
            "promises": {"open": len(promises), "late": len(promises.filtered("is_late"))},
            "lines": self._hc_brief_lines(promises, contacts, feeling, here),
            "chips": self._hc_brief_chips(),
        }

    # -- header -----------------------------------------------------------------------------------

    def _hc_brief_persona(self):
        persona = self.persona_id
        if not persona:
            return False
        return {
            "id": persona.id,
            "name": persona.display_name,
            "portrait_url": f"/web/image/hc.persona/{persona.id}/image_128",
            "confidence": False if self.persona_source == "person" else self.persona_confidence,
            "source": self.persona_source,
            "reason": self.persona_reason or "",
        }

    def _hc_brief_rows(self, domain, limit):
        timeline = self.env["hc.timeline"]
        if not timeline.has_access("read"):
            return []
        now = fields.Datetime.now()
        domain = (
            Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
            & Domain("date", "<=", now)
            & domain
        )
        self.env.cr.execute(SQL("SELECT set_config('jit', 'off', true)"))
        return timeline._hc_entries(timeline._hc_rows(domain, None, limit))

    def _hc_brief_contacts(self):
        """The last times a person was in touch, newest first."""
        return self._hc_brief_rows(
            Domain("channel", "in", CONTACT_CHANNELS) & Domain("is_automated", "=", False), 3
        )

    def _hc_brief_last_contact(self, contacts):
        if not contacts:
            return False
        entry = contacts[0]
        channel = self.env["hc.channel"]._hc_channel_info().get(entry["channel"], {})
        user = entry["user"] or (entry["author"] if entry["direction"] == "out" else False)
        model, res_id = self.env["hc.timeline"]._hc_target(entry["res_model"], entry["res_id"])
        return {
            "date": entry["date"],
            "days": self._hc_days_ago(entry["date"]),
            "channel": entry["channel"],
            "channel_label": channel.get("label", ""),
            "icon": channel.get("icon", ""),
            "user_name": user["name"] if user else "",
            "res_model": model,
            "res_id": res_id,
        }

    def _hc_brief_feeling(self):
        # Not ("feeling", "!=", False): for the ORM a neutral 0 and no feeling at all are the same.
        known = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IS NOT NULL", model._field_to_sql(alias, "feeling", query)
            )
        )
        entries = self._hc_brief_rows(known, 1)
        if not entries or self._hc_days_ago(entries[0]["date"]) > FEELING_DAYS:
            return False
        entry = entries[0]
        labels = dict(
            self.env["hc.interaction"]._fields["sentiment"]._description_selection(self.env)
        )
        return {
            "value": entry["feeling"],
            "label": labels[str(entry["feeling"])],
            "date": entry["date"],
            "source_label": entry["source_label"],
            "res_model": entry["res_model"],
            "res_id": entry["res_id"],
            "title": entry["title"],
            "partner": entry["partner"],
        }

    def _hc_brief_promises(self):
        if not self.env["hc.promise"].has_access("read"):
            return self.env["hc.promise"]
        return self.env["hc.promise"].search(
            [("commercial_partner_id", "=", self.commercial_partner_id.id), ("state", "=", "open")]
        )

    # -- three things to know ---------------------------------------------------------------------

    def _hc_brief_lines(self, promises, contacts, feeling, here):
        """Return at most three lines: one per kind first, then what else is most pressing."""
        kinds = [
            self._hc_lines_pause() + self._hc_lines_open(promises, contacts),
            self._hc_lines_feeling(feeling),
            self._hc_lines_do(),
        ]
        for lines in kinds:
            lines[:] = [line for line in lines if (line["res_model"], line["res_id"]) != here]
        chosen = [lines.pop(0) for lines in kinds if lines]
        for lines in kinds:
            chosen += lines[: MAX_LINES - len(chosen)]
        return chosen[:MAX_LINES]

    def _hc_line(self, kind, icon, tone, text, source, res_model, res_id):
        return {
            "kind": kind,
            "icon": icon,
            "tone": tone,
            "text": text,
            "source": source,
            "res_model": res_model,
            "res_id": res_id,
        }

    def _hc_lines_open(self, promises, contacts):
        lines = []
        for promise in promises.filtered("is_late"):
            text = self.env._("Late promise: %(what)s", what=promise.summary)
            source = self.env._(
                "Promised by %(who)s, due %(day)s",
                who=promise.sudo().user_id.name,  # sudo: a colleague's name, as on every document
                day=format_date(self.env, promise.date_due),
            )
            lines.append(
                self._hc_line(
                    "promise", "fa-handshake-o", "danger", text, source, promise._name, promise.id
                )
            )
        lines += self._hc_lines_answer(contacts)
        for promise in promises.filtered(lambda p: not p.is_late):
            text = self.env._("We promised: %(what)s", what=promise.summary)
            source = self.env._("Promise, due %(day)s", day=format_date(self.env, promise.date_due))
            lines.append(
                self._hc_line(
                    "promise", "fa-handshake-o", "warning", text, source, promise._name, promise.id
                )
            )
        return lines

    def _hc_lines_answer(self, contacts):
        """If the last word was theirs, in writing, it waits for ours."""
        if not contacts:
            return []
        entry = contacts[0]
        days = self._hc_days_ago(entry["date"])
        if (
            entry["direction"] != "in"
            or entry["channel"] not in ANSWER_CHANNELS
            or days < ANSWER_OWED_DAYS
        ):
            return []
        text = self.env._(
            "Waiting for our answer for %(days)s days: %(what)s",
            days=days,
            what=entry["title"] or entry["preview"],
        )
        model, res_id = self.env["hc.timeline"]._hc_target(entry["res_model"], entry["res_id"])
        channel = (
            self.env["hc.channel"]._hc_channel_info().get(entry["channel"], {}).get("label", "")
        )
        who = entry["author"] or entry["partner"]
        source = f"{channel} · {who['name']}" if who else channel
        return [
            self._hc_line(
                "answer",
                "fa-reply",
                "danger" if days > 3 else "warning",
                text,
                source,
                model,
                res_id,
            )
        ]

    def _hc_lines_feeling(self, feeling):
        if not feeling or (feeling["value"] == 0):
            return []
        days = self._hc_days_ago(feeling["date"])
        bad = feeling["value"] < 0
        if bad and days > PROBLEM_DAYS:
            return []
        text = f"{feeling['label']}: {feeling['title']}"
        source = self.env._(
            "%(what)s, %(who)s, %(day)s",
            what=feeling["source_label"],
            who=feeling["partner"]["name"] if feeling["partner"] else "",
            day=format_date(self.env, feeling["date"]),
        )
        return [
            self._hc_line(
                "problem" if bad else "feeling",
                "fa-frown-o" if bad else "fa-smile-o",
                ("danger" if feeling["value"] == -2 else "warning") if bad else "success",
                text,
                source,
                feeling["res_model"],
                feeling["res_id"],
            )
        ]

    def _hc_lines_do(self):
        labels = {
            "access": ("do", "fa-universal-access", "info"),
            "avoid": ("dont", "fa-ban", "warning"),
            "milestone": ("milestone", "fa-birthday-cake", "info"),
            "like": ("do", "fa-heart-o", "info"),
        }
        lines = []
        facts = (
            self._hc_brief_facts()
            if self.env["hc.fact"].has_access("read")
            else self.env["hc.fact"]
        )
        for fact in facts[:MAX_LINES]:
            kind, icon, tone = labels[fact.kind]
            label = dict(fact._fields["kind"]._description_selection(self.env))[fact.kind]
            source = self.env._("Good to know")
            if fact.partner_id != self:
                source += f" · {fact.partner_id.name}"
            text = f"{label}: {fact.text}"
            if fact.kind == "milestone":
                text = f"{fact.text}: {format_date(self.env, fact.next_date)}"
            lines.append(self._hc_line(kind, icon, tone, text, source, fact._name, fact.id))
        if len(lines) < MAX_LINES and self.persona_id:
            lines += self._hc_lines_persona()
        return lines

    def _hc_lines_persona(self):
        persona = self.persona_id
        # One each: a persona's full list of dos and don'ts stands on its card.
        dont = persona.trait_ids.filtered(lambda trait: trait.kind == "dont")[:1]
        do = persona.trait_ids.filtered(lambda trait: trait.kind == "do")[:1]
        source = self.env._("Persona: %(name)s", name=persona.display_name)
        return [
            self._hc_line(trait.kind, icon, "info", trait.name, source, persona._name, persona.id)
            for trait, icon in ((do, "fa-check"), (dont, "fa-ban"))
            if trait
        ]

    def _hc_days_ago(self, date):
        """Whole days between ``date`` (UTC string) and now, by the reader's calendar."""
        then = fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(date)).date()
        return max((fields.Date.context_today(self) - then).days, 0)
