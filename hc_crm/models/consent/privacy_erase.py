from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

DELETE, EMPTY, KEEP = "delete", "empty", "keep"
# What an invoice has to say: kept as long as one has to be kept.
LAWFUL_FIELDS = (
    "name", "street", "street2", "zip", "city", "state_id", "country_id", "vat", "is_company",
    "company_registry",
)  # fmt: skip


class ResPartner(models.Model):
    """Erasing one person: what can go goes, what others need is emptied, what law makes us keep stays."""

    _inherit = "res.partner"

    def _hc_erase_sections(self):
        """Return what happens to whose records. Override to add what another app keeps about people.

        In this order. ``how`` is ``delete``; ``empty``: ``values`` are written, or ``erase(records)`` is
        called; or ``keep``: nothing happens, ``why`` says what makes us keep it.

        :return: list of ``{"model", "domain", "how", "values", "erase", "why"}``
        """
        mine = [("partner_id", "in", self.ids)]

        def delete(model, domain=None, why=""):
            return {"model": model, "domain": domain or mine, "how": DELETE, "why": why}

        return [
            *self._hc_erase_host_sections(),
            delete("hc.fact"),
            delete("hc.partner.email"),
            delete("hc.channel.preference"),
            delete("hc.contact.hours"),
            delete("hc.persona.membership"),
            delete("hc.segment.membership"),
            delete("hc.customer.insight"),
            delete("hc.customer.insight.history"),
            delete("hc.channel.score"),
            {
                "model": "hc.interaction",
                "domain": [("participant_ids", "in", self.ids), ("partner_id", "not in", self.ids)],
                "how": EMPTY,
                "erase": self._hc_erase_participation,
                "why": self.env._(
                    "They are taken off the list of who was present; it is about somebody else."
                ),
            },
            delete("hc.interaction"),
            delete("hc.promise"),
            {
                "model": "hc.research.note",
                "domain": [("participant_ids", "in", self.ids)],
                "how": EMPTY,
                "erase": self._hc_erase_participation,
                "why": self.env._(
                    "They are taken off the participants. Look through the raw notes for their name."
                ),
            },
            delete("hc.contact.pause"),
            delete("hc.contact.attempt"),
            {
                "model": "hc.outreach.delivery",
                "domain": mine,
                "how": EMPTY,
                "values": {
                    "subject": False,
                    "body": False,
                    "note": False,
                    "error": False,
                    "reason_args": False,
                },
                "why": self.env._("That a step took place counts in the results; its text goes."),
            },
            delete("hc.contact.link"),
            delete("hc.consent", [*mine, ("state", "=", "given")]),
            {
                "model": "hc.consent",
                "domain": [*mine, ("state", "=", "withdrawn")],
                "how": EMPTY,
                "values": {"proof": False, "res_model": False, "res_id": False},
                "why": self.env._(
                    "That they said no stays, without words: the proof that it was minded."
                ),
            },
            {
                "model": "hc.profiling.optout",
                "domain": mine,
                "how": EMPTY,
                "values": {"reason": False},
                "why": self.env._(
                    "That they objected stays, without words, so that nothing is worked out again."
                ),
            },
            {
                "model": "hc.privacy.request",
                "domain": mine,
                "how": EMPTY,
                "erase": self._hc_erase_requests,
                "why": self.env._(
                    "That they asked and what was done stays as proof; their words go."
                ),
            },
        ]

    def _hc_erase_host_sections(self):
        mine = [("partner_id", "in", self.ids)]
        law = self.env._("Law makes you keep it, mostly for 6 to 10 years.")
        kept_orders = Domain("state", "=", "sale")
        if "locked" in self.env["sale.order"]._fields:
            kept_orders |= Domain("locked", "=", True)
        return [
            {
                "model": "account.move",
                "domain": [*mine, ("state", "=", "posted")],
                "how": KEEP,
                "why": law,
            },
            {
                "model": "sale.order",
                "domain": Domain(mine) & kept_orders,
                "how": KEEP,
                "why": law,
            },
            {
                "model": "sale.order",
                "domain": Domain(mine) & ~kept_orders,
                "how": DELETE,
                "erase": self._hc_erase_orders,
                "why": self.env._("Quotations that came to nothing."),
            },
            {
                "model": "crm.lead",
                "domain": mine,
                "how": EMPTY,
                "erase": self._hc_erase_leads,
                "why": self.env._(
                    "Figures of your pipeline stay; who it was, texts and messages go."
                ),
            },
            {
                "model": "calendar.event",
                "domain": [("partner_ids", "in", self.ids)],
                "how": EMPTY,
                "erase": self._hc_erase_meetings,
                "why": self.env._("They are taken off the guests."),
            },
            {
                "model": "mail.activity",
                "domain": [("res_model", "=", "res.partner"), ("res_id", "in", self.ids)],
                "how": DELETE,
                "why": "",
            },
            {
                "model": "mail.message",
                "domain": [("model", "=", "res.partner"), ("res_id", "in", self.ids)],
                "how": DELETE,
                "why": self.env._("Everything in the log of the contact."),
            },
            {
                "model": "mail.message",
                "domain": [
                    ("author_id", "in", self.ids),
                    ("model", "not in", ("res.partner", "crm.lead")),
                ],
                "how": EMPTY,
                "values": {"email_from": False},
                "why": self.env._("Letters on documents that stay; the address of who wrote goes."),
            },
            {
                "model": "res.users",
                "domain": [*mine, ("share", "=", True)],
                "how": EMPTY,
                "erase": self._hc_erase_users,
                "why": self.env._("Their login to the portal ends."),
            },
        ]

    def _hc_erase_records(self, section):
        return (
            self.env[section["model"]]
            .sudo()
            .with_context(active_test=False)
            .search(section["domain"])
        )

    def _hc_erase_preview(self):
        """Return what ``_hc_erase`` would do, a line per kind of record that there is.

        :return: ``[{"model", "label", "count", "how", "why"}]``
        """
        self.ensure_one()
        lines = []
        for section in self._hc_erase_sections():
            if section["model"] not in self.env:
                continue
            count = len(self._hc_erase_records(section))
            if count:
                model = self.env["ir.model"]._get(section["model"])
                lines.append(
                    {
                        "model": section["model"],
                        "label": model.sudo().name,
                        "count": count,
                        "how": section["how"],
                        "why": section["why"],
                    }
                )
        lines.append(
            {
                "model": "res.partner",
                "label": self.env._("Contact"),
                "count": 1,
                "how": EMPTY,
                "why": self.env._(
                    "Archived. Name, postal address and tax number stay as long as invoices and orders "
                    "have to be kept; everything else goes."
                )
                if self._hc_has_lawful_documents()
                else self.env._("Archived, and everything in it goes, the name too."),
            }
        )
        return lines

    def _hc_has_lawful_documents(self):
        return any(
            section["how"] == KEEP and self._hc_erase_records(section)
            for section in self._hc_erase_sections()
        )

    def _hc_erase(self):
        """Erase these people, as far as law lets us. Cannot be taken back.

        Called by the dialog of a privacy request, which asks for the right to; and by whoever knows that it
        is due. Inside a plan of outreach the person leaves with the outcome ``erased``.

        :return: ``{partner id: lines of _hc_erase_preview, as they were}``
        """
        done = {}
        # superuser: a person is erased as a whole, also what the one who carries it out may not see
        for partner in self.sudo():
            if partner.user_ids.filtered(lambda user: not user.share):
                raise UserError(
                    self.env._(
                        "%(name)s is a colleague: end their access to Odoo first, then erase.",
                        name=partner.display_name,
                    )
                )
            done[partner.id] = partner._hc_erase_preview()
            lawful = partner._hc_has_lawful_documents()
            self.env["hc.outreach.enrollment"].sudo()._hc_leave(partner, "erased")
            for section in partner._hc_erase_sections():
                if section["model"] not in self.env or section["how"] == KEEP:
                    continue
                records = partner._hc_erase_records(section)
                if not records:
                    continue
                if "erase" in section:
                    section["erase"](records)
                elif section["how"] == DELETE:
                    records.with_context(tracking_disable=True).unlink()
                else:
                    records.with_context(tracking_disable=True).write(section["values"])
            partner._hc_erase_self(lawful)
        self.env.invalidate_all()
        return done

    def _hc_erase_self(self, lawful):
        """Empty the contact itself, without leaving the old values in its log."""
        partner = self.with_context(tracking_disable=True, mail_notrack=True)
        keep = LAWFUL_FIELDS if lawful else ()
        texts = (
            "email", "phone", "street", "street2", "zip", "city", "state_id", "country_id", "vat",
            "company_registry", "website", "function", "comment", "ref", "barcode", "image_1920",
            "category_id", "bank_ids", "tz",
        )  # fmt: skip
        vals = {
            name: [fields.Command.clear()] if partner._fields[name].type == "many2many"
            else False
            for name in texts
            if name in partner._fields and name not in keep and name != "bank_ids"
        }  # fmt: skip
        partner.bank_ids.unlink()
        partner.message_follower_ids.unlink()
        partner.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", partner.id),
                ("res_field", "=", False),
            ]
        ).unlink()
        vals["active"] = False
        if not lawful:
            vals["name"] = self.env._("Erased person %(number)s", number=partner.id)
            if partner.parent_id:
                vals["parent_id"] = False
        elif partner.parent_id and partner.type == "contact":
            # what they keep of the address is the company's anyway, which must not be changed through them
            vals = {
                name: value for name, value in vals.items() if name not in partner._address_fields()
            }
        partner.write(vals)
        # addresses of theirs for deliveries and bills are theirs alone
        partner.with_context(active_test=False).child_ids.filtered(
            lambda child: child.type in ("delivery", "invoice", "other") and not partner.is_company
        )._hc_erase_addresses(lawful)

    def _hc_erase_addresses(self, lawful):
        for address in self.with_context(tracking_disable=True):
            vals = {"email": False, "phone": False, "comment": False, "active": False}
            if not lawful:
                vals |= {
                    "name": False, "street": False, "street2": False, "zip": False, "city": False,
                }  # fmt: skip
            address.write(vals)

    # -- one by one -------------------------------------------------------------------------------

    def _hc_erase_participation(self, records):
        records.with_context(tracking_disable=True).write(
            {"participant_ids": [fields.Command.unlink(partner_id) for partner_id in self.ids]}
        )

    def _hc_erase_orders(self, orders):
        orders = orders.with_context(tracking_disable=True, disable_cancel_warning=True)
        orders.filtered(lambda order: order.state == "sent")._action_cancel()
        orders.unlink()

    def _hc_erase_leads(self, leads):
        leads = leads.with_context(tracking_disable=True)
        leads.message_ids.unlink()
        leads.activity_ids.unlink()
        texts = (
            "contact_name", "partner_name", "email_from", "email_cc", "phone", "street", "street2", "zip",
            "city", "state_id", "website", "function", "description", "partner_id",
        )  # fmt: skip
        vals = {name: False for name in texts if name in leads._fields}
        for lead in leads:
            lead.write({**vals, "name": self.env._("Erased")})

    def _hc_erase_meetings(self, events):
        # not through the ORM: it would write to guests and to calendars of others that are kept in step
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DELETE FROM calendar_attendee WHERE partner_id = ANY(%s)", self.ids)
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM calendar_event_res_partner_rel WHERE res_partner_id = ANY(%s)",
                self.ids,
            )
        )
        self.env.invalidate_all()

    def _hc_erase_users(self, users):
        for user in users:
            user.write({"login": f"__erased_user_{user.id}", "active": False})
            user.api_key_ids._remove()
        # no password any more: the column is written past the rules for passwords
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE res_users SET password = NULL WHERE id = ANY(%s)", users.ids)
        )

    def _hc_erase_requests(self, requests):
        requests = requests.with_context(tracking_disable=True)
        requests.write({"text": False})
        requests.message_ids.unlink()
        # "changed at once: phone …" and the like
        requests.filtered(lambda request: request.kind == "correction").write({"outcome": False})

    # -- dialog -----------------------------------------------------------------------------------

    def _hc_erase_dialog(self, request):
        self.ensure_one()
        dialog = self.env["hc.privacy.erase"].create({"request_id": request.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase a Person"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }
