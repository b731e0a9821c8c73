import re

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ..fact.hc_partner_email import EMAIL_SHAPE
from .hc_contact_hours import ALL_DAYS
from .hc_privacy_request import MAX_TEXT
from .preference_page import CONTACT_FIELDS

MAX_LINE = 128  # characters of a name or of a line of an address
PHONE = re.compile(r"\+?[0-9][0-9 ()./\-]{3,30}( ?(x|ext\.?) ?[0-9]{1,6})?")


class ResPartner(models.Model):
    """What a person does on their preference page. As superuser, see ``preference_page``.

    Each act stands in the contact's log, said by the person, besides what it writes elsewhere.
    """

    _inherit = "res.partner"

    def _hc_log_act(self, text):
        """Note in the chatter what the person did, in their name."""
        # the reader of the note is a colleague: not the language of the customer
        self._message_log_batch({self.id: text}, author_id=self.id)

    def _hc_for_colleagues(self):
        """Return self in the language of the company, for what colleagues will read."""
        return self.with_context(lang=self.env.company.partner_id.lang or "en_US")

    # -- consent ----------------------------------------------------------------------------------

    def _hc_unsubscribe(self, purpose):
        """Withdraw ``purpose`` on e-mail. Once is enough: return whether it changed anything."""
        return self._hc_choose(purpose, "email", False, "unsubscribe")

    def _hc_choose(self, purpose, channel_key, wanted, how):
        channel = self.env["hc.channel"].search([("key", "=", channel_key)])
        allowed, _line = self._hc_choice(purpose, channel)
        if purpose.basis == "contract" or allowed == wanted:
            return False
        if wanted and channel_key == "email":
            self._hc_leave_blacklist()
        self._hc_record_consent(purpose, "given" if wanted else "withdrawn", channel, how)
        return True

    def _hc_leave_blacklist(self):
        """Whoever asks for mail again, on a page that came by mail, comes off Odoo's blacklist."""
        if self.is_blacklisted:
            me = self._hc_for_colleagues()
            me.env["mail.blacklist"]._remove(
                self.email, me.env._("They asked for mail again on their preference page.")
            )
            self.invalidate_recordset(["is_blacklisted"])

    def _hc_said_to(self):
        """Return the company to which they say yes or no: where there is but one, to all that ever are.

        So it reaches the host's blacklist as well, which knows no companies.
        """
        several = self.env["res.company"].search_count([], limit=2) > 1
        return self.env.company if several else None

    def _hc_record_consent(self, purpose, state, channel, how):
        me = self._hc_for_colleagues()
        purpose = purpose.with_env(me.env)
        me.env["hc.consent"]._hc_record(
            me,
            purpose,
            state,
            channel=channel,
            how=how,
            # the text they agreed to or turned down
            proof=f"{purpose.name}: {purpose.description or ''}".strip(": "),
            company=self._hc_said_to(),
        )

    def _hc_choose_all(self, wanted):
        """Record what changed in the choices of all purposes.

        Where somebody wants no channel any more they mean all, also those that the page does not offer.

        :param wanted: ``{(purpose id, channel key)}``, all that they want
        :return: whether anything changed
        """
        changed = False
        for row in self._hc_preference_purposes():
            if row["is_always"]:
                continue
            purpose = self.env["hc.consent.purpose"].browse(row["id"])
            choices = {
                choice["key"]: (row["id"], choice["key"]) in wanted for choice in row["channels"]
            }
            differing = [c for c in row["channels"] if c["on"] != choices[c["key"]]]
            if not differing:
                continue
            changed = True
            if any(choice["key"] == "email" and not choice["on"] for choice in differing):
                self._hc_leave_blacklist()
            if not any(choices.values()):
                self._hc_record_consent(purpose, "withdrawn", None, "preferences")
                continue
            for choice in differing:
                channel = self.env["hc.channel"].browse(choice["id"])
                state = "given" if choices[choice["key"]] else "withdrawn"
                self._hc_record_consent(purpose, state, channel, "preferences")
        return changed

    # -- how and when -----------------------------------------------------------------------------

    def _hc_state_reach(self, channel_id, hour_from, hour_to, days):
        """Note by what channel and when they like to be reached.

        :param channel_id: of ``hc.channel``, or False for none in particular
        :param days: digits of weekdays, 1 is Monday
        """
        staff = self._hc_for_colleagues()
        days = "".join(sorted(set(days) & set(ALL_DAYS)))
        if not days:
            raise ValidationError(self.env._("Days: choose at least one."))
        if not 0 <= hour_from < hour_to <= 24:
            raise ValidationError(
                self.env._("Hours: “not before” has to be earlier than “not after”.")
            )
        changes = []
        stated = self.env["hc.channel.preference"].search([("partner_id", "=", self.id)])
        if (stated.channel_id.id or False) != channel_id:
            if channel_id and channel_id not in self._hc_preference_channels().ids:
                raise ValidationError(self.env._("Reach me by: choose one of the list."))
            if channel_id:
                vals = {"channel_id": channel_id, "stated_date": fields.Date.context_today(self)}
                if stated:
                    stated.write(vals)
                else:
                    stated = stated.create({**vals, "partner_id": self.id})
                changes.append(
                    staff.env._(
                        "likes to be reached by %(channel)s", channel=stated.channel_id.name
                    )
                )
            else:
                stated.unlink()
                changes.append(staff.env._("has no preferred channel any more"))
        hours = self.env["hc.contact.hours"].search([("partner_id", "=", self.id)])
        known = (hours.hour_from, hours.hour_to, hours.weekdays) if hours else (0, 24, ALL_DAYS)
        if known != (hour_from, hour_to, days):
            vals = {"hour_from": hour_from, "hour_to": hour_to, "weekdays": days}
            if (hour_from, hour_to, days) == (0, 24, ALL_DAYS):
                hours.unlink()
            elif hours:
                hours.write(vals)
            else:
                hours.create({**vals, "partner_id": self.id})
            changes.append(
                staff.env._(
                    "to be contacted from %(start)s to %(end)s o'clock, on weekdays %(days)s (1 is Monday)",
                    start=hour_from,
                    end=hour_to,
                    days=days,
                )
            )
        if changes:
            self._hc_log_act(
                staff.env._("On the preference page: %(changes)s.", changes="; ".join(changes))
            )
        return bool(changes)

    # -- correct ----------------------------------------------------------------------------------

    def _hc_correct(self, values, wishes, text):
        """Correct contact data: what is simple at once, the rest through a colleague.

        A link travels in mails, and mails are passed on: whoever holds one must not be able to take over an
        account or somebody's mail by changing name or e-mail address. A colleague looks at those first.

        :param values: ``{field of CONTACT_FIELDS: text or id}``
        :param wishes: ``{"name": …, "email": …}``, empty where nothing is to change
        :param text: what else is wrong, in their words
        :return: ``(changed at once, asked of a colleague)``, two booleans
        """
        values = self._hc_check_correction(values)
        asked = self._hc_asked(wishes, text)
        changed = {
            name: value
            for name, value in values.items()
            if (self._hc_contact_value(name) or "") != (value or "")
        }
        if "country_id" in changed and not self._can_edit_country():
            staff = self._hc_for_colleagues()
            country = self.env["res.country"].browse(changed.pop("country_id"))
            asked.append(staff.env._("Country: %(country)s", country=country.name))
        if changed:
            self._hc_write_correction(changed)
        if asked:
            self._hc_ask("correction", "\n".join(asked))
        return bool(changed), bool(asked)

    def _hc_check_correction(self, values):
        if not self._hc_address_is_own():
            values = {"phone": values.get("phone", self.phone)}
        values = {name: values[name] for name in CONTACT_FIELDS if name in values}
        for name, value in values.items():
            if name == "country_id":
                if value and not self.env["res.country"].browse(value).exists():
                    raise ValidationError(self.env._("Country: choose one of the list."))
            elif len(value or "") > MAX_LINE:
                raise ValidationError(
                    self.env._(
                        "Address and phone: %(max)s characters a line are the most.", max=MAX_LINE
                    )
                )
        phone = values.get("phone")
        if phone and phone != self.phone and not PHONE.fullmatch(phone):
            raise ValidationError(
                self.env._(
                    "Phone: “%(phone)s” is no phone number. Write it like +32 2 555 01 01.",
                    phone=phone,
                )
            )
        return values

    def _hc_asked(self, wishes, text):
        """Return lines for a colleague: what they ask to be changed."""
        for_colleagues = self._hc_for_colleagues().env._
        asked = []
        name, email = wishes.get("name") or "", wishes.get("email") or ""
        if len(name) > MAX_LINE or len(email) > MAX_LINE:
            raise ValidationError(
                self.env._("Name and e-mail: %(max)s characters are the most.", max=MAX_LINE)
            )
        if name and name != self.name:
            asked.append(for_colleagues("Name: %(name)s", name=name))
        if email and email != self.email:
            if not EMAIL_SHAPE.fullmatch(email_normalize(email) or ""):
                raise ValidationError(
                    self.env._(
                        "E-mail: “%(email)s” is not one e-mail address. Write it like name@example.com.",
                        email=email,
                    )
                )
            asked.append(for_colleagues("E-mail: %(email)s", email=email))
        if len(text) > MAX_TEXT // 2:
            raise ValidationError(
                self.env._(
                    "What else is wrong: your text holds %(length)s characters; %(max)s is the most.",
                    length=len(text),
                    max=MAX_TEXT // 2,
                )
            )
        if text:
            asked.append(text)
        return asked

    def _hc_write_correction(self, changed):
        staff = self._hc_for_colleagues()
        lines = []
        for name, value in changed.items():
            field = self._fields[name]
            label = field.get_description(self._hc_for_colleagues().env, ["string"])["string"]
            old, new = self[name], value
            if name == "country_id":
                old, new = old.name, self.env["res.country"].browse(value).name
            lines.append(f"{label}: {old or '–'} → {new or '–'}")
        if "country_id" in changed and self.state_id.country_id.id != changed["country_id"]:
            # a state of another country is wrong in any case
            changed = {**changed, "state_id": False}
        self.write({name: value or False for name, value in changed.items()})
        title = staff.env._("Corrected by themselves on the preference page:")
        self._hc_log_act(Markup("{}<br/>{}").format(title, Markup("<br/>").join(lines)))
        self.env["hc.privacy.request"].create(
            {
                "partner_id": self.id,
                "kind": "correction",
                "how": "preferences",
                "text": "\n".join(lines),
                "state": "done",
                "date_done": fields.Datetime.now(),
                "outcome": staff.env._("Changed at once."),
            }
        )

    # -- object, copy, erasure --------------------------------------------------------------------

    def _hc_object(self, objects):
        """No profiling, or profiling again: at once."""
        known = self.env["hc.profiling.optout"].search_count([("partner_id", "=", self.id)])
        if bool(known) == objects:
            return False
        me = self._hc_for_colleagues()
        if objects:
            me._hc_opt_out(me.env._("On their preference page."))
            text = me.env._("Objected to profiling on the preference page.")
        else:
            me._hc_opt_in()
            text = me.env._("Agreed to profiling again on the preference page.")
        self._hc_log_act(text)
        self.env["hc.privacy.request"].create(
            {
                "partner_id": self.id,
                "kind": "objection",
                "how": "preferences",
                "text": text,
                "state": "done",
                "date_done": fields.Datetime.now(),
                "outcome": me.env._("Done at once."),
            }
        )
        return True

    def _hc_note_copy(self):
        """Note that they took a copy; the copy itself is ``_hc_export_zip``."""
        staff = self._hc_for_colleagues()
        self._hc_log_act(staff.env._("Took a copy of their data on the preference page."))
        self.env["hc.privacy.request"].create(
            {
                "partner_id": self.id,
                "kind": "copy",
                "how": "preferences",
                "state": "done",
                "date_done": fields.Datetime.now(),
                "outcome": staff.env._("Downloaded at once."),
            }
        )

    def _hc_ask(self, kind, text):
        """Ask colleagues for something, or add to what was asked already.

        :return: the request
        """
        staff = self._hc_for_colleagues()
        Request = self._hc_for_colleagues().env["hc.privacy.request"]
        request = Request.search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("kind", "=", kind),
                ("is_open", "=", True),
            ]
        )
        if not request:
            request = Request.create(
                {"partner_id": self.id, "kind": kind, "how": "preferences", "text": text}
            )
            self._hc_log_act(
                staff.env._("Asked on the preference page: %(request)s", request=request.name)
            )
        elif text and text not in (request.text or ""):
            request.text = f"{request.text or ''}\n{text}".strip()[-MAX_TEXT:]
        return request
