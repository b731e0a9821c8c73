import io
import json
import zipfile
from datetime import date, datetime

from babel.dates import get_day_names

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_time, get_lang, html2plaintext
from odoo.tools.misc import formatLang

# What people send; the host's own notes of what happened are no messages.
MESSAGE_TYPES = ("email", "email_outgoing", "comment", "auto_comment", "sms")


class ResPartner(models.Model):
    """One person's copy of their data: readable (HTML) and for machines (JSON), in one ZIP.

    As superuser, for the company of the environment: every section narrows what it reads to this person and
    this company by itself.
    """

    _inherit = "res.partner"

    def _hc_export_sections(self):
        """Return what belongs into a person's copy. Override to add what another app keeps about people.

        :return: list of ``{"key": short name, "label": title for people, "rows": function without
            arguments that returns a list of dicts of plain values, dates and datetimes (naive UTC)}``; the keys of a row become column titles
        """
        return [
            {"key": "you", "label": self.env._("You"), "rows": self._hc_export_you},
            {
                "key": "known",
                "label": self.env._("What we know about you"),
                "rows": self._hc_export_known,
            },
            {
                "key": "worked_out",
                "label": self.env._("What we work out about you"),
                "rows": self._hc_export_worked_out,
            },
            {
                "key": "consents",
                "label": self.env._("What you said yes and no to"),
                "rows": self._hc_export_consents,
            },
            {
                "key": "requests",
                "label": self.env._("What you asked for"),
                "rows": self._hc_export_requests,
            },
            {
                "key": "orders",
                "label": self.env._("Quotations and orders"),
                "rows": self._hc_export_orders,
            },
            {"key": "invoices", "label": self.env._("Invoices"), "rows": self._hc_export_invoices},
            {
                "key": "inquiries",
                "label": self.env._("Inquiries"),
                "rows": self._hc_export_inquiries,
            },
            {"key": "meetings", "label": self.env._("Meetings"), "rows": self._hc_export_meetings},
            {
                "key": "contacts",
                "label": self.env._("Calls, visits and the like"),
                "rows": self._hc_export_contacts,
            },
            {
                "key": "promises",
                "label": self.env._("What we promised you"),
                "rows": self._hc_export_promises,
            },
            {
                "key": "sent",
                "label": self.env._("What we sent by ourselves"),
                "rows": self._hc_export_attempts,
            },
            {
                "key": "messages",
                "label": self.env._("Messages from and to you"),
                "rows": self._hc_export_messages,
            },
        ]

    def _hc_export(self):
        """Return the sections with their rows read.

        :return: ``[{"key", "label", "rows": [dict]}]``
        """
        self.ensure_one()
        self.env.flush_all()
        return [
            {"key": section["key"], "label": section["label"], "rows": section["rows"]()}
            for section in self._hc_export_sections()
        ]

    def _hc_export_zip(self):
        """Return a ZIP file (bytes) of ``my-data.html`` and ``my-data.json``."""
        sections = self._hc_export()
        company = self.env.company
        today = fields.Date.context_today(self)
        left_out = self._hc_export_left_out()
        data = {
            "company": company.name,
            "person": self.name or "",
            "date": str(today),
            "left_out": left_out,
            "data": {section["key"]: section["rows"] for section in sections},
        }
        page = self.env["ir.qweb"]._render(
            "hc_crm.privacy_copy",
            {
                "lang": (self.env.context.get("lang") or "en_US").replace("_", "-"),
                "company": company.name,
                "person": self.name or "",
                # one sentence: other languages order its words differently
                "heading": self.env._(
                    "What %(company)s keeps about %(person)s",
                    company=company.name,
                    person=self.name or "",
                ),
                "date": format_date(self.env, today),
                "shown": self._hc_export_text,
                "left_out": left_out,
                "sections": sections,
            },
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "my-data.json",
                json.dumps(data, ensure_ascii=False, indent=2, default=self._hc_export_iso),
            )
            archive.writestr("my-data.html", "<!DOCTYPE html>\n" + str(page))
        return buffer.getvalue()

    def _hc_export_left_out(self):
        """Return sentences: what is not in the copy that one can take at once, and how to get it."""
        sentences = [
            self.env._(
                "Notes that colleagues made for each other are not in this copy, for they may be about "
                "others as well. Write to us and we look through them for you."
            )
        ]
        if not self.env["hc.contact.policy"]._for_company(self.env.company).show_inferences:
            sentences.append(
                self.env._(
                    "What we work out about you is not in this copy. Write to us and we send it to you."
                )
            )
        return sentences

    # -- about them -------------------------------------------------------------------------------

    def _hc_export_you(self):
        names = (
            "name", "email", "phone", "street", "street2", "zip", "city", "state_id", "country_id",
            "function", "vat", "website", "lang", "tz", "create_date",
        )  # fmt: skip
        rows = []
        for name in names:
            field = self._fields[name]
            value = self[name]
            value = value.name if field.type == "many2one" else value
            if value:
                label = field.get_description(self.env, ["string"])["string"]
                rows.append(
                    {self.env._("What"): label, self.env._("Value"): self._hc_export_value(value)}
                )
        return rows

    def _hc_export_value(self, value):
        if isinstance(value, bool | int | float | str | date):
            return value
        return str(value)

    def _hc_export_text(self, value):
        """A value as the person reads it: days and hours in their language, on their clock."""
        if isinstance(value, datetime):
            local = fields.Datetime.context_timestamp(self, value)
            clock = format_time(self.env, local.time(), time_format="short")
            return f"{format_date(self.env, local.date())}, {clock}"
        if isinstance(value, date):
            return format_date(self.env, value)
        if isinstance(value, bool):
            return self.env._("Yes") if value else self.env._("No")
        if isinstance(value, float):
            return formatLang(self.env, value)
        return str(value)

    @staticmethod
    def _hc_export_iso(value):
        """A value as programs read it: ISO 8601, moments in UTC."""
        if isinstance(value, datetime):
            return f"{value.replace(microsecond=0).isoformat()}Z"
        return value.isoformat() if isinstance(value, date) else str(value)

    def _hc_export_hours_text(self, hours):
        """“9:00–17:00; Monday, Tuesday”, in their language."""
        names = get_day_names("wide", locale=get_lang(self.env).code)
        days = ", ".join(names[int(day) - 1] for day in sorted(hours["days"]))
        return f"{hours['from']}:00–{hours['to']}:00; {days}"

    def _hc_export_known(self):
        return [
            {
                self.env._("What"): line["label"],
                self.env._("Value"): line["value"],
                self.env._("How we know"): line["source"],
            }
            for line in self._hc_preference_known()
            if line["key"] not in ("name", "email", "phone", "address", "function")
        ] + [
            {
                self.env._("What"): self.env._("When to contact you"),
                self.env._("Value"): self._hc_export_hours_text(hours),
                self.env._("How we know"): self.env._("You told us"),
            }
            for hours in [self._hc_preference_hours()]
            if hours["known"]
        ]

    def _hc_export_worked_out(self):
        if not self.env["hc.contact.policy"]._for_company(self.env.company).show_inferences:
            return []
        return [
            {
                self.env._("What"): line["label"],
                self.env._("Value"): line["value"],
                self.env._("How we know"): line["source"],
            }
            for line in self._hc_preference_inferences()
        ]

    def _hc_export_consents(self):
        lines = self.env["hc.consent"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )
        said = dict(lines._fields["state"]._description_selection(self.env))
        how = dict(lines._fields["how"]._description_selection(self.env))
        return [
            {
                self.env._("Date"): line.date,
                self.env._("About"): line.purpose_id.name,
                self.env._("Channel"): line.channel_id.name or self.env._("all"),
                self.env._("You said"): said[line.state],
                self.env._("How"): how[line.how],
                # what a colleague noted as proof may be their own words
                self.env._("Text"): line.proof or ""
                if line.how in ("preferences", "unsubscribe", "form")
                else "",
            }
            for line in lines
        ]

    def _hc_export_requests(self):
        return [
            {
                self.env._("Date"): request["moment"],
                self.env._("What"): request["label"],
                self.env._("State"): request["state_label"],
                self.env._("What was done"): request["outcome"],
            }
            for request in self._hc_preference_requests()
        ]

    # -- documents --------------------------------------------------------------------------------

    def _hc_export_orders(self):
        orders = self.env["sale.order"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                # a draft is a colleague's paper that was not sent yet
                ("state", "!=", "draft"),
            ]
        )
        states = dict(orders._fields["state"]._description_selection(self.env))
        return [
            {
                self.env._("Number"): order.name,
                self.env._("Date"): order.date_order or "",
                self.env._("State"): states[order.state],
                self.env._("Total"): order.amount_total,
                self.env._("Currency"): order.currency_id.name,
                self.env._("What"): "; ".join(
                    f"{line.product_uom_qty:g} × {line.name}"
                    for line in order.order_line
                    if not line.display_type
                ),
            }
            for order in orders
        ]

    def _hc_export_invoices(self):
        moves = self.env["account.move"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "posted"),
                ("move_type", "in", self.env["account.move"].get_sale_types()),
            ]
        )
        return [
            {
                self.env._("Number"): move.name,
                self.env._("Date"): move.invoice_date or move.date,
                self.env._("Total"): move.amount_total,
                self.env._("Still to pay"): move.amount_residual,
                self.env._("Currency"): move.currency_id.name,
            }
            for move in moves
        ]

    def _hc_export_inquiries(self):
        """Contact data of leads; title and notes of a lead are colleagues' words."""
        leads = self.env["crm.lead"].with_context(active_test=False).search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )  # fmt: skip
        return [
            {
                self.env._("Date"): lead.create_date,
                self.env._("Name"): lead.contact_name or "",
                self.env._("E-mail"): lead.email_from or "",
                self.env._("Phone"): lead.phone or "",
            }
            for lead in leads
        ]

    def _hc_export_meetings(self):
        events = self.env["calendar.event"].search(
            [
                ("partner_ids", "in", self.ids),
                # meetings have no company: that of whoever invited counts
                ("user_id.company_ids", "in", self.env.company.ids),
            ]
        )
        return [
            {
                self.env._("Begins at"): event.start_date if event.allday else event.start,
                self.env._("Ends at"): event.stop_date if event.allday else event.stop,
                self.env._("Title"): event.name,
                self.env._("Where"): event.location or "",
            }
            for event in events
        ]

    # -- contacts ---------------------------------------------------------------------------------

    def _hc_export_contacts(self):
        """That, when and how we were in touch; what a colleague wrote about it is a colleague's note."""
        interactions = self.env["hc.interaction"].search(
            [
                "|",
                ("partner_id", "=", self.id),
                ("participant_ids", "in", self.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        direction = {"in": self.env._("from you"), "out": self.env._("from us")}
        return [
            {
                self.env._("Date"): interaction.date,
                self.env._("How"): interaction.channel_id.name,
                self.env._("Direction"): direction[interaction.direction],
            }
            for interaction in interactions
        ]

    def _hc_export_promises(self):
        promises = self.env["hc.promise"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )
        # as said to the one who was promised something
        states = {
            "open": self.env._("Not done yet"),
            "kept": self.env._("Done as promised"),
            "late": self.env._("Done, but late"),
            "broken": self.env._("Not kept"),
            "released": self.env._("No longer needed"),
        }
        return [
            {
                self.env._("Date"): promise.date_promised,
                self.env._("What"): promise.summary,
                self.env._("Promised for"): promise.date_due,
                self.env._("State"): states[promise.state],
            }
            for promise in promises
        ]

    def _hc_export_attempts(self):
        attempts = self.env["hc.contact.attempt"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("outcome", "=", "sent"),
            ]
        )
        return [
            {
                self.env._("Date"): attempt.date,
                self.env._("How"): attempt.channel_id.name,
                self.env._("About"): attempt.purpose_id.name or "",
                self.env._("Subject"): attempt.subject or "",
            }
            for attempt in attempts
        ]

    def _hc_export_messages(self):
        messages = self.env["mail.message"].search(self._hc_export_messages_domain())
        messages = self._hc_of_company(messages)
        return [
            {
                self.env._("Date"): message.date,
                self.env._("Direction"): self.env._("from you")
                if message.author_id == self
                else self.env._("to you"),
                self.env._("Subject"): message.subject or message.record_name or "",
                self.env._("Text"): html2plaintext(message.body or "").strip(),
            }
            for message in messages
        ]

    def _hc_export_messages_domain(self):
        """Return the domain of what this person wrote or was sent; notes among colleagues are neither."""
        to_them = Domain("partner_ids", "in", self.ids) | Domain(
            "notified_partner_ids", "in", self.ids
        )
        public = (
            Domain("is_internal", "=", False)
            & Domain("message_type", "in", MESSAGE_TYPES)
            & (Domain("subtype_id", "=", False) | Domain("subtype_id.internal", "=", False))
        )
        return public & (Domain("author_id", "=", self.id) | to_them)

    def _hc_of_company(self, messages):
        """Return the messages on documents of this company or of none."""
        company = self.env.company
        messages = messages.filtered(lambda m: m.record_company_id <= company)
        foreign = self.env["mail.message"]
        for model, rows in messages.filtered("res_id").grouped("model").items():
            if model not in self.env or "company_id" not in self.env[model]._fields:
                continue
            documents = self.env[model].browse(set(rows.mapped("res_id"))).exists()
            others = documents.filtered(lambda d: d.company_id and d.company_id != company)
            foreign |= rows.filtered(lambda m, ids=set(others.ids): m.res_id in ids)
        return messages - foreign
