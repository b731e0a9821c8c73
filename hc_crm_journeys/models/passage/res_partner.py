from odoo import fields, models
from odoo.tools import format_date

from odoo.addons.hc_crm.models.links import search_visible

CHIPS = 3


class ResPartner(models.Model):
    """Where a customer is on the maps: in the header, for conditions, in their copy; and what goes with them."""

    _inherit = "res.partner"

    hc_journey_passage_ids = fields.One2many(
        "hc.journey.passage", "partner_id", string="On the Way",
        search="_search_hc_journey_passage_ids", groups="hc_crm.hc_crm_group_user",
    )  # fmt: skip

    def _search_hc_journey_passage_ids(self, operator, value):
        return search_visible(self, "hc_journey_passage_ids", operator, value)

    # -- where they are -------------------------------------------------------------------------

    def hc_journeys(self):
        """Return where this customer is now on the maps the reader may see, newest first.

        :return: ``[{"id", "journey", "journey_id", "stage", "stage_uid", "since": date, "days", "visit",
            "is_overdue", "is_dropped", "usual_days": number or None, "next": name of the stage that usually
            follows or False}]``
        """
        self.ensure_one()
        self.check_access("read")
        rows = self._hc_journeys_now()
        Stage = self.env["hc.journey.stage"]
        following = Stage.browse({row.stage_id.usual_next_number for row in rows} - {0}).exists()
        names = {stage.id: stage.name for stage in following}
        return [
            {
                "id": row.id,
                "journey": row.journey_id.name,
                "journey_id": row.journey_id.id,
                "stage": row.stage_id.name,
                "stage_uid": row.stage_id.uid,
                "since": fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, row.date_from)
                ),
                "days": round(row.days, 1),
                "visit": row.visit,
                "is_overdue": row.is_overdue,
                "is_dropped": row.is_dropped,
                "usual_days": round(row.stage_id.usual_days, 1)
                if row.stage_id.usual_count
                else None,
                "next": names.get(row.stage_id.usual_next_number, False),
            }
            for row in rows
        ]

    def _hc_journeys_now(self):
        Passage = self.env["hc.journey.passage"]
        if not Passage.has_access("read"):
            return Passage
        return Passage.search(
            [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("is_now", "=", True),
                ("journey_id.active", "=", True),
            ]
        )

    def _hc_brief_chips(self):
        return super()._hc_brief_chips() + [
            {
                "key": f"journey_{where['id']}",
                "text": where["stage"],
                "tone": "danger" if where["is_overdue"] or where["is_dropped"] else "",
                "icon": "fa-map-signs",
                "title": self._hc_journey_words(where),
                "res_model": "hc.journey.passage",
                "res_id": where["id"],
            }
            for where in self.hc_journeys()[:CHIPS]
        ]

    def _hc_journey_words(self, where):
        words = [
            self.env._(
                "%(journey)s: in “%(stage)s” since %(day)s.",
                journey=where["journey"],
                stage=where["stage"],
                day=format_date(self.env, where["since"]),
            )
        ]
        if where["is_dropped"]:
            words.append(self.env._("Longer than ever usual, and nothing heard of them."))
        elif where["is_overdue"]:
            words.append(self.env._("Longer than it should take."))
        if where["next"]:
            words.append(
                self.env._(
                    "Next is usually “%(next)s”, after %(days)s days.",
                    next=where["next"],
                    days=round(where["usual_days"] or 0),
                )
            )
        return " ".join(words)

    # -- their data -----------------------------------------------------------------------------

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "journeys",
                "label": self.env._("Where we saw you on your way with us"),
                "rows": self._hc_export_journeys,
            },
        ]

    def _hc_export_journeys(self):
        rows = self.env["hc.journey.passage"].sudo().search(
            [
                ("partner_id", "=", self.id),
                ("touchpoint_number", "=", 0),
                ("journey_id.company_id", "=", self.env.company.id),
            ],
            order="date_from",
        )  # fmt: skip
        return [
            {
                self.env._("Journey"): row.journey_id.name,
                self.env._("Stage"): row.stage_id.name,
                self.env._("Entered"): fields.Datetime.to_string(row.date_from),
                self.env._("Left"): fields.Datetime.to_string(row.date_to) or "",
            }
            for row in rows
        ]

    def _hc_erase_sections(self):
        mine = [("partner_id", "in", self.ids)]
        return [
            {"model": "hc.journey.passage", "domain": mine, "how": "delete", "why": ""},
            {"model": "hc.journey.sign", "domain": mine, "how": "delete", "why": ""},
            *super()._hc_erase_sections(),
        ]

    def _hc_forget_profile(self):
        """Who does not want to be described is on no map either."""
        customers = [("partner_id", "in", self.ids)]
        self.env["hc.journey.passage"].sudo().search(customers).unlink()
        self.env["hc.journey.sign"].sudo().search(customers).unlink()
        return super()._hc_forget_profile()
