from odoo import api, fields, models
from odoo.exceptions import UserError


class HcOutreachVersion(models.Model):
    """The steps of a plan as they were at one time. Published, they do not change any more."""

    _name = "hc.outreach.version"
    _description = "Version of an Outreach Plan"
    _order = "plan_id, number desc"
    _rec_name = "number"

    plan_id = fields.Many2one("hc.outreach.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, default=1)
    state = fields.Selection(
        [("draft", "Being Edited"), ("live", "Live"), ("retired", "Replaced")],
        default="draft",
        required=True,
    )
    date_published = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", string="Published by", readonly=True)
    step_ids = fields.One2many("hc.outreach.step", "version_id")

    _number_uniq = models.UniqueIndex("(plan_id, number)")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(version.state != "draft" for version in self) and not self.env.su:
            raise UserError(
                self.env._(
                    "Steps that were live stay: they say what was done for customers. Change the plan "
                    "instead, which makes a new version."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_steps(self):
        """Customers who moved to another version keep nothing that is about a step of this one.

        Who is inside this one goes with it; by hand, since to check the link for each of thousands who
        come in costs too much for the database to do it.
        """
        self.step_ids.unlink()
        # superuser: whoever may delete the version deletes what hangs on it
        inside = [("plan_id", "in", self.plan_id.ids), ("version_id", "in", self.ids)]
        self.env["hc.outreach.enrollment"].sudo().search(inside).unlink()

    def _copy_steps_to(self, version):
        """Copy the steps, with their keys and their tree, into another version.

        :return: ``{old step: new step}``
        """
        self.ensure_one()
        copies = {}
        Step = self.env["hc.outreach.step"]
        several = len(self.env["res.lang"].get_installed()) > 1
        level = self.step_ids.filtered(lambda step: not step.parent_id)
        while level:  # parents before their children: one create per level of the tree
            vals_list = [
                vals | {"version_id": version.id, "parent_id": copies[step.parent_id].id}
                if step.parent_id
                else vals | {"version_id": version.id}
                for step, vals in zip(level, level.copy_data(), strict=True)
            ]
            created = Step.create(vals_list)
            if several:
                for step, copy in zip(level, created, strict=True):
                    step.copy_translations(copy)
            copies |= zip(level, created, strict=True)
            level = self.step_ids.filtered(lambda step, above=level: step.parent_id in above)
        return copies

    def _first_step(self):
        """Return the step that those who enter begin with; empty if there is none."""
        trunk = self.step_ids.filtered(lambda step: not step.parent_id)
        return trunk.sorted(lambda step: (step.sequence, step.id))[:1]
