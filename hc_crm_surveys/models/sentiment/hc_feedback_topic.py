from odoo import Command, api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.links import storable

from ...engine.sentiment import topics
from ...engine.sentiment.language import LANGUAGES

MAX_LOOKED_AT = 5000  # comments, the latest
REREAD_BATCH = 1000


class HcFeedbackTopic(models.Model):
    _inherit = "hc.feedback.topic"

    word_ids = fields.One2many("hc.feedback.topic.words", "topic_id", string="Words", copy=True)
    feedback_count = fields.Integer(string="Answers", compute="_compute_feedback_count")

    def _compute_feedback_count(self):
        counts = dict(
            self.env["hc.feedback"]._read_group(
                [("topic_ids", "in", self.ids)], ["topic_ids"], ["__count"]
            )
        )
        for topic in self:
            topic.feedback_count = counts.get(topic, 0)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("key") and vals.get("name"):
                vals["key"] = self._free_key(vals["name"])
        topics_made = super().create(vals_list)
        self.env.registry.clear_cache()
        return topics_made

    def write(self, vals):
        if "active" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    def _free_key(self, name):
        """A technical key out of a name, with a number if it is taken."""
        base = self.env["ir.http"]._slugify(name, max_length=28).replace("-", "_") or "topic"
        taken = set(self.sudo().with_context(active_test=False).search(Domain.TRUE).mapped("key"))
        key, number = base, 2
        while key in taken:
            key, number = f"{base}_{number}", number + 1
        return key

    @api.model
    @tools.ormcache("lang")
    def _word_sets(self, lang):
        """Return ``{topic id: tuple of words}`` of one language."""
        sets = {}
        for record in (
            self.env["hc.feedback.topic.words"]
            .sudo()
            .search([("lang", "=", lang), ("topic_id.active", "=", True)])
        ):
            sets[record.topic_id.id] = tuple(topics.words_of(record.words))
        return sets

    # -- what nobody named yet ------------------------------------------------------------------------

    @api.model
    @api.readonly
    def hc_suggest(self, lang=None):
        """Words that many customers use and no topic has, among the comments the reader may see.

        :param lang: ISO 639-1 code; by default the language most comments are in
        :return: ``{"lang": code or False, "count": comments looked at, "suggestions": [{"words", "count",
            "bad"}]}``
        """
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Only colleagues see what customers write."))
        Feedback = self.env["hc.feedback"]
        domain = Domain("comment", "not in", [False, ""]) & Domain("is_counted", "=", True)
        if lang not in LANGUAGES:
            groups = Feedback._read_group(
                domain & Domain("lang", "!=", False), ["lang"], ["__count"], order="__count desc", limit=1
            )  # fmt: skip
            lang = groups[0][0] if groups else False
        rows = Feedback.search_fetch(
            domain & Domain("lang", "=", lang), ["comment", "band", "sentiment"],
            order="date desc, id desc", limit=MAX_LOOKED_AT,
        )  # fmt: skip
        known = [word for words in self._word_sets(lang).values() for word in words]
        found = topics.suggest(
            [(row.comment, row.band == "bad" or row.sentiment == "negative") for row in rows],
            lang or None,
            known,
        )
        return {
            "lang": lang,
            "count": len(rows),
            "suggestions": [
                {"words": words, "count": count, "bad": bad} for words, count, bad in found
            ],
        }

    @api.model
    def hc_add_suggestion(self, words, lang, topic_id=False):
        """Make a topic of suggested words, or add them to one.

        :return: id of the topic
        """
        self.check_access("create")
        words = storable(words) if isinstance(words, str) else ""
        if not words.strip() or len(words) > topics.MAX_WORD:
            raise UserError(self.env._("Words: give a word or two."))
        if lang not in LANGUAGES:
            raise UserError(
                self.env._("Language: “%(lang)s” is not one of the choices.", lang=lang)
            )
        if topic_id:
            if type(topic_id) is not int:
                raise UserError(self.env._("Topic: choose one of the list."))
            topic = self.browse(topic_id).exists()
            if not topic:
                raise UserError(self.env._("Topic: it is not there any more. Reload."))
        else:
            topic = self.create({"name": words.strip().capitalize()})
        own = topic.word_ids.filtered(lambda record: record.lang == lang)
        if own:
            own.words = f"{own.words}, {words.strip()}"
        else:
            topic.word_ids = [Command.create({"lang": lang, "words": words.strip()})]
        return topic.id

    def action_read_again(self):
        """Look for the topics in all comments again, after words were changed; in the background."""
        self.env["hc.feedback.topic"].check_access("write")
        self.env["hc.feedback"]._read_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "All comments are being read again. What a person corrected stays as it is."
                ),
            },
        }

    def action_open_feedback(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "hc.feedback",
            "view_mode": "list,form",
            "domain": [("topic_ids", "in", self.ids)],
        }
