import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Number of the advisory lock of a refresh: any constant that no other addon is likely to use.
REFRESH_LOCK = 4_719_002_001


class HcPersonaMembership(models.Model):
    """Who is, or was, which persona, since when and why. One open line per partner, the rest is history.

    It stands beside ``res.partner`` on purpose: recomputing a million customers must not write, lock or
    bloat the table that everybody works in.

    How the refresh works (``_refresh``): each active rule of each active persona becomes one
    ``INSERT … SELECT`` from ``res.partner._search()`` into a temporary table; one query picks the best
    persona of each partner; three more close, adjust and open lines, and only where something changed.
    The number of queries depends on the number of rules, never on the number of customers.

    It runs as superuser: which persona somebody is must not depend on who presses the button. Each rule's
    condition, though, sees only what its author may see (``hc.persona.rule``), or a rule could be used to
    ask about anything. What a reader may see of the result is up to the record rules of this model.
    """

    _name = "hc.persona.membership"
    _description = "Persona of a Customer"
    _order = "date_entered desc, id desc"
    _rec_name = "persona_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    persona_id = fields.Many2one(
        "hc.persona", required=True, index=True, ondelete="cascade", readonly=True
    )
    source = fields.Selection(
        [("rule", "Rules"), ("person", "A Person")],
        string="Decided by",
        required=True,
        default="rule",
        readonly=True,
    )
    confidence = fields.Float(
        readonly=True,
        aggregator="avg",
        help="How sure we are: the share of the persona's rules that match, lowered when another persona "
        "matches nearly as well. What a person decided counts as certain.",
    )
    reason = fields.Char(string="Why", readonly=True)
    user_id = fields.Many2one("res.users", string="Chosen by", readonly=True, ondelete="set null")
    date_entered = fields.Datetime(
        string="Since", required=True, default=fields.Datetime.now, readonly=True, index=True
    )
    date_left = fields.Datetime(string="Until", readonly=True, index="btree_not_null")
    left_reason = fields.Char(string="Why It Ended", readonly=True)
    is_current = fields.Boolean(
        string="Current", compute="_compute_is_current", search="_search_is_current"
    )

    # also what every lookup of a partner's persona goes through
    _partner_current_uniq = models.UniqueIndex(
        "(partner_id) WHERE date_left IS NULL", "A customer has one persona at a time."
    )
    _persona_current_idx = models.Index("(persona_id) WHERE date_left IS NULL")

    @api.depends("date_left")
    def _compute_is_current(self):
        for membership in self:
            membership.is_current = not membership.date_left

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("date_left", "=" if True in value else "!=", False)

    @api.depends("persona_id", "partner_id")
    def _compute_display_name(self):
        for membership in self:
            membership.display_name = self.env._(
                "%(customer)s: %(persona)s",
                customer=membership.partner_id.display_name,
                persona=membership.persona_id.display_name,
            )

    def action_open_customer(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_confirm(self):
        """Keep this persona from now on, whatever the rules say."""
        if not self:
            raise UserError(self.env._("There is no persona to agree with yet."))
        self.ensure_one()
        self.partner_id.persona_id = self.persona_id
        return {"type": "ir.actions.act_window_close"}

    def action_back_to_rules(self):
        self.ensure_one()
        self.partner_id.persona_id = False
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # a person's choice
    # ------------------------------------------------------------

    @api.model
    def _choose(self, partners, persona):
        """Record that the current user says what ``partners`` are; an empty persona hands them back.

        Called by the inverse of ``res.partner.persona_id``, after the ORM checked write access on the
        partners.
        """
        persona.check_access("read")
        if persona and not persona.active:
            raise ValidationError(
                self.env._(
                    "The persona “%(persona)s” is archived. Choose another one, or restore it first.",
                    persona=persona.name,
                )
            )
        foreign = persona.company_id and partners.filtered(
            lambda p: p.company_id != persona.company_id
        )
        if foreign:
            raise ValidationError(
                self.env._(
                    "The persona “%(persona)s” belongs to %(company)s, but %(customer)s does not. Choose a "
                    "persona of all companies, or set the company of the contact.",
                    persona=persona.name,
                    company=persona.company_id.sudo().name,
                    customer=foreign[0].display_name,
                )
            )
        # superuser: nobody writes memberships directly; the right to write the partner was checked
        memberships = self.sudo()
        current = memberships.search(
            [("partner_id", "in", partners.ids), ("date_left", "=", False)]
        )
        if persona:
            current._close(self.env._("%(user)s chose another persona", user=self.env.user.name))
            reason = self.env._("Chosen by %(user)s", user=self.env.user.name)
            return memberships.create(
                [
                    {
                        "partner_id": partner.id,
                        "persona_id": persona.id,
                        "source": "person",
                        "confidence": 1.0,
                        "reason": reason,
                        "user_id": self.env.uid,
                    }
                    for partner in partners
                ]
            )
        chosen = current.filtered(lambda m: m.source == "person")
        if chosen:
            chosen._close(self.env._("%(user)s gave it back to the rules", user=self.env.user.name))
            self._refresh(chosen.partner_id)
        # what only the rules said stays
        return memberships

    def _close(self, reason):
        self.write({"date_left": fields.Datetime.now(), "left_reason": reason})
        # the unique index looks at the table, not at the cache
        self.flush_model(["date_left", "left_reason"])

    # ------------------------------------------------------------
    # the refresh
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, partners=None):
        """Decide every customer's persona anew, or that of some partners only.

        :param partners: limit to these res.partner records (used when a person hands one back)
        :return: ``{"entered": n, "left": n, "adjusted": n, "skipped": rules}``, or None when another
            refresh of all customers is under way
        """
        if partners is None and not self._lock_refresh():
            return None
        # Superuser: see the class. One language: a reason is a text in the log, and must not change each
        # time a colleague with another language presses the button.
        lang = self.env.company.sudo().partner_id.lang or "en_US"
        self = self.sudo().with_context(lang=lang)
        self.env.flush_all()
        self._create_temporary_tables()
        skipped = self._collect_matches(partners)
        self._pick_winners(skipped)
        result = {
            "left": self._close_lost(partners),
            "adjusted": self._adjust_kept(),
            "entered": self._open_won(),
            "skipped": skipped,
        }
        # SQL wrote behind the back of the cache
        self.invalidate_model()
        self.env["hc.persona"].invalidate_model(
            ["membership_ids", "customer_count", "customer_share"]
        )
        self.env["res.partner"].invalidate_model(self.env["res.partner"]._hc_persona_fields())
        return result

    @api.model
    def _count_changes(self, kind):
        """Return how many lines the refresh of this transaction changed that the user may see.

        :param kind: ``entered`` or ``left``
        """
        return self.search_count(
            Domain(
                "id",
                "in",
                SQL("(SELECT membership_id FROM hc_persona_change WHERE kind = %s)", kind),
            )
        )

    @api.model
    def _lock_refresh(self):
        """Return whether this transaction may refresh; the lock goes with the transaction."""
        [[locked]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", REFRESH_LOCK)
        )
        return locked

    def _create_temporary_tables(self):
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS hc_persona_match, hc_persona_winner, hc_persona_change;
                CREATE TEMPORARY TABLE hc_persona_match (
                    partner_id integer NOT NULL,
                    rule_id integer NOT NULL
                ) ON COMMIT DROP;
                CREATE TEMPORARY TABLE hc_persona_winner (
                    partner_id integer PRIMARY KEY,
                    persona_id integer NOT NULL,
                    confidence double precision NOT NULL,
                    reason varchar NOT NULL
                ) ON COMMIT DROP;
                CREATE TEMPORARY TABLE hc_persona_change (
                    membership_id integer NOT NULL,
                    kind varchar NOT NULL
                ) ON COMMIT DROP
                """
            )
        )

    def _collect_matches(self, partners=None):
        """Fill hc_persona_match with one row per partner and matching rule; return the broken rules."""
        rules = self.env["hc.persona.rule"].search([("persona_id.active", "=", True)])
        Partner = self.env["res.partner"].with_context(active_test=True)
        # who may be described at all is not for the authors to see: they add to it
        eligible = Partner._hc_profiling_domain()
        if partners is not None:
            eligible &= Domain("id", "in", partners.ids)
        skipped = rules.browse()
        for rule in rules:
            domain = eligible
            if company := rule.persona_id.company_id:
                domain &= Domain("company_id", "=", company.id)
            # One bad rule must not cost the night's work: fields go away when a module is uninstalled.
            try:
                condition = rule._get_domain()
                with self.env.cr.savepoint(flush=False):
                    seen = rule._partners_of_author()
                    if seen.env.su:
                        query = seen._search(domain & condition)
                    else:
                        query = seen._search(
                            Domain("id", "in", Partner._search(domain)) & condition
                        )
                    self.env.execute_query(
                        SQL(
                            "INSERT INTO hc_persona_match (partner_id, rule_id) %s",
                            query.select(SQL.identifier(query.table, "id"), SQL("%s", rule.id)),
                        )
                    )
            except Exception as error:
                _logger.info("Persona rule %s was skipped: %s", rule.id, error)
                rule._report_broken(error)
                skipped |= rule
        self.env.cr.execute("ANALYZE hc_persona_match")
        return skipped

    def _pick_winners(self, skipped):
        """Fill hc_persona_winner with the best persona of each partner, leaving ``skipped`` rules out.

        share of a persona = weight of its matching rules / weight of all its rules. Those that reach
        their own minimum are ranked by share, then by matched weight, then by the order of the personas.
        confidence = s1 · s1 / (s1 + s2), s2 the highest share among all others: ``engine.persona.confidence``
        in SQL; a test compares the two.
        """
        Rule = self.env["hc.persona.rule"]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO hc_persona_winner (partner_id, persona_id, confidence, reason)
                WITH total AS (
                    SELECT persona_id, SUM(weight) AS weight
                      FROM hc_persona_rule
                     WHERE active AND id != ALL(%(skipped)s)
                     GROUP BY persona_id
                ), score AS (
                    SELECT match.partner_id,
                           hc_persona_rule.persona_id,
                           SUM(hc_persona_rule.weight) AS matched,
                           SUM(hc_persona_rule.weight) / MIN(total.weight) AS share,
                           STRING_AGG(%(rule_name)s, '; '
                                      ORDER BY hc_persona_rule.sequence, hc_persona_rule.id) AS reason
                      FROM hc_persona_match AS match
                      JOIN hc_persona_rule ON hc_persona_rule.id = match.rule_id
                      JOIN total ON total.persona_id = hc_persona_rule.persona_id
                     GROUP BY match.partner_id, hc_persona_rule.persona_id
                ), ranked AS (
                    SELECT score.*,
                           -- weights are decimals: 0.5 must not miss a half by a rounding error
                           score.share >= persona.min_match - 1e-9 AS enough,
                           ROW_NUMBER() OVER best AS place,
                           MAX(score.share) OVER (
                               best ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                           ) AS runner_up
                      FROM score
                      JOIN hc_persona AS persona ON persona.id = score.persona_id
                    WINDOW best AS (
                        PARTITION BY score.partner_id
                        ORDER BY score.share >= persona.min_match - 1e-9 DESC, score.share DESC,
                                 score.matched DESC, persona.sequence, persona.id
                    )
                )
                SELECT partner_id, persona_id,
                       share * share / (share + COALESCE(runner_up, 0)),
                       reason
                  FROM ranked
                 WHERE place = 1 AND enough
                """,
                skipped=list(skipped.ids),
                rule_name=Rule._field_to_sql("hc_persona_rule", "name"),
            )
        )
        self.env.cr.execute("ANALYZE hc_persona_winner")

    def _close_lost(self, partners=None):
        """Close the rules' lines whose partner is something else now, or nothing; return how many."""
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                UPDATE hc_persona_membership AS membership
                   SET date_left = %(now)s, left_reason = %(reason)s,
                       write_uid = %(uid)s, write_date = %(now)s
                 WHERE membership.date_left IS NULL
                   AND membership.source = 'rule'
                   AND %(scope)s
                   AND NOT EXISTS (
                       SELECT 1 FROM hc_persona_winner AS winner
                        WHERE winner.partner_id = membership.partner_id
                          AND winner.persona_id = membership.persona_id
                   )
                RETURNING membership.id
                )
                INSERT INTO hc_persona_change (membership_id, kind) SELECT id, 'left' FROM changed
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                # the same for both: the next line of the log tells which persona follows
                reason=self.env._("The rules no longer match best"),
                scope=(
                    SQL("TRUE")
                    if partners is None
                    else SQL("membership.partner_id = ANY(%s)", list(partners.ids))
                ),
            )
        )
        return self.env.cr.rowcount

    def _adjust_kept(self):
        """Bring confidence and reason up to date where the persona stays; return how many changed."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_persona_membership AS membership
                   SET confidence = winner.confidence, reason = winner.reason,
                       write_uid = %(uid)s, write_date = %(now)s
                  FROM hc_persona_winner AS winner
                 WHERE membership.partner_id = winner.partner_id
                   AND membership.persona_id = winner.persona_id
                   AND membership.date_left IS NULL
                   AND membership.source = 'rule'
                   AND (membership.confidence, membership.reason)
                       IS DISTINCT FROM (winner.confidence, winner.reason)
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        return self.env.cr.rowcount

    def _open_won(self):
        """Open lines for partners that have none: a person's choice is never overwritten."""
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                INSERT INTO hc_persona_membership (
                    partner_id, persona_id, source, confidence, reason, date_entered,
                    create_uid, create_date, write_uid, write_date
                )
                SELECT winner.partner_id, winner.persona_id, 'rule', winner.confidence, winner.reason,
                       %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM hc_persona_winner AS winner
                 WHERE NOT EXISTS (
                       SELECT 1 FROM hc_persona_membership AS current
                        WHERE current.partner_id = winner.partner_id AND current.date_left IS NULL
                 )
                RETURNING id
                )
                INSERT INTO hc_persona_change (membership_id, kind) SELECT id, 'entered' FROM changed
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _cron_refresh(self):
        """Nightly. A refresh that somebody started by hand does the same work: then leave it to them."""
        if self._refresh() is None:
            _logger.info("Personas are being refreshed already; nothing to do.")
