from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class HcPersonaRule(models.Model):
    """One sign by which a customer is recognised as a persona.

    A persona has several; the more of their weight a customer matches, the surer we are.
    """

    _name = "hc.persona.rule"
    _description = "Persona Rule"
    _order = "persona_id, sequence, id"

    persona_id = fields.Many2one("hc.persona", required=True, index=True, ondelete="cascade")
    name = fields.Char(
        string="In Words",
        required=True,
        translate=True,
        help="How you would say it to a colleague, for example “Has ordered in the last 90 days”. "
        "It is shown as the reason on every customer it matches.",
    )
    sequence = fields.Integer(default=10)
    domain = fields.Char(
        string="Customers",
        required=True,
        default="[]",
        help="Which customers this sign is true for. The number shows how many there are today.",
    )
    weight = fields.Float(
        required=True,
        default=1.0,
        digits=(6, 2),
        help="How much this sign says compared with the persona's other rules: 2 counts twice as much as 1.",
    )
    active = fields.Boolean(default=True)

    _weight_positive = models.Constraint(
        "CHECK(weight > 0)",
        "The weight of a rule must be above zero. Archive the rule to switch it off.",
    )

    @api.constrains("domain", "name")
    def _check_domain(self):
        for rule in self:
            domain = rule._get_domain()
            if domain.is_true():
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s”: choose at least one condition under “Customers”, "
                        "else every contact would match.",
                        rule=rule.name,
                    )
                )
            # Tried as the author, not as the superuser constraints run as: what one may not read cannot be
            # made a rule.
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env["res.partner"].with_user(self.env.user).search_count(domain, limit=1)
            except Exception as error:
                # the search methods of other modules' fields raise whatever they like
                raise rule._domain_error(error) from error

    def _domain_error(self, error):
        return ValidationError(
            self.env._(
                "Rule “%(rule)s”: the condition under “Customers” does not work on contacts "
                "(%(error)s). Open it, remove the line it complains about, and save again.",
                rule=self.name,
                error=error,
            )
        )

    def _get_domain(self):
        """Return the rule's condition, which may only hold plain values: no code is evaluated here."""
        self.ensure_one()
        try:
            value = literal_eval(self.domain or "[]")
            if not isinstance(value, list):
                raise ValueError(self.domain)
            return Domain(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise self._domain_error(error) from error

    def _report_broken(self, error):
        """Tell the persona's owner, once, that a refresh had to leave this rule out."""
        self.ensure_one()
        persona = self.persona_id
        summary = self.env._("Repair the rule “%(rule)s”", rule=self.name)
        note = self.env._(
            "Its condition no longer works on contacts, so it is left out until it is repaired: %(error)s",
            error=error,
        )
        if summary in persona.activity_ids.mapped("summary"):
            return
        if persona.user_id:
            persona.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                note=note,
                user_id=persona.user_id.id,
            )
        else:
            persona.message_post(subject=summary, body=note)
