import re
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

# 24 random bytes: nobody guesses 192 bits.
TOKEN_BYTES = 24
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{32}")
# No token looks like it; asked for in place of what cannot be one, so that every refusal takes as long.
NO_TOKEN = "-"


class HcContactLink(models.Model):
    """The key to one person's preference page at one company: who holds it needs no login.

    One line per (person, company) is current: it stands in new mails. Older ones go on working until they
    are revoked: a link in a mail of last year must still let people unsubscribe, also after their two
    contacts were merged. Nobody reads this model but the superuser; a token is shown to who may change the
    contact (``res.partner.action_hc_preferences``).
    """

    _name = "hc.contact.link"
    _description = "Personal Link"
    _order = "id desc"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    token = fields.Char(required=True)
    is_current = fields.Boolean(string="In New Mails", required=True, default=True)
    date_created = fields.Datetime(required=True, default=fields.Datetime.now)
    date_expiry = fields.Datetime(string="Revoked on", help="From then on it opens nothing.")

    _token_uniq = models.UniqueIndex("(token)")
    _current_uniq = models.UniqueIndex("(partner_id, company_id) WHERE is_current")

    @api.model
    def _find(self, token):
        """Return the line of ``token``, empty if it is unknown, revoked or no token at all.

        One query in every case, so that the answer's time tells nothing.
        """
        if not TOKEN_PATTERN.fullmatch(token or ""):
            token = NO_TOKEN
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM hc_contact_link WHERE token = %s AND (date_expiry IS NULL OR date_expiry > %s)",
                token,
                fields.Datetime.now(),
            )
        )
        return self.browse([row[0] for row in rows])

    @api.model
    def _tokens(self, partner_ids, company):
        """Return ``{partner id: token}``, making what is missing: two queries, three when some are missing.

        :param partner_ids: ids of existing contacts
        """
        partner_ids = list(partner_ids)
        self.flush_model()
        tokens = self._current_tokens(partner_ids, company)
        missing = [partner_id for partner_id in partner_ids if partner_id not in tokens]
        if not missing:
            return tokens
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO hc_contact_link (partner_id, company_id, token, is_current, date_created)
                SELECT new.partner_id, %s, new.token, TRUE, %s
                  FROM unnest(%s::int[], %s::text[]) AS new (partner_id, token)
                    ON CONFLICT DO NOTHING
                """,
                company.id,
                fields.Datetime.now(),
                missing,
                [secrets.token_urlsafe(TOKEN_BYTES) for _partner_id in missing],
            )
        )
        # somebody else may have made some of them meanwhile: what is stored counts
        return tokens | self._current_tokens(missing, company)

    @api.model
    def _current_tokens(self, partner_ids, company):
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT partner_id, token FROM hc_contact_link "
                    "WHERE is_current AND company_id = %s AND partner_id = ANY(%s)",
                    company.id,
                    partner_ids,
                )
            )
        )

    @api.model
    def _revoke(self, partners, company=None):
        """Let no link of these people work any more; the next mail carries a new one."""
        domain = [("partner_id", "in", partners.ids), ("date_expiry", "=", False)]
        if company:
            domain.append(("company_id", "=", company.id))
        self.search(domain).write({"is_current": False, "date_expiry": fields.Datetime.now()})
