from odoo import fields, models

from .results_scope import read_scope

MAX_ROWS = 100_000  # answers in one file; more is what the answers' own export is for


class HcFeedback(models.Model):
    """Results to take along: the figures as tables, and the answers they count."""

    _inherit = "hc.feedback"

    def _hc_results_sheets(self, options, only_answers=False):
        """Return ``[(title, rows)]``, the first row of each being the headings, as the reader may see them.

        :raises UserError: naming the option that cannot be understood
        """
        self.check_access("read")
        scope = read_scope(self, options)
        found = self.hc_get_results(options)
        selected = next((m for m in found["measures"] if m["key"] == found["selected"]), None)
        answers = (
            self.env._("Answers"),
            self._hc_sheet_answers(selected["domain"] if selected else [(0, "=", 1)]),
        )
        if only_answers or not selected:
            return [answers]
        details = self.hc_get_results_details({**options, "measure": selected["key"]})
        head = [
            self.env._("Answers"), self.env._("Figure"), self.env._("From"), self.env._("To"),
        ]  # fmt: skip

        def figures(lines):
            return [
                [line["label"], line["n"], line["value"], line["low"], line["high"]] for line in lines
            ]

        return [
            (
                self.env._("Figures"),
                [
                    [self.env._("Measure"), *head, self.env._("In Words")],
                    *(
                        [*row, measure["sentence"]]
                        for row, measure in zip(
                            figures(found["measures"]), found["measures"], strict=True
                        )
                    ),
                    [],
                    [self.env._("Period"), self._hc_sheet_period(scope)],
                ],
            ),
            (self.env._("Over Time"), [[self.env._("Period"), *head], *figures(found["trend"])]),
            (
                self.env._("Scores"),
                [
                    [self.env._("Score"), self.env._("Answers"), "%"],
                    *([line["score"], line["n"], line["share"]] for line in found["distribution"]),
                ],
            ),
            (self.env._("Groups"), [[self.env._("Group"), *head], *figures(details["groups"])]),
            (
                self.env._("What Goes Along"),
                [
                    [self.env._("Fact"), "r", self.env._("Answers"), self.env._("In Words")],
                    *(
                        [line["label"], line["r"], line["n"], line["sentence"]]
                        for line in details["drivers"]
                    ),
                ],
            ),
            answers,
        ]

    def _hc_sheet_period(self, scope):
        if not scope.start:
            return self.env._("All answers")
        return f"{scope.start:%Y-%m-%d %H:%M} – {scope.end:%Y-%m-%d %H:%M} UTC"

    def _hc_sheet_answers(self, domain):
        names = (
            "date", "partner_id", "metric", "score", "scale_min", "scale_max", "band", "comment",
            "sentiment", "topic_ids", "touchpoint", "source", "user_id", "persona_id",
        )  # fmt: skip
        headings = [self._fields[name]._description_string(self.env) for name in names]
        rows = self.search_fetch(domain, names, limit=MAX_ROWS)
        said = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("metric", "band", "sentiment", "source")
        }
        readable = set(rows.partner_id._filtered_access("read").ids)
        return [
            headings,
            *(
                [
                    fields.Datetime.to_string(row.date),
                    row.partner_id.display_name if row.partner_id.id in readable else "",
                    said["metric"].get(row.metric, ""),
                    row.score if row.is_scored else "",
                    row.scale_min if row.is_scored else "",
                    row.scale_max if row.is_scored else "",
                    said["band"].get(row.band, ""),
                    row.comment or "",
                    said["sentiment"].get(row.sentiment, ""),
                    ", ".join(row.topic_ids.mapped("name")),
                    row.touchpoint or "",
                    said["source"].get(row.source, ""),
                    row.user_id.sudo().name or "",
                    row.persona_id.display_name if row.persona_id else "",
                ]
                for row in rows
            ),
        ]
