from odoo import fields, models


class HcContactAttempt(models.Model):
    """What we wanted to send by ourselves and what became of it: the ledger of the contact budget.

    One row per origin (a delivery of outreach, an ask of a survey): written by whoever sends, once more
    when its outcome changes. It is a source of the timeline, so that the customer's page says what was
    sent, postponed or dropped, and why.
    """

    _name = "hc.contact.attempt"
    _description = "Contact by Ourselves"
    _order = "date desc, id desc"
    _rec_name = "subject"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Company or Household", ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    purpose_id = fields.Many2one(
        "hc.consent.purpose", ondelete="set null", readonly=True, index="btree_not_null"
    )
    channel_id = fields.Many2one(
        "hc.channel", required=True, ondelete="restrict", readonly=True, index=True
    )
    date = fields.Datetime(required=True, readonly=True, help="When it was sent or decided.")
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("postponed", "Postponed"),
            ("dropped", "Dropped"),
            ("person", "Left to a person"),
            ("doubt", "May have been sent"),
        ],
        required=True,
        readonly=True,
    )
    is_budgeted = fields.Boolean(readonly=True, help="Counts in the contact budget once sent.")
    subject = fields.Char(readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_args = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    date_until = fields.Datetime(string="Postponed until", readonly=True)
    res_model = fields.Char(readonly=True, required=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, required=True)
    message_id = fields.Many2one("mail.message", ondelete="set null", readonly=True)

    _origin_uniq = models.UniqueIndex("(res_model, res_id)")
    _budget_idx = models.Index("(partner_id, date) WHERE outcome = 'sent' AND is_budgeted")
    _customer_idx = models.Index("(commercial_partner_id, date DESC, id DESC)")

    def _compute_reason(self):
        for attempt in self:
            attempt.reason = False
