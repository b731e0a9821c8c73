from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.links import storable

from ...engine.feedback import figure as engine
from ...engine.feedback.metric import BAD, GOOD
from .results_scope import read_scope

COUNTED = Domain("is_counted", "=", True) & Domain("is_scored", "=", True)
VERBATIMS = 20
METRICS = ("nps", "csat", "ces")


class HcFeedback(models.Model):
    """Results: figures that say how sure one can be of them, from the answers that the reader may read.

    How it works: one statement counts all answers by measure, period and score; some hundred rows come back,
    from which every figure of the page is worked out in Python. The record rules of the reader are part of
    the statement (``_search``). A figure carries the domain of the answers it counts.
    """

    _inherit = "hc.feedback"

    @api.model
    @api.readonly
    def hc_get_results(self, options=None):
        """Return the figures for the Results page, under the rights of the reader.

        :param options: see ``results_scope.read_scope``
        :return: ``{"measures", "selected", "trend", "distribution", "verbatims", "least", "period", …}``
        :raises UserError: naming the option that cannot be understood
        """
        self.check_access("read")
        scope = read_scope(self, options or {})
        least = self.env.company.hc_feedback_least
        measures = self._hc_results_measures(scope, least)
        selected = next((m for m in measures if m["key"] == scope.measure), None) or (
            measures[0] if measures else None
        )
        answer = {
            "measures": [
                {key: value for key, value in measure.items() if not key.startswith("_")}
                for measure in measures
            ],
            "selected": selected["key"] if selected else False,
            "least": least,
            "period": self._hc_results_period(scope),
            "trend": [],
            "distribution": [],
            "verbatims": [],
            "empty": not measures,
        }
        if selected:
            answer |= {
                "trend": self._hc_results_trend(scope, selected, least),
                "distribution": self._hc_results_distribution(selected),
                "verbatims": self._hc_results_verbatims(scope, selected),
            }
        elif not self.search(Domain.TRUE, limit=1):
            answer["empty"] = "never"
        return answer

    # -- counting ---------------------------------------------------------------------------------

    def _hc_results_window(self, scope):
        """Return the domain of the answers read: the period, the one before, and the trend."""
        domain = COUNTED & scope.domain & Domain("date", "<", fields.Datetime.to_string(scope.end))
        if scope.first:
            domain &= Domain("date", ">=", fields.Datetime.to_string(scope.first))
        return domain

    def _hc_results_in_period(self, scope):
        domain = COUNTED & scope.domain & Domain("date", "<", fields.Datetime.to_string(scope.end))
        if scope.start:
            domain &= Domain("date", ">=", fields.Datetime.to_string(scope.start))
        return domain

    def _hc_results_query(self, domain):
        """Return the ``Query`` of the answers of ``domain`` that the reader may read."""
        self.env.cr.execute(SQL("SELECT set_config('jit', 'off', true)"))
        return self._search(domain)

    def _hc_results_count(self, scope):
        """Return ``{(metric, own question or None, is rating): [(side, bucket, score, band, max, n)]}``.

        ``side`` 1: in the period, 0: in the period before, −1: earlier.
        """
        query = self._hc_results_query(self._hc_results_window(scope))
        date = SQL.identifier(self._table, "date")
        side = SQL("1")
        if scope.start:
            side = SQL(
                "CASE WHEN %s >= %s THEN 1 WHEN %s >= %s THEN 0 ELSE -1 END",
                date, scope.start, date, scope.previous,
            )  # fmt: skip
        column = {name: SQL.identifier(self._table, name) for name in self._fields}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT metric, own, is_rating, side, bucket, score, band, scale_min, scale_max, COUNT(*)
                  FROM %s AS f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
                """,
                query.subselect(
                    SQL("%s AS metric", column["metric"]),
                    SQL(
                        "CASE WHEN %s = 'own' THEN COALESCE(%s, 0) END AS own",
                        column["metric"], column["question_id"],
                    ),
                    SQL("%s = 'rating' AS is_rating", column["source"]),
                    SQL("%s AS side", side),
                    SQL("width_bucket(%s, %s::timestamp[]) AS bucket", date, scope.buckets),
                    SQL("%s AS score", column["score"]),
                    SQL("%s AS band", column["band"]),
                    SQL("%s AS scale_min", column["scale_min"]),
                    SQL("%s AS scale_max", column["scale_max"]),
                ),
            )
        )  # fmt: skip
        counted = {}
        for metric, own, is_rating, *row in rows:
            key = "rating" if metric == "own" and is_rating and not own else metric
            if key == "own":
                key = f"own:{own}"
            counted.setdefault(key, []).append(row)
        return counted

    def _hc_results_figure(self, kind, rows, least):
        """Return the figure of rows ``(…, score, band, …, n)`` as the engine has it."""
        scores, good, bad = {}, 0, 0
        for *_rest, score, band, _low, _high, n in rows:
            scores[score] = scores.get(score, 0) + n
            good += n * (band == GOOD)
            bad += n * (band == BAD)
        return engine.figure(kind, scores, good, bad, least)

    # -- measures ---------------------------------------------------------------------------------

    def _hc_results_measures(self, scope, least):
        """Return what was measured, each with its sentence: NPS first, then as METRICS say, then others."""
        counted = self._hc_results_count(scope)
        questions = self._hc_results_questions(counted)
        measures = []
        for key in sorted(counted, key=self._hc_results_order):
            rows = counted[key]
            scales = {(row[4], row[5]) for row in rows if row[0] >= 0}
            if not scales:
                continue
            kind = self._hc_results_kind(key, questions, scales)
            now = self._hc_results_figure(kind, [row for row in rows if row[0] == 1], least)
            before = self._hc_results_figure(kind, [row for row in rows if row[0] == 0], least)
            label = self._hc_results_label(key, questions)
            low, high = min(scales)[0], max(scales)[1]
            measures.append(
                {
                    "key": key,
                    "label": label,
                    "kind": kind,
                    "unit": {"share": "%"}.get(kind, ""),
                    "range": [-100, 100] if kind == "nps" else [0, 100] if kind == "share" else [low, high],
                    "what": self._hc_results_what(key, kind, low, high),
                    **self._hc_results_told(label, key, kind, now, before, scope, least),
                    "domain": self._hc_results_domain(scope, key),
                    "_rows": rows,
                }
            )  # fmt: skip
        return measures

    def _hc_results_order(self, key):
        return (METRICS.index(key) if key in METRICS else len(METRICS) + (key != "rating"), key)

    def _hc_results_questions(self, counted):
        """Return ``{key: questions}`` that tell how a measure is told; superuser: names of our questions."""
        Question = self.env["survey.question"].sudo()
        own = {
            key: Question.browse(int(key.partition(":")[2])).exists()
            for key in counted
            if key.startswith("own:")
        }
        metrics = Question.search(Domain("metric", "in", METRICS)).grouped("metric")
        return {**metrics, **own}

    def _hc_results_kind(self, key, questions, scales):
        if key in ("nps", "enps"):
            return engine.NPS
        told = questions.get(key)
        if told and len(scales) == 1 and all(q.metric_summary == "mean" for q in told):
            return engine.MEAN
        return engine.SHARE

    def _hc_results_label(self, key, questions):
        if key == "rating":
            return self.env._("Ratings")
        if key.startswith("own:"):
            return (questions[key] and questions[key].title) or self.env._("Own scale")
        return self._hc_metric_names(self.env)[key]

    def _hc_results_key_domain(self, key):
        if key == "rating":
            return Domain("metric", "=", "own") & Domain("source", "=", "rating")
        if key.startswith("own:"):
            question = int(key.partition(":")[2]) or False
            return Domain("metric", "=", "own") & Domain("question_id", "=", question)
        return Domain("metric", "=", key)

    def _hc_results_domain(self, scope, key):
        """Return the domain, as a list, of the answers of a measure in the period."""
        return list(self._hc_results_in_period(scope) & self._hc_results_key_domain(key))

    # -- the parts of the page --------------------------------------------------------------------

    def _hc_results_trend(self, scope, measure, least):
        """Return a point per period: figures where there are enough answers, how many there are anyway."""
        points = []
        ends = [*scope.buckets[1:], scope.end]
        for number, (start, end) in enumerate(zip(scope.buckets, ends, strict=True), 1):
            rows = [row for row in measure["_rows"] if row[1] == number]
            found = self._hc_results_figure(measure["kind"], rows, least)
            within = (
                COUNTED & scope.domain & self._hc_results_key_domain(measure["key"])
                & Domain("date", ">=", fields.Datetime.to_string(start))
                & Domain("date", "<", fields.Datetime.to_string(end))
            )  # fmt: skip
            points.append(
                {
                    "label": scope.labels[number - 1],
                    "n": found.n,
                    "value": rounded(found.value),
                    "low": rounded(found.low),
                    "high": rounded(found.high),
                    "text": self._hc_results_short(measure["kind"], found),
                    "in_period": not scope.start or end > scope.start,
                    "domain": list(within),
                }
            )
        while points and not points[0]["n"]:
            points.pop(0)
        return points

    def _hc_results_distribution(self, measure):
        """Return ``[{"score", "n", "share", "band", "domain"}]``: every score of the scale, also unchosen."""
        rows = [row for row in measure["_rows"] if row[0] == 1]
        if not rows:
            return []
        scales = {(row[4], row[5]) for row in rows}
        counts = {}
        for _side, _bucket, score, band, _low, _high, n in rows:
            before, _band = counts.get(score, (0, band))
            counts[score] = before + n, band
        total = sum(n for n, _band in counts.values())
        found = []
        for score in range(min(low for low, _h in scales), max(high for _l, high in scales) + 1):
            n, band = counts.get(score, (0, False))
            found.append(
                {
                    "score": score,
                    "n": n,
                    "share": round(100 * n / total, 1),
                    "band": band,
                    "domain": [*measure["domain"], ("score", "=", score)],
                }
            )
        return found

    def _hc_results_verbatims(self, scope, measure, extra=Domain.TRUE, offset=0):
        domain = Domain(measure["domain"]) & Domain("comment", "!=", False) & extra
        names = ["date", "score", "scale_max", "band", "comment", "sentiment", "topic_ids",
                 "partner_id", "is_scored", "case_id"]  # fmt: skip
        rows = self.search_fetch(domain, names, limit=VERBATIMS + 1, offset=offset)
        return [row._hc_verbatim() for row in rows]

    def _hc_verbatim(self):
        self.ensure_one()
        partner = (
            self.partner_id if self.partner_id.has_access("read") else self.partner_id.browse()
        )
        return {
            "id": self.id,
            "date": fields.Datetime.to_string(self.date),
            "score": self.score if self.is_scored else False,
            "of": self.scale_max,
            "band": self.band or "",
            "comment": self.comment or "",
            "sentiment": self.sentiment,
            "topics": self.topic_ids.mapped("name"),
            "partner": {"id": partner.id, "name": partner.display_name} if partner else False,
        }

    @api.model
    @api.readonly
    def hc_get_verbatims(self, options=None, offset=0):
        """Return the next comments of the selected measure; ``options`` may hold ``band``, ``topic``, ``tone``."""
        self.check_access("read")
        options = options or {}
        scope = read_scope(self, options)
        offset = offset if type(offset) is int and 0 <= offset < 10**6 else 0
        extra = Domain.TRUE
        for option, name in (("band", "band"), ("tone", "sentiment")):
            if isinstance(options.get(option), str):
                extra &= Domain(name, "=", storable(options[option]))
        if type(options.get("topic")) is int and 0 < options["topic"] < 2**31:
            extra &= Domain("topic_ids", "in", [options["topic"]])
        key = scope.measure or "nps"
        return self._hc_results_verbatims(
            scope, {"domain": self._hc_results_domain(scope, known_key(key))}, extra, offset
        )


def known_key(key):
    """Return ``key`` if it names a measure, else that of NPS."""
    name, _colon, number = key.partition(":")
    if (
        key == "rating"
        or key in METRICS
        or (name == "own" and number.isdecimal() and len(number) < 10)
    ):
        return key
    return "nps"


def rounded(value):
    return False if value is None else round(value, 2)
