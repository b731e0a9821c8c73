from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .feeling import feeling_sql
from .hc_interaction import INTERACTION
from .rating_rating import RATING


class HcContactEvent(models.AbstractModel):
    """Answers and ratings count once for engagement and feelings: as feedback, with what they felt."""

    _inherit = "hc.contact.event"

    def _sources(self):
        return [*super()._sources(), "_feedback"]

    def _feedback(self, scope):
        return SQL(
            """SELECT f.partner_id, f.date, 'feedback',
                CASE f.source WHEN 'rating' THEN 'rating' WHEN 'card' THEN 'card' ELSE 'survey' END, 'in',
                (%(feeling)s)::double precision, TRUE, f.company_id, FALSE
            FROM hc_feedback f
            WHERE f.is_counted AND f.origin_model IS DISTINCT FROM %(interaction)s AND %(where)s""",
            feeling=feeling_sql("f"),
            interaction=INTERACTION,
            where=scope.where(SQL("f.date"), SQL("f.partner_id"), SQL("f.company_id")),
        )

    def _ratings(self, scope):
        select = super()._ratings(scope)
        return select and SQL(
            """%s AND NOT EXISTS (
                SELECT FROM hc_feedback f WHERE f.origin_model = %s AND f.origin_id = r.id)""",
            select,
            RATING,
        )

    def _surveys(self, scope):
        select = super()._surveys(scope)
        return select and SQL(
            "%s AND NOT EXISTS (SELECT FROM hc_feedback f WHERE f.user_input_id = s.id)", select
        )


class HcInsightSignals(models.AbstractModel):
    """Who gave feedback since the last run is due again."""

    _inherit = "hc.insight.signals"

    def _news_sources(self):
        return [*super()._news_sources(), "_news_feedback"]

    def _news_feedback(self, config, since):
        return SQL(
            "SELECT f.partner_id FROM hc_feedback f WHERE f.write_date >= %s AND f.company_id = %s",
            since,
            config.company_id.id,
        )


class HcCustomerInsight(models.Model):
    """How somebody feels is told to those who may read what it rests on."""

    _inherit = "hc.customer.insight"

    def _hc_partners_with_hidden_ratings(self, partners):
        Feedback = self.env["hc.feedback"]
        domain = Domain("commercial_partner_id", "in", partners.ids) & Domain(
            "is_counted", "=", True
        )
        # superuser: only to learn that there is more than the reader may see
        every = dict(Feedback.sudo()._read_group(domain, ["commercial_partner_id"], ["__count"]))
        mine = {}
        if Feedback.has_access("read"):
            mine = dict(Feedback._read_group(domain, ["commercial_partner_id"], ["__count"]))
        mine = {partner.id: count for partner, count in mine.items()}
        hidden = {p.id for p, count in every.items() if count != mine.get(p.id, 0)}
        return super()._hc_partners_with_hidden_ratings(partners) | partners.filtered(
            lambda partner: partner.id in hidden
        )

    def _hc_words_feeling(self):
        text, action = super()._hc_words_feeling()
        for condition in (action or {}).get("domain", []):
            if condition[0] == "source":
                condition[2].append("feedback")
        return text, action
