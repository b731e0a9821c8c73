from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

DAY_SECONDS = 86400


class HcJourneyPassage(models.Model):
    """A customer in a stage of a journey: from when to when, and by what. Open ones are where they are now.

    Rows with a touchpoint are events of that touchpoint instead: they happen at ``date_from``.

    Written in set-based SQL by ``hc.journey`` and nobody else, and worked out anew for those with news, so that
    nothing hangs on the order in which things become known. Only what leads to a customer, a stage or a journey
    has a foreign key: each of them costs a look-up for every row of a shop's whole history.

    Where somebody stands tells about the records behind it. So all rows of a customer on a journey are readable
    only to those who may read every one of these: ``seller_count`` is how many colleagues own some (2 stands for
    more, or for records that not everybody may read), ``seller_number`` is the one, if there is one.
    """

    _name = "hc.journey.passage"
    _description = "Customer on a Journey"
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"
    _log_access = False

    journey_id = fields.Many2one(
        "hc.journey", required=True, index=True, ondelete="cascade", readonly=True
    )
    stage_id = fields.Many2one("hc.journey.stage", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="journey_id.company_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    contact_number = fields.Integer(
        readonly=True, aggregator=None, help="Id of the contact it happened with."
    )
    touchpoint_number = fields.Integer(
        readonly=True, aggregator=None, help="Id of the touchpoint; 0: a stage."
    )
    rule_number = fields.Integer(readonly=True, aggregator=None, help="Id of the rule; 0: by hand.")
    date_from = fields.Datetime(string="Entered", required=True, readonly=True)
    date_to = fields.Datetime(string="Left", readonly=True)
    visit = fields.Integer(
        string="Time", readonly=True, aggregator=None, help="1 is the first time in this stage."
    )
    from_number = fields.Integer(
        readonly=True, aggregator=None, help="Id of the stage before; 0: they came in."
    )
    to_number = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Id of the next stage; 0: they are here, or left altogether.",
    )
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, aggregator=None)
    left_model = fields.Char(
        string="Model Left By",
        readonly=True,
        help="By what they left, if not by entering another stage.",
    )
    left_id = fields.Many2oneReference(
        string="Left By", model_field="left_model", readonly=True, aggregator=None
    )
    seller_number = fields.Integer(readonly=True, aggregator=None)
    seller_count = fields.Integer(readonly=True, aggregator=None)

    # to look at and to search by
    is_now = fields.Boolean(string="Here Now", compute="_compute_shown", search="_search_is_now")
    days = fields.Float(compute="_compute_shown", digits=(16, 1))
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_shown", search="_search_is_overdue",
        help="Longer in the stage than it should take.",
    )  # fmt: skip
    is_dropped = fields.Boolean(
        string="Gone Silent", compute="_compute_is_dropped", search="_search_is_dropped",
        help="Longer in the stage than ever usual, and nothing heard of them for as long.",
    )  # fmt: skip
    from_stage_id = fields.Many2one(
        "hc.journey.stage", string="Came from", compute="_compute_stages"
    )
    to_stage_id = fields.Many2one("hc.journey.stage", string="Went to", compute="_compute_stages")

    _stage_idx = models.Index("(stage_id, date_from)")

    @api.depends("date_from", "date_to", "touchpoint_number", "stage_id.standard_days")
    def _compute_shown(self):
        now = fields.Datetime.now()
        for row in self:
            row.is_now = not row.date_to and not row.touchpoint_number
            row.days = ((row.date_to or now) - row.date_from).total_seconds() / DAY_SECONDS
            standard = row.stage_id.standard_days
            row.is_overdue = row.is_now and standard > 0 and row.days > standard

    @api.depends("from_number", "to_number")
    def _compute_stages(self):
        Stage = self.env["hc.journey.stage"]
        known = Stage.browse(
            {*self.mapped("from_number"), *self.mapped("to_number")} - {0}
        ).exists()
        ids = set(known.ids)
        for row in self:
            row.from_stage_id = row.from_number if row.from_number in ids else False
            row.to_stage_id = row.to_number if row.to_number in ids else False

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = [("date_to", "=", False), ("touchpoint_number", "=", 0)]
        return self._either(fields.Domain(wanted), value)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()

        def overdue(model, alias, query):
            return SQL(
                """%(to)s IS NULL AND COALESCE(%(touchpoint)s, 0) = 0 AND EXISTS (
                    SELECT FROM hc_journey_stage AS stage WHERE stage.id = %(stage)s AND stage.standard_days > 0
                       AND %(date)s + stage.standard_days * INTERVAL '1 day' < %(now)s)""",
                to=SQL.identifier(alias, "date_to"),
                touchpoint=SQL.identifier(alias, "touchpoint_number"),
                stage=SQL.identifier(alias, "stage_id"),
                date=SQL.identifier(alias, "date_from"),
                now=now,
            )

        self.env["hc.journey.stage"].flush_model(["standard_days"])
        query = self.sudo()._search(fields.Domain.custom(to_sql=overdue))
        return self._either(fields.Domain("id", "in", query), value)

    def _compute_is_dropped(self):
        # superuser to find them: the reader has the rows already
        found = self.sudo().search([("id", "in", self._origin.ids), ("is_dropped", "=", True)])
        dropped = set(found.ids)
        for row in self:
            row.is_dropped = row._origin.id in dropped

    def _search_is_dropped(self, operator, value):
        """As ``hc.journey.hc_live`` counts them, of each map."""
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        self.env.flush_all()
        parts = []
        for journey in self.env["hc.journey"].sudo().search([("date_passages", "!=", False)]):
            heard = SQL(
                "(SELECT MAX(GREATEST(sign.date_from, sign.date_to)) FROM hc_journey_passage AS sign "
                "WHERE sign.partner_id = row.partner_id AND sign.journey_id = row.journey_id)"
            )
            parts.append(
                SQL(
                    "SELECT row.id FROM hc_journey_passage AS row JOIN hc_journey_stage AS stage "
                    "ON stage.id = row.stage_id WHERE row.journey_id = %s AND row.date_to IS NULL "
                    "AND row.touchpoint_number = 0 AND %s",
                    journey.id,
                    journey._lost_sql(SQL("row.partner_id"), heard, now),
                )
            )
        if not parts:
            return self._either(fields.Domain.FALSE, value)
        return self._either(
            fields.Domain("id", "in", SQL("(%s)", SQL(" UNION ALL ").join(parts))), value
        )

    def _either(self, domain, values):
        values = set(values)
        if values >= {True, False}:
            return fields.Domain.TRUE
        return domain if True in values else ~domain

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_open_origin(self):
        """Open what brought them here."""
        self.ensure_one()
        self.check_access("read")
        if self.res_model not in self.env or self.res_model in (
            "hc.journey.sign",
            "hc.segment.membership",
        ):
            return self.action_open_partner()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise AccessError(self.env._("It is not there any more."))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
