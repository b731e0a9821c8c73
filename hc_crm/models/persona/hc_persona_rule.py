from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..links import check_links


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
    author_id = fields.Many2one(
        "res.users",
        string="Condition by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who wrote the condition. It sees what they may see, in all their companies, and no more.",
    )

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
                    rule._partners_of_author().search_count(domain, limit=1)
            except Exception as error:
                # the search methods of other modules' fields raise whatever they like
                raise rule._domain_error(error) from error

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "author_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        # onto a persona one may not read would be onto that of another company
        check_links(self, [vals], ("persona_id",))
        vals = {name: value for name, value in vals.items() if name != "author_id"}
        if "domain" in vals:
            vals["author_id"] = self.env.uid
        return super().write(vals)

    def _init_column(self, column_name):
        if column_name == "author_id":
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET author_id = COALESCE(write_uid, create_uid)",
                    SQL.identifier(self._table),
                )
            )
            return
        super()._init_column(column_name)

    def _partners_of_author(self):
        """Return ``res.partner`` as the author of the condition sees it, after checking every field in it.

        Else a rule would be a way to ask about anything: who becomes a persona tells who matches. The rules
        shipped with the app are OdooBot's and see everything.
        """
        self.ensure_one()
        author = self.author_id
        if not author:
            raise ValidationError(
                self.env._("nobody answers for this condition any more; change it to make it yours")
            )
        partners = (
            self.env["res.partner"]
            .with_user(author)
            .with_context(active_test=True, allowed_company_ids=author.company_ids.ids)
        )
        # As it was written: what the host simplifies away is not looked at any more, and may come back.
        self._check_condition_fields(partners, literal_eval(self.domain or "[]"))
        return partners

    def _check_condition_fields(self, model, conditions):
        """Check that ``model``'s user may read every field of ``conditions``, along the whole path."""
        for condition in conditions:
            if not isinstance(condition, (list, tuple)) or len(condition) != 3:
                continue  # an operator between conditions
            path, operator, value = condition
            current = model
            for name in path.split(".") if isinstance(path, str) else ():
                field = current._fields.get(name)
                if field is None:
                    break  # part of a date or of properties, or wrong: the search tells
                current.check_access("read")
                current._check_field_access(field, "read")
                if not field.relational:
                    break
                current = current.env[field.comodel_name]
                current.check_access("read")
            if operator in ("any", "not any") and isinstance(value, (list, tuple)):
                self._check_condition_fields(current, value)

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
