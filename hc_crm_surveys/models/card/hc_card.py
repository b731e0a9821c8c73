from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.hc_crm.models.links import check_links, given_id, storable

from ...engine.feedback.metric import whole_number

MAX_COMMENT = 5000  # characters
MAX_CONTACT = 120
SOURCES = [("card", "Card or Page"), ("told", "Told a Colleague")]
LINKS = ("partner_id", "user_id")
FOLLOWED = {
    "place_id", "question_id", "date", "answer", "comment", "partner_id", "company_id", "user_id", "source",
    "is_suspect",
}  # fmt: skip


class HcCard(models.Model):
    """What somebody said without being asked by mail: on paper, on a tablet, by a link, or to a colleague."""

    _name = "hc.card"
    _description = "Comment Card"
    _order = "date desc, id desc"
    _check_company_auto = True

    source = fields.Selection(SOURCES, required=True, default="card")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    place_id = fields.Many2one(
        "hc.card.place",
        string="Where",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    batch_id = fields.Many2one(
        "hc.card.batch", index="btree_not_null", ondelete="cascade", check_company=True
    )
    question_id = fields.Many2one(
        "survey.question", compute="_compute_question_id", store=True, ondelete="set null",
        compute_sudo=True, precompute=True, readonly=True,
    )  # fmt: skip
    date = fields.Datetime(required=True, default=lambda self: self._default_date())
    answer = fields.Char(
        string="Score", help="As it stands on the card; empty if nothing was ticked."
    )
    comment = fields.Text()
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="set null",
        help="Only if you know who it was.",
    )  # fmt: skip
    contact = fields.Char(
        string="Wants an Answer At",
        help="What they left: a phone number, an e-mail address. Nobody has checked whose it is.",
    )
    user_id = fields.Many2one(
        "res.users", string="Taken By", ondelete="set null", default=lambda self: self.env.user
    )
    is_suspect = fields.Boolean(string="Probably No Person", readonly=True)

    @api.model
    def _default_date(self):
        """Cards of a pile count on its day."""
        day = self.env.context.get("hc_batch_date")
        return self._noon(fields.Date.to_date(day)) if day else fields.Datetime.now()

    def _noon(self, day):
        """Return noon of a day where the reader is, as naive UTC; not later than now."""
        zone = pytz.timezone(self.env.user.tz or self.env.company.partner_id.tz or "UTC")
        noon = zone.localize(datetime.combine(day, time(12))).astimezone(pytz.utc)
        return min(noon.replace(tzinfo=None), fields.Datetime.now())

    @api.depends("place_id.survey_id")
    def _compute_question_id(self):
        for card in self:
            if card.place_id:
                card.question_id = card.place_id.question_id
            else:
                card.question_id = card.question_id

    # -- checks -----------------------------------------------------------------------------------

    @api.constrains("answer", "question_id")
    def _check_answer(self):
        for card in self.filtered("answer"):
            question = card.sudo().question_id
            if not question:
                raise ValidationError(
                    self.env._(
                        "Score: without a question it says nothing. Choose where the card lay."
                    )
                )
            low, high = question.scale_min, question.scale_max
            text = card.answer.strip()
            score = whole_number(text)
            if score is None or not low <= score <= high:
                raise ValidationError(
                    self.env._(
                        "Score “%(score)s”: “%(question)s” goes from %(low)s to %(high)s. Leave it empty if "
                        "nothing was ticked.",
                        score=text[:20],
                        question=question.title,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("answer", "comment")
    def _check_says_something(self):
        for card in self:
            if not card.answer and not (card.comment or "").strip():
                raise ValidationError(
                    self.env._("Score, Comment: a card needs at least one of the two.")
                )
            if len(card.comment or "") > MAX_COMMENT or len(card.contact or "") > MAX_CONTACT:
                raise ValidationError(
                    self.env._(
                        "Comment: at most %(comment)s characters, the contact at most %(contact)s.",
                        comment=MAX_COMMENT,
                        contact=MAX_CONTACT,
                    )
                )

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + timedelta(minutes=5)
        for card in self:
            if card.date > latest:
                raise ValidationError(
                    self.env._("Date: nobody has said anything in the future. Correct the day.")
                )

    @api.constrains("partner_id")
    def _check_partner(self):
        for card in self:
            company = card.partner_id.sudo().company_id
            if company and company != card.company_id:
                raise ValidationError(
                    self.env._(
                        "Customer: %(name)s belongs to another company.",
                        name=card.partner_id.sudo().name,
                    )
                )

    # -- rows of feedback -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_input(vals_list, creating=True)
        batches = self.env["hc.card.batch"].browse(
            {vals["batch_id"] for vals in vals_list if vals.get("batch_id")}
        )
        for vals in vals_list:
            if isinstance(vals.get("answer"), str):
                vals["answer"] = vals["answer"].strip() or False
            if vals.get("batch_id"):
                batch = batches.browse(vals["batch_id"])
                vals["date"] = vals.get("date") or self._noon(batch.date)
                vals |= {"place_id": batch.place_id.id, "company_id": batch.company_id.id}
        cards = super().create(vals_list)
        self.env["hc.feedback"]._hc_later("hc.card", cards.ids)
        return cards

    def write(self, vals):
        self._check_input([vals])
        res = super().write(vals)
        if FOLLOWED & vals.keys():
            self.env["hc.feedback"]._hc_later("hc.card", self.ids)
        return res

    def unlink(self):
        ids = self.ids
        res = super().unlink()
        self.env["hc.feedback"]._hc_later("hc.card", ids)
        return res

    def _check_input(self, vals_list, creating=False):
        """A customer the writer may not read must not get words put into their mouth."""
        for vals in vals_list:
            for name in ("answer", "comment", "contact"):
                if isinstance(vals.get(name), str):
                    vals[name] = storable(vals[name])
            if not vals.get("date", True) and not vals.get("batch_id"):
                raise UserError(self.env._("Date: say when they said it."))
        for name in ("place_id", "batch_id", "user_id"):
            for vals in vals_list:
                given_id(self.env, vals.get(name), self._fields[name]._description_string(self.env))
        check_links(self, vals_list, LINKS, creating=creating)
