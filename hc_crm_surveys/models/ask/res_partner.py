import secrets

from odoo import fields, models

from .hc_ask import TOKEN_BYTES


class ResPartner(models.Model):
    """Customers who are asked: what they get a copy of, what is erased, and who is asked again."""

    _inherit = "res.partner"

    def _hc_bad_feelings(self, question, since):
        """Whose case was solved is asked again although they had been unhappy: that is what it is about."""
        if self.env.context.get("hc_ask_again"):
            return []
        return super()._hc_bad_feelings(question, since)

    # -- their data -----------------------------------------------------------------------------

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "asked",
                "label": self.env._("What we asked you"),
                "rows": self._hc_export_asks,
            },
        ]

    def _hc_export_asks(self):
        asks = self.env["hc.ask"].sudo().search(
            [("partner_id", "in", self.ids), ("company_id", "=", self.env.company.id)]
        )  # fmt: skip
        states = dict(asks._fields["state"]._description_selection(self.env))
        return [
            {
                "asked": ask.question_text or "",
                "state": states[ask.state],
                "sent": fields.Datetime.to_string(ask.date_sent) or "",
                "answered": fields.Datetime.to_string(ask.date_answered) or "",
            }
            for ask in asks
        ]

    def _hc_erase_sections(self):
        mine = [("partner_id", "in", self.ids)]
        return [
            {
                "model": "hc.ask",
                "domain": [*mine, ("date_sent", "=", False)],
                "how": "delete",
                "why": "",
            },
            {
                "model": "hc.ask",
                "domain": [*mine, ("date_sent", "!=", False)],
                "how": "empty",
                "erase": self._hc_erase_asks,
                "why": self.env._(
                    "That somebody was asked, and whether they answered, counts in the response; who, goes. Links "
                    "in mails open nothing any more."
                ),
            },
            *super()._hc_erase_sections(),
        ]

    def _hc_erase_asks(self, asks):
        asks._cancel_mails()
        open_ones = asks.filtered(lambda ask: ask.state in ("sending", "sent"))
        open_ones._set_expired("erased")
        mails = self.env["mail.mail"].sudo().search([("hc_ask_id", "in", asks.ids)])
        mails.unlink()
        for ask in asks:
            ask.write(
                {
                    "token": secrets.token_urlsafe(TOKEN_BYTES),
                    "partner_id": False,
                    "occurrence": f"erased,{ask.id}",
                    "res_model": False,
                    "res_id": False,
                    "reason_args": False,
                    "error": False,
                    "message_id": False,
                    "lang": False,
                }
            )
