from datetime import timedelta

from odoo import api, models

from ...engine.outreach import due

# Whoever may write the customer, in words of the timeline: what the type of an activity is a contact by.
CHANNEL_OF_CATEGORY = {"phonecall": "call", "meeting": "visit"}
CHANNEL_OF_TYPE = {
    "hc_crm.mail_activity_type_visit": "visit",
    "hc_crm.mail_activity_type_card": "letter",
    "hc_crm.mail_activity_type_draft": "email",
    "mail.mail_activity_data_call": "call",
    "mail.mail_activity_data_meeting": "visit",
    "mail.mail_activity_data_email": "email",
}
DEFAULT_TYPE = "mail.mail_activity_data_call"


class HcOutreachStep(models.Model):
    """A task for a colleague: the plan waits for what comes of it.

    The task is an activity on the customer, so it stands where colleagues already look. What came of it is
    told by ``hc.outreach.delivery.action_outcome`` or by marking the activity done.
    """

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "task": {
                "label": self.env._("Task for a person"),
                "icon": "fa-user",
                "channel": "call",
                "human": True,
                "lanes": [
                    ("reached", self.env._("Reached")),
                    ("voicemail", self.env._("Voicemail")),
                    ("not_needed", self.env._("Not needed")),
                    ("not_done", self.env._("Not done")),
                ],
            }
        }

    # -- before it runs -------------------------------------------------------------------------------

    def _problems_task(self):
        texts = self._problems_who()
        if self.activity_type_id and self.activity_type_id.res_model not in (False, "res.partner"):
            texts.append(
                self.env._(
                    "“%(type)s” is a kind of activity for other records than contacts. Choose another.",
                    type=self.activity_type_id.name,
                )
            )
        texts += filter(None, (self._words_problem(self[name]) for name in ("summary", "text")))
        return texts

    def _problems_who(self):
        texts = []
        if self.user_rule == "user" and not (self.user_id and self.user_id.active):
            texts.append(
                self.env._("choose the colleague who does it; the one chosen works here no more.")
            )
        if self.user_rule == "team" and not self.team_id:
            texts.append(self.env._("choose the sales team whose members take turns."))
        elif self.user_rule == "team" and not self._team_users():
            texts.append(self.env._("nobody belongs to the sales team “%s”.", self.team_id.name))
        if self.overflow == "backup" and not (self.backup_user_id and self.backup_user_id.active):
            texts.append(self.env._("choose who steps in when the colleague has too much to do."))
        return texts

    def _step_text(self):
        """Say in one line what the step does, as the flow shows it; kinds add ``_step_text_<kind>``."""
        self.ensure_one()
        own = getattr(self, f"_step_text_{self.type}", None)
        if own:
            return own()
        return self._step_types().get(self.type, {}).get("label", self.type)

    def _step_text_task(self):
        return self.env._(
            "%(what)s by %(who)s within %(days)s working days",
            what=self.summary or self._task_type().name or self.env._("Task"),
            who=self._who_text(),
            days=self.deadline_days,
        )

    def _who_text(self):
        return {
            "salesperson": self.env._("the customer's salesperson"),
            "known": self.env._("whoever talked to them last"),
            "plan": self.env._("the plan's responsible"),
            "user": self.user_id.name or self.env._("a certain colleague"),
            "team": self.env._(
                "%(team)s in turn", team=self.team_id.name or self.env._("the sales team")
            ),
        }[self.user_rule]

    # -- running --------------------------------------------------------------------------------------

    def _contact_channel(self):
        if self.type == "task":
            channel = self._task_channel(self._task_type())
            return None if channel == "other" else channel
        return super()._contact_channel()

    def _task_type(self):
        """Return the type of activity; the host's call if none is chosen, or it was deleted."""
        return (
            self.activity_type_id
            or self.env.ref(DEFAULT_TYPE, raise_if_not_found=False)
            or self.env["mail.activity"]._default_activity_type_for_model("res.partner")
        )

    @api.model
    def _task_channel(self, activity_type):
        """Key of the ``hc.channel`` that a done activity of this type was a contact on."""
        for xmlid, key in CHANNEL_OF_TYPE.items():
            if activity_type and self.env.ref(xmlid, raise_if_not_found=False) == activity_type:
                return key
        return CHANNEL_OF_CATEGORY.get(activity_type.category, "other")

    def _run_task(self, deliveries):
        """Give each of these customers' tasks to a colleague, or let it wait until one has time."""
        given = self._hand_over(deliveries)
        tasks = self._make_tasks(given, self._task_type(), self.summary, self.text)
        if self.task_wait:
            given._set_open(**tasks)
        else:
            # nobody waits for it: the activity stays with the colleague, the plan goes on
            tasks.pop("date_expire")
            given._set_done(**tasks)
        self._announce(given)

    def _hand_over(self, deliveries, rule=None):
        """Find a colleague for each; those who have none are marked, those given are returned.

        Who it was given to stands in ``user_id`` of what ``_make_tasks`` returns.
        """
        found = self._assign(deliveries, rule)
        for (code, user_id), keys in self._groups_of(found.waits).items():
            deliveries.browse(keys)._set_postponed(
                {key: found.waits[key][0] for key in keys}, code, found.waits[keys[0]][2]
            )
            del user_id
        if found.nobody:
            deliveries.browse(found.nobody)._set_failed(
                self.env._(
                    "Nobody to give it to: the colleague left, the customer has no salesperson, and whoever "
                    "answers for the plan works here no more. Choose a responsible for the plan and "
                    "try again."
                )
            )
        given = deliveries.browse(found.given)
        return given.with_context(hc_outreach_given=found.given)

    @api.model
    def _groups_of(self, waits):
        groups = {}
        for key, (_until, code, args) in waits.items():
            groups.setdefault((code, args["user_id"]), []).append(key)
        return groups

    def _make_tasks(self, deliveries, activity_type, summary, note, days=None):
        """Create an activity for each delivery, all at once.

        :param deliveries: as ``_hand_over`` returns them
        :param summary, note: plain text with places for fields of the customer
        :param days: working days to do it; those of the step by default
        :return: ``user_id``, ``activity_id``, ``date_expire`` each as ``{delivery id: value}``
        """
        if not deliveries:
            return {"user_id": {}, "activity_id": {}, "date_expire": {}}
        user_of = deliveries.env.context["hc_outreach_given"]
        now = deliveries._now()
        users = self.env["res.users"].sudo().browse(set(user_of.values()))
        resources = self._resources(users)
        workdays = self._workdays_of(users, resources, now)
        deadlines, expiries, texts = {}, {}, {}
        for user in users:
            tz = user.tz or self._company_zone()
            day = due.nth_workday(
                due.to_local(now, tz).date(),
                self.deadline_days if days is None else days,
                workdays[user.id],
            )
            deadlines[user.id] = day
            expiries[user.id] = due.at_hour(day + timedelta(days=self.task_expire_days + 1), 0, tz)
        # sudo: activities are made on behalf of the plan
        partners = deliveries.partner_id.sudo()
        for lang, speakers in users.grouped("lang").items():
            step = self.with_context(lang=lang or self.env.lang)
            # a text of the step is translated; one handed in is in the words it was written
            words = {
                name: step._words(
                    step[name] if getattr(self, name) == text else text, partners, lang
                )
                for name, text in (("summary", summary), ("text", note))
            }
            for user in speakers:
                texts[user.id] = words
        values = []
        fallback = activity_type.summary or activity_type.name
        html = {}  # mostly one text for thousands
        for delivery in deliveries:
            user_id, partner_id = user_of[delivery.id], delivery.partner_id.id
            words = texts[user_id]
            note_text = words["text"][partner_id]
            if note_text not in html:
                html[note_text] = self._as_html(note_text)
            values.append(
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "res_id": partner_id,
                    "user_id": user_id,
                    "date_deadline": deadlines[user_id],
                    "summary": words["summary"][partner_id] or fallback,
                    "note": html[note_text],
                    "hc_company_id": delivery.company_id.id,
                }
            )
        activity_ids = self.env["mail.activity"].sudo()._hc_create_many(values)
        return {
            "user_id": {key: user_of[key] for key in deliveries._ids},
            "activity_id": dict(zip(deliveries._ids, activity_ids, strict=True)),
            "date_expire": {key: expiries[user_of[key]] for key in deliveries._ids},
        }

    # -- an automated step becomes a person's ---------------------------------------------------------

    def _give_to_person(self, deliveries, code=None, args=None):
        """Let a colleague do what we would have done by ourselves, because something is wrong.

        :param code: the reason, as of a contact decision; what stands in the rows by default
        :param args: what its sentence needs
        """
        self.ensure_one()
        given = self._hand_over(deliveries, "salesperson" if self.user_rule == "user" else None)
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        for (why, what), rows in given.grouped(
            lambda row: (code or row.reason_code, str(args or row.reason_args or ""))
        ).items():
            del what
            reason_args = args or rows[:1].reason_args
            summary = self.env._("In person: %(step)s", step=self._title())
            note = self.env._(
                "“%(plan)s” would have done this by itself now: %(step)s.\n%(reason)s\nPlease decide what "
                "suits this customer, and do it yourself.",
                plan=self.plan_id.name,
                step=self._step_text(),
                reason=self._reason_words(why, reason_args),
            )
            tasks = self._make_tasks(
                rows, todo or self._task_type(), summary, note.replace("{{", "{ {")
            )
            rows._set_open(
                reason_code=why,
                reason_args=reason_args,
                is_draft=False,
                is_approved=False,
                **tasks,
            )
        self._announce(given)

    def _note_to_colleague(self, deliveries, code="human_contact", args=None):
        """Leave the step out and tell whoever talked to them what would have been sent."""
        self.ensure_one()
        known = self._known_users(deliveries.partner_id)
        Users = self.env["res.users"].sudo()
        for user_id, rows in deliveries.grouped(
            lambda row: (
                known.get(row.partner_id.id) or row.partner_id.user_id.id or row.plan_id.user_id.id
            )
        ).items():
            if user := Users.browse(user_id or []).filtered("active"):
                self._tell_left_out(user, rows)
        deliveries._set_skipped(code, args)

    def _tell_left_out(self, user, deliveries):
        """One message for each colleague, with the names of all."""
        thread = self.env["mail.thread"].with_context(lang=user.lang)
        names = deliveries.partner_id.mapped("display_name")
        thread.message_notify(
            partner_ids=user.partner_id.ids,
            subject=thread.env._("You are in touch: %(plan)s held back", plan=self.plan_id.name),
            body=thread.env._(
                "“%(step)s” was left out for %(names)s, because you were in touch with them just now.",
                step=self._title(),
                names=", ".join(names),
            ),
        )

    def _reason_words(self, code, args):
        """The sentence of a reason, as the customer's page says it."""
        if not code:
            return ""
        return self.env["hc.contact.attempt"]._reason_text(code, args)
