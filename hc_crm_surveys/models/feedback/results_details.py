from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.feedback import driver as engine
from ...engine.feedback import figure as figures
from ...engine.feedback.metric import BAD, GOOD
from ..ask.hc_ask import ASKED
from .results import known_key
from .results_scope import read_scope

# column of the table → what the page calls the group
GROUPS = ("persona_id", "user_id", "touchpoint", "source", "product_id")
FACTS = ("days_deliver", "days_answer", "contacts", "discount")
# Ranks need no more digits than these: half days, five percent.
STEPS = {"days_deliver": 0.5, "days_answer": 0.25, "contacts": 1, "discount": 2.5}
LEAST_PAIRS = 20  # below it a correlation is a rumour
MAX_GROUPS = 30
MAX_SILENT = 8  # groups named among those who answer least


class HcFeedback(models.Model):
    """The second half of the Results page: groups, what goes along with scores, topics, who answers."""

    _inherit = "hc.feedback"

    @api.model
    @api.readonly
    def hc_get_results_details(self, options=None):
        """Return the details of the selected measure, under the rights of the reader.

        :param options: as of ``hc_get_results``; besides ``group``, a field of GROUPS or ``segment_id``, and
            ``compare``: keys of two of its groups
        :return: ``{"groups", "compared", "drivers", "topics", "response"}``
        """
        self.check_access("read")
        options = options or {}
        scope = read_scope(self, options)
        least = self.env.company.hc_feedback_least
        group = options.get("group") or GROUPS[0]
        if group not in (*GROUPS, "segment_id"):
            raise UserError(
                self.env._("Results: there is no such grouping. Choose one of the list.")
            )
        if scope.measure:
            # the other measures were counted for the first half of the page
            scope.domain &= self._hc_results_key_domain(known_key(scope.measure))
        measures = self._hc_results_measures(scope, least)
        measure = next((m for m in measures if m["key"] == scope.measure), None) or (
            measures[0] if measures else None
        )
        answer = {
            "groups": [],
            "compared": "",
            "drivers": [],
            "topics": [],
            "response": self._hc_results_response(scope, measure),
        }
        if not measure:
            return answer
        groups = self._hc_results_groups(scope, measure, group, least)
        answer["compared"] = self._hc_results_compared(measure, groups, options.get("compare"))
        for line in groups:
            line.pop("_figure")
        answer["groups"] = groups
        drivers, topics = self._hc_results_drivers(scope, measure)
        return answer | {"drivers": drivers, "topics": topics}

    # -- groups -----------------------------------------------------------------------------------

    def _hc_results_groups(self, scope, measure, group, least):
        """Return a line per group: its figure, and whether it differs from all others together."""
        domain = Domain(measure["domain"])
        query = self._hc_results_query(domain)
        if group == "segment_id":
            current = self.env["hc.segment.membership"]._search([("date_left", "=", False)])
            column = SQL("m.segment_id")
            joined = SQL(
                "JOIN %s AS m ON m.partner_id = f.partner_id",
                current.subselect(
                    *(SQL.identifier(current.table, n) for n in ("partner_id", "segment_id"))
                ),
            )
        else:
            column, joined = SQL("f.%s", SQL.identifier(group)), SQL()
        names = ("score", "band", "partner_id", *GROUPS)
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, f.score, f.band, COUNT(*) FROM %s AS f %s GROUP BY 1, 2, 3",
                column,
                query.subselect(*(SQL.identifier(self._table, name) for name in names)),
                joined,
            )
        )
        of_group, everybody = {}, {}
        for key, score, band, n in rows:
            of_group.setdefault(key, []).append((score, band, n))
            everybody[score, band] = everybody.get((score, band), 0) + n
        lines = []
        labels = self._hc_results_group_labels(group, [key for key in of_group if key])
        for key, found in of_group.items():
            if key and key not in labels:
                continue  # not the reader's to know
            mine = self._hc_results_of(measure["kind"], found, least)
            rest = dict(everybody)
            for score, band, n in found:
                rest[score, band] -= n
            others = self._hc_results_of(
                measure["kind"], [(*pair, n) for pair, n in rest.items() if n], least
            )
            difference = None if group == "segment_id" else figures.compare(others, mine)
            condition = (group, "=", key or False)
            lines.append(
                {
                    "key": key or False,
                    "label": labels.get(key) or self.env._("Not known"),
                    "n": mine.n,
                    "value": False if mine.value is None else round(mine.value, 2),
                    "low": False if mine.low is None else round(mine.low, 2),
                    "high": False if mine.high is None else round(mine.high, 2),
                    "text": self._hc_results_short(measure["kind"], mine),
                    "differs": bool(difference and not difference.may_be_chance)
                    and ("up" if difference.delta > 0 else "down"),
                    "domain": [*measure["domain"], condition],
                    "_figure": mine,
                }
            )
        lines.sort(key=lambda line: (not line["key"], -line["n"], line["label"]))
        return lines[:MAX_GROUPS]

    def _hc_results_of(self, kind, rows, least):
        scores, good, bad = {}, 0, 0
        for score, band, n in rows:
            scores[score] = scores.get(score, 0) + n
            good += n * (band == GOOD)
            bad += n * (band == BAD)
        return figures.figure(kind, scores, good, bad, least)

    def _hc_results_group_labels(self, group, keys):
        """Return ``{key: name}`` of the groups that the reader may know of."""
        if group == "source":
            return dict(self._fields["source"]._description_selection(self.env))
        if group == "touchpoint":
            return {key: key.replace("_", " ").capitalize() for key in keys}
        records = self.env[self._fields[group].comodel_name].with_context(active_test=False)
        if group == "user_id":
            records = records.sudo()  # a colleague's name, as on every document
        return {record.id: record.display_name for record in records.search([("id", "in", keys)])}

    def _hc_results_compared(self, measure, groups, keys):
        """Return the sentence on two groups; "" if none are chosen."""
        if not keys:
            return ""
        if not isinstance(keys, list) or len(keys) != 2:
            raise UserError(self.env._("Results: choose two groups to compare."))
        chosen = [next((line for line in groups if line["key"] == key), None) for key in keys]
        if None in chosen or chosen[0] is chosen[1]:
            return ""
        return self._hc_results_between(
            measure["kind"],
            [line["label"] for line in chosen],
            *(line["_figure"] for line in chosen),
        )

    # -- drivers and topics -----------------------------------------------------------------------

    def _hc_results_drivers(self, scope, measure):
        """Return ``(drivers, topics)``: what goes along with the scores, strongest first."""
        domain = Domain(measure["domain"])
        query = self._hc_results_query(domain)
        columns = [
            SQL(
                "ROUND((%s / %s)::numeric) * %s AS %s",
                SQL.identifier(self._table, name), STEPS[name], STEPS[name], SQL.identifier(name),
            )
            for name in FACTS
        ]  # fmt: skip
        rows = self.env.execute_query(
            SQL(
                """
                SELECT GROUPING(days_deliver, days_answer, contacts, discount), days_deliver, days_answer,
                       contacts, discount, score, COUNT(*)
                  FROM %s AS f
              GROUP BY GROUPING SETS ((days_deliver, score), (days_answer, score), (contacts, score),
                                      (discount, score))
                """,
                query.subselect(*columns, SQL.identifier(self._table, "score")),
            )
        )
        pairs = {name: {} for name in FACTS}
        places = {0b0111: 0, 0b1011: 1, 0b1101: 2, 0b1110: 3}
        for mask, *values, score, n in rows:
            place = places[mask]
            if values[place] is not None:
                pairs[FACTS[place]][float(values[place]), score] = n
        topics, topic_pairs = self._hc_results_topics(measure)
        found = [
            (name, self._hc_results_fact_label(name), engine.association(pairs[name], True, LEAST_PAIRS),
             [*measure["domain"], (name, ">", 0)])
            for name in FACTS
        ] + [
            (topic["key"], self.env._("Mentions: %(topic)s", topic=topic["label"]),
             engine.association(topic_pairs[topic["key"]], False, LEAST_PAIRS), topic["domain"])
            for topic in topics
        ]  # fmt: skip
        found = [line for line in found if line[2]]
        chances = engine.holm([line[2].chance for line in found])
        drivers = [
            {
                "key": key,
                "label": label,
                "r": round(association.r, 2),
                "n": association.n,
                "strength": association.strength,
                "sentence": self._hc_results_driver_words(label, association, chance),
                "may_be_chance": chance >= figures.CHANCE,
                "domain": domain,
            }
            for (key, label, association, domain), chance in zip(found, chances, strict=True)
        ]
        drivers.sort(key=lambda line: (line["may_be_chance"], -abs(line["r"])))
        return drivers, topics

    def _hc_results_fact_label(self, name):
        return {
            "days_deliver": self.env._("Days to deliver"),
            "days_answer": self.env._("Days until we answered"),
            "contacts": self.env._("Number of contacts before"),
            "discount": self.env._("Discount"),
        }[name]

    def _hc_results_driver_words(self, label, association, chance):
        if association.strength == "none":
            return self.env._("No connection to speak of.")
        if chance >= figures.CHANCE:
            return self.env._("A connection may be chance.")
        words = {
            "strong": (self.env._("Strong: the more, the better the score."),
                       self.env._("Strong: the more, the worse the score.")),
            "moderate": (self.env._("Moderate: the more, the better the score."),
                         self.env._("Moderate: the more, the worse the score.")),
            "weak": (self.env._("Weak: the more, the better the score."),
                     self.env._("Weak: the more, the worse the score.")),
        }  # fmt: skip
        return words[association.strength][association.r < 0]

    def _hc_results_topics(self, measure):
        """Return ``(lines of topics × tone, {topic: {(mentioned, score): n}})`` among answers with words."""
        domain = Domain(measure["domain"]) & Domain("comment", "!=", False)
        query = self._hc_results_query(domain)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.hc_feedback_topic_id, f.score, f.sentiment, COUNT(*)
                  FROM %s AS f
                  JOIN hc_feedback_hc_feedback_topic_rel AS t ON t.hc_feedback_id = f.id
              GROUP BY 1, 2, 3
                """,
                query.subselect(
                    *(SQL.identifier(self._table, name) for name in ("id", "score", "sentiment"))
                ),
            )
        )
        if not rows:
            return [], {}
        total = dict(
            self.env.execute_query(
                SQL(
                    "SELECT score, COUNT(*) FROM %s AS f GROUP BY 1",
                    query.subselect(SQL.identifier(self._table, "score")),
                )
            )
        )
        by_topic = {}
        for topic_id, score, tone, n in rows:
            if topic_id:
                by_topic.setdefault(topic_id, []).append((score, tone, n))
        topics = self.env["hc.feedback.topic"].browse(by_topic).exists()
        lines, pairs = [], {}
        for topic in topics:
            tones = dict.fromkeys(("positive", "neutral", "negative", "unknown"), 0)
            mentioned = {}
            for score, tone, n in by_topic[topic.id]:
                tones[tone] += n
                mentioned[score] = mentioned.get(score, 0) + n
            n = sum(tones.values())
            pairs[topic.id] = {(1, score): count for score, count in mentioned.items()} | {
                (0, score): count - mentioned.get(score, 0)
                for score, count in total.items()
                if count > mentioned.get(score, 0)
            }
            lines.append(
                {
                    "key": topic.id,
                    "label": topic.name,
                    "n": n,
                    **tones,
                    "mean": round(sum(score * count for score, count in mentioned.items()) / n, 1),
                    "domain": [*measure["domain"], ("topic_ids", "in", [topic.id])],
                }
            )
        lines.sort(key=lambda line: -line["n"])
        return lines, pairs

    # -- who answers ------------------------------------------------------------------------------

    def _hc_results_response(self, scope, measure):
        """Return who was asked and who answered, from our own record of asking; False if nobody was."""
        Ask = self.env["hc.ask"]
        if not Ask.has_access("read"):
            return False
        domain = Domain("date_sent", "<", fields.Datetime.to_string(scope.end))
        if scope.start:
            domain &= Domain("date_sent", ">=", fields.Datetime.to_string(scope.start))
        if measure and measure["key"] in ("nps", "csat", "ces"):
            domain &= Domain("metric", "=", measure["key"])
        counts = Ask._response(domain)
        asked = counts["asked"]
        if not asked:
            return False
        answered = counts["complete"] + counts["partial"]
        low, high = (100 * end for end in figures.wilson(answered, asked))
        asked_domain = domain & Domain("state", "in", ASKED)
        return {
            "asked": asked,
            "answered": answered,
            "complete": counts["complete"],
            "sentence": self.env._(
                "%(rate)s of the %(asked)s people asked answered (between %(low)s and %(high)s in the long "
                "run); %(complete)s to the end.",
                rate=self._hc_results_number(figures.SHARE, 100 * counts["rr2"]),
                asked=asked,
                low=self._hc_results_number(figures.SHARE, low),
                high=self._hc_results_number(figures.SHARE, high),
                complete=self._hc_results_number(figures.SHARE, 100 * counts["rr1"]),
            ),
            "silent": self._hc_results_silent(domain),
            "domain": list(asked_domain),
            "domain_silent": list(asked_domain & Domain("state", "!=", "answered")),
        }

    def _hc_results_silent(self, domain):
        """Return who answers least: personas, segments and thirds by worth, of which enough were asked."""
        Ask, least = self.env["hc.ask"], self.env.company.hc_feedback_least
        found = []
        for by, model in (("persona", "hc.persona"), ("segment", "hc.segment")):
            groups = {key: counts for key, counts in Ask._response_groups(domain, by) if key}
            records = self.env[model].search([("id", "in", list(groups))])
            found += [(record.display_name, groups[record.id]) for record in records]
        if self.env["hc.customer.insight"].has_access("read"):
            labels = {
                "low": self.env._("Who spends least (a third)"),
                "middle": self.env._("Who spends a medium amount (a third)"),
                "high": self.env._("Who spends most (a third)"),
            }
            found += [
                (labels[key], counts)
                for key, counts in Ask._response_groups(domain, "value")
                if key in labels
            ]
        lines = [
            {
                "label": label,
                "asked": counts["asked"],
                "answered": counts["complete"] + counts["partial"],
                "rate": self._hc_results_number(figures.SHARE, 100 * counts["rr2"]),
                "share": round(100 * counts["rr2"], 1),
            }
            for label, counts in found
            if counts["asked"] >= least
        ]
        return sorted(lines, key=lambda line: line["share"])[:MAX_SILENT]
