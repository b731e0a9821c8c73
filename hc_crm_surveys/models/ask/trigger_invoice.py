from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """An invoice was paid in full; only with the app for invoices."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        triggers = super()._triggers()
        if "account.move" in self.env:
            triggers["invoice_paid"] = {
                "label": self.env._("An invoice was paid"),
                "phrase": self.env._("an invoice was paid"),
                "model": "account.move",
            }
        return triggers

    def _trigger_invoice_paid(self, query):
        query.add_where(
            SQL(
                "account_move.move_type = 'out_invoice' AND account_move.state = 'posted' "
                "AND account_move.payment_state IN ('paid', 'in_payment')"
            )
        )
        # The day of payment is a day only; that it was noted has an hour.
        paid = SQL(
            """
            SELECT MAX(part.create_date) AS date
              FROM account_move_line AS line
              JOIN account_partial_reconcile AS part ON part.debit_move_id = line.id
             WHERE line.move_id = account_move.id
            """
        )
        query.add_join("JOIN", "paid", SQL("LATERAL (%s)", paid), SQL("TRUE"))
        # paid on the way: nothing is reconciled yet
        return (
            SQL("account_move.partner_id"),
            SQL("COALESCE(paid.date, account_move.write_date)"),
        )
