from odoo import api, fields, models

from .hc_today import MAX_LINES


class HcToday(models.AbstractModel):
    _inherit = "hc.today"

    @api.model
    def _today_sections(self):
        return super()._today_sections() | {
            "promises": {
                "label": self.env._("Promises due"),
                "icon": "fa-handshake-o",
                "sequence": 30,
                "models": ("hc.promise",),
            }
        }

    @api.model
    def _today_lines_promises(self, user):
        promises = self.env["hc.promise"].search(
            [
                ("state", "=", "open"),
                ("user_id", "=", user.id),
                ("date_due", "<=", fields.Date.context_today(self)),
            ],
            limit=MAX_LINES + 1,
        )
        return [
            self._today_line(promise, promise.partner_id, promise.summary, promise.date_due)
            for promise in promises
        ]

    @api.model
    def _today_next_promises(self, user):
        promise = self.env["hc.promise"].search(
            [
                ("state", "=", "open"),
                ("user_id", "=", user.id),
                ("date_due", ">", fields.Date.context_today(self)),
            ],
            limit=1,
        )
        return promise and (
            promise.date_due,
            promise.partner_id,
            self.env._("promise “%(what)s”", what=promise.summary),
        )

    @api.model
    def _today_item_promises(self, promise):
        return {
            "partner": promise.partner_id,
            "why": self.env._("We gave our word"),
            "hint": self.env._(
                "If it cannot be done in time, tell them before they notice, and agree on a new day."
            ),
            "openers": self._today_openers(promise.partner_id),
            "document": {
                "label": self.env._("Promise"),
                "res_model": promise._name,
                "res_id": promise.id,
            },
        }

    @api.model
    def _today_acts_promises(self, promise):
        if promise.state != "open":
            self._today_gone()
        return [
            self._today_act("kept", "d", self.env._("Done, kept"), "fa-check", primary=True),
            self._today_act("later", "l", self.env._("New day agreed"), "fa-clock-o", "date"),
            self._today_act("broken", "b", self.env._("Not kept"), "fa-chain-broken"),
        ]

    @api.model
    def _today_act_promises(self, promise, act, note, values):
        undo = {"ref": f"{promise._name},{promise.id}", "act": act}
        if act == "later":
            undo["date"] = fields.Date.to_string(promise.date_due)
            promise.date_due = values["date"]
            message = self.env._(
                "A new day is noted: %(day)s.", day=self._today_day(values["date"])
            )
        elif act == "kept":
            promise.action_kept()
            message = self.env._("Promise kept.")
        else:
            promise.action_broken()
            message = self.env._("Noted as not kept.")
        if note:
            # Only what was typed: the words of the promise stay its company's.
            undo["message"] = promise.partner_id.message_post(
                body=note, subtype_xmlid="mail.mt_note"
            ).id
        return {"message": message, "undo": undo}

    @api.model
    def _today_undo_promises(self, promise, undo):
        promise.check_access("write")
        if undo.get("act") == "later":
            promise.date_due = self._today_undo_date(undo)
        else:
            promise.action_reopen()
        self._today_undo_message(promise.partner_id, undo.get("message"))

    @api.model
    def _today_undo_message(self, record, message_id):
        """Delete a note that the user wrote on ``record`` with an act that is taken back."""
        if type(message_id) is not int:
            return
        # sudo: one's own words; the host would want write access to the document
        message = self.env["mail.message"].sudo().browse(message_id).exists()
        if (
            message
            and (message.model, message.res_id) == (record._name, record.id)
            and message.author_id == self.env.user.partner_id
        ):
            message.unlink()
