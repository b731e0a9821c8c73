"""From opening to the customer's verdict."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from odoo.addons.hc_crm.models.consent.contact_decision import YES


class HcFeedbackCase(models.Model):
    _inherit = "hc.feedback.case"

    # -- stages -------------------------------------------------------------------------------------

    def _check_leaving(self, vals):
        """Nothing is solved without knowing why it happened and what was done."""
        stage = self.env["hc.feedback.case.stage"].browse(vals["stage_id"]).exists()
        if not stage:
            raise UserError(self.env._("Stage: this one does not exist. Choose one of the list."))
        solved = stage.is_solved or stage.is_closed
        for case in self:
            if not solved:
                if not case.is_open and case.partner_id:
                    self._check_no_other(
                        {"partner_id": case.partner_id.id, "company_id": case.company_id.id}
                    )
                continue
            if self.env.su and self.env.context.get("hc_case_no_check"):
                continue  # somebody was erased: there is nobody left to put it right for
            lacks = [
                name
                for name in ("cause_id", "solution")
                if not (vals[name] if name in vals else case[name])
                or (name == "solution" and not (vals.get(name) or case[name] or "").strip())
            ]
            if lacks:
                names = [self._fields[name]._description_string(self.env) for name in lacks]
                raise UserError(
                    self.env._(
                        "“%(case)s” cannot go to “%(stage)s” yet. Fill in first: %(fields)s.",
                        case=case.name,
                        stage=stage.name,
                        fields=", ".join(names),
                    )
                )

    def _stage_changed(self, before):
        """Called as superuser after a case moved."""
        self.ensure_one()
        now = fields.Datetime.now()
        was_open = not before.is_solved and not before.is_closed
        if was_open and not self.is_open:
            days = self.company_id.hc_case_ask_days
            vals = {
                "date_solved": now,
                "hours_to_solve": self._hours_between(self.date_open, now),
                # Asked again only if they can be, and if there is something to ask about.
                "date_ask": now + timedelta(days=days)
                if days and self.partner_id and self.stage_id.is_solved
                else False,
                "date_asked": False,
            }
            if not self.date_answered:
                vals |= self._answer_vals(now)
            self.write(vals)
        elif not was_open and self.is_open:
            self.write(
                {
                    "date_solved": False,
                    "hours_to_solve": 0,
                    "date_ask": False,
                    "date_asked": False,
                    "date_escalated": False,
                    "reopen_count": self.reopen_count + 1,
                    "date_due": self._plan_hours(self._hours_allowed()[1], now),
                }
            )
        elif self.stage_id.is_closed and not before.is_closed:
            self.date_ask = False
        self._remind_owner()

    def action_solve(self):
        stage = self.env["hc.feedback.case.stage"]._first("solved")
        if not stage:
            raise UserError(
                self.env._("There is no stage for solved cases. Mark one in the configuration.")
            )
        self.filtered("is_open").stage_id = stage

    def action_reopen(self):
        self.filtered(lambda case: not case.is_open).stage_id = self.env[
            "hc.feedback.case.stage"
        ]._first()

    # -- joining ------------------------------------------------------------------------------------

    def _join(self, feedback, rule=None):
        """The same person said something again: it belongs to what is open already."""
        self.ensure_one()
        feedback.case_id = self
        if rule and rule.priority > self.priority:
            self.priority = rule.priority
        self.topic_ids |= feedback.topic_ids
        self.with_context(mail_notify_force_send=False).message_post(
            body=self.env._("The customer complained again.") + self._quote(feedback),
            subtype_xmlid="mail.mt_note",
            partner_ids=self.user_id.partner_id.ids,
        )

    def _merge_into(self, kept):
        """Two cases turn out to be one: of the same person, after their contacts were merged.

        :param kept: the case that stays
        """
        for case in self - kept:
            kept.write(
                {
                    "priority": max(kept.priority, case.priority),
                    "date_open": min(kept.date_open, case.date_open),
                    "date_due": min(filter(None, (kept.date_due, case.date_due)), default=False),
                    "date_due_answer": min(
                        filter(None, (kept.date_due_answer, case.date_due_answer)), default=False
                    ),
                    "date_answered": kept.date_answered or case.date_answered,
                    "topic_ids": [fields.Command.link(topic) for topic in case.topic_ids.ids],
                    "solution": "\n".join(filter(None, (kept.solution, case.solution))) or False,
                    "description": "\n\n".join(filter(None, (kept.description, case.description)))
                    or False,
                }
            )
            case.feedback_ids.case_id = kept
            kept._message_log(body=self.env._("Joined with the case “%(case)s”.", case=case.name))
            # what people wrote; not the host's notes of which field changed
            case.message_ids.filtered(lambda m: not is_html_empty(m.body)).res_id = kept.id
            self.env["ir.attachment"].search(
                [("res_model", "=", self._name), ("res_id", "=", case.id)]
            ).res_id = kept.id
            case.unlink()

    # -- recovery -----------------------------------------------------------------------------------

    @api.model
    def _cron_ask_again(self, limit=200):
        """Ask those whose case was solved a while ago whether it is."""
        domain = (
            Domain("date_ask", "<=", fields.Datetime.now())
            & Domain("date_asked", "=", False)
            & Domain("is_open", "=", False)
            & Domain("partner_id", "!=", False)
        )
        cases = self.search(domain, limit=limit).try_lock_for_update()
        for case in cases:
            case._ask_again()
        if cases:
            self.env["ir.cron"]._commit_progress(len(cases), remaining=self.search_count(domain))

    def _ask_again(self):
        self.ensure_one()
        self.date_asked = fields.Datetime.now()
        return self.env["hc.ask"]._hc_ask_again(self)

    def action_ask_now(self):
        """Do not wait for the day: ask the customer now."""
        self.check_access("write")
        for case in self:
            if case.is_open or not case.partner_id:
                raise UserError(
                    self.env._("Only customers whose case is solved are asked whether it is.")
                )
            if case.date_asked:
                raise UserError(self.env._("They were asked already."))
            # sudo: requests are made by rules, not by hand
            ask = case.sudo()._ask_again()
            if not ask:
                raise UserError(
                    self.env._(
                        "“%(case)s”: there is nothing to ask. Make a rule in “When to Ask” for what happens "
                        "after a case was solved.",
                        case=case.name,
                    )
                )
        return self._tell_when_asked(ask) if len(self) == 1 else True

    def _tell_when_asked(self, ask):
        """Return the message when, or why not, the customer will be asked, as things stand now."""
        decision = ask.partner_id._hc_contact_decisions(
            ask.channel, ask._purpose().key, company=self.company_id
        )[ask.partner_id.id]
        name = ask.partner_id.display_name
        kind = "success" if decision.answer == YES else "warning"
        text = (
            self.env._("%(name)s is asked right away.", name=name)
            if decision.answer == YES
            # the sentence leaves out what the reader may not know
            else self.env._(
                "%(name)s is not asked at once. %(reason)s",
                name=name,
                reason=decision.reason(self.env),
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _take_verdict(self, feedback):
        """What they say after the solution; still bad: open again, and urgent.

        Called as superuser, as often as the answer changes.
        """
        self.ensure_one()
        first = self.feedback_ids.filtered("is_scored").sorted("date")[:1]
        before = first._case_percent() if first else None
        after = feedback._case_percent()
        known = self.verdict_feedback_id
        if known and known != feedback and known.user_input_id == feedback.user_input_id:
            return  # another question of the same answer
        if known == feedback and self.score_after == after and self.verdict:
            return
        if feedback.band == "good":
            verdict = "better"
        elif before is not None and after < before:
            verdict = "worse"
        elif feedback.band == "neutral" and (before is None or after > before):
            verdict = "better"
        else:
            verdict = "same"
        self.write(
            {
                "verdict": verdict,
                "verdict_feedback_id": feedback.id,
                "score_before": before or 0,
                "score_after": after,
                "recovered": 100 if verdict == "better" else 0,
            }
        )
        label = dict(self._fields["verdict"]._description_selection(self.env))[verdict]
        self.with_context(mail_notify_force_send=False).message_post(
            body=self.env._("After the solution: %(verdict)s.", verdict=label)
            + self._quote(feedback),
            subtype_xmlid="mail.mt_note",
            partner_ids=self.user_id.partner_id.ids,
        )
        if verdict == "better":
            closed = self.env["hc.feedback.case.stage"]._first("closed")
            if closed and not self.is_open:
                self.stage_id = closed
        elif feedback.band == "bad" and not self.is_open:
            self._open_again(feedback)

    def _open_again(self, feedback):
        other = self._open_of(self.partner_id, self.company_id.id)
        if other:
            # they complained about something else meanwhile: one person, one open case
            other.priority = "1"
            other._message_log(
                body=self.env._("“%(case)s” is not solved for them either.", case=self.name)
                + self._quote(feedback)
            )
            return
        self.write({"stage_id": self.env["hc.feedback.case.stage"]._first().id, "priority": "1"})
