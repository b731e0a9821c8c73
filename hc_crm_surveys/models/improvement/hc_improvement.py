import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import is_html_empty

from odoo.addons.hc_crm.models.links import check_links

STATES = [
    ("idea", "Idea"),
    ("planned", "Planned"),
    ("doing", "Under Way"),
    ("done", "Done"),
    ("told", "Customers Told"),
    ("dropped", "Not Pursued"),
]
FIRST_MIDNIGHT = timedelta(hours=14)  # where a day begins first, ahead of UTC
MAX_NAME = 300
MAX_WORDS = 1000
LINKS = ("user_id", "company_id")


class HcImprovement(models.Model):
    """A change made because customers asked for it: "you said, we did"."""

    _name = "hc.improvement"
    _description = "Improvement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id desc"
    _check_company_auto = True

    name = fields.Char(string="What Changes", required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    description = fields.Html(
        string="What We Did", translate=True,
        help="Customers read it in the letter that tells them, each in their language.",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", ondelete="set null", tracking=True,
        default=lambda self: self.env.user, check_company=True, domain="[('share', '=', False)]",
    )  # fmt: skip
    state = fields.Selection(
        STATES, required=True, default="idea", index=True, tracking=True,
        # those not pursued have a column as soon as there is one
        group_expand=lambda self, states, domain: [
            key for key, _label in STATES if key != "dropped" or key in states
        ],
    )  # fmt: skip
    color = fields.Integer()
    topic_ids = fields.Many2many(
        "hc.feedback.topic", string="Topics", help="What customers talk about who ask for it."
    )
    words = fields.Char(
        help="Words that customers use who ask for it, separated by commas: they are suggested to you."
    )
    touchpoint = fields.Char(
        string="Moment",
        help="Technical name of the moment it changes, for example delivery: what customers say about "
        "that moment is compared before and after.",
    )
    feedback_ids = fields.Many2many("hc.feedback", string="Who Asked for It", copy=False)
    date_done = fields.Date(string="Done On", tracking=True, copy=False)
    notice_ids = fields.One2many("hc.improvement.notice", "improvement_id", string="Letters")
    asked_count = fields.Integer(string="Asked for It", compute="_compute_counts")
    waiting_count = fields.Integer(
        string="Waiting to Hear", compute="_compute_counts",
        help="People who asked for it and have not heard yet that it is done.",
    )  # fmt: skip
    told_count = fields.Integer(string="Told", compute="_compute_counts")
    suggested_count = fields.Integer(string="May Have Asked", compute="_compute_suggested_count")

    @api.depends("feedback_ids", "notice_ids.state")
    def _compute_counts(self):
        # superuser: how many people, not who
        rows = {}
        if self.ids:
            self.env.flush_all()
            self.env.cr.execute(
                """
                SELECT rel.hc_improvement_id, COUNT(DISTINCT feedback.partner_id),
                       COUNT(DISTINCT notice.partner_id),
                       COUNT(DISTINCT notice.partner_id) FILTER (WHERE notice.state = 'sent')
                  FROM hc_feedback_hc_improvement_rel AS rel
                  JOIN hc_feedback AS feedback ON feedback.id = rel.hc_feedback_id AND feedback.is_counted
             LEFT JOIN hc_improvement_notice AS notice
                    ON notice.improvement_id = rel.hc_improvement_id
                   AND notice.partner_id = feedback.partner_id
                 WHERE rel.hc_improvement_id = ANY(%s)
                 GROUP BY 1
                """,
                [self.ids],
            )
            rows = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for improvement in self:
            asked, noticed, told = rows.get(improvement._origin.id, (0, 0, 0))
            improvement.asked_count = asked
            improvement.waiting_count = asked - noticed
            improvement.told_count = told

    @api.depends("topic_ids", "words", "feedback_ids")
    def _compute_suggested_count(self):
        for improvement in self:
            domain = improvement._suggested_domain() if improvement.ids else Domain.FALSE
            improvement.suggested_count = (
                0 if domain.is_false() else self.env["hc.feedback"].search_count(domain, limit=1000)
            )

    @api.constrains("name", "words", "touchpoint")
    def _check_texts(self):
        for improvement in self:
            if not (improvement.name or "").strip():
                raise ValidationError(self.env._("What Changes: one line is enough."))
            for name, limit in (("name", MAX_NAME), ("words", MAX_WORDS), ("touchpoint", 100)):
                if len(improvement[name] or "") > limit:
                    raise ValidationError(
                        self.env._(
                            "%(field)s holds %(length)s characters; %(max)s is the most.",
                            field=self._fields[name]._description_string(self.env),
                            length=len(improvement[name]),
                            max=limit,
                        )
                    )

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for improvement in self:
            user = improvement.user_id.sudo()
            if user and (user.share or improvement.company_id not in user.company_ids):
                raise ValidationError(
                    self.env._(
                        "Owner: %(name)s is no colleague of %(company)s.",
                        name=user.name,
                        company=improvement.company_id.sudo().name,
                    )
                )

    @api.constrains("state", "description", "date_done")
    def _check_done(self):
        # It is tomorrow already for colleagues further east: what they noted is no mistake to others.
        latest = (fields.Datetime.now() + FIRST_MIDNIGHT).date()
        for improvement in self:
            if improvement.state not in ("done", "told"):
                continue
            if improvement.date_done and improvement.date_done > latest:
                raise ValidationError(
                    self.env._(
                        "Done On: a day that is still to come. It is “Under Way” until then."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links(self, vals_list, LINKS, creating=True)
        for vals in vals_list:
            self._clean(vals)
            if vals.get("state") == "told" and not self.env.su:
                self._refuse_told()
            if vals.get("state") in ("done", "told"):
                vals.setdefault("date_done", fields.Date.context_today(self))
        improvements = super().create(vals_list)
        improvements._check_linked({})
        return improvements

    def write(self, vals):
        check_links(self, [vals], LINKS)
        self._clean(vals)
        if "user_id" in vals:
            self._check_may_hand_over(vals["user_id"])
        if "company_id" in vals and any(one.company_id.id != vals["company_id"] for one in self):
            raise UserError(
                self.env._("Company: an improvement stays with the company whose customers asked.")
            )
        if vals.get("state") == "told" and not self.env.su and any(o.state != "told" for o in self):
            self._refuse_told()
        if vals.get("state") == "done" and "date_done" not in vals:
            undated = self.filtered(lambda one: not one.date_done)
            if undated:
                super(HcImprovement, undated).write({"date_done": fields.Date.context_today(self)})
        # sudo: to know what is new; the new ones are checked as the user
        before = (
            {one.id: set(one.sudo().feedback_ids.ids) for one in self}
            if "feedback_ids" in vals
            else {}
        )
        res = super().write(vals)
        if "feedback_ids" in vals:
            self._check_linked(before)
        return res

    def _clean(self, vals):
        for name in ("name", "words", "touchpoint"):
            if isinstance(vals.get(name), str):
                vals[name] = vals[name].replace("\x00", "")

    def _check_may_hand_over(self, user_id):
        """The owner informs customers of all colleagues: nobody makes themselves the owner of what has one."""
        if self.env.su or self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            return
        for improvement in self:
            owner = improvement.user_id
            if owner and owner != self.env.user and owner.id != user_id:
                raise AccessError(
                    self.env._(
                        "Owner: only %(owner)s or an administrator of Customer Care hands “%(name)s” over.",
                        owner=owner.sudo().name,
                        name=improvement.name,
                    )
                )

    def _refuse_told(self):
        raise UserError(
            self.env._(
                "Customers Told: use “Inform Who Asked” on the improvement; it gets there by itself."
            )
        )

    def _check_linked(self, before):
        """Who links what was said has to be able to read it; and it has to be of this company."""
        for improvement in self:
            known = before.get(improvement.id, ())
            linked = improvement.sudo().feedback_ids
            new = linked.browse(row_id for row_id in linked.ids if row_id not in known)
            if not self.env.su and new.with_env(self.env)._filtered_access("read") != new:
                raise AccessError(self.env._("Who Asked for It: some of it is not open to you."))
            if new.company_id - improvement.company_id:
                raise UserError(
                    self.env._(
                        "Who Asked for It: what customers of another company said stays there."
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_untold(self):
        if self.sudo().notice_ids.filtered(lambda row: row.state == "sent"):
            raise UserError(
                self.env._("Customers were told about it. Archive it instead of deleting it.")
            )

    # -- who asked ----------------------------------------------------------------------------------

    def _suggested_domain(self):
        """Return the domain of feedback that may have asked for it and is not linked yet."""
        self.ensure_one()
        about = Domain.FALSE
        if self.topic_ids:
            about |= Domain("topic_ids", "in", self.topic_ids.ids)
        for word in (self.words or "").split(","):
            if word := re.sub(r"([\\%_])", r"\\\1", " ".join(word.split()).rstrip("*")):
                about |= Domain("comment", "ilike", word)
        if about.is_false():
            return about
        return (
            about
            & Domain("company_id", "=", self.company_id.id)
            & Domain("is_counted", "=", True)
            & Domain("improvement_ids", "not in", self.ids)
        )

    def action_suggest(self):
        """Show what customers said that this may be the answer to; link it from there."""
        self.ensure_one()
        self.check_access("write")
        domain = self._suggested_domain()
        if domain.is_false():
            raise UserError(
                self.env._("Topics: say which topics or words customers use who ask for it.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Asked for “%(name)s”?", name=self.name),
            "res_model": "hc.feedback",
            "views": [
                (self.env.ref("hc_crm_surveys.hc_feedback_view_list_link").id, "list"),
                (False, "form"),
            ],
            "domain": list(domain),
            "context": {"hc_improvement_id": self.id},
            "help": self.env._("Nobody else asked for it, as far as topics and words tell."),
        }

    def action_feedback(self):
        """Show who asked for it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Asked for “%(name)s”", name=self.name),
            "res_model": "hc.feedback",
            "views": [
                (self.env.ref("hc_crm_surveys.hc_feedback_view_list_link").id, "list"),
                (False, "form"),
            ],
            "domain": [("improvement_ids", "in", self.ids)],
            "context": {},
        }

    def action_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm_surveys.hc_improvement_notice_action"
        )
        action["domain"] = [("improvement_id", "=", self.id)]
        return action

    def _has_text(self):
        return not is_html_empty(self.description)
