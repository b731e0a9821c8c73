from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import DEFAULT_SERVER_DATETIME_FORMAT, SQL

PAGE_SIZE = 30
MAX_PAGE_SIZE = 200


def _storable(text):
    """Tell whether PostgreSQL takes ``text``: no NUL, and no half of a character pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class HcTimeline(models.Model):
    _inherit = "hc.timeline"

    @api.model
    @api.readonly
    def hc_get_page(self, partner_id, options=None):
        """Return one page of a customer's timeline, newest first.

        :param int partner_id: a contact or a company
        :param dict options: all optional –
            ``scope`` "company" (everyone of the commercial partner, the default) or "contact";
            ``channels`` keys of hc.channel; ``direction`` "in"/"out"; ``user_ids`` colleagues;
            ``people_only`` leave out what no person did; ``text`` words to look for;
            ``before`` [date, id] of the last entry got, to go on from there;
            ``until`` "YYYY-MM-DD", the newest day wanted; ``limit`` entries wanted (1–200)
        :return: ``{"entries": [dict], "next": [date, id] | False, "has_future": bool}``
        :raise UserError: naming the option that cannot be used
        """
        if options and not isinstance(options, dict):
            raise UserError(
                self.env._("options: give names and values, for example {'limit': 30}.")
            )
        options = dict(options or {})
        partner = self._hc_partner(partner_id)
        limit = self._hc_limit(options.get("limit"))
        domain = self._hc_page_domain(partner, options)
        # Compiling such a query costs more than running it (measured: 300 ms at 1.1 M messages).
        self.env.cr.execute("SELECT set_config('jit', 'off', true)")
        keyset = self._hc_keyset(options.get("before"))
        entries, complete = [], False
        while len(entries) < limit and not complete:
            rows = self._hc_rows(domain, keyset, limit + 1)
            complete = len(rows) <= limit
            rows = rows[:limit]
            # Short pages (rows that turn out unreadable when rendered) are filled up.
            entries += self._hc_entries(rows)
            keyset = (rows[-1]["date"], rows[-1]["id"]) if rows else keyset
        if len(entries) > limit:
            entries, complete = entries[:limit], False
            keyset = (fields.Datetime.to_datetime(entries[-1]["date"]), entries[-1]["id"])
        now = fields.Datetime.to_string(fields.Datetime.now())
        return {
            "entries": entries,
            "next": False if complete else [fields.Datetime.to_string(keyset[0]), keyset[1]],
            "has_future": bool(entries and entries[0]["date"] > now),
        }

    @api.model
    @api.readonly
    def hc_get_options(self, partner_id, scope="company"):
        """Return what a customer's timeline can be filtered by.

        :return: ``{"channels": [{"key", "label", "icon"}], "users": [{"id", "name"}],
            "partners_count": int, "first_date": "YYYY-MM-DD HH:MM:SS" | False}``
        """
        partner = self._hc_partner(partner_id)
        domain = self._hc_page_domain(partner, {"scope": scope})
        self.env.cr.execute("SELECT set_config('jit', 'off', true)")
        keys, users, authors, first = set(), set(), set(), None
        for channel, user, author, oldest in self._read_group(
            domain, ["channel", "user_id", "author_id"], ["date:min"]
        ):
            keys.add(channel)
            users.add(user.id)
            authors.add(author.id)
            first = min(filter(None, (first, oldest)), default=None)
        info = self.env["hc.channel"]._hc_channel_info()
        return {
            "channels": [
                {"key": key, "label": values["label"], "icon": values["icon"]}
                for key, values in info.items()
                if key in keys
            ],
            # sudo: names of colleagues, also of other companies, as every document shows them.
            "users": [
                {"id": user.id, "name": user.name}
                for user in self.env["res.users"]
                .sudo()
                .search(
                    Domain("share", "=", False)
                    & (Domain("id", "in", list(users)) | Domain("partner_id", "in", list(authors)))
                )
                .sorted("name")
            ],
            "partners_count": self.env["res.partner"].search_count(
                [("commercial_partner_id", "=", partner.commercial_partner_id.id)]
            ),
            "first_date": fields.Datetime.to_string(first) if first else False,
        }

    # -- helpers ----------------------------------------------------------------------------------

    def _hc_partner(self, partner_id):
        self.browse().check_access("read")
        if not isinstance(partner_id, int) or isinstance(partner_id, bool):
            raise UserError(self.env._("partner_id: give the number of a contact."))
        # search, not browse: a missing and a forbidden contact must look the same.
        partner = self.env["res.partner"].search_fetch(
            [("id", "=", partner_id), ("active", "in", (True, False))],
            ["commercial_partner_id"],
        )
        if not partner:
            raise UserError(self.env._("This contact does not exist, or you have no access to it."))
        return partner

    def _hc_limit(self, limit):
        if limit is None:
            return PAGE_SIZE
        if not isinstance(limit, int) or not 1 <= limit <= MAX_PAGE_SIZE:
            raise UserError(
                self.env._("limit: give a number from 1 to %(max)s.", max=MAX_PAGE_SIZE)
            )
        return limit

    def _hc_page_domain(self, partner, options):
        scope = options.get("scope", "company")
        if scope not in ("company", "contact"):
            raise UserError(self.env._("scope: use “company” or “contact”."))
        if scope == "contact":
            domain = Domain("partner_id", "=", partner.id)
        else:
            domain = Domain("commercial_partner_id", "=", partner.commercial_partner_id.id)
        if channels := options.get("channels"):
            domain &= Domain("channel", "in", self._hc_list(channels, str, "channels"))
        if direction := options.get("direction"):
            if direction not in ("in", "out"):
                raise UserError(self.env._("direction: use “in” or “out”."))
            domain &= Domain("direction", "=", direction)
        if user_ids := options.get("user_ids"):
            user_ids = self._hc_list(user_ids, int, "user_ids")
            # sudo: a colleague of another company may have written too; only ids are compared.
            authors = self.env["res.users"].sudo().browse(user_ids).exists().partner_id.ids
            domain &= Domain("user_id", "in", user_ids) | Domain("author_id", "in", authors)
        if options.get("people_only"):
            domain &= Domain("is_automated", "=", False)
        if text := options.get("text"):
            if not isinstance(text, str) or len(text) > 200 or not _storable(text):
                raise UserError(self.env._("text: look for at most 200 characters."))
            domain &= Domain("text", "ilike", text)
        if until := options.get("until"):
            domain &= Domain("date", "<=", self._hc_end_of_day(until))
        return domain

    def _hc_list(self, values, kind, name):
        # type, not isinstance: True is no number of a colleague
        if not isinstance(values, (list, tuple)) or any(
            type(value) is not kind or (kind is str and not _storable(value)) for value in values
        ):
            raise UserError(self.env._("%(option)s: give a list.", option=name))
        return list(values)

    def _hc_end_of_day(self, day):
        """The end of ``day`` where the reader is, as UTC."""
        try:
            day = fields.Date.to_date(day)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("until: write the day as YYYY-MM-DD.")) from error
        end = fields.Datetime.to_datetime(day).replace(hour=23, minute=59, second=59)
        try:
            return self.env.tz.localize(end).astimezone(pytz.utc).replace(tzinfo=None)
        except OverflowError:  # the first and last days of the calendar
            return end

    def _hc_keyset(self, before):
        if not before:
            return None
        try:
            date, row_id = before
            return datetime.strptime(date, DEFAULT_SERVER_DATETIME_FORMAT), int(row_id)
        except (OverflowError, TypeError, ValueError) as error:
            raise ValidationError(
                self.env._("before: give the [date, id] of the last entry you have.")
            ) from error

    def _hc_rows(self, domain, keyset, limit):
        """Return the next ``limit`` rows after ``keyset`` as dicts of plain columns, in one query."""
        if keyset:
            # As a condition on dates it also bounds each source; the pair decides within the second.
            date, row_id = keyset
            domain &= Domain("date", "<=", date) & (
                Domain("date", "<", date) | Domain("id", "<", row_id)
            )
        query = self._search(domain, limit=limit, order=self._order)
        names = [
            "id", "partner_id", "date", "source", "res_model", "res_id", "channel", "direction",
            "author_id", "user_id", "feeling", "is_automated",
        ]  # fmt: skip
        columns = [SQL.identifier(self._table, name) for name in names]
        return [
            dict(zip(names, row, strict=True))
            for row in self.env.execute_query(query.select(*columns))
        ]

    def _hc_entries(self, rows):
        rendered = self._hc_render([(row["id"], row["res_id"]) for row in rows])
        names = self._hc_names(rows)
        return [
            {
                **row,
                "date": fields.Datetime.to_string(row["date"]),
                "direction": row["direction"] or False,
                "feeling": False if row["feeling"] is None else row["feeling"],
                "partner": names["res.partner"].get(row["partner_id"], False),
                "author": names["res.partner"].get(row["author_id"], False),
                "user": names["res.users"].get(row["user_id"], False),
                "title": "",
                "preview": "",
                "note": "",
                "is_busy": False,
                "can_open": not rendered[row["id"]].get("is_busy", False),
                **rendered[row["id"]],
            }
            for row in rows
            if row["id"] in rendered
        ]

    def _hc_names(self, rows):
        """Return ``{model: {id: {"id", "name"}}}`` of everyone named in ``rows``, in two queries."""
        partner_ids = {
            row[name] for row in rows for name in ("partner_id", "author_id") if row[name]
        }
        user_ids = {row["user_id"] for row in rows if row["user_id"]}
        # sudo: who wrote a message is shown with it, as in the host's chatter, whatever their company.
        users = self.env["res.users"].sudo().browse(user_ids)
        users.fetch(["partner_id"])
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        (partners | users.partner_id).fetch(["name"])
        return {
            "res.partner": {p.id: {"id": p.id, "name": p.name or p.display_name} for p in partners},
            "res.users": {u.id: {"id": u.id, "name": u.partner_id.name} for u in users},
        }
