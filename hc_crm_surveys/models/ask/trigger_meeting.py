from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """A meeting ended: everybody who was invited and did not decline."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        return super()._triggers() | {
            "meeting_ended": {
                "label": self.env._("A meeting ended"),
                "phrase": self.env._("a meeting ended"),
                "model": "calendar.event",
            }
        }

    def _trigger_meeting_ended(self, query):
        query.add_where(SQL("calendar_event.active"))
        query.add_join(
            "JOIN",
            "attendee",
            "calendar_attendee",
            SQL("attendee.event_id = calendar_event.id AND attendee.state <> 'declined'"),
        )
        # What lasts all day is over when the day is.
        return (
            SQL("attendee.partner_id"),
            SQL(
                "CASE WHEN calendar_event.allday THEN calendar_event.stop_date + INTERVAL '1 day' "
                "ELSE calendar_event.stop END"
            ),
        )
