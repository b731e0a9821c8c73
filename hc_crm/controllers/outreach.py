from base64 import b64decode

from odoo import http
from odoo.http import request
from odoo.tools import consteq

from ..models.links import MAX_ID

# The smallest transparent picture.
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class OutreachController(http.Controller):
    @http.route(
        # text, not a number: the host's converter fails at numbers of thousands of digits
        "/outreach/opened/<string:delivery_id>/<string:token>.gif",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def opened(self, delivery_id, token, **kwargs):
        """A mail was opened: only noted, for plans that branch on it. Nothing else happens by this.

        Whatever was asked for gets the same picture, so that the answer tells nothing.
        """
        delivery = self._delivery(delivery_id, token)
        if delivery and request.httprequest.method == "GET" and not request.env["ir.http"].is_a_bot():
            delivery._note_opened()
        return request.make_response(
            PIXEL, [("Content-Type", "image/gif"), ("Cache-Control", "no-store")]
        )

    def _delivery(self, delivery_id, token):
        """Return the delivery whose mail holds this picture; empty if there is none."""
        # superuser: whoever has the token got the mail
        Delivery = request.env["hc.outreach.delivery"].sudo()
        is_id = delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) <= len(str(MAX_ID))
        delivery = Delivery.browse(int(delivery_id) if is_id else 0)
        is_ours = token.isascii() and consteq(token, delivery._opened_token())
        if not is_id or not is_ours or not 0 < delivery.id <= MAX_ID:
            return Delivery
        return delivery.exists()
