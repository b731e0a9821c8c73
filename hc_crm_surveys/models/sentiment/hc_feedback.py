from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.sentiment.language import language_of
from ...engine.sentiment.tone import UNKNOWN, tone
from ...engine.sentiment.topics import topics_of
from ..feedback.hc_feedback import SENTIMENTS

PERSON = "person"
READ_BATCH = 500


class HcFeedback(models.Model):
    """What the words of an answer sound like and are about.

    How to add another engine (a service, a model of your own): override ``_tone_engines``, put your key where
    it shall be asked, and write ``_tone_<key>(rows)``. The first that decides counts; whoever corrected an
    answer by hand is never overruled; a score that was given is never touched.
    """

    _inherit = "hc.feedback"

    topics_by = fields.Char(string="Topics According To")
    is_read = fields.Boolean(string="Text Read", help="Tone and topics were looked for.")

    _unread_idx = models.Index("(id) WHERE is_read IS NOT TRUE AND comment IS NOT NULL")

    @api.model
    def _tone_engines(self):
        """Return the keys of what tells the tone of a text, in the order they are asked."""
        return ["lexicon", "learned"]

    @api.model
    def _tone_lexicon(self, rows):
        """English, by a lexicon; nothing else.

        :param rows: ``[(id, company id, ISO 639-1 code of the language or None, text)]``
        :return: ``{id: "positive", "neutral" or "negative"}`` of those it is sure about
        """
        found = ((key, tone(text, lang)) for key, _company_id, lang, text in rows)
        return {key: value for key, value in found if value != UNKNOWN}

    @api.model
    def _tone_learned(self, rows):
        return self.env["hc.tone.reader"]._tones(rows)

    def _read_texts(self):
        """Find language, tone and topics of these comments; whatever a person said about them stays."""
        rows = self.sudo().filtered("comment")
        (self.sudo() - rows).filtered(
            lambda row: not row.is_read and row.sentiment_by != PERSON
        ).write({"is_read": True, "lang": False, "sentiment": UNKNOWN, "sentiment_by": False})
        languages = {row.id: language_of(row.comment, row._expected_language()) for row in rows}
        toned = rows.filtered(lambda row: row.sentiment_by != PERSON)
        open_rows = [(row.id, row.company_id.id, languages[row.id], row.comment) for row in toned]
        tones = {}
        for engine in self._tone_engines():
            found = getattr(self, f"_tone_{engine}")(open_rows)
            tones |= {key: (value, engine) for key, value in found.items()}
            open_rows = [row for row in open_rows if row[0] not in found]
        groups = defaultdict(list)
        Topic = self.env["hc.feedback.topic"]
        for row in rows:
            lang = languages[row.id]
            values = {"lang": lang or False, "is_read": True}
            if row.sentiment_by != PERSON:
                values["sentiment"], values["sentiment_by"] = tones.get(row.id, (UNKNOWN, False))
            key = tuple(sorted(values.items()))
            topic_ids = None
            if row.topics_by != PERSON:
                topic_ids = tuple(
                    sorted(topics_of(row.comment, Topic._word_sets(lang) if lang else {}))
                )
                if topic_ids == tuple(sorted(row.topic_ids.ids)):
                    topic_ids = None
            groups[key, topic_ids].append(row.id)
        for (values, topic_ids), ids in groups.items():
            values = dict(values)
            if topic_ids is not None:
                values |= {"topic_ids": [Command.set(topic_ids)], "topics_by": "words"}
            self.sudo().browse(ids).write(values)

    def _expected_language(self):
        """Return the code of the language somebody is likely to write in, or None."""
        self.ensure_one()
        lang = self.ask_id.lang or self.partner_id.lang or self.company_id.partner_id.lang
        return lang.split("_")[0] if lang else None

    # -- reading again --------------------------------------------------------------------------------

    @api.model
    def _read_again(self):
        """Let the job read all comments again that no person corrected wholly."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE hc_feedback SET is_read = FALSE WHERE is_read AND COALESCE(comment, '') <> ''"
            )
        )
        self.env["hc.feedback"].invalidate_model(["is_read"], flush=False)
        self.env.ref("hc_crm_surveys.ir_cron_read_texts")._trigger()

    @api.model
    def _cron_read_texts(self):
        """Read what was not read yet: words of topics changed, or answers came from elsewhere."""
        unread = Domain("is_read", "=", False) & Domain("comment", "!=", False)
        Feedback = self.sudo()
        while rows := Feedback.search(unread, limit=READ_BATCH, order="id"):
            rows._read_texts()
            left = Feedback.search_count(unread)
            if self.env["ir.cron"]._commit_progress(len(rows), remaining=left) <= 0:
                break

    # -- corrected by a colleague ---------------------------------------------------------------------

    def hc_set_tone(self, sentiment):
        """A colleague says how it sounds: it counts from now on, and nothing overrules it.

        :param sentiment: ``positive``, ``neutral``, ``negative`` or ``unknown``
        """
        rows = self._correctable()
        if not isinstance(sentiment, str) or sentiment not in dict(SENTIMENTS):
            raise UserError(
                self.env._("Tone: “%(tone)s” is not one of the choices.", tone=sentiment)
            )
        rows.write({"sentiment": sentiment, "sentiment_by": PERSON})
        return True

    def action_tone_positive(self):
        return self.hc_set_tone("positive")

    def action_tone_neutral(self):
        return self.hc_set_tone("neutral")

    def action_tone_negative(self):
        return self.hc_set_tone("negative")

    def hc_set_topics(self, topic_ids):
        """A colleague says what it is about.

        :param topic_ids: ids of ``hc.feedback.topic``
        """
        rows = self._correctable()
        if not isinstance(topic_ids, list | tuple) or not all(
            type(topic_id) is int for topic_id in topic_ids
        ):
            raise UserError(self.env._("Topics: choose from the list."))
        found = self.env["hc.feedback.topic"].browse(dict.fromkeys(topic_ids)).exists()
        rows.write({"topic_ids": [Command.set(found.ids)], "topics_by": PERSON})
        return True

    def hc_set_emotions(self, emotion_ids):
        """A colleague names what the customer felt.

        :param emotion_ids: ids of ``hc.emotion``
        """
        rows = self._correctable()
        if not isinstance(emotion_ids, list | tuple) or not all(
            type(emotion_id) is int for emotion_id in emotion_ids
        ):
            raise UserError(self.env._("Emotions: choose from the list."))
        found = self.env["hc.emotion"].browse(dict.fromkeys(emotion_ids)).exists()
        rows.write({"emotion_ids": [Command.set(found.ids)]})
        return True

    def _correctable(self):
        """Return these rows as superuser, if the reader is a colleague who sees them."""
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Only colleagues correct how an answer was understood."))
        self.check_access("read")
        return self.sudo()
