from odoo import api, fields, models
from odoo.exceptions import UserError

LANGUAGES = 4  # those with the most comments


class HcFeedbackTopicSuggestion(models.TransientModel):
    """Words that many customers use and no topic has, to be made a topic with one click."""

    _name = "hc.feedback.topic.suggestion"
    _description = "Suggested Topic"
    _order = "sequence, id"
    _rec_name = "words"

    sequence = fields.Integer()
    words = fields.Char(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    count = fields.Integer(string="Comments", readonly=True)
    bad = fields.Integer(string="Of Them Unhappy", readonly=True)
    topic_id = fields.Many2one("hc.feedback.topic", string="Add To")

    @api.model
    def action_suggest(self):
        """Look through the comments and show what was found."""
        self.check_access("create")
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        langs = self.env["hc.feedback"]._read_group(
            [("lang", "!=", False), ("is_counted", "=", True)],
            ["lang"],
            ["__count"],
            order="__count desc",
            limit=LANGUAGES,
        )
        values = []
        for lang, _count in langs:
            values += [
                {"lang": lang, **line, "sequence": -line["count"] - line["bad"]}
                for line in self.env["hc.feedback.topic"].hc_suggest(lang)["suggestions"]
            ]
        lines = self.create(values)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Suggested Topics"),
            "res_model": self._name,
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("id", "in", lines.ids)],
            "context": {"create": False},
        }

    def action_add(self):
        """Make the words a topic, or add them to the one chosen."""
        self.ensure_one()
        if not self.words:
            raise UserError(self.env._("Words: this suggestion is empty."))
        topic_id = self.env["hc.feedback.topic"].hc_add_suggestion(
            self.words, self.lang, self.topic_id.id
        )
        name = self.env["hc.feedback.topic"].browse(topic_id).name
        self.unlink()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Added to the topic “%(topic)s”.", topic=name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
