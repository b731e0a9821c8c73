import time
from collections import Counter

from odoo import models
from odoo.exceptions import ValidationError

from .hc_outreach_words import reason_label
from .simulation import Simulation

MAX_DAYS = 90
NAMES = 30
# The days behind us that tell how many will come of what cannot be foreseen.
SEEN_DAYS = 30


class HcOutreachPlan(models.Model):
    _inherit = "hc.outreach.plan"

    def hc_simulate(self, days=30):
        """Return what would happen in the coming days, beside all other running plans. Nothing is written.

        :return: ``{"days": [{date, entered, sent, task, person, done, postponed, dropped}], "entrants":
            {count, expected, held, piloted, names: [{id, name, date}]}, "steps": [{id, name, icon, mark,
            sent, …, later, reasons: [{outcome, code, label, count}]}], "reasons": [{outcome, code, label,
            count}], "colleagues": [{id, name, total, most, limit}], "notes": [text], "plans", "seconds"}``
        """
        self.ensure_one()
        self._check_previewer()
        if type(days) is not int or not 0 < days <= MAX_DAYS:
            raise ValidationError(
                self.env._("Days: give a whole number from 1 to %(most)s.", most=MAX_DAYS)
            )
        start = time.perf_counter()
        result = Simulation(self.env, self, days).run()
        totals = Counter()
        for (_step_id, outcome, code), count in result["reasons"].items():
            totals[outcome, code] += count
        return {
            "days": result["days"],
            "entrants": self._simulated_entrants(result),
            "steps": self._simulated_steps(result),
            "reasons": self._simulated_reasons(totals),
            "colleagues": self._simulated_colleagues(result),
            "notes": self._simulated_notes(result),
            "plans": result["plans"],
            "seconds": round(time.perf_counter() - start, 2),
        }

    def _simulated_entrants(self, result):
        """Names of the first ones that the reader may see, and how many in all."""
        entered = result["entrants"]
        Partner = self.env["res.partner"]
        first = [partner_id for partner_id, _day in entered[: 10 * NAMES]]
        readable = set(Partner.search([("id", "in", first)]).ids)
        shown = [one for one in entered[: 10 * NAMES] if one[0] in readable][:NAMES]
        names = {one.id: one.display_name for one in Partner.browse([one[0] for one in shown])}
        return {
            "count": len(entered),
            "expected": result["expected"],
            "held": result["held"],
            "piloted": result["piloted"],
            "names": [
                {"id": partner_id, "name": names[partner_id], "date": result["days"][day]["date"]}
                for partner_id, day in shown
            ],
        }

    def _simulated_steps(self, result):
        lines = []
        for step in self._flow_version()._flow_walk():
            counts = Counter(result["steps"].get(step.id, {}))
            reasons = Counter(
                {
                    (outcome, code): count
                    for (step_id, outcome, code), count in result["reasons"].items()
                    if step_id == step.id
                }
            )
            info = step._step_types().get(step.type, {})
            lines.append(
                {
                    "id": step.id,
                    "name": step._flow_name(),
                    "icon": info.get("icon", "fa-question"),
                    "mark": step._flow_mark(step.type, info, step.never_automate),
                    "sent": counts["sent"],
                    "task": counts["task"],
                    "person": counts["person"],
                    "done": counts["done"],
                    "postponed": counts["postponed"],
                    "dropped": counts["dropped"],
                    "later": counts["later"],
                    "reasons": self._simulated_reasons(reasons),
                }
            )
        return lines

    def _simulated_reasons(self, counter):
        return [
            {
                "outcome": outcome,
                "code": code,
                "label": reason_label(self.env, code),
                "count": count,
            }
            for (outcome, code), count in counter.most_common()
        ]

    def _simulated_colleagues(self, result):
        users = self.env["res.users"].sudo().browse(result["tasks"])
        lines = [
            {
                "id": user.id,
                "name": user.name,
                "total": sum(result["tasks"][user.id].values()),
                "most": max(result["tasks"][user.id].values()),
                "limit": result["limit"],
            }
            for user in users
        ]
        return sorted(lines, key=lambda line: -line["total"])

    def _simulated_notes(self, result):
        """What the picture rests on."""
        notes = [
            self.env._(
                "Whether they may be contacted is asked for the moment at which each step is due."
            ),
            self.env._(
                "Tasks are taken to be done by their deadline; those open already within 3 days."
            ),
        ]
        if any(
            step.type == "task" and step.user_rule == "known"
            for step in self._flow_version().step_ids
        ):
            notes.append(
                self.env._(
                    "Who talked to a customer last can change until then: such tasks stand with the "
                    "customer's salesperson here."
                )
            )
        if any(
            step.type == "branch" and step.branch_type in ("opened", "answered", "ordered")
            for step in self._flow_version().step_ids
        ):
            notes.append(
                self.env._(
                    "What customers will do is not known: they take the ways of a branch as often as so "
                    "far, or each equally often."
                )
            )
        if result["expected"]:
            notes.append(
                self.env._(
                    "About %(count)s more will enter by what cannot be foreseen, if as many do as in the "
                    "last %(days)s days. They are counted here only, and not walked through the steps.",
                    count=round(result["expected"]),
                    days=SEEN_DAYS,
                )
            )
        if self.entry_type == "manual":
            notes.append(
                self.env._(
                    "They enter by hand or by another system, so nobody is known in advance; here you see "
                    "those who are inside already."
                )
            )
        if result["plans"]:
            notes.append(
                self.env._(
                    "%(count)s other running plans take their share of everybody's time, too.",
                    count=result["plans"],
                )
            )
        if result["unknown"]:
            notes.append(
                self.env._(
                    "Of %(count)s other plans nobody can say who will enter, because their entry does not "
                    "work; only those inside already are here. Their own page says why.",
                    count=result["unknown"],
                )
            )
        return notes

    def action_simulate(self):
        """Open what would happen in the next 30 days."""
        self.ensure_one()
        self._check_previewer()
        return {
            "type": "ir.actions.client",
            "tag": "hc_outreach_simulation",
            "name": self.env._("What Would Happen: %(plan)s", plan=self.name),
            "target": "new",
            "params": {"plan_id": self.id},
            "context": {"dialog_size": "extra-large", "footer": False},
        }


class HcOutreachVersion(models.Model):
    _inherit = "hc.outreach.version"

    def _flow_walk(self):
        """The steps in the order of the tree."""
        children = self.step_ids.sorted(lambda step: (step.sequence, step.id)).grouped("parent_id")
        found = []

        def walk(parent):
            for step in children.get(parent, ()):
                found.append(step)
                walk(step)

        walk(self.env["hc.outreach.step"])
        return self.env["hc.outreach.step"].concat(*found)
