from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .hc_today import MAX_LINES

AHEAD_DAYS = 6  # today and the six days after: a week, with time to write a card
NEXT_DAYS = 60


class HcToday(models.AbstractModel):
    _inherit = "hc.today"

    @api.model
    def _today_sections(self):
        return super()._today_sections() | {
            "milestones": {
                "label": self.env._("Birthdays"),
                "icon": "fa-birthday-cake",
                "sequence": 40,
                "models": ("hc.fact",),
            }
        }

    @api.model
    def _today_milestones(self, user, first, last, limit):
        """Whoever looks after the customer; where nobody does, whoever learned of the day."""
        nobody = Domain("partner_id.user_id", "=", False) & Domain(
            "commercial_partner_id.user_id", "=", False
        )
        domain = (
            Domain("partner_id.user_id", "=", user.id)
            | (
                Domain("partner_id.user_id", "=", False)
                & Domain("commercial_partner_id.user_id", "=", user.id)
            )
            | (nobody & Domain("user_id", "=", user.id))
        )
        facts = self.env["hc.fact"]
        return facts.search(
            facts._greeting_domain(first, last) & domain, limit=limit, order="next_date, id"
        )

    @api.model
    def _today_lines_milestones(self, user):
        today = fields.Date.context_today(self)
        facts = self._today_milestones(
            user, today, today + timedelta(days=AHEAD_DAYS), MAX_LINES + 1
        )
        return [
            self._today_line(
                fact,
                fact.partner_id,
                fact.text,
                fact.next_date,
                is_soft=True,
                icon="fa-birthday-cake" if fact.occasion == "birthday" else "fa-star-o",
            )
            for fact in facts
        ]

    @api.model
    def _today_next_milestones(self, user):
        today = fields.Date.context_today(self)
        fact = self._today_milestones(
            user, today + timedelta(days=AHEAD_DAYS + 1), today + timedelta(days=NEXT_DAYS), 1
        )
        return fact and (fact.next_date, fact.partner_id, fact.text)

    @api.model
    def _today_item_milestones(self, fact):
        partner = fact.partner_id
        is_birthday = fact.occasion == "birthday"
        return {
            "partner": partner,
            "why": self.env._("%(what)s, %(day)s", what=fact.text, day=fact.date_label or ""),
            "goal": self.env._("Think of them, nothing more"),
            "hint": self.env._("Not a day to sell anything.")
            + (
                " " + self.env._("Sensitive: colleagues do not know of it, so nothing is logged.")
                if fact.sensitivity == "sensitive"
                else ""
            ),
            "openers": [
                {
                    "text": self.env._("“Happy birthday! We wish you a good year.”")
                    if is_birthday
                    else self.env._("“We thought of you today. All the best.”"),
                    "source": "",
                }
            ],
            "document": {
                "label": self.env._("Good to know"),
                "res_model": fact._name,
                "res_id": fact.id,
            },
        }

    @api.model
    def _today_acts_milestones(self, fact):
        if fact.date_greeted and fact.date_greeted == fact.next_date:
            self._today_gone()
        return [
            self._today_act(
                "greeted",
                "g",
                self.env._("Greeted"),
                "fa-check",
                "choice",
                primary=True,
                choices=[
                    {"key": "call", "label": self.env._("By phone")},
                    {"key": "email", "label": self.env._("By e-mail")},
                    {"key": "letter", "label": self.env._("With a card")},
                    {"key": "visit", "label": self.env._("In person")},
                ],
            ),
            self._today_act("mail", "w", self.env._("Write a mail"), "fa-envelope-o"),
            self._today_act("not_needed", "n", self.env._("Not this time"), "fa-times"),
        ]

    @api.model
    def _today_act_milestones(self, fact, act, note, values):
        if act == "mail":
            return {"action": fact.action_send_greeting()}
        undo = {
            "ref": f"{fact._name},{fact.id}",
            "date": fields.Date.to_string(fact.date_greeted) if fact.date_greeted else False,
        }
        message = self.env._("Left out this time.")
        if act == "greeted":
            message = self.env._("Greeted.")
            # What colleagues may not know of does not stand on the timeline, not even as a greeting.
            if fact.sensitivity == "normal":
                undo["interaction"] = self._today_log_greeting(fact, values.get("choice"), note).id
        self._today_forget_reminders(fact)
        fact.date_greeted = fact.next_date
        return {"message": message, "undo": undo}

    @api.model
    def _today_log_greeting(self, fact, key, note):
        channel = self.env["hc.channel"].search(
            [("key", "=", key if isinstance(key, str) else "call"), ("loggable", "=", True)],
            limit=1,
        )
        summary = self.env._("Congratulated: %(what)s", what=fact.text)
        return self.env["hc.interaction"].create(
            {
                "partner_id": fact.partner_id.id,
                "summary": self._today_with_note(summary, note)[:300],
                **({"channel_id": channel.id} if channel else {}),
            }
        )

    @api.model
    def _today_forget_reminders(self, fact):
        """The reminder of the same day has served its purpose."""
        kind = self.env.ref("hc_crm.mail_activity_type_greeting", raise_if_not_found=False)
        if kind:
            self.env["mail.activity"].search(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_id", "=", fact.partner_id.id),
                    ("activity_type_id", "=", kind.id),
                    ("date_deadline", "=", fact.next_date),
                ]
            )._filtered_access("unlink").unlink()

    @api.model
    def _today_undo_milestones(self, fact, undo):
        fact.date_greeted = self._today_undo_date(undo)
        interaction_id = undo.get("interaction")
        if type(interaction_id) is int:
            interaction = self.env["hc.interaction"].browse(interaction_id).exists()
            if interaction.partner_id == fact.partner_id:
                interaction.unlink()
