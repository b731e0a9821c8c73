from odoo import fields, models


class HcConsent(models.Model):
    """One yes or no of one person, as it was said. An append-only log: the latest line counts.

    A line without a channel is about every channel; a later line about one channel overrides it there,
    and a later line about all overrides each.
    """

    _name = "hc.consent"
    _description = "Consent"
    _order = "date desc, id desc"
    _rec_name = "purpose_id"

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, index=True, ondelete="cascade"
    )
    purpose_id = fields.Many2one(
        "hc.consent.purpose", required=True, index=True, ondelete="restrict"
    )
    channel_id = fields.Many2one(
        "hc.channel", index="btree_not_null", ondelete="restrict", help="Empty: on every channel."
    )
    state = fields.Selection(
        [("given", "Yes"), ("withdrawn", "No")], string="They Said", required=True
    )
    date = fields.Datetime(string="Said on", required=True, default=fields.Datetime.now)
    how = fields.Selection(
        [
            ("told", "Told a colleague"),
            ("form", "Filled in a form"),
            ("preferences", "Preference centre"),
            ("unsubscribe", "Unsubscribe link"),
            ("import", "Import"),
            ("blacklist", "Odoo's blacklist"),
            ("mailing", "Mailing list"),
            ("api", "Another system"),
        ],
        required=True,
        default="told",
    )
    proof = fields.Text(help="What they said or wrote, or the text they agreed to.")
    res_model = fields.Char(string="Proof: Document Model")
    res_id = fields.Many2oneReference(string="Proof: Document", model_field="res_model")
    user_id = fields.Many2one(
        "res.users", string="Noted by", default=lambda self: self.env.user, ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: said to all companies."
    )

    _latest_idx = models.Index("(partner_id, purpose_id, channel_id, date DESC, id DESC)")
