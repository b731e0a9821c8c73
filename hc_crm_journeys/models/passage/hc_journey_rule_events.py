from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.hc_crm.models.id_array import id_array
from odoo.addons.hc_crm.models.segment.condition import read
from odoo.addons.hc_crm.models.timeline.timeline_source import Scope, Source

# Whose it is, where it is not ``user_id``.
USER_FIELDS = {"account.move": "invoice_user_id"}
# Open to every salesperson as long as nobody owns it: the host's rules on own documents.
OPEN_UNOWNED = {"sale.order", "crm.lead", "account.move"}
# Whoever may read the customer may read these.
OPEN_MODELS = {"hc.interaction", "res.partner"}


class HcJourneyRule(models.Model):
    """The events of a rule, as SQL over all customers.

    ``_events_<kind>(contacts)`` returns a SELECT, or None where there is nothing to find, of ``partner_id`` (the
    contact), ``date`` (naive UTC), ``res_model``, ``res_id``, ``user_id`` (whose it is), ``is_open`` (whether
    everybody who may read the customer may read it), ``written`` (when it was last changed). Called as superuser.
    ``contacts`` is a list of ids that nobody else need be looked for, or None.
    """

    _inherit = "hc.journey.rule"

    def _events(self, contacts=None):
        self.ensure_one()
        return self._call("events", contacts)

    def _news_key(self):
        """Return what is the same for rules whose news are found by one look."""
        if self.kind == "record" and self.date_seen:
            return self.model_id, self.partner_path or "", self.date_field_id, self.date_seen
        return self.id

    def _news_rows(self):
        """Return the SELECT of events among which to look for those written lately.

        Of records it is all of them, whatever the conditions: that somebody is looked at in vain costs less than
        to look through the table once for each rule.
        """
        self.ensure_one()
        if self.kind == "record" and self.date_seen:
            return self._events_record(None, Domain.TRUE)
        return self._events()

    def _company_condition(self, model, alias):
        """Return the condition that a row of ``model`` is of the journey's company, or of none."""
        for name in ("company_id", "record_company_id"):
            field = model._fields.get(name)
            if field is not None and field.store and field.comodel_name == "res.company":
                column = SQL.identifier(alias, name)
                return SQL("(%s IS NULL OR %s = %s)", column, column, self.company_id.id)
        return SQL("TRUE")

    def _user_sql(self, model):
        """Return (whose a row of ``model`` is, whether it is open), as two SQL."""
        if model._name in OPEN_MODELS:
            return SQL("NULL::int"), SQL("TRUE")
        field = model._fields.get(USER_FIELDS.get(model._name, "user_id"))
        if field is None or not field.store or field.comodel_name != "res.users":
            return SQL("NULL::int"), SQL("FALSE")
        user = SQL.identifier(model._table, field.name)
        if model._name in OPEN_UNOWNED:
            return user, SQL("%s IS NULL", user)
        return user, SQL("FALSE")

    # -- a record -------------------------------------------------------------------------------

    def _events_record(self, contacts, domain=None):
        name = self.model_id.model
        if name not in self.env:
            raise ValueError(self.env._("%s is not installed any more.", name))
        model = self.env[name].with_context(active_test=False)
        path = self._path(model)
        if path is None:
            raise ValueError(self.env._("nothing leads from %s to a contact.", name))
        if domain is None:
            domain = Domain(read(self.domain))
            domain.validate(model)
        query = model._search(domain, order="id")
        query.order = None
        partner = Source("rule", 0, name, label=None, partner=path)._partner_sql(self.env, query)
        query.add_where(self._company_condition(model, model._table))
        if contacts is not None:
            query.add_where(SQL("%s = ANY(%s)", partner, id_array(contacts)))
        date = model._field_to_sql(model._table, self.date_field_id.name or "create_date", query)
        query.add_where(SQL("%s IS NOT NULL", date))
        user, is_open = self._user_sql(model)
        return query.select(
            SQL("%s AS partner_id", partner),
            SQL("date_trunc('second', %s::timestamp) AS date", date),
            SQL("%s::varchar AS res_model", name),
            SQL("%s AS res_id", SQL.identifier(model._table, "id")),
            SQL("%s AS user_id", user),
            SQL("%s AS is_open", is_open),
            SQL("%s AS written", SQL.identifier(model._table, "write_date")),
        )

    # -- the timeline ---------------------------------------------------------------------------

    def _sources(self):
        return [
            source
            for source in self.env["hc.timeline"]._get_sources()
            if source.key == self.source and source.model in self.env
        ]

    def _events_timeline(self, contacts):
        sources = self._sources()
        if not sources:
            raise ValueError(self.env._("the app that brought this is gone."))
        scope = Scope(partner_ids=contacts, everyone=True)
        selects = []
        for source in sources:
            selects += [
                self._timeline_select(source, select)
                for select in source._selects(self.env(su=True), scope)
            ]
        return SQL(" UNION ALL ").join(selects) if selects else None

    def _timeline_select(self, source, select):
        model = self.env[source.model].with_context(active_test=False)
        table = SQL.identifier(model._table)
        where = [self._company_condition(model, model._table)]
        if self.channel_id:
            where.append(SQL("entry.channel = %s", self.channel_id.key))
        if self.direction:
            where.append(SQL("entry.direction = %s", self.direction))
        if (self.domain or "[]") != "[]":
            domain = Domain(read(self.domain))
            domain.validate(model)
            where.append(SQL("entry.res_id IN %s", model._search(domain).subselect()))
        user, is_open = self._user_sql(model)
        return SQL(
            """
            SELECT entry.partner_id, entry.date, entry.res_model, entry.res_id,
                   COALESCE(entry.user_id, %(user)s) AS user_id, %(is_open)s AS is_open,
                   %(written)s AS written
              FROM (%(select)s) AS entry
              JOIN %(table)s ON %(table)s.id = entry.res_id
             WHERE %(where)s
            """,
            user=user,
            is_open=is_open,
            written=SQL("%s.write_date", table) if model._log_access else SQL("entry.date"),
            table=table,
            select=select,
            where=SQL(" AND ").join(where),
        )

    # -- a segment ------------------------------------------------------------------------------

    def _events_segment(self, contacts):
        """What a segment says of a customer is as open as the figures behind it."""
        if not self.segment_id:
            raise ValueError(self.env._("the segment is gone."))
        date = SQL("date_left" if self.segment_way == "left" else "date_entered")
        return SQL(
            """
            SELECT partner_id, date_trunc('second', %(date)s) AS date,
                   'hc.segment.membership'::varchar AS res_model, id AS res_id, NULL::int AS user_id,
                   company_id IS NULL AND uses_documents IS NOT TRUE AS is_open,
                   COALESCE(date_left, date_entered) AS written
              FROM hc_segment_membership
             WHERE segment_id = %(segment)s AND (company_id IS NULL OR company_id = %(company)s)
               AND %(date)s IS NOT NULL AND %(contacts)s
            """,
            date=date,
            segment=self.segment_id.id,
            company=self.company_id.id,
            contacts=self._among(contacts),
        )

    def _among(self, contacts, column="partner_id"):
        if contacts is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", SQL(column), id_array(contacts))

    # -- a condition ----------------------------------------------------------------------------

    def _events_domain(self, contacts):
        """Since when it is true nobody notes but we: see ``_notice``."""
        return self.env["hc.journey.sign"]._events(
            SQL("sign.rule_id = %s AND %s", self.id, self._among(contacts, "sign.partner_id"))
        )

    def _notice(self, now):
        """Note for whom a condition came true, or is not true any more. Two queries.

        :return: SQL of the customers for whom something changed, or None
        """
        self.ensure_one()
        Partner = self.env["res.partner"].with_context(active_test=True)
        domain = Domain(read(self.domain))
        domain.validate(Partner)
        query = Partner._search(domain, order="id")
        query.order = None
        query.add_where(self._company_condition(Partner, "res_partner"))
        matches = query.select(SQL("DISTINCT res_partner.commercial_partner_id AS id"))
        values = {
            "rule": self.id,
            "now": now,
            "matches": matches,
            "company": self.company_id.id,
            "journey": self.journey_id.id,
            "stage": self.stage_id.id,
            "touchpoint": self.touchpoint_id.id or None,
            "way": self.way,
            "is_open": self._is_plain(domain),
        }
        rows = self.env.execute_query(
            SQL(
                """
                WITH match AS MATERIALIZED (%(matches)s),
                gone AS (
                    UPDATE hc_journey_sign AS sign SET date_until = %(now)s
                     WHERE rule_id = %(rule)s AND date_until IS NULL
                       AND NOT EXISTS (SELECT FROM match WHERE match.id = sign.partner_id)
                )
                INSERT INTO hc_journey_sign (rule_id, journey_id, stage_id, touchpoint_id, company_id, way,
                       partner_id, date, is_open)
                SELECT %(rule)s, %(journey)s, %(stage)s, %(touchpoint)s, %(company)s, %(way)s, match.id,
                       %(now)s, %(is_open)s
                  FROM match
                 WHERE match.id IS NOT NULL AND NOT EXISTS (
                       SELECT FROM hc_journey_sign AS known WHERE known.rule_id = %(rule)s
                          AND known.partner_id = match.id AND known.date_until IS NULL)
             RETURNING partner_id
                """,
                **values,
            )
        )
        return [row for [row] in rows]

    def _is_plain(self, domain):
        """Tell whether conditions speak of nothing but what everybody who sees the contact sees on it."""
        Partner = self.env["res.partner"]
        for condition in domain.iter_conditions():
            field = Partner._fields.get(condition.field_expr)
            if field is None or not field.store or not field.column_type or field.groups:
                return False
            if field.company_dependent or condition.operator in (
                "any",
                "not any",
                "any!",
                "not any!",
            ):
                return False
        return True

    # -- feedback -------------------------------------------------------------------------------

    def _events_feedback(self, contacts):
        return SQL(
            """
            SELECT feedback.partner_id, date_trunc('second', feedback.date) AS date,
                   'hc.feedback'::varchar AS res_model, feedback.id AS res_id,
                   COALESCE(feedback.user_id, contact.user_id) AS user_id, FALSE AS is_open,
                   feedback.write_date AS written
              FROM hc_feedback AS feedback JOIN res_partner AS contact ON contact.id = feedback.partner_id
             WHERE feedback.is_counted AND feedback.touchpoint = %s AND feedback.company_id = %s AND %s AND %s
            """,
            (self.feedback_key or "").strip(),
            self.company_id.id,
            SQL("feedback.band = %s", self.feedback_band) if self.feedback_band else SQL("TRUE"),
            self._among(contacts, "feedback.partner_id"),
        )

    # -- in words -------------------------------------------------------------------------------

    @api.depends(*("kind", "way", "source", "channel_id", "direction", "model_id", "domain", "segment_id",
                   "segment_way", "feedback_key", "feedback_band", "touchpoint_id", "stage_id"))  # fmt: skip
    @api.depends_context("lang")
    def _compute_words(self):
        for rule in self:
            what = rule._call("words", default="")
            stage = rule.stage_id.name or ""
            if rule.touchpoint_id:
                rule.words = self.env._(
                    "Customers pass “%(touchpoint)s” when %(what)s",
                    touchpoint=(rule.touchpoint_id.name or "")[:60],
                    what=what,
                )
            elif rule.way == "leave":
                rule.words = self.env._(
                    "Customers leave “%(stage)s” when %(what)s", stage=stage, what=what
                )
            else:
                rule.words = self.env._(
                    "Customers enter “%(stage)s” when %(what)s", stage=stage, what=what
                )

    def _with_conditions(self, text):
        if (self.domain or "[]") == "[]":
            return text
        return self.env._("%(text)s that meets the conditions", text=text)

    def _words_record(self):
        if not self.model_id:
            return "…"
        return self._with_conditions(
            self.env._("they have: %(what)s", what=self.model_id.sudo().name)
        )

    def _words_timeline(self):
        label = dict(self._source_selection()).get(self.source) or "…"
        if self.channel_id:
            label = f"{label} ({self.channel_id.name})"
        text = {
            "in": self.env._("there is, from them: %(what)s", what=label),
            "out": self.env._("there is, from us: %(what)s", what=label),
        }.get(self.direction) or self.env._("there is: %(what)s", what=label)
        return self._with_conditions(text)

    def _words_segment(self):
        name = self.segment_id.name or "…"
        if self.segment_way == "left":
            return self.env._("they drop out of “%(segment)s”", segment=name)
        return self.env._("they come to be in “%(segment)s”", segment=name)

    def _words_domain(self):
        return self.env._("the conditions on them come true")

    def _words_feedback(self):
        key = self.feedback_key or "…"
        return {
            "good": self.env._("they tell us something good about “%(key)s”", key=key),
            "bad": self.env._("they tell us something bad about “%(key)s”", key=key),
        }.get(self.feedback_band) or self.env._("they tell us how “%(key)s” was", key=key)

    # -- how many -------------------------------------------------------------------------------

    @api.depends(*("kind", "source", "channel_id", "direction", "model_id", "domain", "partner_path",
                   "date_field_id", "segment_id", "segment_way", "feedback_key", "feedback_band", "stage_id",
                   "way"))  # fmt: skip
    @api.depends_context("uid", "lang")
    def _compute_match_text(self):
        is_author = self.env.user.has_group("hc_crm.hc_crm_group_manager")
        for rule in self:
            rule.match_text = rule._match_text() if is_author else False

    def _match_text(self):
        """Say how many events there are so far: what one sees before saving."""
        if not self.stage_id:
            return False
        problem = self._call("check")
        if problem:
            return False
        if self.kind == "domain":
            domain = Domain(read(self.domain))
            count = self.env["res.partner"].search_count(domain)
            return self.env._("True of %(count)s contacts now.", count=count)
        self.env.flush_all()
        rule = self.sudo()
        rows = rule._events()
        if rows is None:
            return self.env._("Nothing like it so far.")
        [[count, people, last]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(DISTINCT person.commercial_partner_id), MAX(event.date)
                  FROM (%s) AS event JOIN res_partner AS person ON person.id = event.partner_id
                 WHERE person.active AND event.date <= %s
                """,
                rows,
                fields.Datetime.now(),
            )
        )
        if not count:
            return self.env._("Nothing like it so far.")
        return self.env._(
            "So far %(count)s times, with %(people)s customers; last on %(day)s.",
            count=count,
            people=people,
            day=fields.Date.to_string(last),
        )
