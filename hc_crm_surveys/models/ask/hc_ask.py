import secrets

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STATES = [
    ("waiting", "Waiting"),
    ("sending", "Being Sent"),
    ("sent", "Sent"),
    ("answered", "Answered"),
    ("expired", "Not Answered"),
    ("skipped", "Not Asked"),
    ("failed", "Failed"),
]
# Asked: it reached them, as far as anybody can know.
ASKED = ("sent", "answered", "expired")
TOKEN_BYTES = 24


class HcAsk(models.Model):
    """One person asked once about one thing: our own record of asking, from which response is counted.

    ``waiting`` → ``sending`` (the mail is queued) → ``sent`` → ``answered`` or ``expired``; ``skipped`` with a
    reason when the contact decision, the throttle or what became of the document forbids it. How it goes on its
    way stands in ``hc_ask_send``, what becomes of it in ``hc_ask_after``.
    """

    _name = "hc.ask"
    _description = "Request for Feedback"
    _order = "date_due desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", readonly=True
    )
    rule_id = fields.Many2one(
        "hc.ask.rule",
        string="Because Of",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    survey_id = fields.Many2one(
        "survey.survey", index="btree_not_null", ondelete="set null", readonly=True,
        help="Empty if it was deleted since: then nobody is asked any more.",
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="cascade", readonly=True,
        help="Empty if they asked to be forgotten.",
    )  # fmt: skip
    occurrence = fields.Char(
        required=True, default="once", readonly=True,
        help="What it is about; nobody is asked twice about the same thing.",
    )  # fmt: skip
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    touchpoint = fields.Char(readonly=True)
    metric = fields.Char(
        readonly=True, help="Metric of the survey's first scored question, for the throttle."
    )
    channel = fields.Char(default="email", readonly=True, help="Key of an hc.channel.")
    lang = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", string="From", ondelete="set null", index="btree_not_null", readonly=True
    )

    state = fields.Selection(STATES, required=True, default="waiting", index=True, readonly=True)
    reason_code = fields.Char(readonly=True)
    reason_args = fields.Json(
        readonly=True,
        groups="hc_crm.hc_crm_group_manager",
        help="May hold figures; the sentence made of it says what the reader may know.",
    )
    reason = fields.Char(
        string="Why", compute="_compute_reason", help="Why it was not sent, or waits."
    )
    date_event = fields.Datetime(
        string="Happened", readonly=True, help="When the thing happened that it is about."
    )
    date_due = fields.Datetime(
        string="Due",
        required=True,
        default=fields.Datetime.now,
        readonly=True,
        help="Next look at it.",
    )
    date_sent = fields.Datetime(string="Sent", readonly=True)
    date_expire = fields.Datetime(string="Answer Until", readonly=True)
    date_answered = fields.Datetime(string="Answered", readonly=True)
    date_reminder = fields.Datetime(string="Reminder", readonly=True, help="When to remind next.")
    reminders = fields.Integer(readonly=True, aggregator="sum")
    tries = fields.Integer(readonly=True, aggregator=None)
    error = fields.Text(readonly=True)
    token = fields.Char(
        required=True, readonly=True, copy=False, groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(TOKEN_BYTES),
    )  # fmt: skip
    user_input_id = fields.Many2one(
        "survey.user_input", index="btree_not_null", ondelete="set null", readonly=True, copy=False
    )
    case_id = fields.Many2one(
        "hc.feedback.case", index="btree_not_null", ondelete="set null", readonly=True,
        help="Asked again after this case was solved.",
    )  # fmt: skip
    delivery_id = fields.Many2one(
        "hc.outreach.delivery", index="btree_not_null", ondelete="set null", readonly=True,
        help="The step of a plan that asks, and waits for the answer.",
    )  # fmt: skip
    message_id = fields.Many2one(
        "mail.message", index="btree_not_null", ondelete="set null", readonly=True
    )

    _occurrence_unique = models.UniqueIndex(
        "(partner_id, rule_id, occurrence) WHERE rule_id IS NOT NULL AND partner_id IS NOT NULL",
        "This person was asked about this already.",
    )
    _token_unique = models.UniqueIndex("(token)")
    _due_idx = models.Index("(date_due, id) WHERE state = 'waiting'")
    _throttle_idx = models.Index("(partner_id, metric, date_sent) WHERE date_sent IS NOT NULL")
    _reminder_idx = models.Index("(date_reminder, id) WHERE state = 'sent'")
    _expire_idx = models.Index("(date_expire) WHERE state IN ('sent', 'waiting')")

    @api.depends_context("uid", "lang", "tz")
    @api.depends("reason_code")
    def _compute_reason(self):
        Attempt = self.env["hc.contact.attempt"]
        for ask in self:
            # superuser: the sentence leaves out what the reader may not know
            ask.reason = (
                Attempt._reason_text(ask.reason_code, ask.sudo().reason_args)
                if ask.reason_code
                else False
            )

    @api.depends("partner_id", "survey_id")
    def _compute_display_name(self):
        for ask in self:
            # superuser: colleagues have no rights on surveys, and may know what a customer was asked
            title = ask.sudo().survey_id.title
            name = ask.partner_id.display_name or self.env._("Somebody")
            ask.display_name = f"{name}: {title}" if title else name

    # -- asking ---------------------------------------------------------------------------------

    @api.model
    def _hc_ask(self, rule, partners, record=None, occurrence=None, at=None, case=None):
        """Note that these people are to be asked; whether they may be is decided when it is due.

        :param rule: ``hc.ask.rule``; its conditions and its share are not asked: somebody chose these people
        :param partners: ``res.partner``
        :param record: what it is about; may be nothing
        :param str occurrence: what makes it the same thing when it comes again; by default the record, or today
        :param datetime at: naive UTC; now by default
        :param case: of ``hc.feedback.case``: asked again after it was solved
        :return: the requests about this, also those that were there already
        """
        rule = rule.sudo()
        rule.ensure_one()
        if not partners:
            return self.browse()
        if not occurrence:
            today = fields.Date.context_today(self.with_user(self.env.user))
            occurrence = f"{record._name},{record.id}" if record else f"day,{today}"
        self.env.flush_all()
        ids = rule._insert(
            SQL(
                "SELECT person.id AS partner_id, %s::varchar AS occurrence, %s::varchar AS res_model, "
                "%s::int AS res_id, %s::timestamp AS date FROM unnest(%s::int[]) AS person(id)",
                occurrence,
                record._name if record else None,
                record.id if record else None,
                at or fields.Datetime.now(),
                list(dict.fromkeys(partners.ids)),
            ),
            is_delayed=False,
        )
        if case:
            self.sudo().browse(ids).case_id = case
        # superuser: noting them is the act of whoever may ask; read by the caller's rights
        return self.browse(
            self.sudo()
            .search(
                Domain("rule_id", "=", rule.id)
                & Domain("partner_id", "in", partners.ids)
                & Domain("occurrence", "=", occurrence)
            )
            .ids
        )

    @api.model
    def _hc_ask_deliveries(self, rule, deliveries):
        """Note that the customers of steps of outreach are to be asked. Two queries.

        :param deliveries: ``hc.outreach.delivery``; each waits for its own answer
        :return: the requests
        """
        if not deliveries:
            return self.browse()
        self.env.flush_all()
        asks = self.browse(
            rule.sudo()._insert(
                SQL(
                    "SELECT step.partner_id, 'outreach,' || step.id AS occurrence, NULL::varchar AS res_model, "
                    "NULL::int AS res_id, %s::timestamp AS date FROM hc_outreach_delivery AS step "
                    "WHERE step.id = ANY(%s)",
                    deliveries._now(),
                    deliveries.ids,
                ),
                is_delayed=False,
            )
        )
        self.env.execute_query(
            SQL(
                "UPDATE hc_ask SET delivery_id = split_part(occurrence, ',', 2)::int WHERE id = ANY(%s) "
                "RETURNING id",
                asks.ids,
            )
        )
        asks.invalidate_recordset(["delivery_id"], flush=False)
        return asks

    @api.model
    def _hc_ask_again(self, case):
        """Ask the customer of a solved case again what made it one, so that before and after can be compared.

        With the survey they answered then, in the name of the same rule; without either, with the rule
        “A case was solved” of the company, if there is one. Asked once for each time it is solved.

        :param case: one ``hc.feedback.case``
        :return: the request, empty if there is nobody or nothing to ask
        """
        case = case.sudo()
        case.ensure_one()
        partner = case.partner_id
        if not partner:
            return self.browse()
        rule = self._again_rule(case)
        if not rule:
            return self.browse()
        solved = fields.Datetime.to_string(case.date_solved or fields.Datetime.now())
        # the person who said it, not the company the case is filed under
        said = case.feedback_ids.sorted("date", reverse=True).partner_id[:1] or partner
        return self._hc_ask(
            rule, said, record=case, occurrence=f"case,{case.id},{solved}", case=case
        )

    @api.model
    def _again_rule(self, case):
        Rule = self.env["hc.ask.rule"].sudo().with_context(active_test=False)
        own = Domain("company_id", "=", case.company_id.id) & Domain("survey_id.active", "=", True)
        feedback = case.feedback_ids.sorted("date", reverse=True)
        rules = feedback.ask_id.rule_id.filtered(
            lambda rule: rule.company_id == case.company_id and rule.survey_id.active
        )
        return (
            rules[:1]
            or Rule.search(own & Domain("survey_id", "in", feedback.survey_id.ids), limit=1)
            or Rule.search(
                own & Domain("active", "=", True) & Domain("trigger", "=", "case_solved"), limit=1
            )
        )

    # -- links ----------------------------------------------------------------------------------

    def _url(self, score=None):
        """Return the address at which this person answers; with a score: that one chosen, and not yet given.

        :param int score: a point of the scale
        """
        self.ensure_one()
        ask = self.sudo()
        url = f"{ask.company_id.get_base_url()}/feedback/{ask.token}"
        return url if score is None else f"{url}?score={int(score)}"

    def _buttons(self):
        """Return the points of the scale as they stand in the mail, in the language of the environment.

        :return: ``[{"score": int, "label": str, "face": "1" … "5" or None, "url": str}]``; empty if the survey
            has no question with a metric
        """
        self.ensure_one()
        question = self.sudo().survey_id._metric_question()
        if not question:
            return []
        return [
            {
                "score": point["value"],
                "label": point["label"],
                "face": point["face"],
                "url": self._url(point["value"]),
            }
            for point in question.with_context(lang=self.env.lang)._metric_points()
        ]

    def _hc_links(self):
        """Return the personal links of these people for headers and footers, as ``_hc_contact_links`` does.

        :return: ``{ask id: {"preferences", "unsubscribe", "one_click"}}``
        """
        found = {}
        for (company, purpose), asks in (
            self.sudo().grouped(lambda ask: (ask.company_id, ask._purpose())).items()
        ):
            links = asks.partner_id._hc_contact_links(purpose, company=company)
            found |= {ask.id: links.get(ask.partner_id.id) or {} for ask in asks}
        return found

    def _purpose(self):
        self.ensure_one()
        return self.rule_id.purpose_id or self.env["hc.consent.purpose"]._get("feedback")
