from datetime import timedelta

from odoo import api, fields, models

TODO = "mail.mail_activity_data_todo"


class HcFeedbackThanks(models.Model):
    """Somebody is happy: they hear a thank-you, or are asked for a referral or a public review, once."""

    _name = "hc.feedback.thanks"
    _description = "Thanks for Good Feedback"
    _inherit = ["hc.letter"]
    _order = "id desc"

    rule_id = fields.Many2one(
        "hc.feedback.case.rule", required=True, readonly=True, ondelete="cascade", index=True
    )
    feedback_id = fields.Many2one(
        "hc.feedback", string="What They Said", readonly=True, ondelete="set null",
        index="btree_not_null",
    )  # fmt: skip
    action = fields.Selection(
        [("thank", "Thank them"), ("referral", "Ask for a referral"),
         ("review", "Ask for a public review")],
        required=True, readonly=True,
    )  # fmt: skip

    _feedback_unique = models.UniqueIndex(
        "(feedback_id, action) WHERE feedback_id IS NOT NULL", "They were thanked for this already."
    )
    _waiting_unique = models.UniqueIndex(
        "(partner_id, company_id, action) WHERE state = 'waiting'", "This is on its way already."
    )
    _recent_idx = models.Index("(partner_id, action, create_date)")

    @api.model
    def _follow(self, pairs):
        """Thank those who were not lately; nobody with an open case, and nobody twice.

        Called as superuser.

        :param pairs: ``[(hc.feedback, hc.feedback.case.rule)]``
        """
        partners = self.env["res.partner"].union(
            *(feedback.partner_id for feedback, _rule in pairs)
        )
        open_cases = self.env["hc.feedback.case"].search(
            [
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
                ("is_open", "=", True),
            ]
        )
        unhappy = {(case.commercial_partner_id.id, case.company_id.id) for case in open_cases}
        days = max(rule.again_days for _feedback, rule in pairs)
        since = fields.Datetime.now() - timedelta(days=days)
        last = {}
        # who said no to it, or had no address then, may be thanked the next time
        for row in self.search(
            [
                ("partner_id", "in", partners.ids),
                ("create_date", ">", since),
                ("state", "in", ("waiting", "sent")),
            ],
            order="id",
        ):
            last[row.partner_id.id, row.company_id.id, row.action] = row.create_date
        done = {
            (row.feedback_id.id, row.action)
            for row in self.search([("feedback_id", "in", [one.id for one, _rule in pairs])])
        }
        vals_list = []
        for feedback, rule in pairs:
            partner, company = feedback.partner_id, feedback.company_id
            key = (partner.id, company.id, rule.action)
            earliest = fields.Datetime.now() - timedelta(days=rule.again_days)
            if (
                (partner.commercial_partner_id.id, company.id) in unhappy
                or (feedback.id, rule.action) in done
                or (key in last and last[key] > earliest)
            ):
                continue
            if rule.action == "review" and not company.hc_review_url:
                continue
            last[key] = fields.Datetime.now()
            vals_list.append(
                {
                    "rule_id": rule.id,
                    "feedback_id": feedback.id,
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "action": rule.action,
                }
            )
        rows = self.create(vals_list)
        tasks = rows.filtered(lambda row: row.rule_id.way == "task")
        tasks._make_tasks()
        if rows - tasks:
            self.env.ref("hc_crm_surveys.ir_cron_send_thanks")._trigger()
        return rows

    def _make_tasks(self):
        """A colleague does it in their own way."""
        labels = dict(self._fields["action"]._description_selection(self.env))
        for row in self:
            partner, company = row.partner_id, row.company_id
            chain = (
                partner.user_id,
                partner.commercial_partner_id.user_id,
                row.rule_id.user_id,
                company.hc_case_user_id,
            )
            user = next(
                (
                    user
                    for user in chain
                    if user and self.env["hc.feedback.case"]._is_colleague(user, company)
                ),
                None,
            )
            if not user:
                row.write({"state": "failed", "error": self.env._("Nobody looks after them.")})
                continue
            partner.with_context(mail_notify_force_send=False).activity_schedule(
                TODO,
                user_id=user.id,
                summary=labels[row.action],
                note=row.feedback_id.comment
                and self.env["hc.feedback.case"]._quote(row.feedback_id),
                hc_company_id=company.id,
            )
            row.write({"state": "sent", "date_sent": fields.Datetime.now()})

    def _letter_purpose(self):
        return "care"

    def _letter_template(self):
        return self.rule_id.template_id

    def _send(self):
        """Who complained since is not asked for favours."""
        cases = self.env["hc.feedback.case"].search(
            [("commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids),
             ("is_open", "=", True)]
        )  # fmt: skip
        unhappy = self.filtered(
            lambda row: row.partner_id.commercial_partner_id in cases.commercial_partner_id
        )
        unhappy.write({"state": "skipped", "reason_code": "complaint"})
        lost = (self - unhappy).filtered(lambda row: not row.rule_id.template_id)
        lost.write({"state": "failed", "error": self.env._("The letter was deleted.")})
        return super(HcFeedbackThanks, self - unhappy - lost)._send()
