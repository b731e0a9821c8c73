from odoo import SUPERUSER_ID, http
from odoo.exceptions import ValidationError
from odoo.http import request

PAGE = {"type": "http", "auth": "public", "website": True, "multilang": False, "sitemap": False}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class Pulse(http.Controller):
    """Where colleagues answer, anonymous.

    The code stands behind the # of the address, which browsers keep to themselves: it is never part of a
    request's address, so no log of any server has it. A form sends it on.
    """

    @http.route("/pulse", methods=["GET"], **PAGE)
    def start(self, **kwargs):
        return self._render("hc_crm_surveys.pulse_start", {})

    @http.route("/pulse", methods=["POST"], **PAGE)
    def questions(self, code=None, lang=None, **kwargs):
        pulse = self._pulse(code, lang)
        if not pulse:
            return self._refuse()
        return self._form(pulse, code, {})

    @http.route("/pulse/answer", methods=["POST"], **PAGE)
    def answer(self, code=None, lang=None, **post):
        pulse = self._pulse(code, lang)
        if not pulse:
            return self._refuse()
        given = {question.id: post.get(f"q{question.id}") for question in pulse.question_ids}
        try:
            taken = pulse._answer(code, given)
        except ValidationError as error:
            return self._form(pulse, code, given, error=str(error.args[0]), status=400)
        if not taken:
            return self._refuse()
        return self._render(
            "hc_crm_surveys.pulse_thanks", {"pulse": pulse, "company": pulse.company_id}
        )

    def _pulse(self, code, lang):
        """Return the round of a code as superuser, in the language somebody chose; nothing if refused."""
        env = request.env(user=SUPERUSER_ID)
        hits = env["hc.contact.hit"]
        address = request.httprequest.remote_addr or "?"
        request.hc_status = 404
        if hits._is_too_much(("wrong", address)):
            request.hc_status = 429
            return env["hc.pulse"]
        pulse = env["hc.pulse"]._of_code(code)
        if not pulse:
            # only wrong codes are counted: of those who answer, not even an address is noted
            hits._count(("wrong", address))
            return pulse
        installed = {one for one, _name in env["res.lang"].get_installed()}
        if lang in installed:
            request.update_context(lang=lang)
            request.lang = env["res.lang"]._get_data(code=lang)
        return pulse.with_context(lang=request.env.lang, allowed_company_ids=pulse.company_id.ids)

    def _form(self, pulse, code, given, error=None, status=200):
        return self._render(
            "hc_crm_surveys.pulse_form",
            {
                "pulse": pulse,
                "company": pulse.company_id,
                "code": code,
                "given": {key: value for key, value in given.items() if isinstance(value, str)},
                "error": error,
                "languages": request.env["res.lang"].get_installed(),
                "page_lang": request.env.lang,
            },
            status,
        )

    def _refuse(self):
        return self._render("hc_crm_surveys.pulse_refused", {}, request.hc_status)

    def _render(self, template, values, status=200):
        # the page says which language it is in, also before somebody chose one
        lang = request.env.lang or request.env.company.partner_id.sudo().lang or "en_US"
        request.update_context(lang=lang)
        request.lang = request.env["res.lang"]._get_data(code=lang)
        values.setdefault("company", request.env.company.sudo())
        response = request.render(template, values, status=status)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response
