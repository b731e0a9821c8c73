import base64

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request


class JourneyMap(http.Controller):
    @http.route(
        "/hc_crm_journeys/export/<int:journey_id>/<string:extension>",
        type="http",
        auth="user",
        readonly=True,
    )
    def export(self, journey_id, extension):
        """Download a map as a file, under the rights of whoever asks."""
        try:
            file = request.env["hc.journey"].browse(journey_id).hc_export(extension)
        except (AccessError, MissingError):
            return request.not_found()
        except UserError as error:
            return request.make_response(error.args[0], status=400)
        return request.make_response(
            base64.b64decode(file["content"]),
            headers=[
                ("Content-Type", file["mimetype"]),
                ("Content-Disposition", content_disposition(file["name"])),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
