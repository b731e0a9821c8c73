from odoo import api, models
from odoo.tools import SQL


class HcAskRule(models.Model):
    """A chat on the website ended with somebody we know; only with the app for live chat."""

    _inherit = "hc.ask.rule"

    @api.model
    def _triggers(self):
        triggers = super()._triggers()
        channel = self.env.get("discuss.channel")
        if channel is not None and "livechat_end_dt" in channel._fields:
            triggers["livechat_ended"] = {
                "label": self.env._("A live chat ended"),
                "phrase": self.env._("a live chat ended"),
                "model": "discuss.channel",
            }
        return triggers

    def _trigger_livechat_ended(self, query):
        query.add_where(SQL("discuss_channel.channel_type = 'livechat'"))
        query.add_join(
            "JOIN",
            "visitor",
            "im_livechat_channel_member_history",
            SQL(
                "visitor.channel_id = discuss_channel.id AND visitor.livechat_member_type = 'visitor' "
                "AND visitor.partner_id IS NOT NULL"
            ),
        )
        return SQL("visitor.partner_id"), SQL("discuss_channel.livechat_end_dt")
