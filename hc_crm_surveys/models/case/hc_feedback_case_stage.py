from odoo import api, fields, models
from odoo.exceptions import UserError


class HcFeedbackCaseStage(models.Model):
    _name = "hc.feedback.case.stage"
    _description = "Stage of a Case"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    fold = fields.Boolean(string="Folded")
    is_solved = fields.Boolean(
        string="Solved", help="Cases get here when we have done what we could; then we ask again."
    )
    is_closed = fields.Boolean(string="Closed", help="Nothing more is to be done.")

    def write(self, vals):
        # Which cases are open decides who is written to: not to be changed behind their backs.
        changed = [name for name in ("is_solved", "is_closed") if name in vals]
        if changed and any(
            bool(stage[name]) != bool(vals[name]) for stage in self for name in changed
        ):
            self._check_no_cases()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_without_cases(self):
        self._check_no_cases()

    def _check_no_cases(self):
        # superuser: cases of other companies and colleagues count as well
        case = self.env["hc.feedback.case"].sudo().search([("stage_id", "in", self.ids)], limit=1)
        if case:
            raise UserError(
                self.env._(
                    "Stage “%(stage)s”: cases stand in it. Move them to another stage first.",
                    stage=case.stage_id.name,
                )
            )

    @api.model
    def _first(self, kind="open"):
        """Return the first stage that is ``open``, ``solved`` or ``closed``."""
        domain = {
            "open": [("is_solved", "=", False), ("is_closed", "=", False)],
            "solved": [("is_solved", "=", True)],
            "closed": [("is_closed", "=", True)],
        }[kind]
        return self.search(domain, limit=1)
