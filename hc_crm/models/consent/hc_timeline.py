from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..timeline.timeline_host_sources import MessageSource
from ..timeline.timeline_source import Source, selection_label


class AttemptSource(Source):
    """What we wanted to send by ourselves and what became of it, unless its message stands there itself."""

    @property
    def channels(self):
        return None

    def _columns(self, env, query, partner):
        columns = super()._columns(env, query, partner)
        alias = query.make_alias("hc_contact_attempt", "channel_id")
        query.add_join(
            "JOIN",
            alias,
            "hc_channel",
            SQL(
                "%s = %s",
                SQL.identifier("hc_contact_attempt", "channel_id"),
                SQL.identifier(alias, "id"),
            ),
        )
        columns["channel"] = SQL.identifier(alias, "key")
        return columns

    def _fields_to_render(self, env):
        return ["subject", "outcome", "reason_code", "purpose_id"]

    def _render(self, record):
        outcome = selection_label(record, "outcome")
        note = outcome
        if record.outcome != "sent" and record.reason:
            note = f"{outcome}: {record.reason}"
        purpose = record.purpose_id.display_name or self.label(record.env)
        return {"title": record.subject or purpose, "note": note}


class HcTimeline(models.Model):
    _inherit = "hc.timeline"

    @api.model
    def _get_sources(self):
        sources = super()._get_sources()
        for source in sources:
            if isinstance(source, MessageSource):
                source.automatic = SQL(
                    "EXISTS (SELECT 1 FROM hc_contact_attempt AS own "
                    "WHERE own.message_id = m.message_id AND own.by_person IS NOT TRUE)"
                )
        return [
            *sources,
            AttemptSource(
                "attempt", 13, "hc.contact.attempt",
                label=lambda env: env._("Contact by Ourselves"), date="date", direction="out",
                domain=Domain("message_id", "=", False) | Domain("outcome", "!=", "sent"),
                text=("subject",), automated=True,
            ),
        ]  # fmt: skip
