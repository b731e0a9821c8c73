from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, config

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
    unsent_count = fields.Integer(string="Waiting for the Mail Server", readonly=True)
    unsent_error = fields.Char(string="It Says", readonly=True)

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
                       COUNT(*) FILTER (WHERE d.state = 'sending' AND d.tries > 0) AS unsent_count,
                       MAX(d.error) FILTER (WHERE d.state = 'sending' AND d.tries > 0) AS unsent_error,
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
            and not row["unsent_count"]
            and not row["doubt_count"]
            and (not late or late * 60 <= LATE_MINUTES)
        )
        row["text"] = self._in_words(row, late)
        return row

    @api.model
    def _has_mail_server(self):
        """Whether anybody set up where mails go: in the settings, or in the server's own configuration."""
        # superuser: mail servers are the administrators' to read; only whether there is one is told
        known = self.env["ir.mail_server"].sudo().search_count([], limit=1)
        return bool(known) or config.get("smtp_server") not in (None, False, "", "localhost")

    def _in_words(self, row, late):
        if not row["job_active"]:
            return self.env._("The job that works is switched off: nothing happens. Switch it on.")
        if row["unsent_count"]:
            if not self._has_mail_server():
                return self.env._(
                    "%(count)s mails cannot leave: there is no mail server. Set up an outgoing mail server; "
                    "they go out then, each of them once.",
                    count=row["unsent_count"],
                )
            return self.env._(
                "%(count)s mails cannot leave: the mail server does not answer. Check the outgoing mail "
                "server; they go out when it is back, each of them once.",
                count=row["unsent_count"],
            )
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

    def action_mail_servers(self):
        """Open where outgoing mail servers are set up."""
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Outgoing mail servers are set up by an administrator of Odoo: ask one.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id("base.action_ir_mail_server_list")
        if not self.env["ir.mail_server"].search_count([], limit=1):
            action |= {"views": [(False, "form")], "view_mode": "form", "res_id": False}
        return action

    def action_retry_mails(self):
        """Try at once what waits for the mail server."""
        rows = self.env["hc.outreach.delivery"].search(
            [
                ("state", "=", "sending"),
                ("tries", ">", 0),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        if rows:
            rows.action_retry()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("They are tried now. Look again in a minute."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_look_again(self):
        """Open it anew, with the numbers of now."""
        return self.env["ir.actions.act_window"]._for_xml_id("hc_crm.hc_outreach_health_action")
