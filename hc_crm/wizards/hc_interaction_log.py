from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.timeline.hc_interaction import MAX_DURATION

# Who usually starts on this channel; everything else is us reaching out.
INCOMING_CHANNELS = {"counter", "chat", "social"}
# Proposed for a promise: a week is what most people mean by "soon".
PROMISE_DAYS = 7
# Documents one may log from, and the field that names their customer.
PARTNER_FIELDS = {"calendar.event": "hc_brief_partner_id"}


class HcInteractionLog(models.TransientModel):
    """The “Log interaction” dialog: one channel, one line, and whatever else there is to say.

    One dialog may log the same contact for many customers (a word said to everybody at the fair);
    each gets an interaction, and a promise, of their own.
    """

    _name = "hc.interaction.log"
    _description = "Log an Interaction"

    partner_ids = fields.Many2many("res.partner", string="With", required=True)
    channel_id = fields.Many2one(
        "hc.channel",
        string="How",
        required=True,
        domain="[('loggable', '=', True)]",
        default=lambda self: self.env["hc.channel"].search([("loggable", "=", True)], limit=1),
    )
    direction = fields.Selection(
        [("out", "From us"), ("in", "From the customer")],
        string="Started By",
        compute="_compute_direction",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    summary = fields.Char(string="What happened?", required=True)
    sentiment = fields.Selection(
        selection=lambda self: self.env["hc.interaction"]._fields["sentiment"].selection,
        string="How They Felt",
    )
    show_more = fields.Boolean()
    is_logged = fields.Boolean(readonly=True)
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    duration = fields.Float()
    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    participant_ids = fields.Many2many(
        "res.partner", "hc_interaction_log_participant_rel", string="Also Present"
    )
    emotion_ids = fields.Many2many("hc.emotion", string="Emotions")
    body = fields.Html(string="Details")
    promise_summary = fields.Char(string="We Promised")
    promise_date = fields.Date(string="Due")
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")
    res_model = fields.Char(string="About Document Model")
    res_id = fields.Many2oneReference(string="About Document", model_field="res_model")

    @api.depends("channel_id")
    def _compute_direction(self):
        for log in self:
            log.direction = "in" if log.channel_id.key in INCOMING_CHANNELS else "out"

    @api.model
    def default_get(self, fields):
        """Fill in the customers from what is open or selected: contacts, leads, orders, meetings."""
        values = super().default_get(fields)
        model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        if values.get("partner_ids") or not model or model not in self.env or not any(ids):
            return values
        records = self.env[model].browse(ids).exists()
        if model == "res.partner":
            values["partner_ids"] = [(6, 0, records.ids)]
            return values
        partner_field = PARTNER_FIELDS.get(model, "partner_id")
        field = records._fields.get(partner_field)
        if not field or field.comodel_name != "res.partner":
            return values
        if without := records.filtered(lambda record: not record[partner_field]):
            raise UserError(
                self.env._(
                    "“%(name)s” has no customer yet. Choose or create one in its field “%(field)s”, "
                    "save, and log again.",
                    name=without[0].display_name,
                    field=field.string,
                )
            )
        values["partner_ids"] = [(6, 0, records[partner_field].ids)]
        if len(records) == 1:
            values.update(res_model=model, res_id=records.id)
        return values

    @api.onchange("promise_summary")
    def _onchange_promise_summary(self):
        """Propose a day, so that a promise is one line too; whoever knows better changes it."""
        if self.promise_summary and not self.promise_date:
            self.promise_date = fields.Date.context_today(self) + timedelta(days=PROMISE_DAYS)
        elif not self.promise_summary:
            self.promise_date = False

    @api.constrains("promise_summary", "promise_date")
    def _check_promise(self):
        for log in self:
            if log.promise_summary and not log.promise_date:
                raise ValidationError(
                    self.env._(
                        "The promise “%(summary)s” has no day. Fill in “Due”, "
                        "so that somebody is reminded in time.",
                        summary=log.promise_summary,
                    )
                )
            if log.promise_date and not log.promise_summary:
                raise ValidationError(
                    self.env._(
                        "There is a day for a promise but no promise. Write under “We Promised” "
                        "what will be done, or clear the day."
                    )
                )

    @api.constrains("duration")
    def _check_duration(self):
        if not all(0 <= log.duration < MAX_DURATION for log in self):  # nor “not a number”
            raise ValidationError(
                self.env._("Duration: it has to be a number of hours, 0 or more.")
            )

    def action_log(self):
        """Save, say so, and close; the page behind reloads because the dialog closes."""
        self.ensure_one()
        if self.is_logged:
            # A second click, or the same call sent again: it was said once.
            return {"type": "ir.actions.act_window_close"}
        interactions = self._log()
        self.is_logged = True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Logged.")
                if len(interactions) == 1
                else self.env._("Logged for %(count)s customers.", count=len(interactions)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _log(self):
        self.ensure_one()
        if not self.partner_ids:
            raise UserError(self.env._("With: choose at least one customer."))
        promises = self._create_promises()
        interactions = self.env["hc.interaction"].create(
            [
                {
                    "partner_id": partner.id,
                    "participant_ids": [(6, 0, (self.participant_ids - partner).ids)],
                    "channel_id": self.channel_id.id,
                    "direction": self.direction,
                    "summary": self.summary.strip(),
                    "body": self.body,
                    "sentiment": self.sentiment,
                    "emotion_ids": [(6, 0, self.emotion_ids.ids)],
                    "date": self.date,
                    "duration": self.duration,
                    "user_id": self.user_id.id,
                    "promise_id": promises.get(partner.id),
                    "res_model": self.res_model,
                    "res_id": self.res_id,
                }
                for partner in self.partner_ids
            ]
        )
        self._hand_over_attachments(interactions)
        return interactions

    def _create_promises(self):
        """Return the promise made to each customer as ``{partner id: promise id}``."""
        if not self.promise_summary:
            return {}
        promises = self.env["hc.promise"].create(
            [
                {
                    "summary": self.promise_summary.strip(),
                    "partner_id": partner.id,
                    "user_id": (self.user_id or self.env.user).id,
                    "date_promised": self.date,
                    "date_due": self.promise_date,
                }
                for partner in self.partner_ids
            ]
        )
        return {promise.partner_id.id: promise.id for promise in promises}

    def _hand_over_attachments(self, interactions):
        """Give each interaction its own copy: a file is readable by whoever may read its record.

        Left on this dialog it would be readable by its author only, and vanish with it.
        """
        if not self.attachment_ids:
            return
        for position, interaction in enumerate(interactions):
            owner = {"res_model": interaction._name, "res_id": interaction.id}
            if position:
                files = self.env["ir.attachment"]
                for attachment in self.attachment_ids:
                    files += attachment.copy(owner)
            else:
                files = self.attachment_ids
                files.write(owner)
            interaction.attachment_ids = files
