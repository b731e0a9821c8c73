from odoo import models
from odoo.tools import formatLang

from ...engine.feedback import figure as engine


class HcFeedback(models.Model):
    """Results in words: what a figure is, how sure one can be, and whether it moved."""

    _inherit = "hc.feedback"

    def _hc_results_period(self, scope):
        if not scope.start:
            label, before = self.env._("All answers"), ""
        elif scope.days:
            label = self.env._("Last %(days)s days", days=scope.days)
            before = self.env._("the %(days)s days before", days=scope.days)
        return {"label": label, "before": before}

    def _hc_results_number(self, kind, value):
        """Return a figure as people write it: 41, 82 %, 5.4."""
        digits = 1 if kind == engine.MEAN else 0
        text = formatLang(self.env, round(value, digits) + 0.0, digits=digits)
        text = text.replace("-", "−")  # a minus, not a hyphen
        return self.env._("%(number)s %%", number=text) if kind == engine.SHARE else text

    def _hc_results_short(self, kind, found):
        """Return ``41 (28 to 54), n = 96``, or that there are too few answers."""
        if not found.n:
            return self.env._("no answers")
        if not found.is_enough:
            return self.env._("too few answers (%(n)s)", n=found.n)
        return self.env._(
            "%(value)s (%(low)s to %(high)s), n = %(n)s",
            value=self._hc_results_number(kind, found.value),
            low=self._hc_results_number(kind, found.low),
            high=self._hc_results_number(kind, found.high),
            n=found.n,
        )

    def _hc_results_what(self, key, kind, low, high):
        """Return what the figure is, for people who do not know the letters."""
        if kind == engine.NPS:
            return self.env._("Promoters (9–10) less detractors (0–6), of every 100 who answered")
        if kind == engine.MEAN:
            return self.env._(
                "Average of the answers, from %(low)s to %(high)s", low=low, high=high
            )
        return {
            "csat": self.env._("Share who are satisfied"),
            "ces": self.env._("Share who found it easy (5 to 7 of 7)"),
            "rating": self.env._("Share who gave 4 or 5 of 5"),
        }.get(key) or self.env._("Share of good answers")

    def _hc_results_told(self, label, key, kind, now, before, scope, least):
        """Return the one sentence of a measure, and its parts for the page."""
        told = {
            "n": now.n,
            "value": False if now.value is None else round(now.value, 2),
            "low": False if now.low is None else round(now.low, 2),
            "high": False if now.high is None else round(now.high, 2),
            "figure": self._hc_results_number(kind, now.value) if now.is_enough else "",
            "moved": False,
            "change": "",
        }
        if not now.n:
            told["sentence"] = self.env._("%(what)s: no answers in this period.", what=label)
            return told
        if not now.is_enough:
            told["sentence"] = self.env._(
                "%(what)s: too few answers to say (%(n)s; from %(least)s on there is a figure).",
                what=label,
                n=now.n,
                least=least,
            )
            return told
        figure = self.env._(
            "%(what)s %(value)s, between %(low)s and %(high)s, from %(n)s answers",
            what=label,
            value=told["figure"],
            low=self._hc_results_number(kind, now.low),
            high=self._hc_results_number(kind, now.high),
            n=formatLang(self.env, now.n, digits=0),
        )
        change = self._hc_results_change(now, before, scope)
        told["change"] = change
        difference = engine.compare(before, now)
        if difference and not difference.may_be_chance:
            told["moved"] = "up" if difference.delta > 0 else "down"
        told["sentence"] = (
            self.env._("%(figure)s; %(change)s.", figure=figure, change=change)
            if change
            else self.env._("%(figure)s.", figure=figure)
        )
        return told

    def _hc_results_change(self, now, before, scope):
        if not scope.start:
            return ""
        when = (
            self.env._("the %(days)s days before", days=scope.days)
            if scope.days > 1
            else self.env._("the day before")
        )
        difference = engine.compare(before, now)
        if difference is None:
            return self.env._("too few answers in %(when)s to compare", when=when)
        return self._hc_results_difference(difference, when)

    def _hc_results_difference(self, difference, than):
        """Return ``higher than …, but the difference may be chance`` in plain words."""
        delta = round(difference.delta, 1)
        if not delta:
            return self.env._("the same as in %(than)s", than=than)
        if difference.may_be_chance:
            return (
                self.env._("higher than in %(than)s, but the difference may be chance", than=than)
                if delta > 0
                else self.env._(
                    "lower than in %(than)s, but the difference may be chance", than=than
                )
            )
        return (
            self.env._("higher than in %(than)s, hardly by chance", than=than)
            if delta > 0
            else self.env._("lower than in %(than)s, hardly by chance", than=than)
        )

    def _hc_results_between(self, kind, names, first, second):
        """Return the sentence that compares two groups."""
        difference = engine.compare(first, second)
        if difference is None:
            few = names[0] if not first.is_enough else names[1]
            return self.env._("Too few answers of %(group)s to compare.", group=few)
        values = {
            "a": names[0],
            "b": names[1],
            "x": self._hc_results_short(kind, first),
            "y": self._hc_results_short(kind, second),
        }
        if not round(difference.delta, 1):
            return self.env._("%(a)s %(x)s and %(b)s %(y)s: the same.", **values)
        if difference.may_be_chance:
            return self.env._(
                "%(a)s %(x)s, %(b)s %(y)s: they differ, but the difference may be chance.", **values
            )
        return self.env._("%(a)s %(x)s, %(b)s %(y)s: they differ, hardly by chance.", **values)
