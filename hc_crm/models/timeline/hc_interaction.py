from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

MAX_SUMMARY = 300  # characters; a line, not a letter
MAX_BODY = 1_000_000  # characters of HTML
MAX_DURATION = 1_000_000  # hours; below it also “not a number” is none
# A meeting may be logged from a machine whose clock runs ahead, or before the customer's midnight.
FUTURE_TOLERANCE = timedelta(days=1)
EARLIEST_YEAR = 1970


class HcInteraction(models.Model):
    """One contact between a customer and us that no other app records.

    Calls, visits, words at the counter, letters, usage events, comment cards, or whatever a script
    sends. It is a source of the timeline like the host's own documents.
    """

    _name = "hc.interaction"
    _description = "Interaction"
    _inherit = ["hc.linked", "mail.thread"]
    _mail_post_access = "read"
    _order = "date desc, id desc"
    _rec_name = "summary"
    _check_company_auto = True
    _hc_linked_fields = ("partner_id", "participant_ids", "promise_id")

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Company or Household",
        store=True,
        index=True,
    )
    participant_ids = fields.Many2many(
        "res.partner",
        "hc_interaction_participant_rel",
        "interaction_id",
        "partner_id",
        string="Also Present",
        check_company=True,
        help="Other people who took part; the interaction stands on their timelines too.",
    )
    date = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        help="When it happened, not when it was typed in.",
    )
    channel_id = fields.Many2one(
        "hc.channel",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("hc_crm.hc_channel_call", raise_if_not_found=False),
    )
    channel_key = fields.Char(related="channel_id.key", string="Channel Key")
    direction = fields.Selection(
        [("in", "From the customer"), ("out", "From us")],
        default="out",
        required=True,
    )
    summary = fields.Char(string="What Happened", required=True)
    body = fields.Html(string="Details", sanitize=True, sanitize_style=True)
    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    duration = fields.Float(string="Duration (hours)", aggregator="sum")
    sentiment = fields.Selection(
        [
            ("-2", "Very unhappy"),
            ("-1", "Unhappy"),
            ("0", "Neutral"),
            ("1", "Happy"),
            ("2", "Very happy"),
        ],
        string="How They Felt",
    )
    emotion_ids = fields.Many2many("hc.emotion", string="Emotions")
    promise_id = fields.Many2one(
        "hc.promise",
        string="Promise Made",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        check_company=True,
    )
    promise_state = fields.Selection(related="promise_id.state", string="Promise State")
    res_model = fields.Char(string="About Document Model", index="btree_not_null")
    res_id = fields.Many2oneReference(string="About Document", model_field="res_model")
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments")
    origin = fields.Selection(
        [
            ("manual", "Logged by a colleague"),
            ("import", "Imported"),
            ("api", "Sent by another system"),
        ],
        default="manual",
        required=True,
        readonly=True,
    )
    is_automated = fields.Boolean(
        help="Not an act of a person (usage event, machine message): hidden by “people only”."
    )
    external_ref = fields.Char(
        string="External Reference",
        copy=False,
        help="Identifier in the system it came from. Sending the same one twice does not log it twice.",
    )

    _external_ref_unique = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "An interaction with this external reference exists already.",
    )
    _partner_date_idx = models.Index("(partner_id, date DESC, id DESC)")
    _duration_positive = models.Constraint(
        "CHECK (duration IS NULL OR (duration >= 0 AND duration < 1000000))",
        "The duration has to be a number of hours, 0 or more.",
    )

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + FUTURE_TOLERANCE
        for interaction in self:
            if interaction.date > latest:
                raise ValidationError(
                    self.env._(
                        "Date %(date)s lies in the future. Log what has happened; for what is to come, "
                        "plan a meeting or an activity.",
                        date=interaction.date,
                    )
                )
            if interaction.date.year < EARLIEST_YEAR:
                raise ValidationError(
                    self.env._(
                        "Date %(date)s: the year cannot be before %(year)s. Is a digit missing?",
                        date=interaction.date,
                        year=EARLIEST_YEAR,
                    )
                )

    @api.constrains("summary", "body")
    def _check_length(self):
        for interaction in self:
            if len(interaction.summary) > MAX_SUMMARY:
                raise ValidationError(
                    self.env._(
                        "“What happened” holds %(length)s characters; %(max)s is the most. "
                        "Put the rest under Details.",
                        length=len(interaction.summary),
                        max=MAX_SUMMARY,
                    )
                )
            if len(interaction.body or "") > MAX_BODY:
                raise ValidationError(
                    self.env._(
                        "Details hold %(length)s characters; %(max)s is the most. "
                        "Attach a file instead.",
                        length=len(interaction.body),
                        max=MAX_BODY,
                    )
                )
            if not interaction.summary.strip():
                raise ValidationError(self.env._("“What happened” is empty. One line is enough."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_duration(vals.get("duration"))
        return super().create(vals_list)

    def write(self, vals):
        self._check_duration(vals.get("duration"))
        return super().write(vals)

    @api.model
    def _check_duration(self, value):
        """Before it is written: the database refuses without saying which field, or cannot hold it."""
        if isinstance(value, int | float) and not 0 <= value < MAX_DURATION:
            raise ValidationError(
                self.env._(
                    "Duration (hours): %(value)s is no duration. Give a number of hours, 0 or more.",
                    value=str(value)[:20],
                )
            )

    @api.constrains("user_id")
    def _check_user(self):
        for interaction in self:
            if interaction.user_id.sudo().share:
                raise ValidationError(
                    self.env._("Colleague: %(name)s is none.", name=interaction.user_id.name)
                )

    def action_open_document(self):
        """Open the lead, order or meeting the interaction was logged from; its own rights apply."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env or not self.res_id:
            raise UserError(
                self.env._(
                    "This interaction is about no document, or the app of the document is gone."
                )
            )
        if not self.env[self.res_model].browse(self.res_id).exists():
            raise UserError(self.env._("The document was deleted."))
        return self.env[self.res_model].browse(self.res_id).get_formview_action()
