from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class HcCardBatch(models.Model):
    """A pile of paper cards, typed in one after the other."""

    _name = "hc.card.batch"
    _description = "Pile of Comment Cards"
    _order = "date desc, id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    place_id = fields.Many2one(
        "hc.card.place",
        string="Where They Lay",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["hc.card.place"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    date = fields.Date(
        string="Of Which Day", required=True, default=fields.Date.context_today,
        help="Cards without a date of their own count on this day.",
    )  # fmt: skip
    question = fields.Char(compute="_compute_question")
    scale_text = fields.Char(string="Scale", compute="_compute_question")
    card_ids = fields.One2many("hc.card", "batch_id", string="Cards")
    card_count = fields.Integer(compute="_compute_card_count", string="Number of Cards")

    _check_company_auto = True

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_empty_lines(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._without_empty_lines(vals))

    @api.model
    def _without_empty_lines(self, vals):
        """Who presses Enter after the last card has begun one more line: it is no card."""
        if not isinstance(vals.get("card_ids"), list | tuple):
            return vals
        return vals | {
            "card_ids": [line for line in vals["card_ids"] if not self._is_empty_line(line)]
        }

    @staticmethod
    def _is_empty_line(line):
        if not isinstance(line, list | tuple) or len(line) != 3 or line[0] != Command.CREATE:
            return False
        values = line[2]
        return isinstance(values, dict) and not any(
            value.strip() if isinstance(value, str) else value
            for value in map(values.get, ("answer", "comment", "contact", "partner_id"))
        )

    @api.depends("place_id", "date")
    def _compute_name(self):
        for batch in self:
            batch.name = f"{batch.place_id.name or ''} {batch.date or ''}".strip()

    @api.depends("place_id")
    def _compute_question(self):
        for batch in self:
            # superuser: colleagues have no rights on surveys
            question = batch.place_id.question_id.sudo()
            batch.question = question.title
            batch.scale_text = (
                self.env._("%(low)s to %(high)s", low=question.scale_min, high=question.scale_max)
                if question
                else False
            )

    @api.depends("card_ids")
    def _compute_card_count(self):
        for batch in self:
            batch.card_count = len(batch.card_ids)

    @api.constrains("place_id")
    def _check_place(self):
        for batch in self:
            if batch.card_ids.filtered(lambda card: card.place_id != batch.place_id):  # noqa: B023
                raise UserError(
                    self.env._(
                        "Where they lay: cards were typed already. Make another pile instead."
                    )
                )
