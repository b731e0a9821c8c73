"""What customers said before and after: associated with the change, not proof that it caused anything."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.feedback import figure as engine

# At most so many days on either side; as many before as there were after.
MAX_DAYS = 90


class HcImprovement(models.Model):
    _inherit = "hc.improvement"

    measure = fields.Text(string="Before and After", compute="_compute_measure")

    @api.depends("date_done", "state", "topic_ids", "touchpoint")
    def _compute_measure(self):
        for improvement in self:
            improvement.measure = improvement._measure_text()

    def _measure_text(self):
        if self.state not in ("done", "told") or not self.date_done:
            return self.env._("Compared as soon as it is done.")
        if not self.topic_ids and not self.touchpoint:
            return self.env._("Say which topics or which moment it is about, to compare.")
        days = min((fields.Date.context_today(self) - self.date_done).days, MAX_DAYS)
        if days < 1:
            return self.env._("Compared from tomorrow on.")
        least = self.company_id.hc_feedback_least  # as on the page of results
        lines = []
        for metric, periods in self._measure_rows(days).items():
            before, after = periods.get(False, (0, 0, 0)), periods.get(True, (0, 0, 0))
            label = dict(
                self.env["hc.feedback"]._fields["metric"]._description_selection(self.env)
            )[metric].split(":")[0]
            if min(before[0], after[0]) < least:
                lines.append(
                    self.env._(
                        "%(metric)s: too few answers to compare (%(before)s before, %(after)s after).",
                        metric=label,
                        before=before[0],
                        after=after[0],
                    )
                )
            else:
                lines.append(self._measure_line(metric, label, before, after))
        if not lines:
            return self.env._(
                "Nobody has scored it in the %(days)s days before and after.", days=days
            )
        lines.append(
            self.env._(
                "%(days)s days before and after. Associated with the change, not proof that it caused it.",
                days=days,
            )
        )
        return "\n".join(lines)

    def _measure_line(self, metric, label, before, after):
        """One sentence with both figures, how sure one can be of each, and of the difference."""
        kind = engine.NPS if metric == "nps" else engine.SHARE
        figures = [engine.figure(kind, {0: n}, good, bad) for n, good, bad in (before, after)]
        told = self.env._(
            "%(metric)s: %(before)s before, %(after)s after.",
            metric=label,
            before=self._measure_figure(figures[0]),
            after=self._measure_figure(figures[1]),
        )
        if engine.compare(*figures).may_be_chance:
            told = self.env._("%(told)s The difference may be chance.", told=told)
        return told

    def _measure_figure(self, found):
        """Return ``60 (12 to 81, 20 answers)``."""
        number = self.env["hc.feedback"]._hc_results_number
        return self.env._(
            "%(value)s (%(low)s to %(high)s, %(n)s answers)",
            value=number(found.kind, found.value),
            low=number(found.kind, found.low),
            high=number(found.kind, found.high),
            n=found.n,
        )

    def _measure_rows(self, days):
        """Return ``{metric: {is after: (answers, good ones, bad ones)}}``.

        As superuser: figures of all customers, nobody's words.
        """
        done = fields.Datetime.to_datetime(self.date_done)
        about = [
            SQL("feedback.touchpoint = %s", self.touchpoint) if self.touchpoint else SQL("FALSE"),
            SQL(
                "EXISTS (SELECT 1 FROM hc_feedback_hc_feedback_topic_rel AS rel "
                "WHERE rel.hc_feedback_id = feedback.id AND rel.hc_feedback_topic_id = ANY(%s))",
                self.topic_ids.ids,
            ),
        ]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT metric, date >= %(done)s, COUNT(*), COUNT(*) FILTER (WHERE band = 'good'),
                       COUNT(*) FILTER (WHERE band = 'bad')
                  FROM hc_feedback AS feedback
                 WHERE company_id = %(company)s AND is_counted AND is_scored AND metric <> 'enps'
                   AND date >= %(since)s AND date < %(until)s AND (%(about)s)
                 GROUP BY 1, 2 ORDER BY 1
                """,
                done=done,
                company=self.company_id.id,
                since=done - timedelta(days=days),
                until=done + timedelta(days=days),
                about=SQL(" OR ").join(about),
            )
        )
        result = {}
        for metric, is_after, *counts in rows:
            result.setdefault(metric, {})[is_after] = tuple(counts)
        return result
