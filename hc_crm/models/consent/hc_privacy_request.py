from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..links import check_links

# One month, article 12 (3) of the GDPR; most other laws give as much.
DUE_DAYS = 30
MAX_TEXT = 2000  # characters
KINDS = [
    ("copy", "Copy of their data"),
    ("correction", "Correction"),
    ("erasure", "Erasure"),
    ("objection", "Objection to profiling"),
]
OPEN = ("new", "progress")


class HcPrivacyRequest(models.Model):
    """What somebody asked for about their own data, and what became of it: kept as the proof of both."""

    _name = "hc.privacy.request"
    _description = "Privacy Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "is_open desc, date_due, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    partner_id = fields.Many2one(
        # the proof stays when the contact is deleted one day
        "res.partner",
        string="Person",
        index=True,
        ondelete="set null",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        KINDS, string="Asks for", required=True, default="erasure", tracking=True
    )
    how = fields.Selection(
        [("preferences", "Preference page"), ("told", "Told a colleague")],
        string="Came by",
        required=True,
        default="told",
        readonly=True,
    )
    text = fields.Text(string="In Their Words")
    date = fields.Datetime(string="Asked on", required=True, default=fields.Datetime.now)
    date_due = fields.Date(
        string="Answer by",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="The law gives one month.",
    )
    date_done = fields.Datetime(string="Answered on", readonly=True, copy=False)
    state = fields.Selection(
        [("new", "New"), ("progress", "In Progress"), ("done", "Done"), ("refused", "Refused")],
        required=True,
        default="new",
        tracking=True,
        copy=False,
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        index="btree_not_null",
        ondelete="set null",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    outcome = fields.Text(
        string="What Was Done", help="The customer reads this on their preference page."
    )

    # a second click must not make a second request; also when both clicks come at once
    _open_uniq = models.UniqueIndex(
        "(partner_id, company_id, kind) WHERE state IN ('new', 'progress')",
        "The same request of this person is open already.",
    )

    @api.depends("kind", "partner_id")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            whose = request.partner_id.display_name or self.env._("deleted contact")
            request.name = f"{kinds.get(request.kind, '')}: {whose}"

    @api.depends("date")
    def _compute_date_due(self):
        for request in self:
            request.date_due = fields.Date.add(request.date or fields.Datetime.now(), days=DUE_DAYS)

    @api.depends("state")
    def _compute_is_open(self):
        for request in self:
            request.is_open = request.state in OPEN

    @api.depends("is_open", "date_due")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for request in self:
            request.is_late = request.is_open and request.date_due < today

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("is_open", "=", True) & Domain(
            "date_due", "<", fields.Date.context_today(self)
        )
        if set(value) == {True, False}:
            return Domain.TRUE
        return late if True in value else ~late

    @api.constrains("partner_id")
    def _check_partner(self):
        if not all(request.partner_id for request in self):
            raise ValidationError(self.env._("Person: say who asks."))

    @api.constrains("text")
    def _check_text(self):
        for request in self:
            if len(request.text or "") > MAX_TEXT:
                raise ValidationError(
                    self.env._(
                        "In Their Words holds %(length)s characters; %(max)s is the most.",
                        length=len(request.text),
                        max=MAX_TEXT,
                    )
                )

    @api.constrains("state", "outcome")
    def _check_refusal(self):
        for request in self:
            if request.state == "refused" and not (request.outcome or "").strip():
                raise ValidationError(
                    self.env._(
                        "What Was Done: say why the request is refused. The customer has a right to know."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, ("partner_id", "user_id", "company_id"), creating=True)
        for vals in vals_list:
            if "user_id" not in vals and vals.get("partner_id"):
                vals["user_id"] = self._find_responsible(
                    vals["partner_id"], vals.get("company_id")
                ).id
        requests = super().create(vals_list)
        for request in requests.filtered("is_open"):
            request._remind()
        return requests

    def write(self, vals):
        check_links(self, [vals], ("partner_id", "user_id", "company_id"))
        if "state" in vals:
            is_open = vals["state"] in OPEN
            vals = {**vals, "date_done": False if is_open else fields.Datetime.now()}
        res = super().write(vals)
        if "state" in vals and not is_open:
            self.activity_ids.action_feedback()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(
                self.env._("Requests are the proof of what was asked and done. They stay.")
            )

    @api.model
    def _find_responsible(self, partner_id, company_id=None):
        """Return who answers: the salesperson of the person or their company, else an administrator."""
        company = self.env["res.company"].browse(company_id) if company_id else self.env.company
        # superuser: who is responsible does not hang on who asks
        partner = self.env["res.partner"].sudo().browse(partner_id)

        def may(user):
            return user.active and not user.share and company in user.company_ids

        owners = (partner.user_id | partner.commercial_partner_id.user_id).filtered(may)
        if owners:
            return owners[0]
        group = self.env.ref("hc_crm.hc_crm_group_manager").sudo()
        # the superuser is among them, who never looks
        managers = group.all_user_ids.filtered(lambda user: may(user) and user.id != 1)
        return managers.sorted("id")[:1]

    def _remind(self):
        self.ensure_one()
        if self.user_id:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.date_due,
                summary=self.name,
                user_id=self.user_id.id,
            )

    def action_start(self):
        self.filtered(lambda r: r.state == "new").state = "progress"

    def action_done(self):
        self.state = "done"

    def action_refuse(self):
        self.state = "refused"

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def _hc_log_erasure(self):
        """Keep a line in the host's privacy log, with name and address made unreadable as it does."""
        for request in self:
            partner = request.partner_id
            # superuser: whoever may erase need not have rights on the host's log
            self.env["privacy.log"].sudo().create(
                {
                    "anonymized_name": partner.name or partner.email or "?",
                    "anonymized_email": partner.email or "?",
                    "user_id": self.env.uid,
                    "execution_details": self.env._("Erased by Customer Care"),
                    "records_description": f"{partner._name}: #{partner.id}",
                }
            )

    def action_erase(self):
        """Open the dialog that shows what erasing this person deletes, empties and keeps."""
        self.ensure_one()
        return self.partner_id._hc_erase_dialog(self)
