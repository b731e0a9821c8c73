from base64 import b64decode

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request
from odoo.tools import consteq

# The smallest transparent picture.
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class OutreachController(http.Controller):
    @http.route(
        "/outreach/opened/<int:delivery_id>/<string:token>.gif",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def opened(self, delivery_id, token):
        """A mail was opened: only noted, for plans that branch on it. Nothing else happens by this."""
        # superuser: whoever has the token got the mail
        delivery = request.env["hc.outreach.delivery"].sudo().browse(delivery_id).exists()
        if not delivery or not token.isascii() or not consteq(token, delivery._opened_token()):
            raise NotFound()
        if not delivery.date_opened and delivery.state in ("sending", "done", "doubt"):
            delivery._note_opened()
        return request.make_response(
            PIXEL, [("Content-Type", "image/gif"), ("Cache-Control", "no-store")]
        )
