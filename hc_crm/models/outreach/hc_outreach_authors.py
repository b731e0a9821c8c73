from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Who answers for what: each condition has an author of its own. How people come in is one sentence of records,
# conditions over them and the way to the customer; whoever changes a word of it answers for the sentence.
AUTHOR_OF = {
    "partner_domain": "author_id",
    "entry_type": "entry_author_id",
    "entry_model_id": "entry_author_id",
    "entry_source": "entry_author_id",
    "entry_domain": "entry_author_id",
    "entry_partner_path": "entry_author_id",
    "entry_date_field_id": "entry_author_id",
    "exit_domain": "exit_author_id",
    "goal_domain": "goal_author_id",
}
AUTHORS = sorted(set(AUTHOR_OF.values()))


class HcOutreachPlan(models.Model):
    """Conditions see what their author may see: or they would be a way to ask about anything.

    Who comes in, leaves or takes a branch tells who matches. So a condition never runs with the rights of
    somebody who wrote another one, and a copy of a plan keeps the authors of what it copies. The plans shipped
    with the app are OdooBot's and see everything.
    """

    _inherit = "hc.outreach.plan"

    def write(self, vals):
        if not self.env.su:
            vals = dict(vals) | {
                AUTHOR_OF[name]: self.env.uid for name in vals if name in AUTHOR_OF
            }
        return super().write(vals)

    def copy(self, default=None):
        copies = super().copy(default)
        for plan, duplicate in zip(self, copies, strict=True):
            # superuser: authors are nobody's to choose
            plan, duplicate = plan.sudo(), duplicate.sudo()
            duplicate.write({name: plan[name].id for name in AUTHORS})
        return copies

    def _init_column(self, column_name):
        if column_name in AUTHORS and column_name != "author_id":
            # until now one author answered for all
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = author_id",
                    SQL.identifier(self._table),
                    SQL.identifier(column_name),
                )
            )
            return
        super()._init_column(column_name)

    def _as_author(self, model="res.partner", of="partner_domain"):
        """Return a model as the author of one of the plan's conditions sees it.

        :param of: name of the condition's field
        :raises UserError: its author is gone
        """
        return self._seen_by(self[AUTHOR_OF[of]], model)

    def _seen_by(self, author, model="res.partner"):
        """Return a model as ``author`` (``res.users``) sees it in the plan's company."""
        self.ensure_one()
        if not author:
            raise UserError(
                self.env._(
                    "Nobody answers for a condition of “%s” any more: whoever wrote it is gone. Change it to "
                    "make it yours.",
                    self.name,
                )
            )
        if author.id == api.SUPERUSER_ID:
            return self.env[model].sudo()
        return (
            self.env[model]
            .with_user(author)
            .with_context(allowed_company_ids=(self.company_id or author.sudo().company_id).ids)
        )


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    def write(self, vals):
        if "branch_domain" in vals and not self.env.su:
            vals = dict(vals) | {"branch_author_id": self.env.uid}
        return super().write(vals)

    def _init_column(self, column_name):
        if column_name == "branch_author_id":
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE hc_outreach_step AS step SET branch_author_id = plan.author_id
                      FROM hc_outreach_plan AS plan WHERE plan.id = step.plan_id
                    """
                )
            )
            return
        super()._init_column(column_name)

    def _as_author(self):
        """Return contacts as the author of the branch's condition sees them."""
        self.ensure_one()
        return self.plan_id._seen_by(self.branch_author_id)
