from odoo import api, fields, models


class HcOutreachStep(models.Model):
    """A note for colleagues on the customer."""

    _inherit = "hc.outreach.step"

    note_mention = fields.Boolean(
        string="Tell the Colleague", help="Whoever the step names gets the note as a message, too."
    )

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "note": {
                "label": self.env._("Internal note"),
                "icon": "fa-sticky-note-o",
                "channel": None,
                "human": False,
                "lanes": [],
            }
        }

    def _problems_note(self):
        if not (self.text or "").strip():
            return [self.env._("write the note.")]
        problem = self._words_problem(self.text)
        return [problem] if problem else []

    def _step_text_note(self):
        text = " ".join((self.text or "").split())
        return self.env._("Note for colleagues: %s", text[:60] + ("…" if len(text) > 60 else ""))

    def _run_note(self, deliveries):
        partners = deliveries.partner_id.sudo()
        words = self._words(self.text, partners)
        bodies = {partner.id: self._as_html(words[partner.id]) for partner in partners}
        author = self.plan_id.user_id.partner_id
        if self.note_mention:
            wanted = self._wanted_users(deliveries.sudo(), self.user_rule)
            for row in deliveries:
                user = wanted[row.id].filtered("active")[:1]
                row.partner_id.sudo().message_post(
                    body=bodies[row.partner_id.id],
                    author_id=author.id,
                    partner_ids=user.partner_id.ids,
                    subtype_xmlid="mail.mt_note",
                )
        else:
            partners._message_log_batch(bodies=bodies, author_id=author.id)
        deliveries._set_done()
