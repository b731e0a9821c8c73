from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .condition import parse
from .words import Words

MAX_SAMPLE = 20
HISTORY_MONTHS = 12


class HcSegment(models.Model):
    """What the screen of a segment asks for: who would be in, how it grew, and where its buttons lead."""

    _inherit = "hc.segment"

    @api.model
    @api.readonly
    def hc_preview(self, domain, level="customer", company_id=False, name=False, limit=8):
        """Return who would be in a segment with these conditions, as far as the current user may see.

        Everything is asked as the current user, who cannot learn more than by searching contacts.

        :param domain: the conditions, as text
        :return: ``{"count": n | False, "customers": [{id, name, why}], "words": text, "error": text | False}``
        """
        self.browse().check_access("read")
        company = self._preview_company(company_id)
        if not isinstance(domain, str):
            raise ValidationError(
                self.env._("Conditions: give them as text, as the field of the segment holds them.")
            )
        if not isinstance(level, str) or level not in dict(self._fields["level"].selection):
            raise ValidationError(
                self.env._("Whom: “%(value)s” is not one of the choices.", value=level)
            )
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= MAX_SAMPLE:
            raise ValidationError(
                self.env._("Limit: give a whole number from 1 to %(most)s.", most=MAX_SAMPLE)
            )
        # superuser for the segment only, which is not stored: its author, the current user, asks
        segment = self.sudo().new(
            {
                "name": name if isinstance(name, str) and name else self.env._("New"),
                "domain": domain,
                "level": level,
                "company_id": company_id or False,
                "author_id": self.env.uid,
            }
        )
        nothing = {"count": False, "customers": [], "words": "", "error": False}
        try:
            with self.env.cr.savepoint(flush=False):
                conditions = segment._get_conditions()
                if Domain(conditions).is_true():
                    return nothing
                return {
                    **nothing,
                    **segment._preview(
                        conditions, company if segment.uses_insight else None, limit
                    ),
                    "words": Words(self.env).condition(parse(domain)),
                }
        except ValidationError as error:
            return nothing | {"error": str(error)}
        except Exception as error:
            # the search methods of other modules' fields raise whatever they like
            return nothing | {"error": segment._error_text(error)}

    @api.model
    def _preview_company(self, company_id):
        if not company_id:
            return self.env.company
        company = self.env.companies.filtered(lambda one: one.id == company_id)
        if not company or type(company_id) is not int:
            raise ValidationError(
                self.env._("Company: choose one of the companies you are working in.")
            )
        return company

    def _preview(self, conditions, company, limit):
        query = self._matching(conditions, company)
        [[count]] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM %s AS matching", query.subselect())
        )
        partners = self.env["res.partner"].with_user(self.author_id)
        sample = partners.search([("id", "in", query)], limit=limit)
        figures = self._preview_figures(sample, conditions, company)
        words, tree = Words(partners.env), parse(self.domain)
        today = fields.Date.to_string(fields.Date.context_today(self))
        return {
            "count": count,
            "customers": [
                {
                    "id": partner.id,
                    "name": partner.display_name,
                    "why": words.entered(tree, figures.get(partner.id) or {}, {}, today),
                }
                for partner in sample
            ],
        }

    def _preview_figures(self, partners, conditions, company):
        """Return ``{id: figures}``, without those of customers whose figures the reader may not see."""
        if not partners:
            return {}
        readable = partners.env["hc.customer.insight"]._search(
            [("company_id", "=", company.id if company else False)]
        )
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner.id, %(figures)s
                      FROM res_partner AS partner
                 LEFT JOIN hc_customer_insight AS insight
                        ON insight.partner_id = partner.commercial_partner_id
                       AND insight.id IN %(readable)s
                     WHERE partner.id IN %(ids)s
                    """,
                    figures=self._figures(conditions)[0],
                    readable=readable.subselect(),
                    ids=partners._ids,
                )
            )
        )

    @api.readonly
    def hc_get_history(self):
        """Return how many were in at the end of each month, how many came and how many left.

        :return: ``[{"label", "size", "entered", "left"}]``, oldest first; the last is today
        """
        if len(self) != 1:
            raise UserError(self.env._("How a segment grew: open one segment."))
        self.check_access("read")
        Membership = self.env["hc.segment.membership"]
        lines = Membership._search(Domain("segment_id", "=", self.id) & Membership._here())
        first = fields.Date.context_today(self).replace(day=1)
        months = [
            fields.Date.subtract(first, months=back) for back in range(HISTORY_MONTHS - 1, -1, -1)
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT month.start,
                       COUNT(*) FILTER (WHERE line.date_left IS NULL OR line.date_left >= month.stop),
                       COUNT(*) FILTER (WHERE line.date_entered >= month.start
                                          AND line.entered_cause = 'figures'),
                       COUNT(*) FILTER (WHERE line.date_left >= month.start
                                          AND line.date_left < month.stop
                                          AND line.left_cause IN ('figures', 'contact')),
                       COUNT(line.id)
                  FROM (SELECT start, start + interval '1 month' AS stop
                          FROM UNNEST(%(months)s::date[]) AS start) AS month
             LEFT JOIN %(lines)s AS line ON line.date_entered < month.stop
                 GROUP BY month.start
                 ORDER BY month.start
                """,
                months=months,
                lines=lines.subselect(
                    *(
                        SQL.identifier(lines.table, name)
                        for name in (
                            "id",
                            "date_entered",
                            "date_left",
                            "entered_cause",
                            "left_cause",
                        )
                    )
                ),
            )
        )
        return [
            {
                "label": format_date(self.env, start, date_format="MMM y"),
                "size": size if known else 0,
                "entered": entered,
                "left": left,
            }
            for start, size, entered, left, known in rows
        ]

    def action_open_customers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("contacts.action_contacts")
        return action | {
            "display_name": self.name,
            "domain": [("hc_segment_ids", "in", self.ids)],
            "context": {},
            "help": self.env._("Nobody is in this segment that you may see."),
        }

    def action_open_memberships(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm.hc_segment_membership_action"
        )
        return action | {
            "display_name": self.env._("Who entered and left: %(segment)s", segment=self.name),
            "domain": [("segment_id", "=", self.id)],
            "context": {"search_default_current": 1},
        }

    def action_new_mailing(self):
        """Open a new mailing to the customers who are in the segment when it is sent."""
        self.ensure_one()
        if not self.can_mail:
            raise AccessError(
                self.env._("Ask whoever sends your mailings: you may not create mailings yourself.")
            )
        if (
            self.company_id
            or not self.uses_insight
            or not self.env.user.has_group("base.group_multi_company")
        ):
            domain = [("hc_segment_ids", "in", self.ids)]
        else:
            # sent at night by nobody in particular: say whose figures decide
            domain = [
                (
                    "hc_segment_membership_ids",
                    "any",
                    [
                        ("segment_id", "in", self.ids),
                        ("company_id", "=", self.env.company.id),
                        ("date_left", "=", False),
                    ],
                )
            ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mailing to “%(segment)s”", segment=self.name),
            "res_model": "mailing.mailing",
            "views": [(False, "form")],
            "context": {
                "default_mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "default_mailing_domain": repr(domain),
                "default_mailing_type": "mail",
            },
        }
