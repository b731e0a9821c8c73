from odoo import api, models
from odoo.exceptions import UserError


class HcOutreachPlan(models.Model):
    """A plan under way, or looked at, does not become another one."""

    _inherit = "hc.outreach.plan"

    # What decides how many people a plan reaches.
    REACH = (
        "partner_domain", "entry_type", "entry_domain", "entry_model_id", "entry_days", "entry_source",
        "entry_partner_path", "entry_date_field_id", "entry_yearly", "entry_segment_id",
        "entry_segment_way", "entry_persona_id", "entry_figure", "entry_value", "entry_occasion",
        "entry_feedback", "include_existing", "recipient",
    )  # fmt: skip

    # What an approval rests on besides: whether they may be contacted at all, and how often.
    APPROVED = ("purpose_id", "reentry", "reentry_days")
    # What changes nothing for customers.
    FREE = ("name", "description", "sequence", "active", "color")

    def write(self, vals):
        wider = not self.env.su and any(name in vals for name in self.REACH)
        if not self.env.su and any(self._is_judged(name) for name in vals):
            self._check_not_looked_at()
        if not self.env.su and "company_id" in vals:
            self._check_company_kept(vals["company_id"])
        if not self.env.su:
            self._check_approved_kept(vals)
        before = self._reach() if wider else {}
        result = super().write(vals)
        if wider:
            self._check_reach(before)
        return result

    @api.model
    def _is_judged(self, name):
        """Tell whether a second person looks at this field, too: everything but how the plan is called."""
        if name in self.FREE or name.startswith(("activity_", "message_", "my_activity_")):
            return False
        return name in self._fields

    def _is_looked_at(self):
        """Tell whether a second person has it before them: what they approve is what they see."""
        self.ensure_one()
        return self.state == "approval" or bool(self.publish_asked_by_id)

    def _check_not_looked_at(self):
        if any(plan._is_looked_at() for plan in self):
            raise UserError(
                self.env._(
                    "Somebody is looking at this plan before it goes on. Press “Not Yet” to change it."
                )
            )

    def _reach(self):
        """Return ``{plan: about how many people}`` of those under way."""
        counts = {}
        for plan in self:
            if plan.state in ("running", "paused"):
                try:
                    counts[plan] = plan.sudo()._count_recipients()
                except UserError:
                    counts[plan] = 0  # how people come in is broken: nobody does
        return counts

    def _check_company_kept(self, company_id):
        """Whoever is inside was asked in the name of one company."""
        for plan in self:
            if plan.company_id.id != company_id and plan.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” was started for its company and stays there. Make a copy for the other one.",
                        plan.name,
                    )
                )

    def _check_approved_kept(self, vals):
        """What a second person approved goes on as they approved it, or is approved anew."""
        for plan in self:
            if not plan.date_approved or plan.state not in ("running", "paused"):
                continue
            for name in self.APPROVED:
                if name not in vals:
                    continue
                field = self._fields[name]
                if field.convert_to_write(plan[name], plan) != vals[name]:
                    raise UserError(
                        self.env._(
                            "“%(plan)s” was approved by somebody else as it is. To change “%(field)s”, end "
                            "it, change it, and start it again.",
                            plan=plan.name,
                            field=field._description_string(self.env),
                        )
                    )

    def _check_reach(self, before):
        """A plan under way does not grow past what a second person would have to look at, or did.

        :param before: what ``_reach`` said before the change
        """
        for plan, count in self._reach().items():
            limit = plan.sudo()._approval_above()
            if count > limit and count > before.get(plan, 0):
                raise UserError(
                    self.env._(
                        "With this change “%(plan)s” would reach about %(count)s people. Above %(limit)s "
                        "somebody else has a look first: end it, change it, and start it again.",
                        plan=plan.name,
                        count=count,
                        limit=limit,
                    )
                )
