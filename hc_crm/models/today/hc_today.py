from contextlib import suppress
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..links import given_id, storable

MAX_LINES = 200  # of one kind; nobody does more in a day, and the page stays quick
MAX_NOTE = 2000  # characters
MAX_COLLEAGUES = 200


class HcToday(models.AbstractModel):
    """What one colleague owes customers today: the worklist the app opens with.

    Nothing is stored here. Each *section* (calls, drafts, promises, …) reads records of its own and says
    what can be done with them; the page shows what it is told and sends back which act was chosen.

    How to add a section: extend ``_today_sections`` with its label, icon, place and model names, and write

    - ``_today_lines_<key>(user)``: the lines, see ``_today_line``;
    - ``_today_item_<key>(record)``: what stands beside, see ``hc_get_item``;
    - ``_today_acts_<key>(record)``: what can be done, see ``_today_act``; refuses what is off the list;
    - ``_today_act_<key>(record, act, note, values)``: do it, see ``hc_act``;
    - ``_today_next_<key>(user)``: optional, what comes after today, see ``_today_next``;
    - ``_today_undo_<key>(record, undo)``: only if an act can be undone.
    """

    _name = "hc.today"
    _description = "Worklist of a Colleague"

    @api.model
    def _today_sections(self):
        """Return the kinds of things owed.

        :return: ``{key: {"label", "icon" (Font Awesome 4), "sequence", "models" (names of the models its
            lines stand for)}}``
        """
        return {}

    # -- read -------------------------------------------------------------------------------------

    @api.model
    @api.readonly
    def hc_get_list(self, user_id=None):
        """Return what is owed today, in the order to do it.

        :param user_id: whose list; only those who see all documents may look at a colleague's
        :return: ``{"user": {"id", "name"}, "mine", "colleagues": [{"id", "name"}], "today": date,
            "sections": [{"key", "label", "icon", "lines": [line], "more": bool}], "next": str or False}``
            with lines as ``_today_line`` makes them, in which ``partner`` is ``{"id", "name"}`` or False
        """
        user = self._today_user(user_id)
        sections = sorted(self._today_sections().items(), key=lambda item: item[1]["sequence"])
        lines = {key: getattr(self, f"_today_lines_{key}")(user) for key, _section in sections}
        readable = self._today_readable([line for group in lines.values() for line in group])
        today = fields.Date.context_today(self)
        result = []
        for key, section in sections:
            shown = [
                self._today_public(line, key, today, readable)
                for line in lines[key]
                if not line["partner"] or line["partner"] in readable
            ]
            shown.sort(key=lambda line: (line["due"] or "9999", -line["priority"], line["ref"]))
            if shown:
                result.append(
                    {
                        "key": key,
                        "label": section["label"],
                        "icon": section["icon"],
                        "lines": shown[:MAX_LINES],
                        "more": len(shown) > MAX_LINES,
                    }
                )
        return {
            "user": {"id": user.id, "name": user.name},
            "mine": user == self.env.user,
            "colleagues": self._today_colleagues(),
            "today": fields.Date.to_string(today),
            "sections": result,
            "next": False if result else self._today_next(user, sections),
        }

    @api.model
    @api.readonly
    def hc_get_item(self, section, ref):
        """Return what to know and what can be done about one line.

        :param section: key of the section
        :param ref: ``"model,id"`` of the line
        :return: ``{"section", "ref", "partner": {"id", "name"} or False, "phones": [{"label", "number"}],
            "email": str, "may_mail": bool, "document": {"label", "res_model", "res_id"} or False,
            "why": str, "goal": str, "hint": str, "openers": [{"text", "source"}],
            "draft": {"subject", "body"} or False, "acts": [act]}`` with acts as ``_today_act`` makes them
        """
        record = self._today_record(section, ref)
        item = {
            "section": section,
            "ref": ref,
            "partner": False,
            "phones": [],
            "email": "",
            "may_mail": True,
            "document": False,
            "why": "",
            "goal": "",
            "hint": "",
            "openers": [],
            "draft": False,
            "acts": getattr(self, f"_today_acts_{section}")(record),
            **getattr(self, f"_today_item_{section}")(record),
        }
        return item | self._today_contact(item["partner"])

    @api.model
    def hc_act(self, section, ref, act, note=None, values=None):
        """Do what was chosen, with the rights of who chose it.

        :param act: key of one of the acts of ``hc_get_item``
        :param note: what the colleague wrote beside
        :param values: what the act asked for: ``{"date"}``, ``{"choice"}``, ``{"subject", "body"}``
        :return: ``{"message": what happened, in words, "undo": dict for ``hc_undo`` or False,
            "action": an action to open instead of being done, or False}``
        :raise UserError: when it is off the list already, or something asked for is missing
        """
        record = self._today_record(section, ref)
        note = storable(note).strip() if isinstance(note, str) else ""
        if len(note) > MAX_NOTE:
            raise ValidationError(
                self.env._(
                    "Note: it holds %(length)s characters; %(max)s is the most.",
                    length=len(note),
                    max=MAX_NOTE,
                )
            )
        values = values if isinstance(values, dict) else {}
        acts = getattr(self, f"_today_acts_{section}")(record)
        known = {item["key"]: item for item in acts if not item["edits"]}
        if not isinstance(act, str) or act not in known:
            raise UserError(self.env._("There is no “%(act)s” for this.", act=act))
        if known[act]["asks"] == "note" and not note:
            raise UserError(self.env._("Note: say in a word why."))
        if known[act]["asks"] == "date":
            values = {**values, "date": self._today_later_date(values.get("date"))}
        result = getattr(self, f"_today_act_{section}")(record, act, note, values)
        return {"message": "", "undo": False, "action": False, **result}

    @api.model
    def hc_undo(self, section, undo):
        """Take back an act.

        :param undo: what ``hc_act`` returned; what it says is checked again, for it was out of our hands
        """
        if not isinstance(undo, dict) or not isinstance(undo.get("ref"), str):
            raise UserError(self.env._("This cannot be undone any more."))
        record = self._today_record(section, undo["ref"], done=True)
        getattr(self, f"_today_undo_{section}")(record, undo)
        return True

    # -- for the sections ---------------------------------------------------------------------------

    @api.model
    def _today_line(self, record, partner, why, due, **vals):
        """Return a line of the list.

        :param partner: the customer (record, may be empty); lines of customers the reader may not see
            are left out
        :param due: day or False
        :param vals: ``name`` (who, where there is no customer yet), ``icon``, ``priority`` (higher first
            on the same day), ``is_soft`` (never late: a greeting)
        """
        return {
            "ref": f"{record._name},{record.id}",
            "partner": partner,
            "name": "",
            "why": why or "",
            "due": due,
            "icon": "",
            "priority": 0,
            "is_soft": False,
            **vals,
        }

    @api.model
    def _today_act(self, key, hotkey, label, icon, asks=False, **vals):
        """Return an act.

        :param hotkey: one letter; j, k, m, u and ? are taken by the page
        :param asks: False, "date", "note", "choice" (with ``choices``: ``[{"key", "label"}]``) or "draft"
        :param vals: ``primary``: the usual one; ``edits``: opens the draft for editing, does nothing else
        """
        return {
            "key": key,
            "hotkey": hotkey,
            "label": label,
            "icon": icon,
            "asks": asks,
            "choices": [],
            "primary": False,
            "edits": False,
            **vals,
        }

    @api.model
    def _today_sees_all(self):
        """Whether the user may look at what colleagues owe: as with reports."""
        return self.env.user.has_group("sales_team.group_sale_salesman_all_leads") or (
            self.env.user.has_group("hc_crm.hc_crm_group_manager")
        )

    @api.model
    def _today_user(self, user_id=None):
        """Return whose list is asked for.

        :raise AccessError: for portal users, and for colleagues' lists without the right to see them
        """
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Today is for users of Customer Care."))
        user_id = given_id(self.env, user_id, self.env._("Colleague"))
        if not user_id or user_id == self.env.uid:
            return self.env.user
        if not self._today_sees_all():
            raise AccessError(
                self.env._("You may look at your own list only. Ask your administrator for more.")
            )
        user = self.env["res.users"].search(
            self._today_colleague_domain() & Domain("id", "=", user_id)
        )
        if not user:
            raise AccessError(self.env._("This colleague is not in your company."))
        return user

    @api.model
    def _today_colleague_domain(self):
        return Domain(
            [
                ("share", "=", False),
                ("company_ids", "in", self.env.companies.ids),
                ("all_group_ids", "in", self.env.ref("hc_crm.hc_crm_group_user").ids),
            ]
        )

    @api.model
    def _today_colleagues(self):
        if not self._today_sees_all():
            return []
        users = self.env["res.users"].search(
            self._today_colleague_domain(), order="name", limit=MAX_COLLEAGUES
        )
        return [{"id": user.id, "name": user.name} for user in users]

    @api.model
    def _today_readable(self, lines):
        partners = self.env["res.partner"].union(*(line["partner"] for line in lines))
        return partners._filtered_access("read")

    @api.model
    def _today_public(self, line, section, today, readable):
        partner = line["partner"]
        due = line["due"]
        late = (today - due).days if due else 0
        return line | {
            "section": section,
            "partner": {"id": partner.id, "name": partner.display_name} if partner else False,
            "name": partner.display_name if partner else line["name"],
            "due": fields.Date.to_string(due) if due else False,
            "days_late": 0 if line["is_soft"] else max(late, 0),
        }

    @api.model
    def _today_record(self, section, ref, done=False):
        """Return the record behind a line, readable by the user.

        :raise UserError: when there is none (any more)
        """
        self._today_user()
        info = self._today_sections().get(section) if isinstance(section, str) else None
        model, _comma, number = ref.partition(",") if isinstance(ref, str) else ("", "", "")
        if not info or model not in info["models"] or not number.isdecimal() or len(number) > 9:
            raise UserError(self.env._("There is no such thing on the list."))
        record = self.env[model].with_context(active_test=not done).browse(int(number)).exists()
        if not record:
            self._today_gone()
        record.check_access("read")
        return record

    @api.model
    def _today_gone(self):
        raise UserError(
            self.env._("This is off the list: it was done already, perhaps by a colleague.")
        )

    @api.model
    def _today_later_date(self, value):
        """Return the day something is put off to.

        :raise UserError: for anything but a day from tomorrow on, within two years
        """
        try:
            day = fields.Date.to_date(value)
        except (KeyError, TypeError, ValueError):
            day = None
        today = fields.Date.context_today(self)
        if not day or not today < day <= today + timedelta(days=731):
            raise UserError(
                self.env._("Later: choose a day from tomorrow on, within the next two years.")
            )
        return day

    @api.model
    def _today_undo_date(self, undo):
        """Return the day that stood there before the act, or False.

        :raise UserError: when what came back is no day
        """
        value = undo.get("date") or False
        with suppress(ValueError):
            if value is False or isinstance(value, str):
                return fields.Date.to_date(value) or False
        raise UserError(
            self.env._(
                "Undo: “%(value)s” is no day. Open the document and set it there.", value=value
            )
        )

    @api.model
    def _today_contact(self, partner):
        """Return how to reach the customer; of a contact without a number, that of the company."""
        if not partner:
            return {"partner": False}
        company = partner.commercial_partner_id
        phones = [
            {"label": who.name or who.display_name, "number": who.phone}
            for who in (partner | company)._filtered_access("read")
            if who.phone
        ]
        return {
            "partner": {"id": partner.id, "name": partner.display_name},
            "phones": phones,
            "email": partner.email or "",
            "may_mail": not partner.is_blacklisted,
        }

    @api.model
    def _today_next(self, user, sections):
        """Say what comes next, so that an empty list is a rest and not a riddle."""
        coming = [
            found
            for key, _section in sections
            if hasattr(self, f"_today_next_{key}")
            and (found := getattr(self, f"_today_next_{key}")(user))
        ]
        for day, partner, what in sorted(coming, key=lambda found: found[0]):
            if partner._filtered_access("read"):
                return self.env._(
                    "Next: %(what)s, %(who)s, on %(day)s",
                    what=what,
                    who=partner.display_name,
                    day=self._today_day(day),
                )
        return False

    @api.model
    def _today_day(self, day):
        """A day as people say it: the weekday while it is near, the date after."""
        days = (day - fields.Date.context_today(self)).days
        near = "EEEE" if 0 < days < 7 else "EEEE d MMMM"
        return format_date(self.env, day, date_format=near)

    @api.model
    def _today_with_note(self, text, note):
        return f"{text}: {note}" if note else text
