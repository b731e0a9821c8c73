from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .own_values import no_defaults


class HcOutreachPlan(models.Model):
    """Changing what is live: versions, copies and ready templates."""

    _inherit = "hc.outreach.plan"

    # -- versions -------------------------------------------------------------------------------------

    def action_edit(self):
        """Copy the live steps into a version to be changed, and open it."""
        self._check_may_run()
        self.ensure_one()
        self._check_not_looked_at()
        plan = self.sudo()
        if not plan.draft_version_id:
            plan.draft_version_id = plan._new_version(plan.live_version_id)
        return True

    def action_publish(self, move=False):
        """Make the changed steps live; in a plan that needs it, once a second person has had a look.

        Until then the live steps go on.

        :param move: those inside go on with the new steps; else they finish theirs
        """
        self._check_may_run()
        self.ensure_one()
        if self.state not in ("running", "paused"):
            raise UserError(
                self.env._("“%s” is not under way: its steps go live when it starts.", self.name)
            )
        if not self.draft_version_id:
            raise UserError(self.env._("Nothing was changed: there are no steps to make live."))
        self._check_not_looked_at()
        self._check_startable()
        plan = self.sudo()
        count, limit = plan._count_recipients(), plan._approval_above()
        if plan.date_approved or count > limit:
            plan.write({"publish_asked_by_id": self.env.uid, "publish_move": bool(move)})
            plan.message_post(
                body=self.env._(
                    "Its steps were changed. It reaches about %(count)s people, so somebody else has a look "
                    "at the new ones and approves them.",
                    count=count,
                )
            )
        else:
            plan._publish_over(move)
        return True

    def _publish_over(self, move):
        """Make the changed steps live instead of those that are.

        :param move: those inside go on with the new steps
        """
        self.ensure_one()
        before = self.live_version_id
        self._publish()
        self.write({"publish_asked_by_id": False, "publish_move": False})
        if move and before:
            self._move_from(before)

    def action_discard(self):
        """Throw the changed steps away; the live ones stay."""
        self._check_may_run()
        self.ensure_one()
        plan = self.sudo()
        if plan.live_version_id:
            plan.write({"publish_asked_by_id": False, "publish_move": False})
            plan.draft_version_id.unlink()
        return True

    def _new_version(self, source):
        """Create a version to be edited with the steps of another one."""
        self.ensure_one()
        number = max(self.version_ids.mapped("number"), default=0) + 1
        version = self.env["hc.outreach.version"].create({"plan_id": self.id, "number": number})
        if source:
            source._copy_steps_to(version)
        return version

    def _publish(self):
        self.ensure_one()
        self.live_version_id.state = "retired"
        self.draft_version_id.write(
            {
                "state": "live",
                "date_published": fields.Datetime.now(),
                "user_id": self.env.uid,
            }
        )
        self.write({"live_version_id": self.draft_version_id.id, "draft_version_id": False})

    def _move_from(self, before):
        """Move those inside an older version to the live one; what was done for them counts there.

        Rows of steps that the live version has too (by key) belong to those from now on. Whoever stands at a
        step that is gone goes on behind it.
        """
        self.ensure_one()
        live = self.live_version_id
        by_key = {step.key: step for step in live.step_ids}
        pairs = [(step.id, by_key[step.key].id) for step in before.step_ids if step.key in by_key]
        Enrollment = self.env["hc.outreach.enrollment"]
        inside = Enrollment.search(
            [("version_id", "=", before.id), ("state", "in", ("active", "waiting"))]
        )
        if not inside:
            return
        Delivery = self.env["hc.outreach.delivery"]
        self.env.flush_all()
        if pairs:
            old, new = zip(*pairs, strict=True)
            moves = SQL("unnest(%s::int4[], %s::int4[]) AS m(old, new)", list(old), list(new))
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_delivery AS d SET step_id = m.new
                      FROM %s WHERE d.step_id = m.old AND d.enrollment_id = ANY(%s)
                    """,
                    moves,
                    inside.ids,
                )
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_enrollment AS e SET step_id = m.new
                      FROM %s WHERE e.step_id = m.old AND e.id = ANY(%s)
                    """,
                    moves,
                    inside.ids,
                )
            )
        self.env.cr.execute(
            SQL(
                "UPDATE hc_outreach_enrollment SET version_id = %s WHERE id = ANY(%s)",
                live.id,
                inside.ids,
            )
        )
        Enrollment.invalidate_model(flush=False)
        Delivery.invalidate_model(flush=False)
        gone = Delivery.search(
            [
                ("enrollment_id", "in", inside.ids),
                ("step_id.version_id", "=", before.id),
                ("state", "in", ("due", "failed")),
            ]
        )
        gone._set_step_gone(by_key)

    # -- templates and copies -------------------------------------------------------------------------

    def action_use_template(self):
        """Make a plan of one's own from a ready template, and open it."""
        plan = self._use_template()
        return {
            "type": "ir.actions.act_window",
            "res_model": "hc.outreach.plan",
            "res_id": plan.id,
            "views": [(False, "form")],
        }

    def _use_template(self, name=None):
        """Copy a ready template for the user's company.

        :param name: what to call it; by default as the template, made unlike the plans there are
        """
        self._check_may_run("read")  # the ready ones are nobody's to change
        self.ensure_one()
        if not self.is_template:
            raise UserError(self.env._("“%s” is no ready template.", self.name))
        # superuser: the ready ones are nobody's
        source = no_defaults(self).sudo()
        plan = source.copy(
            {
                "name": source.name,
                "is_template": False,
                "company_id": self.env.company.id,
                "user_id": self.env.uid,
                "template_key": source.template_key,
            }
        )
        source.copy_translations(plan)  # of the name too, which was given above
        plan.update_field_translations("name", source._own_names(name))
        return plan.with_env(self.env)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if default and "name" in default:
            return vals_list
        return [
            dict(vals, name=self.env._("%s (copy)", plan.name))
            for plan, vals in zip(self, vals_list, strict=True)
        ]

    def copy(self, default=None):
        copies = super().copy(default)
        for plan, duplicate in zip(self, copies, strict=True):
            source = plan.sudo().draft_version_id or plan.sudo().live_version_id
            source = source or plan.sudo().version_ids[:1]
            if source:
                source._copy_steps_to(duplicate.sudo().draft_version_id)
        return copies
