from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from .hc_today import MAX_LINES

# Documents whose call activities are calls to a customer, and the field that names the customer.
CALL_DOCUMENTS = {"res.partner": "id", "crm.lead": "partner_id", "sale.order": "partner_id"}
DELIVERY = "hc.outreach.delivery"
MAX_DELIVERIES = 3 * MAX_LINES


class HcToday(models.AbstractModel):
    """What outreach plans gave to a colleague, and the calls they noted themselves."""

    _inherit = "hc.today"

    @api.model
    def _today_sections(self):
        return super()._today_sections() | {
            "calls": {
                "label": self.env._("Calls"),
                "icon": "fa-phone",
                "sequence": 10,
                "models": (DELIVERY, "mail.activity"),
            },
            "tasks": {
                "label": self.env._("Visits, cards and errands"),
                "icon": "fa-check-square-o",
                "sequence": 15,
                "models": (DELIVERY,),
            },
            "drafts": {
                "label": self.env._("Drafts"),
                "icon": "fa-pencil-square-o",
                "sequence": 20,
                "models": (DELIVERY,),
            },
        }

    # -- lines ------------------------------------------------------------------------------------

    @api.model
    def _today_deliveries(self, user):
        """All that plans gave to a colleague and that waits for them."""
        return self.env[DELIVERY].search(
            [("state", "=", "open"), ("user_id", "=", user.id)],
            limit=MAX_DELIVERIES,
            order="date_due, id",
        )

    @api.model
    def _today_kind(self, delivery):
        """Return in which section a delivery stands: what its activity is decides, not what was planned.

        A mail that may not go by itself is a draft, and one held back by a complaint an errand.
        """
        if delivery.is_draft:
            return "drafts"
        # sudo: the kind of the task, not what it says
        kind = delivery.sudo().activity_id.activity_type_id or (
            delivery.step_id.sudo().activity_type_id
        )
        return "calls" if not kind or kind.category == "phonecall" else "tasks"

    @api.model
    def _today_delivery_lines(self, deliveries):
        lines = []
        for delivery in deliveries:
            activity = delivery.sudo().activity_id  # sudo: its day is that of the task itself
            is_draft = delivery.is_draft
            moment = (is_draft and delivery.date_expire) or delivery.date_due
            due = (not is_draft and activity.date_deadline) or (
                fields.Datetime.context_timestamp(self, moment).date()
            )
            lines.append(
                self._today_line(
                    delivery,
                    delivery.partner_id,
                    self._today_delivery_why(delivery),
                    due,
                    icon=self._today_delivery_icon(delivery),
                    priority=delivery.priority,
                    is_soft=is_draft,
                )
            )
        return lines

    @api.model
    def _today_delivery_why(self, delivery):
        step = delivery.step_id
        if delivery.is_draft:
            return delivery.subject or step.summary or step.name or delivery.plan_id.name
        return (
            delivery.sudo().activity_id.summary
            or step.summary
            or step.name
            or delivery.plan_id.name
        )

    @api.model
    def _today_delivery_icon(self, delivery):
        if delivery.is_draft:
            return "fa-comment-o" if delivery.step_id.type == "sms" else "fa-envelope-o"
        # sudo: the icon of the task, not what it says
        kind = delivery.sudo().activity_id.activity_type_id or (
            delivery.step_id.sudo().activity_type_id
        )
        return kind.icon or "fa-phone"

    @api.model
    def _today_lines_calls(self, user):
        deliveries = self._today_deliveries(user).filtered(
            lambda row: self._today_kind(row) == "calls"
        )
        activities = self._today_call_activities(
            user, Domain("date_deadline", "<=", fields.Date.context_today(self))
        )
        customers = self._today_customers(activities)
        return self._today_delivery_lines(deliveries) + [
            self._today_line(
                activity,
                customers[activity]["partner"],
                activity.summary or activity.activity_type_id.name,
                activity.date_deadline,
                name=customers[activity]["name"],
                icon=activity.icon,
            )
            for activity in activities
            if activity in customers
        ]

    @api.model
    def _today_lines_tasks(self, user):
        return self._today_delivery_lines(
            self._today_deliveries(user).filtered(lambda row: self._today_kind(row) == "tasks")
        )

    @api.model
    def _today_lines_drafts(self, user):
        return self._today_delivery_lines(
            self._today_deliveries(user).filtered(lambda row: self._today_kind(row) == "drafts")
        )

    @api.model
    def _today_call_activities(self, user, domain, limit=MAX_LINES + 1):
        """Calls somebody noted: not those that stand for a task of a plan, nor for a promise."""
        open_tasks = (
            self.env[DELIVERY]
            .sudo()
            ._search(
                [("state", "=", "open"), ("user_id", "=", user.id), ("activity_id", "!=", False)]
            )
        )
        promises = (
            self.env["hc.promise"]
            .sudo()
            ._search(
                [("state", "=", "open"), ("user_id", "=", user.id), ("activity_id", "!=", False)]
            )
        )
        # sudo in both: nothing of theirs is shown, they are only not to be shown twice
        return self.env["mail.activity"].search(
            Domain("user_id", "=", user.id)
            & Domain("activity_type_id.category", "=", "phonecall")
            & Domain("res_model", "in", list(CALL_DOCUMENTS))
            & Domain("id", "not in", open_tasks.subselect("activity_id"))
            & Domain("id", "not in", promises.subselect("activity_id"))
            & domain,
            limit=limit,
            order="date_deadline, id",
        )

    @api.model
    def _today_customers(self, activities):
        """Return ``{activity: {"partner", "name", "document"}}`` for documents the user may read."""
        found = {}
        for model, group in activities.grouped("res_model").items():
            documents = self.env[model].browse(group.mapped("res_id")).exists()
            readable = documents._filtered_access("read")
            for activity in group:
                document = readable.browse(activity.res_id)
                if document not in readable:
                    continue
                is_partner = model == "res.partner"
                found[activity] = {
                    "partner": document if is_partner else document[CALL_DOCUMENTS[model]],
                    "name": "" if is_partner else document.display_name,
                    "document": False if is_partner else document,
                }
        return found

    @api.model
    def _today_next_calls(self, user):
        activities = self._today_call_activities(
            user, Domain("date_deadline", ">", fields.Date.context_today(self)), limit=1
        )
        for activity, customer in self._today_customers(activities).items():
            if customer["partner"]:
                return activity.date_deadline, customer["partner"], self.env._("a call")
        return False

    # -- what stands beside -------------------------------------------------------------------------

    @api.model
    def _today_item_calls(self, record):
        if record._name == DELIVERY:
            return self._today_delivery_item(record)
        customer = self._today_customers(record).get(record)
        if not customer:
            raise AccessError(self.env._("The document of this call is not open to you."))
        document = customer["document"]
        return {
            "partner": customer["partner"],
            "hint": html2plaintext(record.note or "").strip(),
            "openers": self._today_openers(customer["partner"]),
            "document": document
            and {
                "label": document.display_name,
                "res_model": document._name,
                "res_id": document.id,
            },
        }

    @api.model
    def _today_item_tasks(self, delivery):
        return self._today_delivery_item(delivery)

    @api.model
    def _today_item_drafts(self, delivery):
        return self._today_delivery_item(delivery) | {
            "draft": {"subject": delivery.subject or "", "body": delivery.body or ""},
            "openers": [],
            "hint": self._today_draft_hint(delivery),
        }

    @api.model
    def _today_draft_hint(self, delivery):
        """What happens to the draft when nobody looks at it in time."""
        hint = self.env._("A sentence only you could write is worth more than the rest.")
        if delivery.date_expire:
            last = fields.Datetime.context_timestamp(self, delivery.date_expire).date()
            today = fields.Date.context_today(self)
            day = self.env._("this evening") if last == today else self._today_day(last)
            hint += "\n" + (
                self.env._("If nobody looks at it by %(day)s, it goes out as it stands.", day=day)
                if delivery.step_id.draft_fallback == "send"
                else self.env._("If nobody sends it by %(day)s, it is not sent at all.", day=day)
            )
        return hint

    @api.model
    def _today_delivery_item(self, delivery):
        partner = delivery.partner_id._filtered_access("read")
        return {
            "partner": partner,
            "why": self.env._("From the plan “%(plan)s”", plan=delivery.plan_id.name),
            # what the line says is the title; here, what it is good for
            "goal": delivery.plan_id.description or "",
            "openers": self._today_openers(partner, self._today_delivery_text(delivery)),
        }

    @api.model
    def _today_delivery_text(self, delivery):
        """What to say, as the plan has it: in the activity it is written for this customer."""
        activity = delivery.sudo().activity_id  # sudo: the task itself, which is the user's to read
        return html2plaintext(activity.note or "") if activity else delivery.step_id.text or ""

    # -- what can be done -----------------------------------------------------------------------------

    @api.model
    def _today_acts_calls(self, record):
        if record._name == DELIVERY:
            self._today_check_delivery(record, "calls")
        elif not record.active:
            self._today_gone()
        return [
            self._today_act("reached", "r", self.env._("Reached"), "fa-check", primary=True),
            self._today_act("voicemail", "v", self.env._("Voicemail"), "fa-microphone"),
            self._today_act("later", "l", self.env._("Later"), "fa-clock-o", "date"),
            self._today_act("not_needed", "n", self.env._("Not needed"), "fa-times"),
        ]

    @api.model
    def _today_acts_tasks(self, delivery):
        self._today_check_delivery(delivery, "tasks")
        return [
            self._today_act("reached", "r", self.env._("Done"), "fa-check", primary=True),
            self._today_act("later", "l", self.env._("Later"), "fa-clock-o", "date"),
            self._today_act("not_needed", "n", self.env._("Not needed"), "fa-times"),
        ]

    @api.model
    def _today_acts_drafts(self, delivery):
        self._today_check_delivery(delivery, "drafts")
        return [
            self._today_act(
                "send", "s", self.env._("Send"), "fa-paper-plane", "draft", primary=True
            ),
            self._today_act("edit", "e", self.env._("Edit"), "fa-pencil", edits=True),
            self._today_act("skip", "x", self.env._("Don't send"), "fa-times", "note"),
        ]

    @api.model
    def _today_check_delivery(self, delivery, section):
        if delivery.state != "open" or self._today_kind(delivery) != section:
            self._today_gone()
        if delivery.user_id != self.env.user and not self._today_sees_all():
            raise AccessError(
                self.env._("This is with %(name)s.", name=delivery.sudo().user_id.name)
                if delivery.user_id
                else self.env._("This is with nobody.")
            )

    @api.model
    def _today_act_calls(self, record, act, note, values):
        if record._name == DELIVERY:
            return self._today_act_delivery(record, act, note, values)
        return self._today_act_activity(record, act, note, values)

    @api.model
    def _today_act_tasks(self, delivery, act, note, values):
        return self._today_act_delivery(delivery, act, note, values)

    @api.model
    def _today_act_drafts(self, delivery, act, note, values):
        if act == "send":
            changed = {
                name: values[name]
                for name in ("subject", "body")
                if isinstance(values.get(name), str)
            }
            return {"message": self._today_sent_text(delivery.action_send_draft(**changed))}
        delivery.action_skip_draft(note)
        return {"message": self.env._("Not sent.")}

    @api.model
    def _today_sent_text(self, answer):
        """Say what became of a draft: what the customer wants now counts, not what they wanted then."""
        text = {
            "sent": self.env._("On its way."),
            "later": self.env._("It waits for a better moment."),
        }.get(answer["state"], self.env._("Not sent after all."))
        return f"{text} {answer['reason']}" if answer["reason"] else text

    @api.model
    def _today_act_delivery(self, delivery, act, note, values):
        delivery.action_outcome(act, note=note or None, later_date=values.get("date"))
        return {"message": self._today_outcome_text(act, values)}

    @api.model
    def _today_outcome_text(self, act, values):
        if act == "later":
            return self.env._("Put off to %(day)s.", day=self._today_day(values["date"]))
        return {
            "reached": self.env._("Done."),
            "voicemail": self.env._("Voicemail left."),
            "not_needed": self.env._("Not needed, noted."),
        }[act]

    @api.model
    def _today_act_activity(self, activity, act, note, values):
        activity.check_access("write")
        undo = {"ref": f"{activity._name},{activity.id}", "act": act}
        if act == "later":
            undo["date"] = fields.Date.to_string(activity.date_deadline)
            activity.date_deadline = values["date"]
            if note:
                undo["message"] = self._today_note_on_document(activity, note).id
        elif act == "not_needed":
            # Archived as the host does with what is done, but without a message: nobody called.
            if note:
                text = self.env._("The call was not needed: %(note)s", note=note)
                undo["message"] = self._today_note_on_document(activity, text).id
            activity.action_archive()
        else:
            words = {"reached": self.env._("Reached"), "voicemail": self.env._("Voicemail left")}
            messages, _next = activity._action_done(
                feedback=self._today_with_note(words[act], note)
            )
            undo["message"] = messages[:1].id
        return {"message": self._today_outcome_text(act, values), "undo": undo}

    @api.model
    def _today_note_on_document(self, activity, text):
        document = self.env[activity.res_model].browse(activity.res_id)
        return document.message_post(body=text, subtype_xmlid="mail.mt_note")

    @api.model
    def _today_undo_calls(self, activity, undo):
        activity.check_access("write")
        if undo.get("act") == "later":
            activity.date_deadline = self._today_undo_date(undo)
        else:
            activity.write({"feedback": False})
            activity.action_unarchive()
        if activity.res_model in CALL_DOCUMENTS:
            document = self.env[activity.res_model].browse(activity.res_id)
            self._today_undo_message(document, undo.get("message"))
