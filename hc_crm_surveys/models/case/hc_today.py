from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.hc_crm.models.today.hc_today import MAX_LINES

MAX_CAUSES = 30


class HcToday(models.AbstractModel):
    """Cases a colleague sees to: what is due by tonight, and everything that is urgent."""

    _inherit = "hc.today"

    @api.model
    def _today_sections(self):
        return super()._today_sections() | {
            "cases": {
                "label": self.env._("Cases"),
                "icon": "fa-life-ring",
                "sequence": 5,
                "models": ("hc.feedback.case",),
            }
        }

    @api.model
    def _today_lines_cases(self, user):
        cases = self.env["hc.feedback.case"].search(
            [("is_open", "=", True), ("user_id", "=", user.id)], limit=4 * MAX_LINES
        )
        today = fields.Date.context_today(self)
        lines = []
        for case in cases:
            due = self._today_case_day(case)
            if case.priority != "1" and due and due > today:
                continue
            lines.append(
                self._today_line(
                    case,
                    case.partner_id,
                    case.name,
                    due,
                    name=self.env._("Somebody unknown"),
                    priority=int(case.priority),
                )
            )
        return lines

    @api.model
    def _today_case_day(self, case):
        due = case.date_next
        return fields.Datetime.context_timestamp(self, due).date() if due else False

    @api.model
    def _today_next_cases(self, user):
        cases = self.env["hc.feedback.case"].search(
            [("is_open", "=", True), ("user_id", "=", user.id), ("partner_id", "!=", False)],
            limit=MAX_LINES,
        )
        coming = [(self._today_case_day(case), case) for case in cases if case.date_next]
        if not coming:
            return False
        day, case = min(coming, key=lambda one: (one[0], one[1].id))
        return day, case.partner_id, self.env._("case “%(what)s”", what=case.name)

    @api.model
    def _today_item_cases(self, case):
        if case.date_answered:
            goal = self.env._("Put it right, and tell them what you did")
            hint = self.env._("Why it happened and what was done are noted on the case.")
        else:
            goal = self.env._("Listen first: let them tell it in their own words")
            hint = self.env._("Say what happens next and by when, even if nothing is solved yet.")
        said = case.feedback_ids.sorted("date")[-1:]
        openers = [
            {"text": f"“{text}”", "source": self.env._("What they said")}
            for text in (said.comment or case.description,)
            if text
        ]
        return {
            "partner": case.partner_id,
            "why": case.name,
            "goal": goal,
            "hint": hint,
            "openers": openers,
            "document": {
                "label": self.env._("Case"),
                "res_model": case._name,
                "res_id": case.id,
            },
        }

    @api.model
    def _today_acts_cases(self, case):
        if not case.is_open:
            self._today_gone()
        answered = bool(case.date_answered)
        acts = []
        if case.partner_id:
            acts.append(
                self._today_act(
                    "called",
                    "c",
                    self.env._("Called them"),
                    "fa-phone",
                    "note",
                    primary=not answered,
                )
            )
        causes = self.env["hc.feedback.cause"].search(Domain.TRUE, limit=MAX_CAUSES)
        acts.append(
            self._today_act(
                "solved", "s", self.env._("Solved, because of…"), "fa-check", "choice",
                primary=answered,
                choices=[{"key": str(cause.id), "label": cause.name} for cause in causes],
            )
        )  # fmt: skip
        acts.append(
            self._today_act("later", "l", self.env._("New day agreed"), "fa-clock-o", "date")
        )
        return acts

    @api.model
    def _today_act_cases(self, case, act, note, values):
        case.check_access("write")
        undo = {"ref": f"{case._name},{case.id}", "act": act}
        if act == "called":
            interaction = self.env["hc.interaction"].create(
                {
                    "partner_id": case.partner_id.id,
                    "company_id": case.company_id.id,
                    "channel_id": self.env.ref("hc_crm.hc_channel_call").id,
                    "direction": "out",
                    "summary": note[:300],
                    "res_model": case._name,
                    "res_id": case.id,
                }
            )
            return {
                "message": self.env._("The call is noted."),
                "undo": {**undo, "interaction": interaction.id},
            }
        if act == "later":
            undo["date"] = fields.Datetime.to_string(case.date_due)
            case.date_due = self._today_case_evening(values["date"])
            if note:
                case._message_log(body=note)
            return {
                "message": self.env._(
                    "A new day is noted: %(day)s.", day=self._today_day(values["date"])
                ),
                "undo": undo,
            }
        key = values.get("choice")
        cause = self.env["hc.feedback.cause"].browse(
            int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 10 else 0
        ).exists()  # fmt: skip
        if not cause:
            raise UserError(self.env._("Root Cause: choose one of the list."))
        if not note and not case.solution:
            raise UserError(self.env._("Note: say in a line what was done."))
        undo["stage"] = case.stage_id.id
        vals = {"cause_id": cause.id}
        if note:
            vals["solution"] = "\n".join(filter(None, (case.solution, note)))
        case.write(vals)
        case.action_solve()
        return {"message": self.env._("Solved. They will be asked whether it is."), "undo": undo}

    @api.model
    def _today_case_evening(self, day):
        """The end of that working day, as the case's calendar has it."""
        case = self.env["hc.feedback.case"]
        start = fields.Datetime.to_datetime(day)
        return case._local_moment(start.replace(hour=17), self.env.user.tz)

    @api.model
    def _today_undo_cases(self, case, undo):
        case.check_access("write")
        act = undo.get("act")
        if act == "called":
            interaction_id = undo.get("interaction")
            if type(interaction_id) is not int:
                return
            interaction = self.env["hc.interaction"].browse(interaction_id).exists()
            if (
                interaction
                and interaction.create_uid == self.env.user
                and (interaction.res_model, interaction.res_id) == (case._name, case.id)
            ):
                date = interaction.date
                # sudo: one's own word, just written
                interaction.sudo().unlink()
                if case.date_answered == date:
                    case.sudo().write({"date_answered": False, "hours_to_answer": 0})
                    case.sudo()._remind_owner()
        elif act == "later":
            try:
                case.date_due = fields.Datetime.to_datetime(undo.get("date")) or case.date_due
            except (TypeError, ValueError):
                raise UserError(
                    self.env._("Undo: this is no day. Open the case and set it there.")
                ) from None
        elif not case.is_open:
            case.action_reopen()
            # sudo: it was never really open again
            case.sudo().reopen_count = max(case.reopen_count - 1, 0)
