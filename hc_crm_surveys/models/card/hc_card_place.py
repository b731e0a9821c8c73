import base64
import io
import secrets

import qrcode

from odoo import api, fields, models
from odoo.exceptions import ValidationError

TOKEN_BYTES = 12  # short, for the QR code and for typing; nothing secret lies behind it
KIOSK_SECONDS = (3, 60)


class HcCardPlace(models.Model):
    """Where anybody may tell us how it was, without a mail: a poster, a tablet at the door, a link."""

    _name = "hc.card.place"
    _description = "Place to Give Feedback"
    _order = "name, id"

    name = fields.Char(
        string="Where", required=True, help="For example: counter, parcel slip, website."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    survey_id = fields.Many2one(
        "survey.survey",
        string="Question From",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("question_ids.metric", "!=", False)],
        help="Its first question with a scale is asked, and the words that belong to it.",
    )
    question_id = fields.Many2one(
        "survey.question", compute="_compute_question_id", compute_sudo=True
    )
    touchpoint = fields.Char(
        help="Technical name of the moment, kept on every answer, for example store."
    )
    token = fields.Char(
        default=lambda self: secrets.token_urlsafe(TOKEN_BYTES), required=True, readonly=True, copy=False
    )  # fmt: skip
    invitation = fields.Char(
        translate=True,
        default=lambda self: self.env._("How was it today?"),
        help="Stands large on the poster.",
    )
    asks_contact = fields.Boolean(
        string="Offer a Call Back",
        default=True,
        help="Whoever wants an answer may leave a phone number or an e-mail address.",
    )
    kiosk_seconds = fields.Integer(
        string="Kiosk: Thanks for",
        default=6,
        help="Seconds until the page on a tablet is ready for the next person.",
    )
    url = fields.Char(string="Link", compute="_compute_urls")
    kiosk_url = fields.Char(string="Link for a Tablet", compute="_compute_urls")
    card_count = fields.Integer(string="Answers", compute="_compute_card_count")

    _token_unique = models.UniqueIndex("(token)")

    @api.depends("survey_id")
    def _compute_question_id(self):
        for place in self:
            place.question_id = place.survey_id._metric_question()

    @api.depends("token", "company_id")
    def _compute_urls(self):
        for place in self:
            base = place.company_id.get_base_url() if place.company_id else place.get_base_url()
            place.url = f"{base}/feedback/at/{place.token}"
            place.kiosk_url = f"{place.url}?kiosk=1"

    def _compute_card_count(self):
        counts = dict(
            self.env["hc.card"]._read_group(
                [("place_id", "in", self.ids)], ["place_id"], ["__count"]
            )
        )
        for place in self:
            place.card_count = counts.get(place, 0)

    @api.constrains("survey_id")
    def _check_survey(self):
        for place in self:
            if not place.question_id:
                raise ValidationError(
                    self.env._(
                        "Question from: “%(survey)s” has no question that measures anything. Choose another "
                        "survey, or set what one of its scales measures.",
                        survey=place.sudo().survey_id.title,
                    )
                )

    @api.constrains("kiosk_seconds")
    def _check_kiosk_seconds(self):
        low, high = KIOSK_SECONDS
        for place in self:
            if not low <= place.kiosk_seconds <= high:
                raise ValidationError(
                    self.env._(
                        "Kiosk: choose from %(low)s to %(high)s seconds.", low=low, high=high
                    )
                )

    @api.model
    def _find(self, token):
        """Return the place of a link, as superuser; nothing if it opens nothing."""
        if not isinstance(token, str) or not 8 <= len(token) <= 64 or not token.isascii():
            return self.sudo().browse()
        place = self.sudo().search([("token", "=", token)], limit=1)
        return place if place.question_id else place.browse()

    def action_open_page(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new"}

    def action_open_kiosk(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.kiosk_url, "target": "new"}

    def action_new_link(self):
        """Make the old link, and every poster with it, open nothing."""
        self.check_access("write")
        for place in self:
            place.token = secrets.token_urlsafe(TOKEN_BYTES)
        return True

    def action_open_cards(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "hc.card",
            "view_mode": "list,form",
            "domain": [("place_id", "=", self.id)],
            "context": {"create": False},
        }

    def _qr_base64(self):
        """Return the code of the link as a PNG in base 64, for the poster."""
        self.ensure_one()
        # the host's own barcodes need a drawing library that is not everywhere; this one comes with Odoo
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=12, border=2
        )
        code.add_data(self.url)
        stream = io.BytesIO()
        code.make_image().save(stream, "PNG")
        return base64.b64encode(stream.getvalue()).decode()
