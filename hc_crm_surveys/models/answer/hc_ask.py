from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.answer.human import Submission, is_suspect, links_at_once

# For so long an answer can be changed or completed by its link: a second thought comes within days, later
# changes would alter figures that have been read.
CHANGE_DAYS = 14
# A page that was open when the time to answer ended is taken for so long.
GRACE = timedelta(days=1)
TOKEN_LENGTH = 32  # of the token in a link; anything else is none
NO_TOKEN = "-" * TOKEN_LENGTH
OPENED = "feedback"  # kind of hc.contact.hit: a button of a mail was opened


class HcAsk(models.Model):
    """What happens when the person asked opens the link and answers."""

    _inherit = "hc.ask"

    @api.model
    def _find(self, token):
        """Return the ask of ``token``, empty if there is none that was ever sent.

        One query whatever the token looks like, so that neither the answer nor its time tells anything.
        """
        if len(token) != TOKEN_LENGTH or not token.isascii() or not token.isprintable():
            token = NO_TOKEN
        self.flush_model(["token", "state"])
        rows = self.env.execute_query(
            SQL("SELECT id FROM hc_ask WHERE token = %s AND state != 'skipped'", token)
        )
        return self.browse([row[0] for row in rows])

    def _question(self):
        """Return the question whose score is asked, empty if it was deleted or is no metric any more."""
        self.ensure_one()
        return self.survey_id._metric_question()

    def _page_state(self, opened=None):
        """Return what the link opens: ``open``, ``said`` (answered), ``over`` (too late) or ``gone``.

        :param opened: when the page was opened that is sent now, if it is
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.state == "answered":
            return "said"
        if not self.survey_id.active:
            return "over"
        end = self.date_expire
        if self.state == "expired" or (end and end <= now):
            in_time = opened and end and opened < end and now < end + GRACE
            if not in_time:
                return "over"
        return "open" if self._question() else "gone"

    def _can_change(self):
        """Tell whether what was said can still be changed or completed."""
        self.ensure_one()
        return bool(
            self.state == "answered"
            and self.user_input_id
            and self.survey_id.active
            and self._question()
            and self.date_answered
            and fields.Datetime.now() < self.date_answered + timedelta(days=CHANGE_DAYS)
        )

    def _said(self):
        """Return ``{"score": int or None, "comment": str}``: what was said by this link."""
        self.ensure_one()
        question, why = self._question(), self.survey_id._comment_question()
        lines = self.user_input_id.user_input_line_ids
        scored = lines.filtered(lambda line: line.question_id == question and not line.skipped)[:1]
        said = lines.filtered(lambda line: line.question_id == why and not line.skipped)[:1]
        return {
            "score": scored.value_scale if scored and question else None,
            "comment": (said.value_text_box or "") if why else "",
        }

    # -- answering --------------------------------------------------------------------------------

    def _answer(self, score, comment, act, opened):
        """Store what was said on the page, once: two presses of the button make one answer.

        :param int score: on the scale of the question
        :param str comment: empty for none
        :param act: see engine.answer.human
        :param opened: when the page was opened
        :return: the answer; None if the link had been used up meanwhile
        """
        self.ensure_one()
        self._wait_for_lock()
        question, why = self._question(), self.survey_id._comment_question()
        answer = self.user_input_id
        if self.state == "answered":
            if not self._can_change():
                return None
        elif not answer:
            answer = self._make_answer(act, opened)
        if self.state != "answered":
            self._set_answered(answer)
        said = self._said()
        if said["score"] != score:
            answer._save_lines(question, str(score))
        if why and said["comment"] != comment:
            answer._save_lines(why, comment)
        self._go_on(answer, question, why, comment)
        return answer

    def _wait_for_lock(self):
        """Let one request at a time answer; the second sees what the first has stored.

        Not ``lock_for_update``, which gives up at once: here the second press of the button has to wait.
        The host runs it again if the first has changed the row.
        """
        self.flush_recordset()
        self.env.execute_query(SQL("SELECT FROM hc_ask WHERE id = %s FOR UPDATE", self.id))
        self.invalidate_recordset()

    def _make_answer(self, act, opened):
        survey = self.survey_id
        lang = self.env["res.lang"]._get_data(code=self.env.context.get("lang") or "en_US")
        values = {
            "deadline": fields.Datetime.now() + timedelta(days=CHANGE_DAYS),
            "lang_id": lang.id,
            "is_suspect": is_suspect(self._submission(act, opened)),
        }
        answer = survey._create_answer(
            partner=self.partner_id or False, check_attempts=False, **values
        )
        answer._mark_in_progress()  # a new one would begin with the start screen
        return answer

    def _go_on(self, answer, question, why, comment):
        """Close the answer if nothing is left to ask, else mark where the host goes on."""
        if answer.state == "done":
            return
        if not self._left_to_ask(answer):
            answer._mark_done()
            return
        survey = answer.survey_id
        shown = why if why and (comment or not why.constr_mandatory) else question
        if survey.questions_layout == "page_per_question":
            answer.last_displayed_page_id = shown
        elif survey.questions_layout == "page_per_section":
            page = question.page_id
            rest = self._left_to_ask(answer).filtered(lambda one: one.page_id == page)
            if page and not rest:
                answer.last_displayed_page_id = page

    def _left_to_ask(self, answer):
        """Return the questions that the page behind the link did not ask."""
        self.ensure_one()
        asked = self._question()
        why = self.survey_id._comment_question()
        if not why.constr_mandatory or self._said()["comment"]:
            asked |= why
        answered = answer.user_input_line_ids.filtered(lambda line: not line.skipped).question_id
        return (
            answer.predefined_question_ids
            - asked
            - answered
            - answer._get_inactive_conditional_questions()
        ).filtered(lambda one: not one.is_page)

    # -- was it a person --------------------------------------------------------------------------

    def _count_opened(self, score):
        """Note that the button of a score was opened: kept for an hour, as a hash, and it votes for nothing."""
        self.env["hc.contact.hit"]._count((OPENED, f"{self.id}:{score}"))

    def _submission(self, act, opened):
        """Return what is known of the submission that comes in now."""
        now = datetime.now(UTC).replace(tzinfo=None)  # with the parts of a second
        hits = self.env["hc.contact.hit"]
        scale = self._question()._scale()
        keys = {
            hits._key(OPENED, f"{self.id}:{score}"): score
            for score in range(scale.low, scale.high + 1)
        }
        hits.flush_model()
        rows = self.env.execute_query(
            SQL("SELECT key, date FROM hc_contact_hit WHERE key = ANY(%s)", list(keys))
        )
        return Submission(
            act=act,
            seconds_on_page=(now - opened).total_seconds(),
            seconds_since_sent=(now - self.date_sent).total_seconds() if self.date_sent else None,
            links_at_once=links_at_once([(keys[key], date.timestamp()) for key, date in rows]),
        )
