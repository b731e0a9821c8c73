import io
import json
import zipfile

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

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
            arguments that returns a list of dicts of plain values}``; the keys of a row become column titles
        """
        _ = self.env._
        return [
            {"key": "you", "label": _("You"), "rows": self._hc_export_you},
            {"key": "known", "label": _("What we know about you"), "rows": self._hc_export_known},
            {
                "key": "worked_out",
                "label": _("What we work out about you"),
                "rows": self._hc_export_worked_out,
            },
            {
                "key": "consents",
                "label": _("What you said yes and no to"),
                "rows": self._hc_export_consents,
            },
            {"key": "requests", "label": _("What you asked for"), "rows": self._hc_export_requests},
            {"key": "orders", "label": _("Quotations and orders"), "rows": self._hc_export_orders},
            {"key": "invoices", "label": _("Invoices"), "rows": self._hc_export_invoices},
            {"key": "inquiries", "label": _("Inquiries"), "rows": self._hc_export_inquiries},
            {"key": "meetings", "label": _("Meetings"), "rows": self._hc_export_meetings},
            {
                "key": "contacts",
                "label": _("Calls, visits and the like"),
                "rows": self._hc_export_contacts,
            },
            {
                "key": "promises",
                "label": _("What we promised you"),
                "rows": self._hc_export_promises,
            },
            {
                "key": "sent",
                "label": _("What we sent by ourselves"),
                "rows": self._hc_export_attempts,
            },
            {
                "key": "messages",
                "label": _("Messages from and to you"),
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
                "date": fields.Date.to_string(today),
                "left_out": left_out,
                "sections": sections,
            },
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "my-data.json", json.dumps(data, ensure_ascii=False, indent=2, default=str)
            )
            archive.writestr("my-data.html", "<!DOCTYPE html>\n" + str(page))
        return buffer.getvalue()

    def _hc_export_left_out(self):
        """Return sentences: what is not in the copy that one can take at once, and how to get it."""
        _ = self.env._
        sentences = [
            _(
                "Notes that colleagues made for each other are not in this copy, for they may be about "
                "others as well. Write to us and we look through them for you."
            )
        ]
        if not self.env["hc.contact.policy"]._for_company(self.env.company).show_inferences:
            sentences.append(
                _(
                    "What we work out about you is not in this copy. Write to us and we send it to you."
                )
            )
        return sentences

    # -- about them -------------------------------------------------------------------------------

    def _hc_export_you(self):
        _ = self.env._
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
                rows.append({_("What"): label, _("Value"): self._hc_export_value(value)})
        return rows

    def _hc_export_value(self, value):
        if isinstance(value, bool | int | float | str):
            return value
        return str(value)

    def _hc_export_known(self):
        _ = self.env._
        return [
            {_("What"): line["label"], _("Value"): line["value"], _("How we know"): line["source"]}
            for line in self._hc_preference_known()
            if line["key"] not in ("name", "email", "phone", "address", "function")
        ] + [
            {
                _("What"): _("When to contact you"),
                _("Value"): f"{hours['from']}–{hours['to']}; {hours['days']}",
                _("How we know"): _("You told us"),
            }
            for hours in [self._hc_preference_hours()]
            if hours["known"]
        ]

    def _hc_export_worked_out(self):
        _ = self.env._
        if not self.env["hc.contact.policy"]._for_company(self.env.company).show_inferences:
            return []
        return [
            {_("What"): line["label"], _("Value"): line["value"], _("How we know"): line["source"]}
            for line in self._hc_preference_inferences()
        ]

    def _hc_export_consents(self):
        _ = self.env._
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
                _("Date"): str(line.date),
                _("About"): line.purpose_id.name,
                _("Channel"): line.channel_id.name or _("all"),
                _("You said"): said[line.state],
                _("How"): how[line.how],
                # what a colleague noted as proof may be their own words
                _("Text"): line.proof or ""
                if line.how in ("preferences", "unsubscribe", "form")
                else "",
            }
            for line in lines
        ]

    def _hc_export_requests(self):
        _ = self.env._
        return [
            {
                _("Date"): request["date"],
                _("What"): request["label"],
                _("State"): request["state_label"],
                _("What was done"): request["outcome"],
            }
            for request in self._hc_preference_requests()
        ]

    # -- documents --------------------------------------------------------------------------------

    def _hc_export_orders(self):
        _ = self.env._
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
                _("Number"): order.name,
                _("Date"): str(order.date_order or ""),
                _("State"): states[order.state],
                _("Total"): order.amount_total,
                _("Currency"): order.currency_id.name,
                _("What"): "; ".join(
                    f"{line.product_uom_qty:g} × {line.name}"
                    for line in order.order_line
                    if not line.display_type
                ),
            }
            for order in orders
        ]

    def _hc_export_invoices(self):
        _ = self.env._
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
                _("Number"): move.name,
                _("Date"): str(move.invoice_date or move.date),
                _("Total"): move.amount_total,
                _("Still to pay"): move.amount_residual,
                _("Currency"): move.currency_id.name,
            }
            for move in moves
        ]

    def _hc_export_inquiries(self):
        """Contact data of leads; title and notes of a lead are colleagues' words."""
        _ = self.env._
        leads = self.env["crm.lead"].with_context(active_test=False).search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )  # fmt: skip
        return [
            {
                _("Date"): str(lead.create_date),
                _("Name"): lead.contact_name or "",
                _("E-mail"): lead.email_from or "",
                _("Phone"): lead.phone or "",
            }
            for lead in leads
        ]

    def _hc_export_meetings(self):
        _ = self.env._
        events = self.env["calendar.event"].search(
            [
                ("partner_ids", "in", self.ids),
                # meetings have no company: that of whoever invited counts
                ("user_id.company_ids", "in", self.env.company.ids),
            ]
        )
        return [
            {
                _("Begins at"): str(event.start),
                _("Ends at"): str(event.stop),
                _("Title"): event.name,
                _("Where"): event.location or "",
            }
            for event in events
        ]

    # -- contacts ---------------------------------------------------------------------------------

    def _hc_export_contacts(self):
        """That, when and how we were in touch; what a colleague wrote about it is a colleague's note."""
        _ = self.env._
        interactions = self.env["hc.interaction"].search(
            [
                "|",
                ("partner_id", "=", self.id),
                ("participant_ids", "in", self.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        direction = {"in": _("from you"), "out": _("from us")}
        return [
            {
                _("Date"): str(interaction.date),
                _("How"): interaction.channel_id.name,
                _("Direction"): direction[interaction.direction],
            }
            for interaction in interactions
        ]

    def _hc_export_promises(self):
        _ = self.env._
        promises = self.env["hc.promise"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )
        # as said to the one who was promised something
        states = {
            "open": _("Not done yet"),
            "kept": _("Done as promised"),
            "late": _("Done, but late"),
            "broken": _("Not kept"),
            "released": _("No longer needed"),
        }
        return [
            {
                _("Date"): str(promise.date_promised),
                _("What"): promise.summary,
                _("Promised for"): str(promise.date_due),
                _("State"): states[promise.state],
            }
            for promise in promises
        ]

    def _hc_export_attempts(self):
        _ = self.env._
        attempts = self.env["hc.contact.attempt"].search(
            [
                ("partner_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("outcome", "=", "sent"),
            ]
        )
        return [
            {
                _("Date"): str(attempt.date),
                _("How"): attempt.channel_id.name,
                _("About"): attempt.purpose_id.name or "",
                _("Subject"): attempt.subject or "",
            }
            for attempt in attempts
        ]

    def _hc_export_messages(self):
        _ = self.env._
        messages = self.env["mail.message"].search(self._hc_export_messages_domain())
        messages = self._hc_of_company(messages)
        return [
            {
                _("Date"): str(message.date),
                _("Direction"): _("from you") if message.author_id == self else _("to you"),
                _("Subject"): message.subject or message.record_name or "",
                _("Text"): html2plaintext(message.body or "").strip(),
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
