from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.sentiment import topics
from ...engine.sentiment.language import LANGUAGES


class HcFeedbackTopicWords(models.Model):
    """By which words a topic is recognised, in one language."""

    _name = "hc.feedback.topic.words"
    _description = "Words of a Topic"
    _order = "topic_id, lang"
    _rec_name = "lang"

    topic_id = fields.Many2one("hc.feedback.topic", required=True, index=True, ondelete="cascade")
    lang = fields.Selection(
        "_lang_selection", string="Language", required=True, default=lambda self: self._default_lang()
    )  # fmt: skip
    words = fields.Text(
        required=True,
        help="Separated by commas. “deliver*” stands for every word that begins so; several words are "
        "looked for in that order.",
    )

    _lang_unique = models.Constraint(
        "unique(topic_id, lang)", "This topic has words in this language already: add to those."
    )

    @api.model
    def _default_lang(self):
        code = (self.env.lang or "en").split("_")[0]
        return code if code in LANGUAGES else "en"

    @api.model
    def _lang_selection(self):
        """Languages by their own names where Odoo knows them."""
        known = {}
        for lang in (
            self.env["res.lang"]
            .sudo()
            .with_context(active_test=False)
            .search([("iso_code", "in", LANGUAGES)])
        ):
            known.setdefault(lang.iso_code, lang.name.split("/")[0].split("(")[0].strip())
        # of Chinese, Norwegian and the like Odoo has variants only
        return [(code, known.get(code, code.upper())) for code in LANGUAGES]

    @api.constrains("words")
    def _check_words(self):
        for record in self:
            try:
                found = topics.words_of(record.words)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Words of “%(topic)s”: “%(word)s” cannot be looked for. Use words of two letters or "
                        "more, at most %(length)s characters each and %(count)s in all; a star only at the "
                        "end, after three letters or more.",
                        topic=record.topic_id.name,
                        word=error,
                        length=topics.MAX_WORD,
                        count=topics.MAX_WORDS,
                    )
                )
            if not found:
                raise ValidationError(
                    self.env._(
                        "Words of “%(topic)s”: write at least one, or delete the line.",
                        topic=record.topic_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_forget(self):
        self.env.registry.clear_cache()
