from odoo import api, models

from odoo.addons.hc_crm.models.timeline.timeline_host_sources import MessageSource
from odoo.addons.hc_crm.models.timeline.timeline_source import Source, selection_label


class CaseSource(Source):
    """When something went wrong for them, and what became of it."""

    def _fields_to_render(self, env):
        return ["name", "stage_id", "verdict", "solution"]

    def _render(self, record):
        verdict = selection_label(record, "verdict") if record.verdict else ""
        return {
            "title": record.name,
            "note": " · ".join(filter(None, (record.stage_id.name, verdict))),
            "preview": record.solution or "",
        }


class HcTimeline(models.Model):
    _inherit = "hc.timeline"

    @api.model
    def _get_sources(self):
        sources = super()._get_sources()
        case = CaseSource(
            "case", 41, "hc.feedback.case",
            label=lambda env: env._("Case"), date="date_open", channel="case", direction="in",
            text=("name", "solution", "description"), user="user_id", messages=True,
        )  # fmt: skip
        for source in sources:
            if isinstance(source, MessageSource):
                source.sources = (*source.sources, case)
        return [*sources, case]
