from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from .hc_feedback import SOURCES

TEXTS = ("text_box", "char_box")
LINE = "survey.user_input.line"


class SurveyUserInput(models.Model):
    """An answer of the host, and what it says about where it came from."""

    _inherit = "survey.user_input"

    is_suspect = fields.Boolean(
        string="Probably No Person",
        help="The click came from a machine, as far as one can tell. It counts nowhere.",
    )
    feedback_source = fields.Selection(
        SOURCES, help="How the answer reached us, if not through the survey itself."
    )
    feedback_touchpoint = fields.Char(
        help="Technical name of the moment it is about, where no request says it."
    )

    def write(self, vals):
        res = super().write(vals)
        if {"partner_id", "test_entry", "is_suspect", "feedback_source"} & vals.keys():
            self._hc_feedback_later()
        return res

    def unlink(self):
        # superuser: feedback is no more than its origin, whoever may delete that
        rows = (
            self.env["hc.feedback"].sudo().search(
                Domain("user_input_id", "in", self.ids) & Domain("origin_model", "=", LINE)
            )
        )  # fmt: skip
        res = super().unlink()
        rows.unlink()
        return res

    def _hc_feedback_later(self):
        if ids := self._hc_measured_ids():
            self.env["hc.feedback"]._hc_later("survey.user_input", ids)

    def _hc_measured_ids(self):
        """Return the ids of those of surveys with a metric."""
        surveys = self.env["survey.question"]._hc_metric_surveys()
        return self.filtered(lambda answer: answer.survey_id.id in surveys).ids


class SurveyUserInputLine(models.Model):
    """Scores are taken from the lines: who clicked and then left has answered all the same."""

    _inherit = "survey.user_input.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.user_input_id._hc_feedback_later()
        return lines

    def write(self, vals):
        res = super().write(vals)
        self.user_input_id._hc_feedback_later()
        return res

    def unlink(self):
        # whoever answers another survey pays no query for us
        ids = self.user_input_id._hc_measured_ids()
        res = super().unlink()
        if ids:
            self.env["hc.feedback"]._hc_later("survey.user_input", ids)
        return res


