from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

PURPOSE = "feedback"
MAX_WORDS = 300  # characters of their own words in the letter


class HcImprovement(models.Model):
    _inherit = "hc.improvement"

    def _check_may_inform(self):
        """Letters go to customers of all colleagues: that is for the owner and for administrators."""
        self.check_access("write")
        if self.env.su or self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            return
        if any(one.user_id != self.env.user for one in self):
            raise AccessError(
                self.env._(
                    "Only the owner of the improvement or an administrator informs customers."
                )
            )

    def _check_ready(self):
        for improvement in self:
            if improvement.state not in ("done", "told"):
                raise UserError(
                    self.env._(
                        "“%(name)s” is not done yet. Customers hear of what is done.",
                        name=improvement.name,
                    )
                )
            if not improvement._has_text():
                raise UserError(
                    self.env._(
                        "What We Did: write it for the customers, a few sentences are enough."
                    )
                )

    def _people_waiting(self):
        """Return who asked for it and has not heard: ``{partner id: id of what they said last}``."""
        self.ensure_one()
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (feedback.partner_id) feedback.partner_id, feedback.id
                      FROM hc_feedback_hc_improvement_rel AS rel
                      JOIN hc_feedback AS feedback ON feedback.id = rel.hc_feedback_id
                     WHERE rel.hc_improvement_id = %s AND feedback.is_counted
                       AND feedback.partner_id IS NOT NULL AND feedback.company_id = %s
                       AND NOT EXISTS (SELECT 1 FROM hc_improvement_notice AS notice
                                        WHERE notice.improvement_id = %s
                                          AND notice.partner_id = feedback.partner_id)
                     ORDER BY feedback.partner_id, (feedback.comment IS NULL), feedback.date DESC
                    """,
                    self.id,
                    self.company_id.id,
                    self.id,
                )
            )
        )

    def _who_hears(self):
        """Return what would become of a letter to each of those waiting, as things stand now.

        :return: ``{partner id: (answer, ContactDecision)}`` with the answer ``yes``, ``later``, ``never``
        """
        waiting = self._people_waiting()
        # superuser: when they said it, of all of them
        Feedback = self.env["hc.feedback"].sudo()
        feedback = {partner_id: Feedback.browse(row_id) for partner_id, row_id in waiting.items()}
        Feedback.browse(waiting.values()).fetch(["date", "partner_id"])
        people = self.env["res.partner"].browse(waiting)._hc_answering(feedback)
        decisions = people._hc_contact_decisions("email", PURPOSE, company=self.company_id)
        return {partner_id: (found.answer, found) for partner_id, found in decisions.items()}

    def action_preview(self):
        """Show who will hear of it, who not and why, and what they will read."""
        self.ensure_one()
        self._check_may_inform()
        self._check_ready()
        dialog = self.env["hc.improvement.inform"].create({"improvement_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Inform Who Asked"),
            "res_model": dialog._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _inform(self):
        """Give everybody who asked one letter, to be sent when they may be written to.

        Exactly one each: who has one already is left out by the database, also when two people press the
        button at once. Returns how many are new.
        """
        self.ensure_one()
        self._check_may_inform()
        self._check_ready()
        people = self._people_waiting()
        rows = []
        if people:
            rows = self.env.execute_query(
                SQL(
                    """
                    INSERT INTO hc_improvement_notice (improvement_id, company_id, partner_id, feedback_id,
                                state, date_due, create_uid, create_date, write_uid, write_date)
                    SELECT %(improvement)s, %(company)s, partner_id, feedback_id,
                           'waiting', %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM UNNEST(%(partners)s::int[], %(feedback)s::int[]) AS who (partner_id, feedback_id)
                        ON CONFLICT DO NOTHING
                 RETURNING id
                    """,
                    improvement=self.id,
                    company=self.company_id.id,
                    now=fields.Datetime.now(),
                    uid=self.env.uid,
                    partners=list(people),
                    feedback=list(people.values()),
                )
            )
            self.env["hc.improvement.notice"].invalidate_model()
            self.invalidate_recordset(["notice_ids", "waiting_count", "told_count"])
        # sudo: nobody types in that customers were told
        self.sudo().state = "told"
        self.message_post(
            body=self.env._(
                "%(count)s people who asked for it get a letter, each as soon as they may be written to.",
                count=len(rows),
            )
        )
        # sudo: the job, not its settings
        self.env.ref("hc_crm_surveys.ir_cron_send_notices").sudo()._trigger()
        return len(rows)

    def _render_letter(self, partner, feedback, lang):
        """Return the letter to one person: ``{"subject", "body", "email_from", "missing"}``.

        The template is about contacts; what changed and what they said are in its ``ctx``.
        """
        self.ensure_one()
        text = self.sudo().with_context(lang=lang or self.env.lang)
        words = " ".join((feedback.comment or "").split())
        # superuser: whoever may inform writes with the company's letter
        template = self.env.ref("hc_crm_surveys.mail_template_improvement").sudo()
        template = template.with_company(self.company_id).with_context(
            hc_change=text.name,
            hc_text=text.description,
            hc_words=words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1].rstrip() + "…",
        )
        step = self.env["hc.outreach.step"].sudo()
        return step._render_mails(template, {partner.id: lang})[partner.id]
