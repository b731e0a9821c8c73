import random
import secrets
import smtplib

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.feedback.figure import figure
from ...engine.feedback.metric import whole_number
from ...engine.pulse import anonymity

CODE_BYTES = 24
MAX_COMMENT = 2000  # characters
AGREE_FROM = 4  # of 5
OPEN_DAYS = 14
HISTORY = (
    "state", "date_open", "is_published", "answer_count", "enps", "empowerment", "is_enough", "result",
)  # fmt: skip


class HcPulse(models.Model):
    """A round of asking colleagues how it is to work here, anonymous for real.

    Who was asked is known. Who answered, what, and when is not, to nobody: links are made for the list in a
    random order, sent without being kept anywhere, and stored as a hash that is deleted when it is used;
    answers carry no person and no time (``hc.pulse.answer``). Figures are worked out once, when the round
    closes, so that nobody learns anything from the difference between two looks. Single answers are deleted
    then. What remains outside: logs of the web server and of the mail server.
    """

    _name = "hc.pulse"
    _description = "Pulse of the Team"
    _order = "date_open desc, id desc"

    name = fields.Char(required=True, default=lambda self: self._default_name())
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade", default=lambda self: self.env.company
    )  # fmt: skip
    state = fields.Selection(
        [("draft", "Being prepared"), ("open", "Open"), ("closed", "Closed")],
        required=True, default="draft", readonly=True, copy=False,
    )  # fmt: skip
    date_open = fields.Date(string="Opened", readonly=True, copy=False)
    date_close = fields.Date(
        string="Closes", copy=False,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=OPEN_DAYS),
    )  # fmt: skip
    introduction = fields.Text(translate=True, help="Stands above the questions, and in the mail.")
    question_ids = fields.One2many(
        "hc.pulse.question", "pulse_id", string="Questions", copy=True,
        default=lambda self: self._default_questions(),
    )  # fmt: skip
    invitation_ids = fields.One2many("hc.pulse.invitation", "pulse_id", string="Who Is Asked")
    asked_count = fields.Integer(string="Asked", compute="_compute_asked_count")
    is_published = fields.Boolean(
        string="Shared with the Team", copy=False, readonly=True,
        help="All colleagues in Customer Care may read the results.",
    )  # fmt: skip

    # worked out when it closes; empty if too few answered
    answer_count = fields.Integer(string="Answers", readonly=True, copy=False)
    enps = fields.Float(string="eNPS", readonly=True, copy=False, aggregator=None, digits=(4, 0))
    empowerment = fields.Float(
        string="Empowerment Index", readonly=True, copy=False, aggregator=None, digits=(4, 0),
        help="How far colleagues agree with the statements, 0 to 100.",
    )  # fmt: skip
    is_enough = fields.Boolean(string="Enough Answers", readonly=True, copy=False)
    result = fields.Json(readonly=True, copy=False, prefetch=False, groups="base.group_system")

    @api.model
    def _default_name(self):
        today = fields.Date.context_today(self)
        return self.env._("Pulse %(month)02d/%(year)s", month=today.month, year=today.year)

    @api.model
    def _default_questions(self):
        return [
            Command.create({"name": one.name, "kind": one.kind, "sequence": one.sequence})
            for one in self.env["hc.pulse.question"].sudo().search([("pulse_id", "=", False)])
        ]

    @api.depends("invitation_ids.state")
    def _compute_asked_count(self):
        for pulse in self:
            pulse.asked_count = len(
                pulse.invitation_ids.filtered(lambda one: one.state != "waiting")
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_history(vals_list, creating=True)
        pulses = super().create(vals_list)
        pulses._translate_questions()
        return pulses

    def _translate_questions(self):
        """New rounds have the ready questions in every language, not only that of whoever made them."""
        ready = self.env["hc.pulse.question"].sudo().search([("pulse_id", "=", False)])
        by_name = {one.name: one for one in ready}
        for question in self.sudo().question_ids:
            if source := by_name.get(question.name):
                for lang, _name in self.env["res.lang"].get_installed():
                    question.with_context(lang=lang).name = source.with_context(lang=lang).name

    def write(self, vals):
        self._check_history([vals])
        if {"question_ids", "company_id", "introduction"} & vals.keys():
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        if any(pulse.state != "draft" for pulse in self.sudo()):
            raise UserError(
                self.env._(
                    "The round is open: its questions do not change any more. Make another round instead."
                )
            )

    @api.model
    def _check_history(self, vals_list, creating=False):
        """How far a round is and what came of it: nobody types that in, or a round could be opened twice."""
        if self.env.su:
            return
        for vals in vals_list:
            # a new one may be given what every new one is
            usual = (False, 0, "draft") if creating else ()
            if named := [name for name in HISTORY if name in vals and vals[name] not in usual]:
                raise UserError(
                    self.env._(
                        "%(field)s: this cannot be typed in; it is noted by itself.",
                        field=self._fields[named[0]]._description_string(self.env),
                    )
                )

    @api.constrains("date_close", "state")
    def _check_date_close(self):
        for pulse in self:
            if pulse.state == "open" and not pulse.date_close:
                raise ValidationError(self.env._("Closes: say until when colleagues may answer."))

    # -- who is asked ---------------------------------------------------------------------------------

    def action_add_colleagues(self):
        """Put everybody who works in this company on the list, with their team."""
        self.ensure_one()
        self._check_manager()
        if self.state == "closed":
            raise UserError(self.env._("This round is closed."))
        users = self.env["res.users"].sudo().search(
            [("share", "=", False), ("company_ids", "in", self.company_id.ids), ("email", "!=", False)]
        ) - self.invitation_ids.user_id  # fmt: skip
        known = {(email or "").lower() for email in self.invitation_ids.mapped("email")}
        teams = self._teams(users)
        values = []
        for user in users:
            email = (user.email_normalized or "").lower()
            if email and email not in known:
                known.add(email)
                values.append({"pulse_id": self.id, "user_id": user.id, "team": teams.get(user.id)})
        self.env["hc.pulse.invitation"].create(values)
        return True

    @api.model
    def _teams(self, users):
        """Return ``{user id: name of their team}``: the department where the app for it is there."""
        if "hr.employee" in self.env:
            employees = self.env["hr.employee"].sudo().search([("user_id", "in", users.ids)])
            return {
                one.user_id.id: one.department_id.name for one in employees if one.department_id
            }
        members = self.env["crm.team.member"].sudo().search([("user_id", "in", users.ids)])
        return {member.user_id.id: member.crm_team_id.name for member in members}

    # -- life -----------------------------------------------------------------------------------------

    def action_open(self):
        """Send everybody on the list a link of their own, which does not know whose it is."""
        self.ensure_one()
        self._check_manager()
        if self.state == "closed":
            raise UserError(self.env._("This round is closed. Make another one."))
        scored = self.question_ids.filtered(lambda question: question._scale())
        if not scored:
            raise UserError(self.env._("Questions: add at least one with a score."))
        waiting = self.invitation_ids.filtered(lambda one: one.state == "waiting")
        if self.state == "draft" and len(waiting) < anonymity.MIN_FIGURES:
            raise UserError(
                self.env._(
                    "Who is asked: put at least %(count)s colleagues on the list. With fewer, nothing could "
                    "ever be shown without giving somebody away.",
                    count=anonymity.MIN_FIGURES,
                )
            )
        if self.state == "open" and len(waiting) < anonymity.MIN_FIGURES:
            raise UserError(
                self.env._(
                    "Who is asked: latecomers are asked at least %(count)s at a time, else their answers "
                    "could be told from the others.",
                    count=anonymity.MIN_FIGURES,
                )
            )
        without = waiting.filtered(lambda one: not one.email)
        if without:
            raise UserError(
                self.env._(
                    "Who is asked: no e-mail address of %(names)s. Write it, or take them off the list.",
                    names=", ".join(without.mapped(lambda one: one.name or "?")),
                )
            )
        if self.date_close and self.date_close <= fields.Date.context_today(self):
            raise UserError(self.env._("Closes: choose a day after today."))
        # sudo: the state is nobody's to type in
        self.sudo().write(
            {"state": "open", "date_open": self.date_open or fields.Date.context_today(self)}
        )
        waiting.sudo().state = "ready"
        self.env.ref("hc_crm_surveys.ir_cron_pulse")._trigger()
        return True

    def action_close(self):
        """Work out the figures, delete the single answers: the end of the round."""
        self._check_manager()
        for pulse in self:
            if pulse.state != "open":
                raise UserError(self.env._("“%(pulse)s” is not open.", pulse=pulse.name))
            pulse._close()
        return True

    def _close(self):
        self.sudo().lock_for_update()
        result = self.sudo()._work_out()
        self.sudo().write(
            {
                "state": "closed",
                "date_close": fields.Date.context_today(self),
                "result": result,
                "is_enough": result["is_enough"],
                "answer_count": result["count"] or 0,
                "enps": (result["enps"] or {}).get("value") or 0,
                "empowerment": (result["index"] or {}).get("value") or 0,
            }
        )
        for table in ("hc_pulse_answer", "hc_pulse_token"):
            self.env.cr.execute(
                SQL("DELETE FROM %s WHERE pulse_id = %s", SQL.identifier(table), self.id)
            )

    def action_publish(self):
        self._check_manager()
        if any(pulse.state != "closed" or not pulse.is_enough for pulse in self):
            raise UserError(
                self.env._("Only results of a closed round with enough answers can be shared.")
            )
        self.sudo().is_published = True
        return True

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(self.env._("Only administrators of Customer Care run a pulse."))
        self.check_access("write")

    @api.model
    def _cron_pulse(self):
        """Send what is ready, close what is over. Who only stands on the list is not asked."""
        while (
            invitation := self.env["hc.pulse.invitation"]
            .sudo()
            .search([("state", "=", "ready"), ("pulse_id.state", "=", "open")], limit=1)
        ):
            if not invitation.pulse_id._send_all():
                break
        over = self.sudo().search(
            [("state", "=", "open"), ("date_close", "<", fields.Date.context_today(self))]
        )
        for pulse in over:
            pulse._close()
            self.env["ir.cron"]._commit_progress(1)

    # -- sending --------------------------------------------------------------------------------------

    def _send_all(self):
        """Ask everybody whom somebody decided to ask: links first, in a random order, then the mails.

        :return: whether there is time left
        """
        self.ensure_one()
        waiting = self.invitation_ids.filtered(lambda one: one.state == "ready")
        if len(waiting) < anonymity.MIN_FIGURES:
            # some were taken off the list since: the newest links would be those of few
            waiting.write({"state": "waiting"})
            return True
        told = anonymity.merge_small(
            {team: len(group) for team, group in waiting.grouped("team").items()}
        )
        codes = {one.id: secrets.token_urlsafe(CODE_BYTES) for one in waiting}
        Token = self.env["hc.pulse.token"]
        rows = [
            {"pulse_id": self.id, "digest": Token._digest(codes[one.id]), "team": told[one.team]}
            for one in waiting
        ]
        random.SystemRandom().shuffle(rows)
        Token.create(rows)
        # The mark goes before the wire: whoever got two links could answer twice.
        waiting.write({"state": "sending"})
        commit = self.env["ir.cron"]._commit_progress
        left = commit(0, remaining=len(waiting))
        for number, invitation in enumerate(waiting, 1):
            error = self._send_one(invitation, codes.pop(invitation.id))
            invitation.write(
                {"state": "failed", "error": error} if error else {"state": "sent", "error": False}
            )
            left = commit(1, remaining=len(waiting) - number)
        return left > 0

    def _send_one(self, invitation, code):
        """Send one mail that is kept nowhere; return what went wrong."""
        pulse = self.with_context(lang=invitation.lang or self.env.lang)
        company = pulse.company_id
        server = self.env["ir.mail_server"].sudo()
        url = f"{company.get_base_url()}/pulse#{code}"
        values = {
            "pulse": pulse,
            "company": company,
            "name": invitation.name,
            "url": url,
            "days_left": (pulse.date_close - fields.Date.context_today(self)).days,
            "until": fields.Date.to_date(pulse.date_close),
        }
        body = pulse.env["ir.qweb"]._render("hc_crm_surveys.pulse_mail", values)
        try:
            message = server._build_email__(
                company.email_formatted or server._get_default_from_address() or "",
                [invitation.email],
                pulse.env._("How is it to work at %(company)s? Five minutes, anonymous", company=company.name),
                str(body),
                subtype="html",
                headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF"},
            )  # fmt: skip
            server.send_email(message)
        except (OSError, smtplib.SMTPException, UserError, ValueError, AssertionError) as error:
            return str(error)[:500] or type(error).__name__
        return None

    # -- answering ------------------------------------------------------------------------------------

    @api.model
    def _of_code(self, code):
        """Return the open round that a code may answer, or nothing; as superuser."""
        if not isinstance(code, str) or not 20 <= len(code) <= 64:
            return self.sudo().browse()
        token = self.env["hc.pulse.token"].sudo()
        found = token.search(
            [("digest", "=", token._digest(code)), ("pulse_id.state", "=", "open")], limit=1
        )
        return found.pulse_id

    def _answer(self, code, given):
        """Take the answers of whoever has the code, once.

        :param given: ``{question id: str}`` as a form sends them
        :raises ValidationError: a score is missing or not on its scale; nothing is kept then
        :return: False if the code is used up or the round is over
        """
        self.ensure_one()
        answers = []
        for question in self.question_ids:
            text = given.get(question.id)
            text = text.strip().replace("\0", "") if isinstance(text, str) else ""
            scale = question._scale()
            if not scale:
                if text:
                    answers.append((question.id, None, text[:MAX_COMMENT]))
                continue
            low, high = scale
            score = whole_number(text)
            if score is None or not low <= score <= high:
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: please choose from %(low)s to %(high)s.",
                        question=question.name,
                        low=low,
                        high=high,
                    )
                )
            answers.append((question.id, score, None))
        # one at a time: whoever comes second waits, and does not see half of the first
        self.lock_for_update()
        token = self.env["hc.pulse.token"].sudo()
        self.env.flush_all()
        used = self.env.execute_query(
            SQL(
                "DELETE FROM hc_pulse_token WHERE digest = %s AND pulse_id = %s RETURNING team",
                token._digest(code),
                self.id,
            )
        )
        if not used or self.state != "open":
            return False
        token.invalidate_model(flush=False)
        self.env["hc.pulse.answer"].sudo()._mix_in(self, used[0][0], answers)
        return True

    # -- figures --------------------------------------------------------------------------------------

    def _work_out(self):
        """Return all figures of the round, as far as they may be told; plain data."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT question_id, team, score FROM hc_pulse_answer"
                " WHERE pulse_id = %s AND score IS NOT NULL",
                self.id,
            )
        )
        comments = self.env.execute_query(
            SQL(
                "SELECT question_id, comment FROM hc_pulse_answer"
                " WHERE pulse_id = %s AND comment IS NOT NULL ORDER BY random()",
                self.id,
            )
        )
        scored = self.question_ids.filtered(lambda question: question._scale())
        first = scored[:1].id
        # every answer has all scores: those to one question are as many as people who answered
        teams = {}
        for question_id, team, _score in rows:
            if question_id == first:
                teams[team] = teams.get(team, 0) + 1
        count = sum(teams.values())
        if count < anonymity.MIN_FIGURES:
            return {"is_enough": False, "count": None, "enps": None, "index": None}
        shown = anonymity.visible(teams) if len(teams) > 1 else []
        return {
            "is_enough": True,
            "count": count,
            "asked": self.asked_count,
            **self._figures(scored, rows),
            "questions": [
                {"id": question.id, **self._question_figure(question, rows)} for question in scored
            ],
            "teams": [
                {
                    "team": team,
                    "count": teams[team],
                    **self._figures(scored, [row for row in rows if row[1] == team]),
                }
                for team in shown
            ],
            "comments": [{"question": question_id, "text": text} for question_id, text in comments]
            if count >= anonymity.MIN_COMMENTS
            else [],
            "comments_hidden": bool(comments) and count < anonymity.MIN_COMMENTS,
        }

    def _figures(self, questions, rows):
        """Return ``{"enps", "index"}`` of these answers: ``{"value", "low", "high", "n"}`` or None."""
        enps = questions.filtered(lambda question: question.kind == "enps")
        agree = questions.filtered(lambda question: question.kind == "agree")
        scores = [score for question_id, _team, score in rows if question_id in enps.ids]
        values = [
            (score - 1) * 25 for question_id, _team, score in rows if question_id in agree.ids
        ]
        return {
            "enps": self._told("nps", scores, lambda score: score >= 9, lambda score: score <= 6),
            "index": self._told(
                "mean", values, lambda value: value >= 75, lambda value: value <= 25
            ),
        }

    def _question_figure(self, question, rows):
        scores = [score for question_id, _team, score in rows if question_id == question.id]
        if question.kind == "enps":
            told = self._told("nps", scores, lambda score: score >= 9, lambda score: score <= 6)
        else:
            told = self._told(
                "share", scores, lambda score: score >= AGREE_FROM, lambda score: score <= 2
            )
        low, high = question._scale()
        return {
            "kind": question.kind,
            "figure": told,
            "distribution": [[score, scores.count(score)] for score in range(low, high + 1)],
        }

    @api.model
    def _told(self, kind, scores, is_good, is_bad):
        if not scores:
            return None
        counted = {score: scores.count(score) for score in set(scores)}
        found = figure(kind, counted, sum(map(is_good, scores)), sum(map(is_bad, scores)))
        if found.value is None:
            return None
        return {
            "value": round(found.value, 1),
            "low": round(found.low, 1),
            "high": round(found.high, 1),
            "n": found.n,
        }

    @api.readonly
    def hc_get_result(self):
        """Return the figures of a closed round for the page that shows them.

        Administrators see them; other colleagues once they were shared.

        :return: ``{"state", "asked", "so_far" (answers while it is open, in steps of five), "is_enough",
            "result" (see ``_work_out``, with the questions' words) or None, "before": {"enps", "index",
            "name"} of the round before, or None}``
        """
        self.ensure_one()
        self.check_access("read")
        is_manager = self.env.user.has_group("hc_crm.hc_crm_group_manager")
        pulse = self.sudo()
        values = {
            "state": pulse.state,
            "asked": pulse.asked_count,
            "so_far": pulse._so_far() if pulse.state == "open" else None,
            "is_enough": pulse.is_enough,
            "result": None,
            "before": None,
            "least": anonymity.MIN_FIGURES,
            "least_comments": anonymity.MIN_COMMENTS,
        }
        if pulse.state == "closed" and pulse.is_enough and (is_manager or pulse.is_published):
            words = {question.id: question.name for question in self.sudo().question_ids}
            result = dict(pulse.result)
            result["questions"] = [
                {**one, "name": words.get(one["id"], "")} for one in result["questions"]
            ]
            values["result"] = result
            before = pulse.search(
                Domain("company_id", "=", pulse.company_id.id)
                & Domain("is_enough", "=", True)
                & Domain("date_close", "<=", pulse.date_close)
                & Domain("id", "!=", pulse.id),
                limit=1,
                order="date_close desc, id desc",
            )
            if before and (is_manager or before.is_published):
                values["before"] = {
                    "name": before.name,
                    "enps": before.result["enps"],
                    "index": before.result["index"],
                }
        return values

    def _so_far(self):
        """Return how many answered, in steps of five: who watches one colleague learns nothing."""
        first = self.question_ids.filtered(lambda question: question._scale())[:1]
        count = self.env["hc.pulse.answer"].search_count([("question_id", "=", first.id)])
        return count - count % anonymity.MIN_FIGURES

    @api.ondelete(at_uninstall=False)
    def _unlink_open(self):
        if any(pulse.state == "open" for pulse in self):
            raise UserError(
                self.env._("Colleagues are answering right now: close the round first.")
            )

    def _markup(self, text):
        """Line breaks of an introduction, nothing else."""
        return Markup("<br/>").join((text or "").split("\n"))
