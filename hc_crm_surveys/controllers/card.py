from datetime import timedelta

from odoo import SUPERUSER_ID, fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from odoo.addons.hc_crm.controllers.preferences import HEADERS, PAGE

from ..models.card.hc_card import MAX_COMMENT, MAX_CONTACT

# One browser says something about one place, then not again for so long; a tablet is passed around.
AGAIN_HOURS = 12
SENT = "hc_crm_surveys_said"  # in the session: {place id: when}


class Card(http.Controller):
    """Where anybody may tell us how it was: behind the code on a poster, on a tablet, by a link.

    A GET never stores anything. A plain form, with the host's token against forgery, that works without
    JavaScript. A field that people do not see catches programs that fill in everything: what they send is
    kept but never counts.
    """

    @http.route("/feedback/at/<string:token>", methods=["GET"], **PAGE)
    def card(self, token, kiosk=None, done=None, **kwargs):
        place = self._place(token)
        if not place:
            return self._refuse()
        if done == "1":
            return self._render("hc_crm_surveys.card_thanks", self._values(place, kiosk))
        if not kiosk and self._said_lately(place):
            return self._render("hc_crm_surveys.card_again", self._values(place, kiosk))
        return self._page(place, kiosk, {})

    @http.route("/feedback/at/<string:token>", methods=["POST"], **PAGE)
    def card_send(self, token, kiosk=None, **post):
        place = self._place(token, "at_kiosk" if kiosk else "at")
        if not place:
            return self._refuse()
        if not kiosk and self._said_lately(place):
            return self._render("hc_crm_surveys.card_again", self._values(place, kiosk))
        form = {name: self._text(post.get(name)) for name in ("score", "comment", "contact")}
        try:
            with request.env.cr.savepoint():
                self._keep(place, form, bool(self._text(post.get("website"))))
        except (UserError, ValidationError) as error:
            request.env.cr.precommit.clear()
            place.invalidate_recordset()
            return self._page(place, kiosk, form, error=str(error.args[0]), status=400)
        if not kiosk:
            said = dict(request.session.get(SENT) or {})
            said[str(place.id)] = fields.Datetime.to_string(fields.Datetime.now())
            request.session[SENT] = said
        query = {"done": "1", "kiosk": "1" if kiosk else None}
        response = request.redirect_query(
            f"/feedback/at/{token}",
            {name: value for name, value in query.items() if value},
            code=303,
        )
        return self._headed(response)

    def _keep(self, place, form, is_program):
        if not form["score"] and not form["comment"]:
            raise ValidationError(place.env._("Please choose an answer, or write a word."))
        place.env["hc.card"].create(
            {
                "place_id": place.id,
                "company_id": place.company_id.id,
                "source": "card",
                "date": fields.Datetime.now(),
                "answer": form["score"][:20],
                "comment": form["comment"],
                "contact": form["contact"] if place.asks_contact else False,
                "user_id": False,
                "is_suspect": is_program,
            }
        )

    # -- who and where ----------------------------------------------------------------------------

    def _place(self, token, kind=None):
        """Return the place of ``token`` as superuser, in the visitor's language; False if refused."""
        env = request.env(user=SUPERUSER_ID)
        hits = env["hc.contact.hit"]
        address = request.httprequest.remote_addr or "?"
        request.hc_status = 404
        subjects = [("wrong", address), ("address", address)]
        if hits._is_too_much(*subjects, *([(kind, address)] if kind else [])):
            request.hc_status = 429
            return False
        place = env["hc.card.place"]._find(token)
        if not place:
            hits._count(("wrong", address))
            return False
        hits._count(("address", address), *([(kind, address)] if kind else []))
        installed = {code for code, _name in env["res.lang"].get_installed()}
        wanted = (
            request.httprequest.values.get("lang"), request.env.lang, place.company_id.partner_id.lang, "en_US",
        )  # fmt: skip
        lang = next((code for code in wanted if code in installed), "en_US")
        request.update_context(lang=lang)
        request.lang = env["res.lang"]._get_data(code=lang)
        return place.with_context(lang=lang, allowed_company_ids=place.company_id.ids)

    def _said_lately(self, place):
        said = (request.session.get(SENT) or {}).get(str(place.id))
        return bool(said) and fields.Datetime.to_datetime(said) > fields.Datetime.now() - timedelta(
            hours=AGAIN_HOURS
        )

    # -- pages ------------------------------------------------------------------------------------

    def _values(self, place, kiosk):
        return {
            "place": place,
            "company": place.company_id,
            "question": place.question_id,
            "why": place.survey_id._comment_question(),
            "kiosk": bool(kiosk),
            "comment_max": MAX_COMMENT,
            "contact_max": MAX_CONTACT,
            "languages": place.env["res.lang"].get_installed(),
            "page_lang": place.env.context["lang"],
        }

    def _page(self, place, kiosk, form, error=None, status=200):
        score = form.get("score")
        values = {
            **self._values(place, kiosk),
            "form": form,
            "score": int(score)
            if score and score.isascii() and score.isdigit() and len(score) < 4
            else None,
            "error": error,
        }
        return self._render("hc_crm_surveys.card_page", values, status)

    def _refuse(self):
        template = (
            "hc_crm.preference_too_often"
            if request.hc_status == 429
            else "hc_crm_surveys.answer_no_link"
        )
        response = self._render(
            template, {"company": request.env.company.sudo()}, request.hc_status
        )
        if request.hc_status == 429:
            response.headers["Retry-After"] = "600"
        return response

    def _render(self, template, values, status=200):
        return self._headed(request.render(template, values, status=status))

    def _headed(self, response):
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    @staticmethod
    def _text(value):
        """Return what was typed; a file in its place is nothing."""
        return value.replace("\x00", "").strip() if isinstance(value, str) else ""
