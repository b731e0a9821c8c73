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
        if (
            delivery
            and request.httprequest.method == "GET"
            and not request.env["ir.http"].is_a_bot()
        ):
            delivery._note_opened()
        return request.make_response(
            PIXEL, [("Content-Type", "image/gif"), ("Cache-Control", "no-store")]
        )

    def _delivery(self, delivery_id, token):
        """Return the delivery whose mail holds this picture; empty if there is none."""
        # superuser: whoever has the token got the mail
        Delivery = request.env["hc.outreach.delivery"].sudo()
        is_number = delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) < 11
        number = int(delivery_id) if is_number else 0
        # no row has the last number: what is none takes as long, and its token opens nothing
        delivery = Delivery.browse(number if 0 < number < MAX_ID else MAX_ID)
        if not token.isascii() or not consteq(token, delivery._opened_token()):
            return Delivery
        return delivery.exists()