class SurveyQuestion(models.Model):
    """Which questions make feedback, and which texts belong to them."""

    _inherit = "survey.question"

    @api.model
    @tools.ormcache()
    def _hc_metric_surveys(self):
        """Return the ids of the surveys with a metric, for a quick “no”."""
        groups = self.sudo()._read_group(self._hc_feedback_domain(), ["survey_id"])
        return frozenset(survey.id for (survey,) in groups)

    @api.model
    def _hc_feedback_domain(self):
        """Return the domain of the questions whose answers are feedback.

        Those to colleagues are not: a row of feedback has a time and may have a name.
        """
        return Domain("metric", "not in", (False, "enps")) & Domain("question_type", "=", "scale")

    def _hc_comment_questions(self):
        """Return the questions that ask for words on this one: texts that follow it straight away.

        :return: ``{question: questions}``
        """
        found = {}
        for survey, questions in self.grouped("survey_id").items():
            texts = None
            for question in survey.question_and_page_ids.sorted(lambda q: (q.sequence, q.id)):
                if question in questions:
                    texts = found[question] = self.browse()
                elif question.is_page:
                    continue
                elif texts is None or question.question_type not in TEXTS:
                    texts = None
                elif not question.save_as_email and not question.save_as_nickname:
                    texts |= question
                    found[self._hc_last(found)] = texts
        return found

    @staticmethod
    def _hc_last(found):
        return next(reversed(found))

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        if any(vals.get("metric") for vals in vals_list):
            self.env.registry.clear_cache()
        return questions

    def write(self, vals):
        res = super().write(vals)
        if {"metric", "question_type", "survey_id"} & vals.keys():
            self.env.registry.clear_cache()
        if {"metric", "scale_min", "scale_max", "metric_good_from", "metric_bad_to"} & vals.keys():
            self._hc_measure_again()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    def _hc_measure_again(self):
        """Another metric or scale: what was answered means something else now."""
        asked = self.filtered_domain(self._hc_feedback_domain())
        Feedback = self.env["hc.feedback"].sudo()
        Feedback.search(
            Domain("question_id", "in", (self - asked).ids) & Domain("origin_model", "=", LINE)
        ).unlink()
        if not asked:
            return
        self.env.flush_all()
        for question in asked:
            scale = question._scale()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_feedback
                       SET metric = %(metric)s, scale_min = %(low)s, scale_max = %(high)s,
                           band = CASE WHEN score >= %(good)s THEN 'good'
                                       WHEN score <= %(bad)s THEN 'bad' ELSE 'neutral' END
                     WHERE question_id = %(question)s AND is_scored AND score BETWEEN %(low)s AND %(high)s
                    """,
                    metric=question.metric,
                    low=scale.low,
                    high=scale.high,
                    good=scale.good_from,
                    bad=scale.bad_to,
                    question=question.id,
                )
            )
        Feedback.invalidate_model(flush=False)
        # what was answered before it was a metric, or off the old scale
        self.env.ref("hc_crm_surveys.hc_feedback_catch_up_cron")._trigger()


class HcFeedback(models.Model):
    """Rows from the lines of survey answers."""

    _inherit = "hc.feedback"

    @api.model
    def _hc_origins(self):
        return super()._hc_origins() | {"survey.user_input": "_hc_values_survey"}

    @api.model
    def _hc_questions(self):
        """Return ``{question: Scale}`` of all questions that make feedback."""
        questions = (
            self.env["survey.question"]
            .sudo()
            .search(self.env["survey.question"]._hc_feedback_domain())
        )
        return {question: question._scale() for question in questions}

    def _hc_values_survey(self, ids):
        """Return the values of rows of the answers ``ids``; see ``_hc_origins``."""
        domain = Domain("user_input_id", "in", ids) & Domain("origin_model", "=", LINE)
        surveys = self.env["survey.user_input"].sudo().browse(ids).exists().survey_id
        questions = {
            question: question._scale()
            for question in surveys.question_ids.filtered_domain(
                self.env["survey.question"]._hc_feedback_domain()
            )
        }
        if not questions:
            return [], domain
        by_id = {question.id: question for question in questions}
        texts = self.env["survey.question"].browse(by_id)._hc_comment_questions()
        belongs = [
            (question.id, text.id)
            for question, found in texts.items()
            for text in (question | found)
        ]
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id AS line_id, line.question_id,
                       CASE WHEN line.answer_type = 'scale' THEN line.value_scale END AS score,
                       LEAST(line.create_date, answer.end_datetime) AS date,
                       answer.id AS answer_id, answer.partner_id, answer.survey_id, answer.test_entry,
                       answer.is_suspect, answer.feedback_source, answer.feedback_touchpoint,
                       responsible.company_id AS responsible_company_id,
                       ask.id AS ask_id, ask.company_id, ask.touchpoint, ask.res_model, ask.res_id,
                       ask.user_id AS asked_by, said.comment
                  FROM survey_user_input_line AS line
                  JOIN survey_user_input AS answer ON answer.id = line.user_input_id
                  JOIN survey_survey AS survey ON survey.id = answer.survey_id
             LEFT JOIN res_users AS responsible ON responsible.id = survey.user_id
             LEFT JOIN LATERAL (
                       SELECT * FROM hc_ask WHERE hc_ask.user_input_id = answer.id
                     ORDER BY hc_ask.id LIMIT 1
                       ) AS ask ON TRUE
             LEFT JOIN LATERAL (
                       SELECT STRING_AGG(words.text, E'\n' ORDER BY text.question_sequence, text.id)
                              AS comment
                         FROM survey_user_input_line AS text
                         JOIN (VALUES %(belongs)s) AS belongs(question_id, text_id)
                           ON belongs.question_id = line.question_id
                          AND belongs.text_id = text.question_id
                   CROSS JOIN LATERAL (
                              SELECT CASE text.answer_type WHEN 'char_box' THEN text.value_char_box
                                          WHEN 'text_box' THEN text.value_text_box END AS text
                              ) AS words
                        WHERE text.user_input_id = answer.id AND words.text IS NOT NULL
                       ) AS said ON TRUE
                 WHERE line.user_input_id = ANY(%(ids)s) AND line.question_id = ANY(%(questions)s)
                   AND (line.skipped OR line.answer_type = 'scale')
              ORDER BY line.id
                """,
                belongs=SQL(", ").join(SQL("%s", pair) for pair in belongs),
                ids=ids,
                questions=list(by_id),
            )
        )
        self._hc_tell_asks([row["ask_id"] for row in rows if row["ask_id"]])
        return [
            values
            for row in rows
            if (values := self._hc_values_line(row, by_id[row["question_id"]], questions))
        ], domain

    def _hc_values_line(self, row, question, scales):
        """Return the values of one line, or None if it says nothing."""
        scale = scales[question]
        # the host lets anything be stored: what is not on the scale is no score
        is_scored = row["score"] is not None and scale.low <= row["score"] <= scale.high
        if not is_scored and not row["comment"]:
            return None
        return {
            "origin_model": LINE,
            "origin_id": row["line_id"],
            "source": row["feedback_source"] or "survey",
            "date": row["date"],
            "partner_id": row["partner_id"],
            "survey_id": row["survey_id"],
            "question_id": row["question_id"],
            "user_input_id": row["answer_id"],
            "ask_id": row["ask_id"],
            "metric": question.metric,
            "score": row["score"] if is_scored else None,
            "scale_min": scale.low,
            "scale_max": scale.high,
            "good_from": scale.good_from,
            "bad_to": scale.bad_to,
            "comment": row["comment"],
            "touchpoint": row["touchpoint"] or row["feedback_touchpoint"],
            "res_model": row["res_model"],
            "res_id": row["res_id"],
            "company_id": row["company_id"],
            "company_fallback_id": row["responsible_company_id"],
            "user_fallback_id": row["asked_by"],
            "is_test": row["test_entry"],
            "is_suspect": row["is_suspect"],
        }

    def _hc_tell_asks(self, ask_ids):
        """Who has given one answer has answered, even if they leave before the last page."""
        asks = self.env["hc.ask"].sudo().browse(ask_ids)
        for ask in asks.filtered(lambda ask: ask.state != "answered"):
            ask._set_answered(ask.user_input_id)

    @api.model
    def _hc_missing(self, model, after, limit):
        if model != "survey.user_input":
            return super()._hc_missing(model, after, limit)
        scales = self._hc_questions()
        if not scales:
            return []
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT line.user_input_id
                  FROM survey_user_input_line AS line
                  JOIN (VALUES %(scales)s) AS scale(question_id, low, high)
                    ON scale.question_id = line.question_id
                 WHERE line.user_input_id > %(after)s AND line.answer_type = 'scale'
                   AND line.value_scale BETWEEN scale.low AND scale.high
                   AND NOT EXISTS (
                       SELECT FROM hc_feedback AS f
                        WHERE f.origin_model = %(model)s AND f.origin_id = line.id AND f.is_scored)
              ORDER BY line.user_input_id LIMIT %(limit)s
                """,
                scales=SQL(", ").join(
                    SQL("%s", (question.id, scale.low, scale.high))
                    for question, scale in scales.items()
                ),
                after=after,
                model=LINE,
                limit=limit,
            )
        )
        return [answer_id for [answer_id] in rows]
