from datetime import UTC, datetime, timedelta

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools import consteq, hmac
from odoo.tools.image import image_data_uri

from odoo.addons.hc_crm.controllers.preferences import HEADERS, PAGE

from ..engine.answer.human import SECOND_STEP, TRUSTED, is_act
from ..models.question.survey_question_answer_check import TEXT_MAX

TICKET_SCOPE = "hc_crm_surveys-page"
TICKET_LIFE = timedelta(days=1)
CLOCK_SKEW = timedelta(minutes=1)  # between workers on several machines


class FeedbackAnswer(http.Controller):
    """The page behind the buttons of a mail.

    Opening it never answers anything, whatever the link says: scanners open every link. An answer needs the
    form of the page (CSRF), the page's own ticket and the act of a person; see ``engine/answer/human.py``.
    All of it is a plain form that works without JavaScript, in one step more. What is wrong with a link is
    not said: unknown, mistyped and never issued get one answer.
    """

    @http.route("/feedback/<string:token>", methods=["GET"], **PAGE)
    def feedback(self, token, **kwargs):
        ask = self._ask(token)
        if not ask:
            return self._refuse()
        score = self._score(ask, request.httprequest.args.get("score"))
        if score is not None:
            ask._count_opened(score)
        return self._page(ask, {"score": score}, done=kwargs.get("done") == "1")

    # The token of the form is checked below, not by the host: its refusal is an error page, which loses what
    # somebody wrote in a page that was open overnight. Nothing is stored without it.
    @http.route("/feedback/<string:token>", methods=["POST"], csrf=False, **PAGE)
    def feedback_send(self, token, **post):
        ask = self._ask(token)
        if not ask:
            return self._refuse()
        form = {
            "score": self._score(ask, self._text(post.get("score"))),
            "comment": self._text(post.get("comment")).replace("\r\n", "\n").strip(),
            "act": self._text(post.get("act")),
        }
        opened, step = self._read_ticket(ask, self._text(post.get("ticket")))
        state = ask._page_state(opened)
        if state == "said" and not ask._can_change():
            return self._page(ask, form)
        if state in ("over", "gone") or self._colleague_of_ours(ask):
            return self._page(ask, form, opened=opened)
        if not opened or not self._has_csrf(post):
            again = ask.env._("The page had been open for long. Please press the button once more.")
            return self._page(ask, form, error=again, status=400)
        if form["score"] is None:
            choose = ask.env._("Please choose an answer first.")
            return self._page(ask, form, error=choose, status=400)
        act = form["act"] if form["act"] in TRUSTED else SECOND_STEP if step else ""
        if not is_act(act):
            return self._page(ask, form, opened=opened, step=True)
        try:
            # all or nothing: what was written before the mistake was found must not stay
            with request.env.cr.savepoint():
                answer = ask._answer(form["score"], form["comment"], act, opened)
        except (UserError, ValidationError) as error:
            request.env.cr.precommit.clear()
            ask.invalidate_recordset()
            return self._page(ask, form, error=str(error.args[0]), status=400)
        if answer and answer.state != "done" and ask._left_to_ask(answer):
            return self._see_other(self._rest_url(ask, answer))
        return self._see_other(f"/feedback/{token}?done=1")

    # -- who is it --------------------------------------------------------------------------------

    def _ask(self, token):
        """Return the ask of ``token`` as superuser, in the person's language; False if refused."""
        # superuser: a visitor has no rights on anything; the token says whose page it is
        env = request.env(user=SUPERUSER_ID)
        hits = env["hc.contact.hit"]
        address = request.httprequest.remote_addr or "?"
        request.hc_status = 404
        if hits._is_too_much(("wrong", address), ("address", address), ("person", token[:64])):
            request.hc_status = 429
            return False
        ask = env["hc.ask"]._find(token)
        if not ask:
            hits._count(("wrong", address))
            return False
        hits._count(("address", address), ("person", token[:64]))
        installed = {code for code, _name in env["res.lang"].get_installed()}
        wanted = (ask.lang, ask.partner_id.lang, request.env.lang, "en_US")
        lang = next((code for code in wanted if code in installed), "en_US")
        request.update_context(lang=lang)
        request.lang = env["res.lang"]._get_data(code=lang)
        return ask.with_context(
            lang=lang,
            tz=ask.partner_id.tz or ask.company_id.partner_id.tz,
            allowed_company_ids=ask.company_id.ids,
        )

    def _colleague_of_ours(self, ask):
        """Return the colleague who is logged in and opened a customer's link, if it is one.

        What they press would count as the customer's own answer.
        """
        user = request.env.user
        if not ask.partner_id or not user._is_internal() or user.partner_id == ask.partner_id:
            return user.browse()
        email = user.partner_id.email_normalized
        if email and email == ask.partner_id.email_normalized:
            return user.browse()
        return user

    def _has_csrf(self, post):
        token = self._text(post.get("csrf_token"))
        return token.isascii() and request.validate_csrf(token)

    # -- the ticket of a page ---------------------------------------------------------------------

    def _ticket(self, ask, step, opened=None):
        """Return what the form brings back: when it was opened, and whether it is the second step."""
        opened = opened or datetime.now(UTC).replace(tzinfo=None)
        content = f"{opened.isoformat(timespec='milliseconds')}{'*' if step else ''}"
        return f"{content}~{hmac(ask.env, TICKET_SCOPE, (ask.id, content))}"

    def _read_ticket(self, ask, ticket):
        """Return when the page was opened and whether it is the second step; (None, False) if forged or old."""
        content, _tilde, signature = ticket.partition("~")
        if not signature.isascii() or not content.isascii():
            return None, False
        if not consteq(signature, hmac(ask.env, TICKET_SCOPE, (ask.id, content))):
            return None, False
        opened = datetime.fromisoformat(content.removesuffix("*"))
        age = datetime.now(UTC).replace(tzinfo=None) - opened
        if not -CLOCK_SKEW <= age <= TICKET_LIFE:
            return None, False
        return opened, content.endswith("*")

    # -- pages ------------------------------------------------------------------------------------

    def _refuse(self):
        status = request.hc_status
        template = (
            "hc_crm.preference_too_often" if status == 429 else "hc_crm_surveys.answer_no_link"
        )
        return self._render(template, {"company": request.env.company.sudo()}, status)

    def _render(self, template, values, status=200):
        response = request.render(template, values, status=status)
        for name, value in HEADERS.items():
            response.headers[name] = value
        if status == 429:
            response.headers["Retry-After"] = "600"
        return response

    def _see_other(self, path):
        response = request.redirect(path, code=303)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    def _rest_url(self, ask, answer):
        path = f"/survey/{answer.survey_id.access_token}/{answer.access_token}"
        return request.env["ir.http"]._url_for(path, ask.env.context["lang"])

    def _page(self, ask, form, done=False, error=None, opened=None, step=False, status=200):
        """Return the page of an ask as it is now.

        :param form: ``{"score", "comment"}`` as chosen or sent, so that nothing anybody wrote is lost
        :param step: the second step, for who sent the form without JavaScript
        """
        state = ask._page_state(opened)
        question = ask._question()
        said = ask._said() if state == "said" else {"score": None, "comment": ""}
        can_change = state == "said" and ask._can_change()
        colleague = self._colleague_of_ours(ask)
        answer = ask.user_input_id
        values = {
            "ask": ask,
            "company": ask.company_id,
            "state": state,
            "question": question,
            "why": ask.survey_id._comment_question(),
            "said": said,
            "done": done and state == "said",
            "error": error,
            "step": step,
            "can_change": can_change,
            "can_send": (state == "open" or can_change) and not colleague,
            "colleague": colleague,
            "visitor": self._other_visitor(ask),
            "score": form.get("score") if form.get("score") is not None else said["score"],
            "comment": form["comment"] if "comment" in form else said["comment"],
            "ticket": self._ticket(ask, step, opened if step else None),
            "text_max": TEXT_MAX,
            "rest_url": (
                self._rest_url(ask, answer)
                if can_change and answer.state != "done" and ask._left_to_ask(answer)
                else None
            ),
            "photo": (
                image_data_uri(ask.user_id.partner_id.image_128)
                if ask.user_id.partner_id.image_128
                else None
            ),
        }
        return self._render("hc_crm_surveys.answer_page", values, status)

    def _other_visitor(self, ask):
        """Return the name of who is logged in, if it is somebody else than the person asked."""
        user = request.env.user
        if user._is_public() or not ask.partner_id or user.partner_id == ask.partner_id:
            return ""
        return user.name

    # -- what was sent ----------------------------------------------------------------------------

    @staticmethod
    def _text(value):
        """Return what was typed; a file in its place is nothing."""
        return value.replace("\x00", "") if isinstance(value, str) else ""

    @staticmethod
    def _score(ask, value):
        """Return the score that was chosen, None if it is none of the question's scale."""
        question = ask._question()
        score = question._score_of(value)
        if score is None or not question or question._scale_problem(score):
            return None
        return score
