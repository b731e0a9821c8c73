from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..links import check_links

MAX_PROOF = 10_000  # characters; the text of a form, not a book
EARLIEST_YEAR = 1970
# clocks of other systems run ahead
FUTURE_TOLERANCE = timedelta(minutes=5)
# What people write down or send. The other ways are our own machinery's to say.
OPEN_WAYS = ("told", "form", "import", "api")
# Ways that only tell what the host knows: a line is made when that changes, not each time it is looked at.
HOST_WAYS = ("blacklist", "mailing")


class HcConsent(models.Model):
    """One yes or no of one person, as it was said. An append-only log: the latest line counts.

    A line without a channel is about every channel; a later line about one channel overrides it there,
    and a later line about all overrides each. Lines "Odoo's blacklist" only tell what happened: whether
    an address is on the blacklist is asked of the blacklist itself.
    """

    _name = "hc.consent"
    _description = "Consent"
    _order = "date desc, id desc"
    _rec_name = "purpose_id"

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, index=True, ondelete="cascade"
    )
    purpose_id = fields.Many2one(
        "hc.consent.purpose", required=True, index=True, ondelete="restrict"
    )
    channel_id = fields.Many2one(
        "hc.channel", index="btree_not_null", ondelete="restrict", help="Empty: on every channel."
    )
    state = fields.Selection(
        [("given", "Yes"), ("withdrawn", "No")], string="They Said", required=True
    )
    date = fields.Datetime(string="Said on", required=True, default=fields.Datetime.now)
    how = fields.Selection(
        [
            ("told", "Told a colleague"),
            ("form", "Filled in a form"),
            ("preferences", "Preference centre"),
            ("unsubscribe", "Unsubscribe link"),
            ("import", "Import"),
            ("blacklist", "Odoo's blacklist"),
            ("mailing", "Mailing list"),
            ("api", "Another system"),
        ],
        required=True,
        default="told",
    )
    proof = fields.Text(help="What they said or wrote, or the text they agreed to.")
    res_model = fields.Char(string="Proof: Document Model")
    res_id = fields.Many2oneReference(string="Proof: Document", model_field="res_model")
    user_id = fields.Many2one(
        "res.users", string="Noted by", default=lambda self: self.env.user, ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: said to all companies."
    )
    host_effect = fields.Json(
        readonly=True,
        copy=False,
        help="What this line changed in the host, so that it can be undone.",
    )

    _latest_idx = models.Index("(partner_id, purpose_id, channel_id, date DESC, id DESC)")

    # -- checks -----------------------------------------------------------------------------------

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + FUTURE_TOLERANCE
        for consent in self:
            if consent.date > latest:
                raise ValidationError(
                    self.env._(
                        "Said on %(date)s lies in the future. Give the day on which they said so.",
                        date=consent.date,
                    )
                )
            if consent.date.year < EARLIEST_YEAR:
                raise ValidationError(
                    self.env._(
                        "Said on %(date)s: the year cannot be before %(year)s. Is a digit missing?",
                        date=consent.date,
                        year=EARLIEST_YEAR,
                    )
                )

    @api.constrains("proof")
    def _check_proof(self):
        for consent in self:
            if len(consent.proof or "") > MAX_PROOF:
                raise ValidationError(
                    self.env._(
                        "Proof holds %(length)s characters; %(max)s is the most. Attach the document to "
                        "the customer instead.",
                        length=len(consent.proof),
                        max=MAX_PROOF,
                    )
                )

    @api.constrains("res_model", "res_id")
    def _check_document(self):
        for consent in self:
            if not consent.res_model and not consent.res_id:
                continue
            model = consent.res_model
            if model not in self.env or self.env[model]._abstract or not consent.res_id:
                raise ValidationError(
                    self.env._(
                        "Proof: Document Model: there is no document “%(model)s” %(id)s.",
                        model=(model or "")[:60],
                        id=consent.res_id or "",
                    )
                )

    def _hc_check_proof_readable(self):
        """Constraints are asked as superuser; whether the writer may read the document is asked here."""
        for model, lines in self.sudo().filtered("res_model").grouped("res_model").items():
            documents = self.env[model].browse(lines.mapped("res_id"))
            if len(documents.exists()._filtered_access("read")) < len(documents):
                raise AccessError(self.env._("Proof: Document: it is not open to you, or is gone."))

    @api.model_create_multi
    def create(self, vals_list):
        check_links(
            self, vals_list, ("partner_id", "purpose_id", "channel_id", "company_id"), creating=True
        )
        if not self.env.su:
            vals_list = [self._hc_checked(vals) for vals in vals_list]
        lines = super().create(vals_list)
        if not self.env.su:
            # superuser: only to learn who it is about; the right to change them is asked as the user
            lines.sudo().partner_id.with_env(self.env).check_access("write")
            lines._hc_check_proof_readable()
        lines._hc_tell_host()
        return lines

    def _hc_checked(self, vals):
        """Return ``vals`` as a person may give them: noted by themselves, in a way that is theirs to say."""
        way = "import" if self.env.context.get("import_file") else "told"
        how = vals.get("how") or way
        if how not in OPEN_WAYS:
            labels = dict(self._fields["how"]._description_selection(self.env))
            if how in labels:
                raise UserError(
                    self.env._(
                        "How: “%(how)s” is noted by Odoo itself. Choose another.", how=labels[how]
                    )
                )
        return {**vals, "how": how, "user_id": self.env.uid, "host_effect": False}

    def write(self, vals):
        # the machine notes what a line changed in the host; a merge moves lines by SQL
        if not self.env.su:
            self._hc_refuse_change()
        return super().write(vals)

    def unlink(self):
        # superuser: erasing a person takes their lines along
        if not self.env.su:
            self._hc_refuse_change()
        return super().unlink()

    def copy(self, default=None):
        self._hc_refuse_change()
        return super().copy(default)

    def _hc_refuse_change(self):
        raise UserError(
            self.env._(
                "What a customer said stays as it was said. If they changed their mind, or it was noted "
                "wrongly, add a new line: the latest one counts."
            )
        )

    # -- business ---------------------------------------------------------------------------------

    @api.model
    def _hc_record(self, partners, purpose, state, channel=None, how="told", proof=None, date=None,
                   record=None, company=None):  # fmt: skip
        """Note what ``partners`` said, one line each; the rights of the caller apply.

        A new yes or no is always noted, also when it is the same as before. What the host knows anyway
        (``how`` "blacklist", "mailing") is noted once, until it changes.

        :param purpose: record or key of ``hc.consent.purpose``
        :param str state: ``given`` or ``withdrawn``
        :param channel: record or key of ``hc.channel``; None: every channel
        :param str proof: what they said or wrote, or the text they agreed to
        :param datetime date: naive UTC; now by default
        :param record: the document that proves it
        :param company: to whom they said it; None: to all companies
        :return: the new lines
        """
        purpose = self.env["hc.consent.purpose"]._get(purpose)
        channel = self.env["hc.channel"]._hc_get(channel) if channel else None
        if how in HOST_WAYS:
            partners = partners.browse(
                self._hc_not_noted(partners.ids, purpose.id, channel and channel.id, state, how)
            )
        vals = {
            "purpose_id": purpose.id,
            "channel_id": channel.id if channel else False,
            "state": state,
            "how": how,
            "proof": proof or False,
            "date": date or fields.Datetime.now(),
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
            "company_id": company.id if company else False,
            "user_id": self.env.uid,
        }
        return self.create([{**vals, "partner_id": partner_id} for partner_id in partners.ids])

    def _hc_not_noted(self, partner_ids, purpose_id, channel_id, state, how):
        """Return those of the ids whose latest line of this way does not say ``state`` already."""
        self.flush_model()
        noted = self.env.execute_query(
            SQL(
                """SELECT partner_id FROM (
                    SELECT DISTINCT ON (partner_id) partner_id, state FROM hc_consent
                     WHERE partner_id = ANY(%s) AND purpose_id = %s AND how = %s
                       AND channel_id IS NOT DISTINCT FROM %s
                     ORDER BY partner_id, date DESC, id DESC) AS latest
                WHERE state = %s""",
                list(partner_ids),
                purpose_id,
                how,
                channel_id or None,
                state,
            )
        )
        noted = {partner_id for (partner_id,) in noted}
        return [partner_id for partner_id in partner_ids if partner_id not in noted]

    def _hc_tell_host(self):
        """Keep the host's blacklists and mailing lists in step: see ``hc_consent_host``."""
