from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal

PAGE = {"type": "http", "auth": "public", "website": True, "multilang": False, "sitemap": False}
# A personal page: not for search engines, caches or the next site that is visited.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
UNDO = "hc_crm_unsubscribed"  # in the session: what may be undone


class Preferences(http.Controller):
    """Pages that a personal link opens, without a login.

    A GET never changes anything, for mail scanners open every link. What is wrong with a link is not said:
    unknown, revoked and never issued get one answer. All pages are plain forms; JavaScript only helps.
    """

    # -- routes -----------------------------------------------------------------------------------

    @http.route("/care/<string:token>", methods=["GET"], **PAGE)
    def preferences(self, token, done=None, **kwargs):
        partner = self._person(token)
        if not partner:
            return self._refuse()
        return self._page(token, partner, done=done)

    @http.route("/care/<string:token>/save/<string:act>", methods=["POST"], **PAGE)
    def save(self, token, act, **post):
        """Carry out one form of the preference page; the token of the form (CSRF) is checked by the host."""
        partner = self._person(token)
        if not partner:
            return self._refuse()
        method = getattr(self, f"_save_{act}", None) if act in self._acts() else None
        if method is None:
            return self._refuse()
        try:
            # all or nothing: what was written before the mistake was found must not stay
            with request.env.cr.savepoint():
                done = method(partner, post)
        except (UserError, ValidationError) as error:
            request.env.cr.precommit.clear()
            partner.invalidate_recordset()
            return self._page(
                token, partner, error=str(error.args[0]), failed=act, form=post, status=400
            )
        if isinstance(done, http.Response):
            return done
        return self._see_other(f"/care/{token}", done=done)

    @http.route("/care/<string:token>/unsubscribe/<string:key>", methods=["GET"], **PAGE)
    def unsubscribe(self, token, key, **kwargs):
        partner = self._person(token)
        purpose = partner and self._purpose(partner, key)
        if not purpose:
            return self._refuse()
        return self._unsubscribe_page(token, partner, purpose)

    @http.route("/care/<string:token>/unsubscribe/<string:key>/confirm", methods=["POST"], **PAGE)
    def unsubscribe_confirm(self, token, key, **post):
        partner = self._person(token)
        purpose = partner and self._purpose(partner, key)
        if not purpose:
            return self._refuse()
        if partner._hc_unsubscribe(purpose):
            request.session[UNDO] = [token, key]
        return self._see_other(f"/care/{token}/unsubscribe/{key}")

    @http.route("/care/<string:token>/unsubscribe/<string:key>/undo", methods=["POST"], **PAGE)
    def unsubscribe_undo(self, token, key, **post):
        partner = self._person(token)
        purpose = partner and self._purpose(partner, key)
        if not purpose:
            return self._refuse()
        # only what was taken back just now, on this very page: it is no way to sign somebody up
        if request.session.get(UNDO) == [token, key]:
            request.session.pop(UNDO)
            partner._hc_choose(purpose, "email", True, "preferences")
        return self._see_other(f"/care/{token}/unsubscribe/{key}")

    # No CSRF token here, and here alone: RFC 8058 has the mail program send this POST by itself, without
    # cookies and without having seen a page. The secret is the personal token in the address; all it does
    # is end mails of one purpose.
    @http.route(
        "/care/<string:token>/one-click/<string:key>", methods=["GET", "POST"], csrf=False, **PAGE
    )
    def one_click(self, token, key, **post):
        partner = self._person(token)
        purpose = partner and self._purpose(partner, key)
        if not purpose:
            return self._refuse()
        form = request.httprequest.form
        if request.httprequest.method == "POST" and form.get("List-Unsubscribe") == "One-Click":
            partner._hc_unsubscribe(purpose)
            return request.make_response("", headers=list(HEADERS.items()))
        # a person who opened the address, or a scanner: they get the page with its button
        return self._unsubscribe_page(token, partner, purpose)

    # -- who is it --------------------------------------------------------------------------------

    def _person(self, token):
        """Return the person of ``token`` as superuser, in their language and company; False if refused.

        Why it is refused stays in ``request``: too many requests, or a link that opens nothing.
        """
        # superuser: a visitor has no rights on anything; the token says whose page it is
        env = request.env(user=SUPERUSER_ID)
        hits = env["hc.contact.hit"]
        address = request.httprequest.remote_addr or "?"
        request.hc_status = 404
        if hits._is_too_much(("wrong", address), ("address", address), ("person", token[:64])):
            request.hc_status = 429
            return False
        link = env["hc.contact.link"]._find(token)
        if not link:
            hits._count(("wrong", address))
            return False
        hits._count(("address", address), ("person", token[:64]))
        installed = {code for code, _name in env["res.lang"].get_installed()}
        wanted = request.httprequest.values.get("lang")
        lang = wanted if wanted in installed else link.partner_id.lang
        if lang not in installed:
            lang = request.env.lang or "en_US"
        request.update_context(lang=lang)
        request.lang = env["res.lang"]._get_data(code=lang)
        return link.partner_id.with_context(
            lang=lang,
            tz=link.partner_id.tz or link.company_id.partner_id.tz,
            allowed_company_ids=link.company_id.ids,
        )

    def _purpose(self, partner, key):
        return partner.env["hc.consent.purpose"].search([("key", "=", key.replace("\x00", ""))])

    # -- answers ----------------------------------------------------------------------------------

    def _refuse(self):
        status = request.hc_status
        template = "hc_crm.preference_too_often" if status == 429 else "hc_crm.preference_no_link"
        return self._render(template, {"company": request.env.company.sudo()}, status)

    def _render(self, template, values, status=200):
        response = request.render(template, values, status=status)
        for name, value in HEADERS.items():
            response.headers[name] = value
        if status == 429:
            response.headers["Retry-After"] = "600"
        return response

    def _see_other(self, path, done=None):
        query = {"lang": request.httprequest.values.get("lang"), "done": done}
        query = {name: value for name, value in query.items() if value}
        response = request.redirect_query(path, query, code=303)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    def _values(self, token, partner):
        asked = request.httprequest.values.get("lang")
        return {
            "token": token,
            "company": partner.env.company,
            "person": partner.name or partner.email or "",
            "base": f"/care/{token}",
            "asked_lang": asked if asked == partner.env.context["lang"] else False,
            "page_lang": partner.env.context["lang"],
            "languages": partner.env["res.lang"].get_installed(),
        }

    def _page(self, token, partner, done=None, error=None, failed=None, form=None, status=200):
        page = partner._hc_preference_page()
        return self._render(
            "hc_crm.preference_page",
            {
                **self._values(token, partner),
                **page,
                "done": self._done_texts(partner).get(done),
                "error": error,
                "failed": failed,
                "form": form or {},
                "weekdays": self._weekdays(partner),
            },
            status,
        )

    def _unsubscribe_page(self, token, partner, purpose):
        channel = partner.env["hc.channel"].search([("key", "=", "email")])
        is_on, _line = partner._hc_choice(purpose, channel)
        return self._render(
            "hc_crm.preference_unsubscribe",
            {
                **self._values(token, partner),
                "purpose": {
                    "key": purpose.key,
                    "name": purpose.name,
                    "description": purpose.description or "",
                    "is_always": purpose.basis == "contract",
                },
                "is_on": is_on,
                "can_undo": request.session.get(UNDO) == [token, purpose.key],
            },
        )

    def _weekdays(self, partner):
        names = (
            partner.env._("Monday"),
            partner.env._("Tuesday"),
            partner.env._("Wednesday"),
            partner.env._("Thursday"),
            partner.env._("Friday"),
            partner.env._("Saturday"),
            partner.env._("Sunday"),
        )
        return [(str(number), name) for number, name in enumerate(names, 1)]

    def _done_texts(self, partner):
        return {
            "consent": partner.env._("Saved. From now on we keep to it."),
            "reach": partner.env._("Saved. We will mind it."),
            "correct": partner.env._("Thank you, corrected."),
            "asked": partner.env._("Thank you. A colleague looks at it and changes it."),
            "both": partner.env._(
                "Thank you. Some of it is changed; a colleague looks at the rest."
            ),
            "objected": partner.env._(
                "Done. What was worked out about you is deleted, and nothing new will be."
            ),
            "agreed": partner.env._("Done. From the next time on we work it out for you as well."),
            "erasure": partner.env._("We got your request. You hear from us within a month."),
            "same": partner.env._("Nothing to change: it was like that already."),
        }

    # -- what can be done -------------------------------------------------------------------------

    def _acts(self):
        """Names of the forms; each has a method ``_save_<act>(partner, post)``.

        It returns a key of ``_done_texts`` or a response.
        """
        return {"consent", "stop", "reach", "correct", "object", "agree", "copy", "erasure"}

    def _save_consent(self, partner, post):
        form = request.httprequest.form
        wanted = set()
        for value in form.getlist("want"):
            purpose, _dot, channel = value.partition(".")
            if number := self._number(purpose):
                wanted.add((number, channel))
        return "consent" if partner._hc_choose_all(wanted) else "same"

    def _save_stop(self, partner, post):
        return "consent" if partner._hc_choose_all(set()) else "same"

    def _save_reach(self, partner, post):
        changed = partner._hc_state_reach(
            self._number(post.get("channel")) or False,
            self._number(post.get("hour_from"), 0),
            self._number(post.get("hour_to"), 24),
            "".join(request.httprequest.form.getlist("day")),
        )
        return "reach" if changed else "same"

    def _save_correct(self, partner, post):
        def text(name):
            return self._text(post.get(name))

        values = {
            name: text(name)
            for name in ("phone", "street", "street2", "zip", "city")
            if name in post
        }
        if "country_id" in post:
            values["country_id"] = self._number(post["country_id"]) or False
        changed, asked = partner._hc_correct(
            values, {"name": text("name"), "email": text("email")}, text("text")
        )
        if changed and asked:
            return "both"
        return "correct" if changed else "asked" if asked else "same"

    def _save_object(self, partner, post):
        return "objected" if partner._hc_object(True) else "same"

    def _save_agree(self, partner, post):
        return "agreed" if partner._hc_object(False) else "same"

    def _save_copy(self, partner, post):
        hits = partner.env["hc.contact.hit"]
        if hits._is_too_much(("copy", str(partner.id))):
            request.hc_status = 429
            return self._refuse()
        hits._count(("copy", str(partner.id)))
        content = partner._hc_export_zip()
        partner._hc_note_copy()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(partner.env._("my-data") + ".zip")),
                *HEADERS.items(),
            ],
        )

    def _save_erasure(self, partner, post):
        if post.get("sure") != "yes":
            raise ValidationError(
                partner.env._(
                    "Erasure: tick “Yes, erase my data” so that it does not happen by mistake."
                )
            )
        text = self._text(post.get("text"))
        if len(text) > 1000:
            raise ValidationError(partner.env._("Erasure: 1000 characters are the most."))
        partner._hc_ask("erasure", text)
        return "erasure"

    @staticmethod
    def _text(value):
        """Return what was typed; a file in its place is nothing."""
        return value.replace("\x00", "").strip() if isinstance(value, str) else ""

    @staticmethod
    def _number(value, default=False):
        """Return a small whole number of a form, else ``default``."""
        value = value if isinstance(value, str) else ""
        return int(value) if value.isdecimal() and value.isascii() and len(value) < 9 else default


class PreferencesPortal(CustomerPortal):
    @http.route("/my/preferences", type="http", auth="user", website=True, methods=["GET"])
    def my_preferences(self, **kwargs):
        """The page of the person who is logged in, and of nobody else."""
        partner = request.env.user.partner_id
        link = partner._hc_contact_links(company=request.env.company)[partner.id]
        # the path alone: they are on the right host already
        return request.redirect("/care/" + link["preferences"].rpartition("/care/")[2], code=303)
