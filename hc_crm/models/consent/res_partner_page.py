from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

# The ways that a yes or no is about, as columns of the page.
WAYS = ("email", "sms", "call", "letter")
# What the page asks about: what we do for customers by ourselves.
CARE = "care"
MAX_LINES = 5


class ResPartner(models.Model):
    """What stands on the page "Contact" of a customer, read once it is looked at."""

    _inherit = "res.partner"

    @api.readonly
    def hc_get_contact(self):
        """Return whether we may contact this person, what they said, and what we sent.

        :return: ``{"now": [{"channel", "label", "icon", "answer", "text"}], "pause": dict | False,
            "channels": [{"key", "id", "label", "icon"}], "purposes": [{"id", "name", "description",
            "basis", "cells": [{"channel_id", "state", "allowed", "text"}]}], "said": [dict],
            "said_count": int, "sent": [dict], "is_writable": bool}``
        """
        self.ensure_one()
        self.check_access("read")
        # one clear refusal, whatever there would be to tell
        self.env["hc.consent"].check_access("read")
        return {
            "now": self._hc_contact_now(),
            "pause": self._hc_contact_pause(),
            **self._hc_contact_matrix(),
            **self._hc_contact_said(),
            "sent": self._hc_contact_sent(),
            "is_writable": self.has_access("write"),
        }

    def _hc_contact_now(self):
        info = self.env["hc.channel"]._hc_channel_info()
        rows = []
        for key in WAYS:
            # we do not call by ourselves: a colleague does
            decision = self._hc_contact_decision(key, CARE, human=key == "call")
            rows.append(
                {
                    "channel": key,
                    "label": info[key]["label"],
                    "icon": info[key]["icon"],
                    "answer": decision.answer,
                    "text": decision.reason(self.env) if not decision else "",
                }
            )
        return rows

    def _hc_contact_pause(self):
        pause = self.env["hc.contact.pause"]._hc_current(self)
        if not pause:
            return False
        return {
            "id": pause.id,
            "text": self._hc_pause_text(pause),
            "reason": pause.reason or "",
            "by": pause.sudo().user_id.name or "",  # superuser: a colleague's name
            "is_own": pause.partner_id == self,
            "partner": pause.partner_id.display_name,
        }

    def _hc_pause_text(self, pause):
        if not pause.date_to:
            return self.env._("Only people contact them")
        return self.env._(
            "Only people contact them until %(day)s", day=format_date(self.env, pause.date_to)
        )

    def _hc_contact_matrix(self):
        info = self.env["hc.channel"]._hc_channel_info()
        # superuser inside: what is said about them is for whoever reads the contact
        said = self._hc_consents()[self.id]
        purposes = []
        bases = dict(
            self.env["hc.consent.purpose"]._fields["basis"]._description_selection(self.env)
        )
        for purpose in self.env["hc.consent.purpose"].search(Domain.TRUE):
            cells = []
            for key in (None, *WAYS):
                if key is None:
                    line = said.get((purpose.key, None))
                else:
                    line = self._hc_latest(said, purpose.key, key)
                allowed, state, date, _id = self._hc_allowed(purpose.basis, line)
                cells.append(
                    {
                        "channel_id": info[key]["id"] if key else False,
                        "channel": info[key]["label"] if key else self.env._("Every channel"),
                        "state": state or False,
                        "allowed": allowed,
                        "text": self._hc_cell_text(purpose, state, date, allowed),
                    }
                )
            purposes.append(
                {
                    "id": purpose.id,
                    "name": purpose.name,
                    "description": purpose.description or "",
                    "basis": purpose.basis,
                    "basis_label": bases[purpose.basis],
                    "cells": cells,
                }
            )
        channels = [{"key": key, **info[key]} for key in WAYS]
        return {"purposes": purposes, "channels": channels}

    def _hc_cell_text(self, purpose, state, date, allowed):
        if purpose.basis == "contract":
            return self.env._("Belongs to what they ordered")
        if state:
            day = format_date(self.env, fields.Datetime.context_timestamp(self, date).date())
            if state == "given":
                return self.env._("Yes, said on %(day)s", day=day)
            return self.env._("No, said on %(day)s", day=day)
        if allowed:
            return self.env._("Nothing said: we may, unless they say no")
        return self.env._("Nothing said: we may not")

    def _hc_contact_said(self):
        consents = self.env["hc.consent"]
        domain = [("partner_id", "=", self.id)]
        lines = consents.search(domain, limit=MAX_LINES)
        states = dict(consents._fields["state"]._description_selection(self.env))
        ways = dict(consents._fields["how"]._description_selection(self.env))
        said = []
        for line in lines:
            said.append(
                {
                    "id": line.id,
                    "day": format_date(
                        self.env, fields.Datetime.context_timestamp(self, line.date).date()
                    ),
                    "state": line.state,
                    "state_label": states[line.state],
                    "purpose": line.purpose_id.display_name,
                    "channel": line.channel_id.display_name or self.env._("Every channel"),
                    "how": ways[line.how],
                    "by": line.sudo().user_id.name or "",  # superuser: a colleague's name
                    "proof": line.proof or "",
                }
            )
        return {"said": said, "said_count": consents.search_count(domain)}

    def _hc_contact_sent(self):
        attempts = self.env["hc.contact.attempt"]
        info = self.env["hc.channel"]._hc_channel_info()
        labels = dict(attempts._fields["outcome"]._description_selection(self.env))
        rows = []
        for attempt in attempts.search([("partner_id", "=", self.id)], limit=MAX_LINES):
            key = attempt.channel_id.key
            rows.append(
                {
                    "id": attempt.id,
                    "date": format_datetime(self.env, attempt.date, dt_format="short"),
                    "subject": attempt.subject or attempt.purpose_id.display_name or "",
                    "icon": info[key]["icon"],
                    "channel": info[key]["label"],
                    "outcome": attempt.outcome,
                    "outcome_label": labels[attempt.outcome],
                    "reason": attempt.reason if attempt.outcome != "sent" else "",
                }
            )
        return rows

    def action_hc_consent(self):
        """Open a dialog to note what they said."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What did they say?"),
            "res_model": "hc.consent",
            "views": [(self.env.ref("hc_crm.hc_consent_view_form").id, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def action_hc_pause(self):
        """Open a dialog in which only people contact this customer from now on."""
        self.ensure_one()
        self.check_access("write")
        known = self.env["hc.contact.pause"].search(
            [("partner_id", "=", self.id), ("is_current", "=", True)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Only People Contact Them"),
            "res_model": "hc.contact.pause",
            "res_id": known.id,
            "views": [(self.env.ref("hc_crm.hc_contact_pause_view_form").id, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    # -- before you talk --------------------------------------------------------------------------

    def _hc_lines_pause(self):
        """What a colleague has to know first: that nothing goes out by itself, and why."""
        if not self.env["hc.contact.pause"].has_access("read"):
            return []
        pause = self.env["hc.contact.pause"]._hc_current(self)
        if not pause:
            return []
        text = self._hc_pause_text(pause)
        if pause.reason:
            text = f"{text}: {pause.reason}"
        source = self.env._("Contact")
        if pause.user_id:
            source = f"{source} · {pause.sudo().user_id.name}"  # superuser: a colleague's name
        return [
            self._hc_line(
                "pause", "fa-pause-circle-o", "warning", text, source, pause._name, pause.id
            )
        ]
