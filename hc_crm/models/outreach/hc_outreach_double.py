from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# What tells two ways in apart. After how many days, and above which value, is left out: whoever bought for
# the first time would be greeted by both, on different days.
SAME_WAY = (
    "entry_type", "entry_model_id", "entry_date_field_id", "entry_domain", "entry_source", "entry_segment_id",
    "entry_segment_way", "entry_persona_id", "entry_figure", "entry_occasion",
)  # fmt: skip
# Here a person or another system says who comes in.
BY_HAND = ("manual",)
UNDER_WAY = ("draft", "approval", "running", "paused")


class HcOutreachPlan(models.Model):
    """Nobody is greeted twice for one thing without somebody having been told."""

    _inherit = "hc.outreach.plan"

    def _same_ready(self):
        """Plans of the user's company that were made from this ready one and are not over."""
        self.ensure_one()
        if not self.template_key:
            return self.browse()
        return self.search(
            [
                ("template_key", "=", self.template_key),
                ("is_template", "=", False),
                ("company_id", "=", self.env.company.id),
                ("state", "in", UNDER_WAY),
            ],
            order="date_started desc, id desc",
        )

    def _own_names(self, name=None):
        """Return what a copy of this ready plan is called: ``{language code: name}``, unlike all there are.

        :param name: as somebody wants it, in every language
        """
        self.ensure_one()
        month, names = fields.Date.context_today(self), {}
        others = self.search(
            [("is_template", "=", False), ("company_id", "=", self.env.company.id)]
        )
        for code, _name in self.env["res.lang"].get_installed():
            own = self.with_context(lang=code)
            names[code] = name or own.name
            taken = set(others.with_context(lang=code).mapped("name"))
            if not name and names[code] in taken:
                names[code] = base = own.env._(
                    "%(plan)s, %(month)s",
                    plan=own.name,
                    month=format_date(own.env, month, date_format="MMMM y"),
                )
                number = 1
                while names[code] in taken:
                    number += 1
                    names[code] = f"{base} ({number})"
        return names

    def _same_way(self):
        """Running plans with the same way in as this one that may turn to the same people.

        :return: ``[(plan, number of people)]``
        """
        self.ensure_one()
        plan = self.sudo()
        if plan.is_template or plan.entry_type in BY_HAND:
            return []
        known = {"entry_type", *plan.env["hc.outreach.entry"]._entry_fields(plan.entry_type)}
        domain = Domain(
            [
                ("id", "!=", plan.id),
                ("state", "=", "running"),
                ("company_id", "=", plan.company_id.id),
            ]
        )
        for name in SAME_WAY:
            if name in known:
                value = plan[name]
                domain &= Domain(name, "=", value.id if isinstance(value, models.Model) else value)
        found = []
        for other in plan.search(domain):
            plan.env.flush_all()
            [[count]] = plan.env.execute_query(
                SQL(
                    "SELECT COUNT(*) FROM (%s INTERSECT %s) AS both_reach",
                    plan._eligible_query().select(),
                    other._eligible_query().select(),
                )
            )
            if count:
                found.append((other.with_env(self.env), count))
        return found

    def _warn_double(self, act):
        """Return the dialog that names who else turns to the same people, or None.

        :param act: name of the button that was pressed and does the same again, if it is to be all the same
        """
        if self.env.context.get("hc_double_known"):
            return None
        for plan in self:
            if found := plan._same_way():
                return plan._double_dialog(act, [other for other, _count in found], found[0][1])
        return None

    def _double_dialog(self, act, others, count=0):
        dialog = self.env["hc.outreach.double"].create(
            {
                "plan_id": self.id,
                "act": act,
                "other_ids": [fields.Command.set([other.id for other in others])],
                "count": count,
                "name": self._own_names()[self.env.lang or "en_US"] if act == "use" else False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("You Have One Already")
            if act == "use"
            else self.env._("The Same People Twice?"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_use_ready(self):
        """As a button: make a plan of one's own, but ask first if there is one from the same ready plan."""
        self._check_may_run("read")
        self.ensure_one()
        if self.is_template and (others := self._same_ready()):
            return self._double_dialog("use", others)
        return self.action_use_template()
