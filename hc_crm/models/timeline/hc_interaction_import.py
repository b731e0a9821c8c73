import re
from collections import defaultdict
from datetime import date, datetime, timezone

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, ValidationError
from odoo.tools import email_normalize, plaintext2html

from .hc_interaction import MAX_BODY, MAX_DURATION

MAX_PROBLEMS = 100  # messages of one import; who has more has mapped a column wrongly
MAX_REF = 255  # characters of an external reference; it is indexed
MAX_LOG = 5000  # interactions in one call of another system
SHORT_YEAR = re.compile(r"(\d{1,3})-\d\d-\d\d")

# What another system may send with ``hc_log``.
LOG_KEYS = frozenset(
    {
        "external_ref",
        "partner_id",
        "email",
        "partner_ref",
        "channel",
        "date",
        "direction",
        "summary",
        "body",
        "duration",
        "sentiment",
        "is_automated",
        "user",
    }
)


def is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def is_unicode(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class HcInteraction(models.Model):
    """How interactions come in in bulk: from a file, or from another system.

    Both name the customer by e-mail address and the channel by its key, and both are resolved for all
    rows together: the number of queries does not grow with the file.
    """

    _inherit = "hc.interaction"

    partner_email = fields.Char(
        string="Customer E-mail",
        compute="_compute_partner_email",
        inverse="_inverse_partner_email",
        help="Finds the customer by main or other e-mail address when interactions are imported.",
    )

    @api.depends("partner_id.email")
    def _compute_partner_email(self):
        for interaction in self:
            interaction.partner_email = interaction.partner_id.email

    def _inverse_partner_email(self):
        wanted = self.filtered("partner_email")
        vals_list = [{"partner_email": interaction.partner_email} for interaction in wanted]
        for interaction, vals in zip(wanted, self._resolve_partner_emails(vals_list), strict=True):
            interaction.partner_id = vals["partner_id"]

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._resolve_channel_keys(self._resolve_partner_emails(vals_list))
        if self.env.context.get("import_file"):
            # an empty cell means “the usual”, not “nothing”
            vals_list = [
                {
                    **{key: vals[key] for key in vals if vals[key] or key != "direction"},
                    "origin": "import",
                }
                for vals in vals_list
            ]
        return super().create(vals_list)

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Interactions"),
                "template": "/hc_crm/static/xls/hc_interaction_import.xlsx",
            }
        ]

    # ------------------------------------------------------------
    # From a file
    # ------------------------------------------------------------

    @api.model
    def load(self, fields, data):
        """Import rows of a file: all of them or none, and every bad row is named.

        The host stops at the tenth error and, in batches of 2,000, would have written the first ones when
        an error shows up in a later one. So the whole rest of the file is looked through first.
        """
        model = self.with_context(
            # A file of 5,000 calls is not 5,000 notes “Interaction created” and 5,000 followers.
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
            tracking_disable=self.env.context.get("tracking_disable", True),
        )
        columns = list(fields) if isinstance(fields, list | tuple) else [fields]
        if missing := model._malformed(columns, data) or model._missing_columns(columns):
            return {
                "ids": False,
                "messages": [{"type": "error", "message": missing, "not_matching_error": True}],
                "nextrow": 0,
            }
        data = [
            [
                str(cell) if isinstance(cell, int | float) and cell is not False else cell or ""
                for cell in row
            ]
            for row in data
        ]
        columns, data = model._prepare_columns(columns, data)
        problems = model._row_problems(columns, data)
        if not problems:
            return super(HcInteraction, model).load(columns, data)

        # Let the host judge the remaining rows as well, so that one test shows everything.
        good = [index for index in range(len(data)) if index not in problems]
        savepoint = self.env.cr.savepoint()
        judged = super(HcInteraction, model.with_context(_import_limit=None)).load(
            columns, [data[index] for index in good]
        )
        savepoint.rollback()
        savepoint.close(rollback=False)
        messages = [message for index in sorted(problems) for message in problems[index]]
        for message in judged["messages"]:
            if "rows" in message:
                span = message["rows"]
                message["rows"] = {"from": good[span["from"]], "to": good[span["to"]]}
            if isinstance(message.get("record"), int):
                message["record"] = good[message["record"]] + 1
            messages.append(message)
        if len(messages) > MAX_PROBLEMS:
            more = len(messages) - MAX_PROBLEMS
            messages = messages[:MAX_PROBLEMS]
            messages.append(
                {
                    "type": "error",
                    "message": self.env._(
                        "… and %(count)s more. Is a column matched with the wrong field?",
                        count=more,
                    ),
                }
            )
        return {"ids": False, "messages": messages, "nextrow": 0}

    @api.model
    def _malformed(self, columns, data):
        """Return why this is no table at all (another system may send anything), or False."""
        for column in columns:
            if not isinstance(column, str) or not column:
                return self.env._(
                    "Column “%(column)s” is matched with no field. Leave it out.",
                    column=str(column)[:50],
                )
        if not isinstance(data, list | tuple):
            return self.env._("The rows have to be a list of lists.")
        for number, row in enumerate(data, 1):
            if not isinstance(row, list | tuple) or len(row) != len(columns):
                return self.env._(
                    "Row %(row)s: there have to be %(count)s cells, one for each column.",
                    row=number,
                    count=len(columns),
                )
            for column, cell in zip(columns, row, strict=True):
                if cell and not isinstance(cell, str | int | float | date):
                    return self.env._(
                        "Row %(row)s: “%(column)s” has to be text or a number.",
                        row=number,
                        column=column[:50],
                    )
                if isinstance(cell, str) and ("\0" in cell or not is_unicode(cell)):
                    return self.env._(
                        "Row %(row)s: “%(column)s” contains a character that cannot be stored.",
                        row=number,
                        column=column[:50],
                    )
        return False

    @api.model
    def _missing_columns(self, columns):
        """Return what to tell when the file cannot be one of interactions, or False."""
        roots = {column.split("/")[0] for column in columns if column}
        if {"id", ".id"} & set(columns):
            return False  # rows may change interactions that exist
        if not {"partner_id", "partner_email"} & roots:
            return self.env._(
                "No column is matched with the customer. Match one with “Customer E-mail” or “Customer”."
            )
        if "date" not in roots:
            return self.env._("No column is matched with “Date”: when did each interaction happen?")
        if "summary" not in roots:
            return self.env._(
                "No column is matched with “What Happened”: one line about each interaction."
            )
        return False

    @api.model
    def _prepare_columns(self, columns, data):
        """Bring columns into the form that is resolved in bulk.

        A channel may be given by name or key, in any case of letters. An e-mail address in the column
        “Customer” finds its customer like one under “Customer E-mail”.
        """
        if "channel_id" in columns:
            at = columns.index("channel_id")
            channels = self._channel_names()
            columns = [*columns[:at], "channel_key", *columns[at + 1 :]]
            for row in data:
                if isinstance(row[at], str):
                    row[at] = channels.get(row[at].strip().casefold(), row[at].strip())
        if "partner_id" in columns:
            at = columns.index("partner_id")
            addresses = {
                row[at]: normalized
                for row in data
                if isinstance(row[at], str)
                and "@" in row[at]
                and (normalized := email_normalize(row[at]))
            }
            if addresses:
                if "partner_email" not in columns:
                    columns = [*columns, "partner_email"]
                    for row in data:
                        row.append("")
                email_at = columns.index("partner_email")
                for row in data:
                    if row[at] in addresses and not row[email_at]:
                        row[email_at], row[at] = row[at], ""
        return columns, data

    @api.model
    def _channel_names(self):
        """Return ``{name or key in small letters: key}`` of all channels; keys win over names."""
        info = self.env["hc.channel"]._hc_channel_info()
        return {
            **{channel["label"].casefold(): key for key, channel in info.items()},
            **{key: key for key in info},
        }

    @api.model
    def _row_problems(self, columns, data):
        """Return ``{row index: [message]}`` for the rows that cannot be imported, in a few queries."""
        at = {column: index for index, column in enumerate(columns)}

        def cell(row, column):
            value = row[at[column]] if column in at else ""
            return value.strip() if isinstance(value, str) else value

        problems = defaultdict(list)

        def report(index, text, **details):
            problems[index].append(
                {
                    "type": "error",
                    "message": text,
                    "rows": {"from": index, "to": index},
                    "record": index + 1,
                    "field": False,
                    **details,
                }
            )

        is_new = "id" not in at and ".id" not in at
        partner_columns = [column for column in at if column.split("/")[0] == "partner_id"]
        matches = self.env["res.partner"]._hc_match_emails(
            {cell(row, "partner_email") for row in data} - {""}
        )
        channels = self.env["hc.channel"]._hc_channel_info()
        known_refs = self._known_external_refs(columns, data)
        seen_refs = {}
        for index, row in enumerate(data):
            has_partner = any(cell(row, column) for column in partner_columns)
            email = cell(row, "partner_email")
            if email and not has_partner:
                if problem := self._email_problem(email, matches):
                    report(
                        index,
                        self.env._("Row %(row)s: %(problem)s", row=index + 1, problem=problem),
                        field="partner_email" if "partner_email" in columns else False,
                        field_path=["partner_email"],
                        field_name=self._fields["partner_email"].string,
                        value=email,
                        moreinfo=self.env._(
                            "Create the customer first, or add the address to an existing one as an other "
                            "e-mail address (Good to Know)."
                        ),
                    )
            elif not has_partner and is_new:
                report(index, self.env._("Customer: the row names none."))
            key = cell(row, "channel_key")
            if key and key not in channels:
                report(
                    index,
                    self.env._(
                        "Channel: “%(value)s” is none of yours. Use a name or key such as %(examples)s.",
                        value=str(key)[:50],
                        examples=", ".join(info["label"] for info in list(channels.values())[:8]),
                    ),
                )
            for text in self._value_problems(cell, row, at, is_new):
                report(index, text)
            ref = cell(row, "external_ref")
            if ref in seen_refs:
                report(
                    index,
                    self.env._(
                        "External Reference: “%(ref)s” stands in row %(row)s already.",
                        ref=ref,
                        row=seen_refs[ref] + 1,
                    ),
                )
            elif ref:
                seen_refs[ref] = index
                if known_refs.get(ref, cell(row, "id")) != cell(row, "id"):
                    report(
                        index,
                        self.env._(
                            "External Reference: “%(ref)s” was imported before. Remove the row, or give its "
                            "External ID to change that interaction.",
                            ref=ref,
                        ),
                    )
        return dict(problems)

    @api.model
    def _value_problems(self, cell, row, at, is_new):
        """Yield what is wrong with date, texts and duration: the model's own constraints, without writing."""
        if "date" in at:
            text = cell(row, "date")
            if not text:
                yield self.env._("Date: the row has none. When did it happen?")
            else:
                try:
                    when = fields.Datetime.to_datetime(self._pad_year(text))
                except ValueError:
                    when = None  # the host says so, with the format it expects
                if when:
                    try:
                        local = self.env.tz.localize(when, is_dst=False)
                        when = local.astimezone(timezone.utc).replace(tzinfo=None)
                    except OverflowError:
                        when = when.replace(
                            microsecond=0
                        )  # the calendar's end: far out in any zone
                    yield from self._constraint_problem("_check_date", {"date": when})
        if "summary" in at:
            summary = cell(row, "summary")
            if not summary:
                yield self.env._("“What happened” is empty. One line is enough.")
            else:
                body = cell(row, "body") or ""
                vals = {"summary": str(summary)}
                if isinstance(body, str) and len(body) > MAX_BODY:
                    vals["body"] = body
                yield from self._constraint_problem("_check_length", vals)
        duration = cell(row, "duration")
        if duration:
            try:
                hours = float(duration)
            except ValueError:
                hours = 0  # the host says that it is no number
            if hours < 0:
                yield self.env._(
                    "Duration: %(value)s hours is less than nothing. Use 0 or more.", value=duration
                )
            elif not hours < MAX_DURATION:
                yield self.env._(
                    "Duration: “%(value)s” is not a number of hours.", value=str(duration)[:20]
                )

    @api.model
    def _pad_year(self, text):
        """The host writes the year 1 as “1”, and then cannot read it any more."""
        if isinstance(text, str) and (short := SHORT_YEAR.match(text)):
            return text.zfill(len(text) + 4 - len(short[1]))
        return text

    @api.model
    def _constraint_problem(self, check, vals):
        try:
            getattr(self.new(vals), check)()
        except ValidationError as error:
            yield str(error)

    @api.model
    def _known_external_refs(self, columns, data):
        """Return ``{reference: External ID as the file writes it}`` of interactions that exist."""
        if "external_ref" not in columns:
            return {}
        at = columns.index("external_ref")
        refs = {row[at].strip() for row in data if isinstance(row[at], str) and row[at].strip()}
        found = self.search_fetch(
            [("company_id", "=", self.env.company.id), ("external_ref", "in", list(refs))],
            ["external_ref"],
        )
        if not found:
            return {}
        ids = {interaction.id: interaction.external_ref for interaction in found}
        known = dict.fromkeys(ids.values(), False)
        if "id" in columns:
            id_at = columns.index("id")
            written = {
                (row[id_at] if "." in row[id_at] else f"__import__.{row[id_at]}"): row[
                    id_at
                ].strip()
                for row in data
                if isinstance(row[id_at], str) and row[id_at]
            }
            # ir.model.data is not readable for salespeople; only their own file's names are looked up
            external_ids = (
                self.env["ir.model.data"]
                .sudo()
                .search_fetch(
                    [("model", "=", self._name), ("res_id", "in", list(ids))],
                    ["module", "name", "res_id"],
                )
            )
            for external_id in external_ids:
                if external_id.complete_name in written:
                    known[ids[external_id.res_id]] = written[external_id.complete_name]
        return known

    # ------------------------------------------------------------
    # Resolving customers and channels
    # ------------------------------------------------------------

    @api.model
    def _email_problem(self, email, matches):
        """Return why ``email`` does not name one customer, or False. ``matches`` as from the partner."""
        normalized = email_normalize(email) if isinstance(email, str) else False
        if not normalized:
            return self.env._(
                "Customer E-mail: “%(email)s” is not one e-mail address. Write it like name@example.com.",
                email=str(email)[:100],
            )
        if normalized not in matches:
            return self.env._(
                "Customer E-mail: no customer has the address %(email)s. Create the customer first, or add "
                "the address to an existing one as an other e-mail address.",
                email=normalized,
            )
        partner, rivals = matches[normalized]
        if rivals:
            return self.env._(
                "Customer E-mail: %(email)s belongs to several customers (%(names)s). Name the customer "
                "itself instead, or correct their addresses.",
                email=normalized,
                names=", ".join((partner | rivals)[:5].mapped("display_name")),
            )
        return False

    @api.model
    def _resolve_partner_emails(self, vals_list):
        """Replace ``partner_email`` by ``partner_id``; a customer named otherwise takes precedence."""
        emails = {vals["partner_email"] for vals in vals_list if vals.get("partner_email")}
        if not emails:
            return [
                {key: vals[key] for key in vals if key != "partner_email"}
                if "partner_email" in vals
                else vals
                for vals in vals_list
            ]
        matches = self.env["res.partner"]._hc_match_emails(emails)
        resolved, problems = [], []
        for row, vals in enumerate(vals_list, 1):
            vals = dict(vals)
            email = vals.pop("partner_email", False)
            if email and not vals.get("partner_id"):
                if problem := self._email_problem(email, matches):
                    problems.append(
                        self.env._("Row %(row)s: %(problem)s", row=row, problem=problem)
                    )
                else:
                    vals["partner_id"] = matches[email_normalize(email)][0].id
            resolved.append(vals)
        self._raise_problems(problems)
        return resolved

    @api.model
    def _resolve_channel_keys(self, vals_list):
        """Replace ``channel_key`` by ``channel_id``, for imports and other systems."""
        if not any("channel_key" in vals for vals in vals_list):
            return vals_list
        channels = self.env["hc.channel"]._hc_channel_info()
        resolved, problems = [], []
        for row, vals in enumerate(vals_list, 1):
            vals = dict(vals)
            key = vals.pop("channel_key", False)
            if key and not vals.get("channel_id"):
                if key in channels:
                    vals["channel_id"] = channels[key]["id"]
                else:
                    problems.append(
                        self.env._(
                            "Row %(row)s: Channel: there is none with the key “%(key)s”. Known keys: %(keys)s.",
                            row=row,
                            key=str(key)[:50],
                            keys=", ".join(sorted(channels)),
                        )
                    )
            resolved.append(vals)
        self._raise_problems(problems)
        return resolved

    @api.model
    def _raise_problems(self, problems):
        if problems:
            shown = problems[:20]
            if len(problems) > len(shown):
                shown.append(self.env._("… and %(count)s more.", count=len(problems) - len(shown)))
            raise ValidationError("\n".join(shown))

    # ------------------------------------------------------------
    # From another system
    # ------------------------------------------------------------

    @api.model
    def hc_log(self, values_list):
        """Log interactions for another system, each at most once.

        Public method of the external API (see readme/API.md). The whole call is written or none of it.
        An ``external_ref`` that is known already is left as it is, so a caller that is not sure whether
        a call arrived simply repeats it.

        :param list values_list: dicts with ``summary`` and one of ``partner_id``, ``email`` or
            ``partner_ref``; optional: ``external_ref``, ``channel`` (key, default ``api``), ``date``
            (ISO 8601; without offset it is UTC; default now), ``direction`` (``in``, the default, or
            ``out``), ``body`` (plain text), ``duration`` (hours), ``sentiment`` (-2 to 2),
            ``is_automated``, ``user`` (login of the colleague, default the key's user)
        :return: ``[{"id", "external_ref", "created"}]`` in the order of ``values_list``
        :raise ValidationError: naming index and field of everything that is wrong
        """
        self.browse().check_access("create")
        if not isinstance(values_list, list) or not all(
            isinstance(vals, dict) for vals in values_list
        ):
            raise ValidationError(
                self.env._("values_list: send a list of objects, one for each interaction.")
            )
        if len(values_list) > MAX_LOG:
            raise ValidationError(
                self.env._(
                    "values_list: %(count)s interactions are too many for one call; send at most %(max)s.",
                    count=len(values_list),
                    max=MAX_LOG,
                )
            )
        self._raise_problems(self._log_unstorable(values_list))
        refs = [vals.get("external_ref") or False for vals in values_list]
        known = {}
        if wanted := list({ref for ref in refs if isinstance(ref, str) and len(ref) <= MAX_REF}):
            known = {
                interaction.external_ref: interaction.id
                for interaction in self.search_fetch(
                    [("company_id", "=", self.env.company.id), ("external_ref", "in", wanted)],
                    ["external_ref"],
                )
            }
        to_create, problems = self._log_vals(values_list, known)
        self._raise_problems(problems)
        try:
            created = self.with_context(
                mail_create_nolog=True, mail_create_nosubscribe=True
            ).create(list(to_create.values()))
            created.flush_recordset()
        except psycopg2.errors.UniqueViolation as error:
            # The same reference was sent twice at the same moment. Run again, the other one is known.
            raise ConcurrencyError("hc_log: external reference written concurrently") from error
        id_of = dict(zip(to_create, created.ids, strict=True))
        result = []
        for index, ref in enumerate(refs):
            is_created = index in id_of
            if is_created and ref:
                known[ref] = id_of[index]
            result.append(
                {
                    "id": id_of[index] if is_created else known[ref],
                    "external_ref": ref,
                    "created": is_created,
                }
            )
        return result

    @api.model
    def _log_unstorable(self, values_list):
        """Return what is no text PostgreSQL could look up or store, before anything is asked of it."""
        problems = []
        for index, values in enumerate(values_list):
            for key, value in values.items():
                for text in (key, value):
                    if not isinstance(text, str):
                        continue
                    name = str(key).encode(errors="replace").decode()[:50]
                    if "\0" in text:
                        problem = self.env._("contains a NUL character. Remove it.")
                    elif not is_unicode(text):
                        problem = self.env._("contains half a character (a lone surrogate).")
                    else:
                        continue
                    problems.append(f"[{index}] {name}: {problem}")
        return problems

    @api.model
    def _log_vals(self, values_list, known):
        """Return ``({index: values to create}, problems)`` for ``hc_log``."""
        partner_of, partner_problems = self._log_partners(values_list)
        channels = self.env["hc.channel"]._hc_channel_info()
        users = self._log_users(values_list)
        to_create, problems, seen = {}, [], set()
        for index, values in enumerate(values_list):

            def wrong(field, text, index=index):
                problems.append(f"[{index}] {field}: {text}")

            for key in sorted(map(str, values.keys() - LOG_KEYS)):
                wrong(
                    key,
                    self.env._(
                        "is not known. Known are: %(keys)s.", keys=", ".join(sorted(LOG_KEYS))
                    ),
                )
            ref = values.get("external_ref") or False
            if ref and not isinstance(ref, str):
                wrong("external_ref", self.env._("has to be text."))
                continue
            if ref and len(ref) > MAX_REF:
                wrong(
                    "external_ref",
                    self.env._(
                        "holds %(length)s characters; %(max)s is the most.",
                        length=len(ref),
                        max=MAX_REF,
                    ),
                )
                continue
            if ref and (ref in known or ref in seen):
                continue
            seen.add(ref)
            vals = {"origin": "api", "external_ref": ref, "company_id": self.env.company.id}
            if index in partner_problems:
                wrong(*partner_problems[index])
            else:
                vals["partner_id"] = partner_of.get(index)
            summary = values.get("summary")
            if not isinstance(summary, str) or not summary.strip():
                wrong("summary", self.env._("is missing. One line about what happened."))
            else:
                vals["summary"] = summary.strip()
            channel = "api" if values.get("channel") in (None, False, "") else values["channel"]
            if not isinstance(channel, str) or channel not in channels:
                wrong(
                    "channel",
                    self.env._(
                        "“%(key)s” is not known. Known are: %(keys)s.",
                        key=str(channel)[:50],
                        keys=", ".join(sorted(channels)),
                    ),
                )
            else:
                vals["channel_id"] = channels[channel]["id"]
            try:
                vals["date"] = self._log_date(values.get("date"))
            except (TypeError, ValueError, OverflowError):
                wrong(
                    "date",
                    self.env._(
                        "“%(value)s” is not a date and time. Write it like 2026-03-31T14:30:00+02:00.",
                        value=str(values.get("date"))[:50],
                    ),
                )
            direction = values.get("direction") or "in"
            if not isinstance(direction, str) or direction not in ("in", "out"):
                wrong(
                    "direction",
                    self.env._("has to be “in” (from the customer) or “out” (from us)."),
                )
            vals["direction"] = direction
            sentiment = values.get("sentiment")
            if sentiment is not None and str(sentiment) not in ("-2", "-1", "0", "1", "2"):
                wrong("sentiment", self.env._("has to be a whole number from -2 to 2."))
            vals["sentiment"] = False if sentiment is None else str(sentiment)
            duration = values.get("duration") or 0
            if (
                isinstance(duration, bool)
                or not isinstance(duration, int | float)
                or not 0 <= duration < MAX_DURATION  # neither is “not a number”
            ):
                wrong("duration", self.env._("has to be a number of hours, 0 or more."))
            vals["duration"] = duration
            body = values.get("body") or ""
            if not isinstance(body, str):
                wrong("body", self.env._("has to be text."))
            elif body:
                vals["body"] = plaintext2html(body)
            is_automated = values.get("is_automated")
            if is_automated is not None and not isinstance(is_automated, bool):
                wrong("is_automated", self.env._("has to be true or false."))
            vals["is_automated"] = bool(is_automated)
            if login := values.get("user"):
                if not isinstance(login, str) or login not in users:
                    wrong(
                        "user",
                        self.env._(
                            "no colleague has the login “%(login)s”.", login=str(login)[:50]
                        ),
                    )
                else:
                    vals["user_id"] = users[login]
            if {"date", "summary"} <= vals.keys():
                checked = {key: vals[key] for key in ("date", "summary", "body") if key in vals}
                for field, check in (("date", "_check_date"), ("summary", "_check_length")):
                    for text in self._constraint_problem(check, checked):
                        wrong(field, text)
            to_create[index] = vals
        return to_create, problems

    @api.model
    def _log_date(self, value):
        """Return ISO 8601 text as naive UTC, the way the host stores it."""
        if value in (None, False, ""):
            return fields.Datetime.now()
        if not isinstance(value, str):
            raise TypeError("ISO 8601 text expected")
        # Python 3.10 does not read the “Z” of UTC
        when = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        if when.tzinfo:
            when = when.astimezone(timezone.utc).replace(tzinfo=None)
        return when.replace(microsecond=0)

    @api.model
    def _log_users(self, values_list):
        logins = {vals["user"] for vals in values_list if isinstance(vals.get("user"), str)}
        if not logins:
            return {}
        # a caller's key may belong to somebody who may not read users; nothing but the id is used
        users = (
            self.env["res.users"]
            .sudo()
            .search_fetch(
                [
                    ("login", "in", list(logins)),
                    ("share", "=", False),
                    ("company_ids", "in", self.env.company.ids),
                ],
                ["login"],
            )
        )
        return {user.login: user.id for user in users}

    @api.model
    def _log_partners(self, values_list):
        """Return ``({index: partner id}, {index: (field, problem)})``, resolved for all together."""
        partner_model = self.env["res.partner"].with_context(active_test=False)
        ids = {vals["partner_id"] for vals in values_list if is_id(vals.get("partner_id"))}
        visible = set(partner_model.search([("id", "in", list(ids))]).ids) if ids else set()
        matches = partner_model._hc_match_emails(
            {vals["email"] for vals in values_list if isinstance(vals.get("email"), str)}
        )
        refs = {
            vals["partner_ref"] for vals in values_list if isinstance(vals.get("partner_ref"), str)
        }
        by_ref = defaultdict(list)
        if refs:
            for partner in partner_model.search_fetch([("ref", "in", list(refs))], ["ref"]):
                by_ref[partner.ref].append(partner.id)
        found, problems = {}, {}
        for index, vals in enumerate(values_list):
            if vals.get("partner_id"):
                if is_id(vals["partner_id"]) and vals["partner_id"] in visible:
                    found[index] = vals["partner_id"]
                else:
                    problems[index] = (
                        "partner_id",
                        self.env._(
                            "no customer has the id %(value)s.", value=str(vals["partner_id"])[:50]
                        ),
                    )
            elif vals.get("email"):
                if problem := self._email_problem(vals["email"], matches):
                    problems[index] = ("email", problem)
                else:
                    found[index] = matches[email_normalize(vals["email"])][0].id
            elif vals.get("partner_ref"):
                partners = by_ref.get(str(vals["partner_ref"]), [])
                if len(partners) == 1:
                    found[index] = partners[0]
                else:
                    problems[index] = (
                        "partner_ref",
                        self.env._(
                            "%(count)s customers have the reference “%(value)s”.",
                            count=len(partners),
                            value=str(vals["partner_ref"])[:50],
                        ),
                    )
            else:
                problems[index] = (
                    "partner_id",
                    self.env._("name the customer with partner_id, email or partner_ref."),
                )
        return found, problems
