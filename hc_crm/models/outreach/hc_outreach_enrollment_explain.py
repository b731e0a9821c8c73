from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .hc_outreach_words import lane_label, moment_text


class HcOutreachEnrollment(models.Model):
    """What the plan did for one customer and why, in words; and leaving by hand."""

    _inherit = "hc.outreach.enrollment"

    exit_text = fields.Char(compute="_compute_exit_text", string="Left because")
    date_next = fields.Datetime(
        string="Next Look", compute="_compute_next", help="When the plan looks at them again."
    )
    next_reason = fields.Char(string="Waits because", compute="_compute_next")
    trouble_count = fields.Integer(compute="_compute_next")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    @api.depends("exit_code")
    @api.depends_context("lang")
    def _compute_exit_text(self):
        Attempt = self.env["hc.contact.attempt"]
        for enrollment in self:
            code = enrollment.exit_code
            enrollment.exit_text = Attempt._reason_text(code) if code else False

    @api.depends("delivery_ids.state", "delivery_ids.date_due")
    @api.depends_context("uid", "lang")
    def _compute_next(self):
        rows = self.env["hc.outreach.delivery"].search(
            [
                ("enrollment_id", "in", self._origin.ids),
                ("state", "in", ("due", "open", "sending", "failed", "doubt")),
            ]
        )
        by_enrollment = rows.grouped("enrollment_id")
        for enrollment in self:
            waiting = by_enrollment.get(enrollment._origin, rows.browse())
            due = waiting.filtered(lambda row: row.state == "due")[:1]
            enrollment.date_next = due.date_due
            enrollment.next_reason = due.reason
            enrollment.trouble_count = len(
                waiting.filtered(lambda row: row.state in ("failed", "doubt"))
            )

    @api.depends("delivery_ids.state")
    @api.depends_context("uid", "lang", "tz")
    def _compute_explanation(self):
        for enrollment in self:
            enrollment.explanation = self.env["ir.qweb"]._render(
                "hc_crm.hc_outreach_explanation", enrollment.hc_explain()
            )

    @api.readonly
    def hc_explain(self):
        """Say what happened with this customer in the plan, and what is to come.

        :return: ``{"began": text, "ended": text or False, "steps": [{"id", "name", "icon", "lane", "state",
            "state_label", "date" (naive UTC string), "text", "person"}, …]}``; oldest step first
        """
        self.ensure_one()
        self.check_access("read")
        rows = self.env["hc.outreach.delivery"].search(
            [("enrollment_id", "=", self.id)], order="id"
        )
        types = self.env["hc.outreach.step"]._step_types()
        labels = dict(rows._fields["state"]._description_selection(self.env))
        return {
            "began": self._began_text(),
            "ended": self._ended_text(),
            "steps": [
                {
                    "id": row.id,
                    "name": row.step_id._title(),
                    "icon": types.get(row.type, {}).get("icon", "fa-circle"),
                    "lane": lane_label(row.step_id),
                    "state": row.state,
                    "state_label": labels[row.state],
                    "date": fields.Datetime.to_string(row.date_done or row.date_due),
                    "text": row._explain(),
                    # superuser: a colleague's name, which everybody sees
                    "person": row.user_id.sudo().name or False,
                }
                for row in rows
            ],
        }

    def _began_text(self):
        date = self._day(self.date_begin or self.date_entered)
        about = False
        if self.res_model in self.env and self.res_id:
            record = self.env[self.res_model].browse(self.res_id).exists()
            # names only of records that the reader may see
            if record and record != self.partner_id and record.has_access("read"):
                about = record.display_name
        if self.state == "holdout":
            return self.env._(
                "Drawn for the hold-out on %(date)s: gets nothing, so that we learn what the plan is good for.",
                date=date,
            )
        if self.state == "waiting":
            return self.env._("Waits since %(date)s for the pilot to be expanded.", date=date)
        if about:
            return self.env._("Came in on %(date)s because of %(record)s.", date=date, record=about)
        return self.env._("Came in on %(date)s.", date=date)

    def _ended_text(self):
        if not self.date_left:
            return False
        date = self._day(self.date_left)
        if self.state == "done":
            return self.env._("Went through the whole plan by %(date)s.", date=date)
        if self.exit_text:
            return self.env._("Left on %(date)s: %(reason)s", date=date, reason=self.exit_text)
        return self.env._("Left on %(date)s.", date=date)

    def _day(self, moment):
        return moment_text(self.env, moment)

    def action_leave(self):
        """Take these customers out of the plan."""
        if not self.env.user.has_group("hc_crm.hc_crm_group_user"):
            raise AccessError(self.env._("Only colleagues take customers out of a plan."))
        self.check_access("read")
        partners = self.partner_id
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            partners.check_access("write")
        if any(enrollment.state not in ("active", "waiting", "failed") for enrollment in self):
            raise UserError(self.env._("They are not in the plan any more. Reload the page."))
        # superuser: nobody has rights to write enrollments; the right to take them out was asked
        self.sudo()._leave("by_hand")
        return True

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    @api.model
    def _hc_leave(self, partners, code):
        """Take people out of all plans at once: they are archived, merged or erased.

        :param partners: ``res.partner``
        :param code: archived, merged, erased
        """
        self.sudo().search(
            [
                ("partner_id", "in", partners.ids),
                ("state", "in", ("active", "waiting", "failed")),
            ]
        )._leave(code)

    @api.model
    def _merge_partners(self, sources, kept):
        """Make room for the merge: the same occurrence of a plan is gone through once.

        Of several rows of one plan and occurrence that of the kept contact counts, or the oldest. The others
        stay to be read, under another occurrence, and end.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                    SELECT id, ROW_NUMBER() OVER (
                               PARTITION BY plan_id, occurrence
                               ORDER BY partner_id = %(kept)s DESC, id
                           ) AS place
                      FROM hc_outreach_enrollment WHERE partner_id = ANY(%(partners)s)
                ) AS placed WHERE place > 1
                """,
                kept=kept.id,
                partners=(sources | kept).ids,
            )
        )
        doubles = self.sudo().browse(row for [row] in rows)
        if not doubles:
            return
        doubles._leave("merged")
        self.env.cr.execute(
            SQL(
                "UPDATE hc_outreach_enrollment SET occurrence = occurrence || ' (' || id || ')' "
                "WHERE id = ANY(%s)",
                doubles.ids,
            )
        )
        doubles.invalidate_recordset(flush=False)


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    def _explain(self):
        """One sentence about what became of this step, or what it waits for."""
        self.ensure_one()
        reason = self.reason or ""
        day = self.enrollment_id._day
        if self.state == "due":
            text = self.env._("Is to happen on %(date)s.", date=day(self.date_due))
            if self.tries and self.error:
                reason = self.env._("It went wrong and is tried again: %(error)s", error=self.error)
        elif self.state == "open":
            text = self.env._("Waits for a colleague.")
        elif self.state == "sending":
            text = self.env._("Is on its way.")
            if self.tries and self.error:
                text = self.env._("Waits for your mail server.")
                reason = self.env._("It is tried again and again: %(error)s", error=self.error)
        elif self.state == "done":
            text = self.env._("Happened on %(date)s.", date=day(self.date_done))
            if self.outcome:
                lanes = dict(self.step_id._flow_lanes())
                text = self.env._(
                    "Happened on %(date)s: %(outcome)s.",
                    date=day(self.date_done),
                    outcome=lanes.get(self.outcome, self.outcome),
                )
        elif self.state == "skipped":
            text = self.env._("Left out on %(date)s.", date=day(self.date_done))
        elif self.state == "failed":
            text, reason = self.env._("Went wrong: %(error)s", error=self.error or ""), ""
        else:
            text = self.env._("May have been sent. Somebody decides whether it is sent again.")
            reason = ""
        return f"{text} {reason}".strip()
