from odoo import fields, models


class HcConsentPurpose(models.Model):
    """What we contact people for. Each person says yes or no to each, by channel or for all channels."""

    _name = "hc.consent.purpose"
    _description = "Purpose of Contact"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(
        string="Technical Key",
        required=True,
        help="Short name used by imports and the API, for example: news.",
    )
    description = fields.Text(
        string="What They Get",
        translate=True,
        help="Shown to the customer in the preference centre, in plain words.",
    )
    basis = fields.Selection(
        [
            ("consent", "Only if they said yes"),
            ("interest", "Unless they said no"),
            ("contract", "Always: it belongs to what they ordered"),
        ],
        string="May We",
        required=True,
        default="consent",
    )
    is_budgeted = fields.Boolean(
        string="Counts as a Contact",
        default=True,
        help="Counts in the contact budget and waits for its turn and for quiet hours to end. Off for "
        "what people wait for, such as the progress of their order.",
    )
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    protected = fields.Boolean(readonly=True)

    _key_unique = models.Constraint(
        "unique(key)", "Another purpose has this technical key already."
    )
