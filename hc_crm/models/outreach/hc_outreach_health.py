from odoo import api, fields, models
from odoo.tools import SQL

# What is due waits for the next look of the job; beyond that somebody should know.
LATE_MINUTES = 30


class HcOutreachHealth(models.TransientModel):
    """Whether the queue is being worked off: opened to be looked at, nothing is stored."""

    _name = "hc.outreach.health"
    _description = "Health of the Outreach Queue"

    due_count = fields.Integer(string="Due Now", readonly=True)
    date_oldest = fields.Datetime(string="Oldest Due", readonly=True)
    later_count = fields.Integer(string="Due Later", readonly=True)
    open_count = fields.Integer(string="With a Person", readonly=True)
    sending_count = fields.Integer(string="Mails on Their Way", readonly=True)
    again_count = fields.Integer(string="Being Tried Again", readonly=True)
    failed_count = fields.Integer(string="Failed", readonly=True)
    doubt_count = fields.Integer(string="May Have Been Sent", readonly=True)
    job_active = fields.Boolean(string="Job Is Switched On", readonly=True)
    job_date = fields.Datetime(string="Job Looks Next", readonly=True)
    text = fields.Char(string="In Words", readonly=True)
    is_well = fields.Boolean(readonly=True)

    @api.model
    def default_get(self, fields):
        return super().default_get(fields) | self._look()

    @api.model
    def _look(self):
        """Look at the queue of the user's companies.

        :return: ``{field: value}``
        """
        self.env["hc.outreach.delivery"].check_access("read")
        now = self.env["hc.outreach.delivery"]._now()
        self.env["hc.outreach.delivery"].flush_model()
        [row] = self.env.execute_query_dict(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE d.state = 'due' AND d.date_due <= %(now)s) AS due_count,
                       MIN(d.date_due) FILTER (WHERE d.state = 'due') AS date_oldest,
                       COUNT(*) FILTER (WHERE d.state = 'due' AND d.date_due > %(now)s) AS later_count,
                       COUNT(*) FILTER (WHERE d.state = 'open') AS open_count,
                       COUNT(*) FILTER (WHERE d.state = 'sending') AS sending_count,
                       COUNT(*) FILTER (WHERE d.state IN ('due', 'sending') AND d.tries > 0) AS again_count,
                       COUNT(*) FILTER (WHERE d.state = 'failed') AS failed_count,
                       COUNT(*) FILTER (WHERE d.state = 'doubt') AS doubt_count
                  FROM hc_outreach_delivery AS d
                  JOIN hc_outreach_plan AS p ON p.id = d.plan_id AND p.state = 'running'
                 WHERE d.company_id = ANY(%(companies)s)
                   AND d.state IN ('due', 'open', 'sending', 'failed', 'doubt')
                """,
                now=now,
                companies=self.env.companies.ids,
            )
        )
        # superuser: jobs are the administrators' to read
        job = self.env.ref("hc_crm.hc_outreach_work_cron", raise_if_not_found=False)
        job = job and job.sudo()
        row["job_active"] = bool(job and job.active)
        row["job_date"] = job and job.nextcall
        late = row["date_oldest"] and (now - row["date_oldest"]).total_seconds() / 3600
        row["is_well"] = bool(
            row["job_active"]
            and not row["failed_count"]
            and not row["doubt_count"]
            and (not late or late * 60 <= LATE_MINUTES)
        )
        row["text"] = self._in_words(row, late)
        return row

    def _in_words(self, row, late):
        if not row["job_active"]:
            return self.env._("The job that works is switched off: nothing happens. Switch it on.")
        if late and late * 60 > LATE_MINUTES:
            return self.env._(
                "Late: what should have happened %(hours)s hours ago still waits. Is the server busy, or its "
                "job stuck?",
                hours=round(late, 1),
            )
        if row["failed_count"] or row["doubt_count"]:
            return self.env._("It is being worked off, but something needs a person.")
        return self.env._("All is well: what is due is being done.")

    def action_trouble(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm.hc_outreach_delivery_action_trouble"
        )

    def action_look_again(self):
        """Open it anew, with the numbers of now."""
        return self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_outreach_health_action")
