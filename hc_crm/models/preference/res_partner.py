from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Below that, not having answered is no habit.
MIN_UNANSWERED = 3
HOURS_PER_DAY = 24
LIKE = ("ilike", "like", "=ilike", "=like")


class ResPartner(models.Model):
    _inherit = "res.partner"

    hc_channel_id = fields.Many2one(
        "hc.channel",
        string="Preferred Channel",
        compute="_compute_hc_channel_id",
        search="_search_hc_channel_id",
        groups="hc_crm.hc_crm_group_user",
        help="How they like to be reached: as they said, or else as they answer best.",
    )

    @api.depends_context("uid")
    def _compute_hc_channel_id(self):
        """The channel that works best is for everybody who reads the contact; the counts are not."""
        self.check_access("read")
        ids = self._origin.ids
        # superuser: see above
        learned = self.env["hc.channel.score"].sudo().search(
            [("partner_id", "in", ids), ("is_learned", "=", True)]
        )  # fmt: skip
        stated = self.env["hc.channel.preference"].sudo().search([("partner_id", "in", ids)])
        channels = {row.partner_id.id: row.channel_id.id for row in (*learned, *stated)}
        for partner in self:
            partner.hc_channel_id = channels.get(partner._origin.id, False)

    def _search_hc_channel_id(self, operator, value):
        # the host asks for the field's groups when it is read, but not when it is searched
        self._check_field_access(self._fields["hc_channel_id"], "read")
        if operator in ("any", "any!"):
            channels = self.env["hc.channel"].sudo(operator == "any!" or self.env.su)
            return self._hc_with_channel(Domain("channel_id", "in", channels._search(value)))
        if operator in LIKE:
            return self._hc_with_channel(Domain("channel_id", operator, value))
        if operator != "in":
            return NotImplemented
        found = Domain.FALSE
        if ids := [channel_id for channel_id in value if channel_id]:
            found = self._hc_with_channel(Domain("channel_id", "in", ids))
        if len(ids) < len(list(value)):
            found |= ~self._hc_with_channel(Domain.TRUE)
        return found

    def _hc_with_channel(self, domain):
        # superuser: as the compute
        stated = self.env["hc.channel.preference"].sudo().with_context(active_test=False)
        learned = self.env["hc.channel.score"].sudo().with_context(active_test=False)

        def partners(query):
            return query.subselect(SQL.identifier(query.table, "partner_id"))

        said = Domain("id", "in", partners(stated._search(domain)))
        said_anything = Domain("id", "in", partners(stated._search(Domain.TRUE)))
        best = Domain("is_learned", "=", True)
        return said | (
            Domain("id", "in", partners(learned._search(best & domain))) & ~said_anything
        )

    def action_hc_state_channel(self):
        """Open a dialog to note how they said they want to be reached."""
        self.ensure_one()
        self.check_access("write")
        known = self.env["hc.channel.preference"].search([("partner_id", "=", self.id)])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("How do they want to be reached?"),
            "res_model": "hc.channel.preference",
            "res_id": known.id,
            "views": [(self.env.ref("hc_crm.hc_channel_preference_view_form").id, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def _hc_channel_preference(self):
        """Return how this contact is best reached: what they said, and what was learned.

        :return: ``{"stated": {"channel", "label", "icon", "date", "by", "note"} or False,
            "learned": {"channel", "label", "icon", "evidence"} or False}``; ``channel`` is a key of
            ``hc.channel``, ``evidence`` a sentence made of what this reader may see
        """
        self.ensure_one()
        self.check_access("read")
        info = self.env["hc.channel"]._hc_channel_info()
        # superuser: see the compute; what the evidence is made of is asked as the reader
        stated = self.env["hc.channel.preference"].sudo().search([("partner_id", "=", self.id)])
        learned = self.env["hc.channel.score"].sudo().search(
            [("partner_id", "=", self.id), ("is_learned", "=", True)]
        )  # fmt: skip

        def channel(row):
            key = row.channel_id.key
            return {"channel": key, "label": info[key]["label"], "icon": info[key]["icon"]}

        return {
            "stated": bool(stated)
            and {
                **channel(stated),
                "date": fields.Date.to_string(stated.stated_date),
                "by": stated.user_id.name or False,
                "note": stated.note or False,
            },
            "learned": bool(learned)
            and {**channel(learned), "evidence": self._hc_channel_evidence(learned)},
        }

    def _hc_channel_evidence(self, learned):
        """Say in words why, as far as this reader may know."""
        scores = self.env["hc.channel.score"]
        if scores.has_access("read"):
            scores = scores.search([("partner_id", "=", self.id)])
        best = scores.filtered(lambda row: row.id == learned.id)
        if not best:
            return self.env._("from contacts with them, not all of which are open to you")
        info = self.env["hc.channel"]._hc_channel_info()
        parts = []
        if best.answered:
            parts.append(
                self.env._(
                    "answers %(when)s, %(answered)s of %(tried)s times",
                    when=self._hc_hours_in_words(best.answer_hours),
                    answered=best.answered,
                    tried=best.tried,
                )
            )
        elif best.tried:
            parts.append(self.env._("no answer known to %(tried)s", tried=best.tried))
        if best.came_in == 1:
            parts.append(self.env._("once came this way by themselves"))
        elif best.came_in:
            parts.append(
                self.env._("%(times)s times came this way by themselves", times=best.came_in)
            )
        for row in scores - best:
            if row.tried >= MIN_UNANSWERED and not row.answered:
                parts.append(
                    self.env._(
                        "%(channel)s: no answer known (0 of %(tried)s)",
                        channel=info[row.channel_id.key]["label"],
                        tried=row.tried,
                    )
                )
        return "; ".join(parts)

    @api.model
    def _hc_hours_in_words(self, hours):
        if hours < 0.1:
            return self.env._("at once")
        if hours < 1:
            return self.env._("within the hour")
        if hours < 2 * HOURS_PER_DAY:
            return self.env._("within %(hours)s h", hours=round(hours))
        return self.env._("within %(days)s days", days=round(hours / HOURS_PER_DAY))
