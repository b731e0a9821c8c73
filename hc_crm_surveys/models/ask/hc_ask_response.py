from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .hc_ask import ASKED


class HcAsk(models.Model):
    """Who answers: response rates as AAPOR's Standard Definitions count them, over people we asked.

    RR1 counts complete answers, RR2 partial ones too. Asked is whom we have a record of asking: public links
    and posters have none and are in neither figure.
    """

    _inherit = "hc.ask"

    @api.model
    def _response(self, domain):
        """Return counts and rates over requests, of those the caller may read. One query.

        :param domain: over ``hc.ask``; what was not sent is left out by itself
        :return: ``{"asked": n, "complete": n, "partial": n, "waiting": n (they still have time), "rr1": share or
            None, "rr2": share or None}``; shares from 0 to 1, None when nobody was asked
        """
        query = self._response_query(domain)
        self.env.flush_all()
        [row] = self.env.execute_query(query.select(*self._response_columns()))
        return self._response_values(row)

    @api.model
    def _response_groups(self, domain, by):
        """Return who answers and who does not, one line for each group.

        :param by: ``persona``, ``segment``, ``value`` (what they bought, in thirds), or a field of requests:
            ``rule_id``, ``touchpoint``, ``lang``, ``user_id``, ``survey_id``
        :return: ``[(key, counts as of _response)]``, the most asked first; key is an id, a text or None.
            Persona, segment and value are those of now. Somebody may be in several segments.
        """
        query = self._response_query(domain)
        if by in ("rule_id", "touchpoint", "lang", "user_id", "survey_id"):
            key = SQL.identifier("hc_ask", by)
        elif by in ("persona", "segment"):
            table = f"hc_{by}_membership"
            query.add_join(
                "LEFT JOIN",
                "membership",
                table,
                SQL(
                    "membership.partner_id = hc_ask.partner_id AND membership.date_left IS NULL %s",
                    SQL(
                        "AND (membership.company_id IS NULL OR membership.company_id = hc_ask.company_id)"
                    )
                    if by == "segment"
                    else SQL(),
                ),
            )
            key = SQL.identifier("membership", f"{by}_id")
        elif by == "value":
            query.add_join(
                "LEFT JOIN",
                "person",
                "res_partner",
                SQL("person.id = hc_ask.partner_id"),
            )
            query.add_join(
                "LEFT JOIN",
                "insight",
                SQL(
                    "(SELECT partner_id, company_id, NTILE(3) OVER (PARTITION BY company_id ORDER BY monetary) "
                    "AS third FROM hc_customer_insight WHERE monetary > 0)"
                ),
                SQL(
                    "insight.partner_id = person.commercial_partner_id "
                    "AND insight.company_id = hc_ask.company_id"
                ),
            )
            key = SQL(
                "CASE insight.third WHEN 3 THEN 'high' WHEN 2 THEN 'middle' WHEN 1 THEN 'low' END"
            )
        else:
            raise ValidationError(self.env._("Group: “%s” is none.", str(by)[:40]))
        self.env.flush_all()
        query.groupby = key
        rows = self.env.execute_query(query.select(key, *self._response_columns()))
        found = [(row[0], self._response_values(row[1:])) for row in rows]
        return sorted(found, key=lambda item: (-item[1]["asked"], str(item[0])))

    def _response_query(self, domain):
        try:
            domain = Domain(domain) & Domain("state", "in", ASKED)
        except (ValueError, TypeError) as error:
            raise ValidationError(self.env._("Conditions: %s", error)) from error
        query = self._search(domain, order="id")
        query.order = None
        query.add_join(
            "LEFT JOIN",
            "answer",
            "survey_user_input",
            SQL("answer.id = hc_ask.user_input_id"),
        )
        return query

    def _response_columns(self):
        return [
            SQL("COUNT(*)"),
            SQL("COUNT(*) FILTER (WHERE hc_ask.state = 'answered' AND answer.state = 'done')"),
            SQL(
                "COUNT(*) FILTER (WHERE hc_ask.state = 'answered' AND answer.state IS DISTINCT FROM 'done')"
            ),
            SQL("COUNT(*) FILTER (WHERE hc_ask.state = 'sent')"),
        ]

    @api.model
    def _response_values(self, row):
        asked, complete, partial, waiting = row
        return {
            "asked": asked,
            "complete": complete,
            "partial": partial,
            "waiting": waiting,
            "rr1": complete / asked if asked else None,
            "rr2": (complete + partial) / asked if asked else None,
        }
