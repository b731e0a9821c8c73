import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# How far back a rule looks: what was noted so much later makes no sense to ask about any more.
LOOK_BACK_DAYS = 30
# A token as ``secrets.token_urlsafe(24)`` makes it, from the server's own strong random numbers.
TOKEN_SQL = SQL(
    "translate(encode(uuid_send(gen_random_uuid()) || substring(uuid_send(gen_random_uuid()) FROM 9), "
    "'base64'), '+/', '-_')"
)


class HcAskRule(models.Model):
    """Find whom to ask, in one query for each rule, whatever the number of documents.

    How it works (``_cron_find``): each rule that is on makes one ``INSERT … SELECT`` from the documents of the
    last days, newer than the rule. That the same document is read again at every pass is harmless: nobody is
    asked twice about the same thing, by constraint. Whether somebody may be asked is decided right before the
    mail (see ``hc_ask_send``): by then an order may be cancelled, or a complaint open.
    """

    _inherit = "hc.ask.rule"

    @api.model
    def _cron_find(self):
        """Note whom to ask for every rule that is on."""
        rules = self.sudo().search([("trigger", "!=", "manual")])
        progress = self.env["ir.cron"]
        if not progress._commit_progress(remaining=len(rules)):
            return
        for left, rule in zip(range(len(rules) - 1, -1, -1), rules, strict=True):
            rule._find_guarded()
            if not progress._commit_progress(1, remaining=left):
                break

    def _find_guarded(self):
        """Find for one rule; what goes wrong is written on it, and the others go on.

        :return: how many are to be asked
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                found = self._find()
                if self.error:
                    self.error = False
                self.env.flush_all()
                return found
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if not isinstance(error, UserError):
                _logger.exception("Nobody can be asked by rule %s", self.id)
            text = str(error).strip().split("\n")[0]
            if self.error != text:
                self.error = text
            return 0

    def _find(self, now=None):
        """Note whom to ask about what happened since this rule counts. One query.

        :return: how many are new
        """
        self.ensure_one()
        now = now or fields.Datetime.now()
        if not self.date_since:
            self.date_since = now
        since = max(self.date_since, now - timedelta(days=LOOK_BACK_DAYS))
        self.env.flush_all()
        rows = self._candidates(since, now)
        if rows is None:
            return 0
        return len(self._insert(rows))

    def _candidates(self, since, until):
        """Return a SELECT of whom to ask about what happened in a time.

        :param since, until: naive UTC
        :return: SQL with ``partner_id``, ``occurrence``, ``res_model``, ``res_id``, ``date`` (naive UTC); None if
            nothing happens by itself
        """
        self.ensure_one()
        query = self._documents()
        if query is None:
            return None
        model = self.env[self.trigger_model]
        partner, moment = getattr(self, f"_trigger_{self.trigger}")(query)
        res_id = SQL.identifier(query.table, "id")
        query.add_where(SQL("%s > %s AND %s <= %s", moment, since, moment, until))
        rows = query.select(
            SQL("%s AS partner_id", partner),
            SQL("(%s || %s)::varchar AS occurrence", f"{model._name},", res_id),
            SQL("%s AS res_id", res_id),
            SQL("%s AS date", moment),
        )
        return SQL(
            """
            SELECT DISTINCT event.partner_id, event.occurrence, %(model)s::varchar AS res_model, event.res_id,
                   event.date
              FROM (%(rows)s) AS event
              JOIN res_partner AS person ON person.id = event.partner_id
             WHERE person.active AND person.partner_share
               AND person.id NOT IN (SELECT partner_id FROM res_company)
               AND (person.company_id IS NULL OR person.company_id = %(company)s)
               AND %(drawn)s AND %(customers)s
            """,
            model=model._name,
            rows=rows,
            company=self.company_id.id,
            drawn=self._drawn(),
            customers=self._customers(),
        )

    def _documents(self, ids=None):
        """Return a ``Query`` of the documents that fit the conditions, None if there are no documents.

        :param ids: only those of these documents
        """
        info = self._triggers().get(self.trigger)
        if info is None:
            raise UserError(
                self.env._("“After”: the app that brought this moment is gone. Choose another one.")
            )
        if not info["model"]:
            return None
        model = self.env[info["model"]].sudo().with_context(active_test=False)
        domain = self._read_domain("domain", model)
        if "company_id" in model._fields and model._fields["company_id"].store:
            domain &= fields.Domain("company_id", "in", [False, self.company_id.id])
        if ids is not None:
            domain &= fields.Domain("id", "in", ids)
        # no order: it would join what it sorts by
        return model._search(domain, order="id")

    def _still(self, ids):
        """Return which of these documents are still what they have to be, as a set of ids."""
        self.ensure_one()
        query = self._documents(ids)
        if query is None:
            return set(ids)
        _partner, moment = getattr(self, f"_trigger_{self.trigger}")(query)
        query.add_where(SQL("%s IS NOT NULL", moment))
        query.order = None
        rows = self.env.execute_query(
            query.select(SQL("DISTINCT %s", SQL.identifier(query.table, "id")))
        )
        return {row for [row] in rows}

    def _drawn(self):
        """Return the condition that an event is among the share that is asked: always the same answer."""
        if self.share >= 100:
            return SQL("TRUE")
        return SQL(
            "('x' || left(md5(%s || ',' || event.partner_id || ',' || event.occurrence), 8))"
            "::bit(32)::bigint / 4294967296.0 < %s / 100.0",
            f"ask {self.id or 0}",
            self.share,
        )

    def _customers(self):
        domain = self._read_domain("partner_domain", self.env["res.partner"].sudo())
        if domain.is_true():
            return SQL("TRUE")
        query = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            ._search(domain, order="id")
        )
        query.order = None
        return SQL("event.partner_id IN (%s)", query.select())

    def _insert(self, rows, is_delayed=True):
        """Note that these people are to be asked; whoever was about the same thing is passed over.

        :param rows: SQL as of ``_candidates``
        :param is_delayed: they are asked some time after, as the rule says; else at ``date``
        :return: ids of the new requests
        """
        self.ensure_one()
        question = self._metric_question()
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_ask (company_id, rule_id, survey_id, partner_id, occurrence, res_model, res_id,
                       touchpoint, metric, channel, state, date_due, date_event, reminders, tries, token,
                       create_uid, create_date, write_uid, write_date)
                SELECT %(company)s, %(rule)s, %(survey)s, event.partner_id, event.occurrence, event.res_model,
                       event.res_id, %(touchpoint)s, %(metric)s, 'email', 'waiting',
                       event.date + %(delay)s::interval, event.date, 0, 0, %(token)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(rows)s) AS event
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                company=self.company_id.id,
                rule=self.id,
                survey=self.survey_id.id or None,
                touchpoint=self.touchpoint or None,
                metric=question.metric or None,
                delay=f"{self.delay_count if is_delayed else 0} {self.delay_unit}",
                token=TOKEN_SQL,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                rows=rows,
            )
        )
        self.env["hc.ask"].invalidate_model(flush=False)
        return [row for [row] in found]
