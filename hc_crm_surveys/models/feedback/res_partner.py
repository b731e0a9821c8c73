from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.hc_crm.models.brief.res_partner import PROBLEM_DAYS
from odoo.addons.hc_crm.models.links import search_visible

CHIPS = 3
QUOTED = 120  # characters
TONES = {"good": "success", "bad": "danger", "neutral": ""}
FACES = {"good": "fa-smile-o", "neutral": "fa-meh-o", "bad": "fa-frown-o"}


class ResPartner(models.Model):
    """What a customer has told us: for conditions, in the brief, in their copy; and what goes with them."""

    _inherit = "res.partner"

    hc_feedback_ids = fields.One2many(
        "hc.feedback", "partner_id", string="Feedback", search="_search_hc_feedback_ids",
        groups="hc_crm.hc_crm_group_user",
    )  # fmt: skip

    def _search_hc_feedback_ids(self, operator, value):
        return search_visible(self, "hc_feedback_ids", operator, value)

    # -- the brief --------------------------------------------------------------------------------

    def _hc_brief_answers(self):
        """Return the last scored answers of this customer that the reader may read."""
        Feedback = self.env["hc.feedback"]
        if not Feedback.has_access("read"):
            return Feedback
        return Feedback.search(
            Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
            & Domain("is_counted", "=", True)
            & Domain("is_scored", "=", True),
            limit=CHIPS,
        )

    def _hc_brief_chips(self):
        return super()._hc_brief_chips() + [
            {
                "key": f"feedback_{answer.id}",
                "text": answer._hc_title(),
                "tone": TONES[answer.band],
                "icon": FACES[answer.band],
                "title": self.env._(
                    "%(day)s: %(words)s",
                    day=format_date(self.env, answer.date),
                    words=answer.comment or self.env._("without a comment"),
                ),
                "res_model": answer._name,
                "res_id": answer.id,
            }
            for answer in self._hc_brief_answers()
        ]

    def _hc_lines_feeling(self, feeling):
        """A bad answer that nothing better has followed is what to know first, in their words."""
        lines = super()._hc_lines_feeling(feeling)
        answer = self._hc_brief_answers()[:1]
        since = fields.Datetime.now() - timedelta(days=PROBLEM_DAYS)
        if not answer or answer.band != "bad" or answer.date < since:
            return lines
        said = (answer.comment or "").split("\n")[0]
        said = said if len(said) <= QUOTED else said[: QUOTED - 1].rstrip() + "…"
        text = (
            self.env._("%(score)s: “%(words)s”", score=answer._hc_title(), words=said)
            if said
            else answer._hc_title()
        )
        source = self.env._(
            "%(what)s, %(who)s, %(day)s",
            what=self.env._("Feedback"),
            who=answer.partner_id.name or "",
            day=format_date(self.env, answer.date),
        )
        line = self._hc_line(
            "problem", "fa-frown-o", "danger", text, source, answer._name, answer.id
        )
        rest = [
            one for one in lines if (one["res_model"], one["res_id"]) != (answer._name, answer.id)
        ]
        return [line, *rest]

    # -- their copy -------------------------------------------------------------------------------

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "feedback",
                "label": self.env._("What you told us about us"),
                "rows": self._hc_export_feedback,
            },
        ]

    def _hc_export_feedback(self):
        rows = self.env["hc.feedback"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        )
        sources = dict(rows._fields["source"]._description_selection(self.env))
        return [
            {
                self.env._("Date"): str(row.date),
                self.env._("How"): sources[row.source],
                self.env._("Question"): row.sudo().question_id.title or "",
                self.env._("Score"): row.score if row.is_scored else "",
                self.env._("Of"): row.scale_max if row.is_scored else "",
                # what a colleague wrote down of a conversation is a note of theirs
                self.env._("Text"): row.comment or "" if row.source != "interaction" else "",
            }
            for row in rows
        ]

    # -- erasing and deleting ---------------------------------------------------------------------

    def _hc_erase_sections(self):
        mine = [("partner_id", "in", self.ids)]
        return [
            {
                # before conversations, whose deletion takes their feedback along
                "model": "hc.feedback",
                "domain": mine,
                "how": "empty",
                "erase": self._hc_erase_feedback,
                "why": self.env._("A score counts in the results; who gave it and the words go."),
            },
            {
                "model": "survey.user_input",
                "domain": mine,
                "how": "empty",
                "erase": self._hc_erase_answers,
                "why": self.env._(
                    "Answers count in the survey; who gave them, e-mail, nickname and texts go."
                ),
            },
            *super()._hc_erase_sections(),
        ]

    def _hc_erase_feedback(self, rows):
        rows.write(
            {
                "partner_id": False,
                "comment": False,
                "lang": False,
                "sentiment": "unknown",
                "sentiment_by": False,
                "res_model": False,
                "res_id": False,
                "emotion_ids": [fields.Command.clear()],
                "topic_ids": [fields.Command.clear()],
            }
        )

    def _hc_erase_answers(self, answers):
        """Empty survey answers; not through the ORM, which would make feedback of what is left."""
        self.env.flush_all()
        self._hc_forget_respondent(answers.ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE survey_user_input_line
                   SET value_char_box = NULL, value_text_box = NULL, answer_type = NULL, skipped = TRUE
                 WHERE user_input_id = ANY(%s) AND answer_type IN ('char_box', 'text_box')
                """,
                answers.ids,
            )
        )
        self.env.cr.execute(
            SQL("UPDATE survey_user_input SET partner_id = NULL WHERE id = ANY(%s)", answers.ids)
        )
        answers.message_ids.unlink()
        self.env.invalidate_all(flush=False)

    def _hc_forget_respondent(self, answer_ids):
        """Take e-mail and nickname off answers, where the host leaves them, and off the lines they came by."""
        self.env.cr.execute(
            SQL(
                "UPDATE survey_user_input SET email = NULL, nickname = NULL WHERE id = ANY(%s)",
                answer_ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE survey_user_input_line AS line
                   SET value_char_box = NULL, answer_type = NULL, skipped = TRUE
                  FROM survey_question AS question
                 WHERE question.id = line.question_id AND line.user_input_id = ANY(%s)
                   AND (question.save_as_email OR question.save_as_nickname)
                """,
                answer_ids,
            )
        )

    def unlink(self):
        # superuser: whoever may delete a contact may not be let see surveys
        answers = self.env["survey.user_input"].sudo().search([("partner_id", "in", self.ids)])
        res = super().unlink()
        if answers:
            self.env.flush_all()
            self._hc_forget_respondent(answers.ids)
            self.env.invalidate_all(flush=False)
        return res


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two contacts that turn out to be one: what either said is theirs."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        res = super()._update_foreign_keys(src_partners, dst_partner)
        # The merge moves rows by SQL: company or household is that of the contact kept.
        self.env.cr.execute(
            SQL(
                "UPDATE hc_feedback SET commercial_partner_id = partner.commercial_partner_id "
                "FROM res_partner AS partner "
                "WHERE partner.id = hc_feedback.partner_id AND partner.id = %s",
                dst_partner.id,
            )
        )
        self.env.invalidate_all()
        return res
