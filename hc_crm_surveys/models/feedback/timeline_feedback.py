from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.timeline.timeline_source import Source, plain

from .feeling import feeling_sql
from .hc_interaction import INTERACTION
from .rating_rating import RATING

NUMBER = 30


class FeedbackSource(Source):
    """Answers and remarks, each with its own rule: whoever sees the customer's feedback sees it here."""

    @property
    def channels(self):
        return {"survey", "rating", "card"}

    def _columns(self, env, query, partner):
        columns = super()._columns(env, query, partner)
        source = SQL.identifier("hc_feedback", "source")
        columns["channel"] = SQL(
            "CASE %s WHEN 'rating' THEN 'rating' WHEN 'card' THEN 'card' ELSE 'survey' END::varchar",
            source,
        )
        columns["feeling"] = feeling_sql("hc_feedback")
        return columns

    def _fields_to_render(self, env):
        return [
            "metric",
            "score",
            "scale_max",
            "is_scored",
            "comment",
            "source",
            "band",
            "touchpoint",
        ]

    def _render(self, record):
        return {
            "title": record._hc_title(),
            "preview": plain(record.comment) if record.is_scored else "",
            "note": (record.touchpoint or "").replace("_", " ").capitalize(),
        }


def without_feedback(condition):
    """Return the Domain of what has no row of feedback: such a row stands on the timeline itself.

    :param condition: function of the SQL of the id that returns SQL on ``f``
    """
    return Domain.custom(
        to_sql=lambda model, alias, query: SQL(
            "NOT EXISTS (SELECT FROM hc_feedback AS f WHERE %s)",
            condition(SQL.identifier(alias, "id")),
        )
    )


class HcTimeline(models.Model):
    """What customers told us, once each: feedback takes the place of the host's answers and ratings."""

    _inherit = "hc.timeline"

    @api.model
    def _get_sources(self):
        sources = super()._get_sources()
        for source in sources:
            if source.model == "survey.user_input":
                source.domain &= without_feedback(
                    lambda row_id: SQL("f.user_input_id = %s", row_id)
                )
            elif source.model == RATING:
                source.domain &= without_feedback(
                    lambda row_id: SQL("f.origin_model = %s AND f.origin_id = %s", RATING, row_id)
                )
        return [
            *sources,
            FeedbackSource(
                "feedback", NUMBER, "hc.feedback",
                label=lambda env: env._("Feedback"), date="date", channel="survey", direction="in",
                # a conversation stands there already
                domain=[("is_counted", "=", True), ("origin_model", "!=", INTERACTION)],
                text=("comment",), user="user_id",
            ),
        ]  # fmt: skip
