import json

from odoo import api, fields, models
from odoo.tools import SQL

from .contact_reason import reason_text

# What may be written by ``_hc_log``, and how a missing value is stored.
COLUMNS = {
    "partner_id": "int4",
    "company_id": "int4",
    "purpose_id": "int4",
    "channel_id": "int4",
    "date": "timestamp",
    "outcome": "varchar",
    "is_budgeted": "bool",
    "by_person": "bool",
    "subject": "varchar",
    "reason_code": "varchar",
    "reason_args": "jsonb",
    "date_until": "timestamp",
    "res_model": "varchar",
    "res_id": "int4",
    "message_id": "int4",
}


class HcContactAttempt(models.Model):
    """What we wanted to send by ourselves and what became of it: the ledger of the contact budget.

    One row per origin (a delivery of outreach, an ask of a survey): written by whoever sends, once more
    when its outcome changes. It is a source of the timeline, so that the customer's page says what was
    sent, postponed or dropped, and why.
    """

    _name = "hc.contact.attempt"
    _description = "Contact by Ourselves"
    _order = "date desc, id desc"
    _rec_name = "subject"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Company or Household", ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    purpose_id = fields.Many2one(
        "hc.consent.purpose", ondelete="set null", readonly=True, index="btree_not_null"
    )
    channel_id = fields.Many2one(
        "hc.channel", required=True, ondelete="restrict", readonly=True, index=True
    )
    date = fields.Datetime(required=True, readonly=True, help="When it was sent or decided.")
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("postponed", "Postponed"),
            ("dropped", "Dropped"),
            ("person", "Left to a person"),
            ("doubt", "May have been sent"),
        ],
        required=True,
        readonly=True,
    )
    is_budgeted = fields.Boolean(
        string="Counts as a Contact", readonly=True, help="Counts in the contact budget once sent."
    )
    by_person = fields.Boolean(
        readonly=True, help="A colleague wrote or changed it before it left: it counts as a talk."
    )
    subject = fields.Char(readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_args = fields.Json(
        readonly=True,
        groups="hc_crm.hc_crm_group_manager",
        help="May hold figures; the sentence made of it says what the reader may know.",
    )
    reason = fields.Char(compute="_compute_reason")
    date_until = fields.Datetime(string="Postponed until", readonly=True)
    res_model = fields.Char(readonly=True, required=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, required=True)
    message_id = fields.Many2one(
        "mail.message", ondelete="set null", readonly=True, index="btree_not_null"
    )

    _origin_uniq = models.UniqueIndex("(res_model, res_id)")
    _budget_idx = models.Index("(partner_id, date) WHERE outcome = 'sent' AND is_budgeted")
    _partner_idx = models.Index("(partner_id, date DESC, id DESC)")
    _customer_idx = models.Index("(commercial_partner_id, date DESC, id DESC)")

    @api.depends_context("uid", "lang", "tz")
    @api.depends("reason_code")
    def _compute_reason(self):
        for attempt in self:
            # superuser: the sentence leaves out what the reader may not know
            args = attempt.sudo().reason_args
            attempt.reason = self._reason_text(attempt.reason_code, args) or False

    @api.model
    def _reason_text(self, code, args=None):
        """Say a reason in the words of the reader; names only of records that they may read.

        :param str code: see :class:`ContactDecision`; other addons add theirs to ``_reason_texts``
        :param dict args: as in the decision, or as read back from JSON
        """
        return reason_text(self.env, code, args or {})

    @api.model
    def _reason_texts(self):
        """Return ``{code: function(env, args) -> str}`` of codes beyond those of the decision.

        Called by ``_reason_text`` first. Other addons override it for codes of their own.
        """
        return {}

    @api.model
    def _hc_log(self, rows):
        """Write the ledger: one row per origin, changed when it is there already. One query.

        :param rows: list of dicts with ``partner_id``, ``company_id``, ``channel_id``, ``outcome``,
            ``res_model``, ``res_id`` and, as there is reason to, ``purpose_id``, ``date`` (now by default),
            ``is_budgeted``, ``by_person``, ``subject``, ``reason_code``, ``reason_args``, ``date_until``,
            ``message_id``; of two rows of one origin the last counts
        :return: ids of the rows written
        """
        if not rows:
            return []
        now = fields.Datetime.now()
        latest = {}
        for row in rows:
            if unknown := row.keys() - COLUMNS.keys():
                raise ValueError(f"hc.contact.attempt has no {', '.join(sorted(unknown))}")
            latest[row["res_model"], row["res_id"]] = {
                **row,
                "date": row.get("date") or now,
                "is_budgeted": bool(row.get("is_budgeted")),
                "by_person": bool(row.get("by_person")),
            }

        self.flush_model()
        for name in ("res.partner", "mail.message"):
            self.env[name].flush_model()
        columns = {
            name: [self._hc_stored(name, row.get(name)) for row in latest.values()]
            for name in COLUMNS
        }
        names = SQL(", ").join(map(SQL.identifier, COLUMNS))
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_contact_attempt (%(names)s, commercial_partner_id)
                SELECT %(given)s, partner.commercial_partner_id
                  FROM UNNEST(%(arrays)s) AS given (%(names)s)
                  JOIN res_partner AS partner ON partner.id = given.partner_id
                    ON CONFLICT (res_model, res_id) DO UPDATE SET %(changes)s,
                       commercial_partner_id = EXCLUDED.commercial_partner_id
             RETURNING id
                """,
                names=names,
                given=SQL(", ").join(SQL.identifier("given", name) for name in COLUMNS),
                arrays=SQL(", ").join(
                    SQL("%s::%s[]", columns[name], SQL(kind)) for name, kind in COLUMNS.items()
                ),
                changes=SQL(", ").join(
                    SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in COLUMNS
                    if name not in ("res_model", "res_id")
                ),
            )
        )
        self.invalidate_model()
        return [attempt_id for (attempt_id,) in found]

    @api.model
    def _hc_stored(self, name, value):
        if name == "reason_args":
            return json.dumps(value) if value else None
        return None if value is None or (value is False and COLUMNS[name] != "bool") else value
