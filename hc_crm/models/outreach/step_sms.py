from odoo import api, models
from odoo.exceptions import UserError

# Characters of a text message that still arrives as one: some ten parts.
MAX_TEXT = 1500


class HcOutreachStep(models.Model):
    """Text messages, by the host's own app for them; without it the step is not offered."""

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        types = super()._step_types()
        if "sms.sms" in self.env:
            types["sms"] = {
                "label": self.env._("Text message"),
                "icon": "fa-mobile",
                "channel": "sms",
                "human": False,
                "lanes": [],
            }
        return types

    def _problems_sms(self):
        if not (self.text or "").strip():
            return [self.env._("write the text message.")]
        texts = [problem] if (problem := self._words_problem(self.text)) else []
        if len(self.text) > MAX_TEXT:
            texts.append(
                self.env._(
                    "the text message holds %(length)s characters; %(max)s is the most.",
                    length=len(self.text),
                    max=MAX_TEXT,
                )
            )
        return texts

    def _step_text_sms(self):
        text = " ".join((self.text or "").split())
        return self.env._("Text message: %s", text[:60] + ("…" if len(text) > 60 else ""))

    def _run_sms(self, deliveries):
        """Queue a text message for each, in the customer's language; the host's queue sends it."""
        texts = {}
        for lang, rows in deliveries.grouped(lambda row: row.partner_id.lang).items():
            step = self.with_context(lang=lang or self.env.lang)
            words = step._words(step.text, rows.partner_id, lang, strict=True)
            texts |= {row.id: words[row.partner_id.id] for row in rows}
        self._send_texts(deliveries, texts)

    def _send_texts(self, deliveries, texts):
        """Queue these texts.

        :param texts: ``{delivery id: plain text}``
        """
        if "sms.sms" not in self.env:
            raise UserError(
                self.env._("The app for text messages was removed. Install it, or change the step.")
            )
        if not all((texts[row.id] or "").strip() for row in deliveries):
            raise UserError(self.env._("The text message is empty."))
        sent, messages = [], {}
        for row in deliveries:
            partner = row.partner_id.sudo()
            if not partner.phone:
                row._set_skipped("no_address", {"channel": "sms"})
                continue
            number = partner._phone_format(fname="phone")
            if not number:
                row._set_skipped("invalid_address", {"channel": "sms"})
                continue
            message = partner._message_sms(
                texts[row.id],
                partner_ids=partner.ids,
                sms_numbers=None,
                number_field="phone",
                put_in_queue=True,
            )
            messages[row.id] = message.id
            sent.append(row.id)
        done = deliveries.browse(sent)
        done._log_attempts("sent", message=messages or None)
        done._set_done(message_id=messages)
