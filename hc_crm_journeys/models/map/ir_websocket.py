from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """The editor listens to ``hc.journey_<id>``: to the map itself, where the user may read it."""
        listened = []
        for channel in channels:
            journey = None
            if isinstance(channel, str) and channel.startswith("hc.journey_"):
                journey = self.env["hc.journey"]._hc_bus_channel(channel)
            if journey is None:
                listened.append(channel)
            elif journey:
                listened.append(journey)
        return super()._build_bus_channel_list(listened)
