import io
import json
import re
import zipfile

from lxml import html

from odoo.tests import HttpCase, new_test_user, tagged

from ..models.consent import hc_contact_hit
from .common import HcCommon

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@tagged("post_install", "-at_install")
class TestPreferencesPage(HttpCase, HcCommon):
    """The public pages, as a visitor, a mail program, a scanner or a stranger meets them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.link = cls.path(cls.person)
        cls.care = cls.env.ref("hc_crm.hc_consent_purpose_care")

    @classmethod
    def path(cls, partner, company=None):
        url = partner._hc_contact_links(company=company)[partner.id]["preferences"]
        return "/care/" + url.rpartition("/")[2]

    def get(self, path, status=200):
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, status, path)
        return response

    def post(self, path, status=303, csrf=True, **data):
        if csrf:
            page = html.fromstring(self.get(self.link).text)
            data["csrf_token"] = page.xpath("//input[@name='csrf_token']/@value")[0]
        response = self.url_open(path, data=data, method="POST", allow_redirects=False)
        self.assertEqual(response.status_code, status, path)
        return response

    def consents(self, partner=None):
        return self.env["hc.consent"].search([("partner_id", "=", (partner or self.person).id)])

    # -- links ------------------------------------------------------------------------------------

    def test_page(self):
        response = self.get(self.link)
        self.assertIn("Rosa Testblum", response.text)
        self.assertIn("rosa@blum.example", response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        for name in ("Brandon", "Linden"):
            self.assertNotIn(name, response.text)

    def test_wrong_links_are_all_alike(self):
        token = self.link.rpartition("/")[2]
        revoked = self.path(self.contact)
        self.env["hc.contact.link"]._revoke(self.contact)
        deleted = self.env["res.partner"].create({"name": "Gone"})
        gone = self.path(deleted)
        deleted.unlink()
        answers = set()
        for path in (
            f"/care/{'A' * 32}",
            f"/care/{token[:-1]}",
            f"/care/{token}x",
            f"/care/{token.swapcase()}",
            f"/care/{token}%00",
            "/care/'%20OR%201=1%20--",
            "/care/%F0%9F%8C%B7",
            f"/care/{'a' * 5000}",
            revoked,
            gone,
            f"{revoked}/unsubscribe/care",
            f"{revoked}/one-click/care",
            f"{self.link}/unsubscribe/nothing",
        ):
            text = self.get(path, 404).text
            answers.add(re.sub(r"csrf_token: \S+|<script.*?</script>", "", text, flags=re.S))
        self.assertEqual(len(answers), 1, "nothing may tell a revoked link from one that never was")

    def test_get_changes_nothing(self):
        self.env.flush_all()
        tables = (
            "hc_consent",
            "hc_privacy_request",
            "mail_message",
            "hc_profiling_optout",
            "mail_blacklist",
        )

        def counts():
            self.env.cr.execute(
                " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)
            )
            return self.env.cr.fetchall()

        before = counts()
        for path in (
            "", "/unsubscribe/care", "/one-click/care", "/unsubscribe/service",
            "?List-Unsubscribe=One-Click", "/one-click/care?List-Unsubscribe=One-Click",
        ):  # fmt: skip
            self.get(self.link + path)
        for path in (
            "/unsubscribe/care/confirm", "/unsubscribe/care/undo", "/save/consent", "/save/stop",
            "/save/object", "/save/copy", "/save/erasure",
        ):  # fmt: skip
            self.get(self.link + path, 405)
        self.opener.head(self.base_url() + self.link)
        self.assertEqual(counts(), before)

    # -- unsubscribe ------------------------------------------------------------------------------

    def test_one_click(self):
        """As RFC 8058 has it: no cookie, no page seen before, one form field."""
        path = f"{self.link}/one-click/care"
        response = self.opener.post(self.base_url() + path, data=ONE_CLICK, allow_redirects=False)
        self.assertEqual(response.status_code, 200)
        line = self.consents()
        self.assertEqual(
            (line.state, line.how, line.purpose_id), ("withdrawn", "unsubscribe", self.care)
        )
        self.opener.post(self.base_url() + path, data=ONE_CLICK)
        self.assertEqual(self.consents(), line, "once is enough")

    def test_one_click_multipart(self):
        path = f"{self.base_url()}{self.link}/one-click/care"
        response = self.opener.post(path, files={"List-Unsubscribe": (None, "One-Click")})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.consents().state, "withdrawn")

    def test_scanner_posts(self):
        """What is no one-click unsubscribe gets the page with its button, and changes nothing."""
        path = f"{self.base_url()}{self.link}/one-click/care"
        for data in (None, {}, {"x": "y"}, {"List-Unsubscribe": "yes"}, b"\x00\xff", "garbage"):
            response = self.opener.post(path, data=data)
            self.assertEqual(response.status_code, 200, data)
            self.assertIn("Unsubscribe", response.text)
        self.opener.post(f"{path}?List-Unsubscribe=One-Click")
        self.assertFalse(self.consents())

    def test_one_click_never_for_orders(self):
        path = f"{self.base_url()}{self.link}/one-click/service"
        self.opener.post(path, data=ONE_CLICK)
        self.assertFalse(self.consents())

    def test_unsubscribe_and_undo(self):
        page = f"{self.link}/unsubscribe/care"
        self.assertIn('name="unsubscribe"', self.get(page).text)
        self.post(f"{page}/confirm")
        self.assertFalse(self.person._hc_consent_of("care", "email")[self.person.id][0])
        text = self.get(page).text
        self.assertIn("You are unsubscribed", text)
        self.assertIn('name="undo"', text)
        self.post(f"{page}/undo")
        self.assertTrue(self.person._hc_consent_of("care", "email")[self.person.id][0])
        count = len(self.consents())
        self.post(f"{page}/undo")
        self.assertEqual(len(self.consents()), count)

    def test_undo_signs_nobody_up(self):
        self.post(f"{self.link}/unsubscribe/news/undo")
        self.post(f"{self.link}/unsubscribe/news/confirm")
        self.post(f"{self.link}/unsubscribe/news/undo")
        self.assertFalse(self.consents(), "they never said yes to news")

    def test_forms_need_their_token(self):
        for path in (
            "/save/stop",
            "/save/object",
            "/save/erasure",
            "/save/copy",
            "/unsubscribe/care/confirm",
        ):
            self.post(self.link + path, status=400, csrf=False)
            self.post(
                self.link + path, status=400, csrf=False, csrf_token="0" * 40 + "o99999999999"
            )
        self.assertFalse(self.consents() or self.person.hc_profiling_optout)

    # -- the page ---------------------------------------------------------------------------------

    def test_save_consent(self):
        page = html.fromstring(self.get(self.link).text)
        form = page.xpath("//form[@data-act='consent']")[0]
        news = form.xpath(".//input[@id='want-news-email']")[0]
        self.assertIsNone(news.get("checked"))
        wanted = [*form.xpath(".//input[@name='want'][@checked]/@value"), news.get("value")]
        response = self.post(self.link + "/save/consent", want=wanted)
        self.assertTrue(response.headers["Location"].endswith("done=consent"))
        line = self.consents()
        self.assertEqual((line.purpose_id.key, line.channel_id.key, line.state, line.how), (
            "news", "email", "given", "preferences",
        ))  # fmt: skip
        page = html.fromstring(self.get(self.link).text)
        self.assertIsNotNone(page.xpath("//input[@id='want-news-email']")[0].get("checked"))
        self.post(self.link + "/save/stop")
        for key in ("news", "care", "feedback"):
            self.assertFalse(self.person._hc_consent_of(key, "email")[self.person.id][0])
        # rubbish in the form is no choice
        self.post(
            self.link + "/save/consent", want=["x.email", "99999.email", "1.nothing", "٣.email"]
        )

    def test_mistakes_are_said(self):
        response = self.post(
            self.link + "/save/reach", status=400, hour_from="18", hour_to="9", day="1"
        )
        self.assertIn('role="alert"', response.text)
        response = self.post(self.link + "/save/correct", status=400, phone="call me", city="Ghent")
        self.assertIn("is no phone number", response.text)
        self.assertIn('value="Ghent"', response.text, "what was typed is not lost")
        self.assertFalse(self.person.city, "all or nothing")
        response = self.post(self.link + "/save/erasure", status=400)
        self.assertFalse(
            self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        )
        self.post(self.link + "/save/nothing", status=404)
        self.post(self.link + "/save/__class__", status=404)

    def test_correct(self):
        self.post(
            self.link + "/save/correct", phone="+32 2 555 77 77", text="<script>alert(1)</script>"
        )
        self.assertEqual(self.person.phone, "+32 2 555 77 77")
        request = self.env["hc.privacy.request"].search(
            [("partner_id", "=", self.person.id), ("is_open", "=", True)]
        )
        self.assertEqual(request.text, "<script>alert(1)</script>")
        self.assertNotIn("<script>alert", self.get(self.link).text)

    def test_object_and_agree(self):
        self.post(self.link + "/save/object")
        self.person.invalidate_recordset()
        self.assertTrue(self.person.hc_profiling_optout)
        self.assertIn("you objected", self.get(self.link).text)
        self.post(self.link + "/save/agree")
        self.person.invalidate_recordset()
        self.assertFalse(self.person.hc_profiling_optout)

    def test_erasure(self):
        self.post(self.link + "/save/erasure", sure="yes", text="please")
        self.post(self.link + "/save/erasure", sure="yes", text="please")
        request = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((len(request), request.kind, request.state), (1, "erasure", "new"))
        self.assertIn('data-erasure="asked"', self.get(self.link).text)

    def test_copy(self):
        response = self.post(self.link + "/save/copy", status=200)
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        self.assertEqual(sorted(archive.namelist()), ["my-data.html", "my-data.json"])
        self.assertEqual(json.loads(archive.read("my-data.json"))["person"], "Rosa Testblum")
        self.assertIn("Rosa Testblum", archive.read("my-data.html").decode())
        request = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((request.kind, request.state), ("copy", "done"))

    def test_other_company(self):
        """Each company has its own page, and says nothing of the other."""
        other = self.path(self.person, self.other_company)
        self.person._hc_contact_links(company=self.company)
        self.post(self.link + "/save/erasure", sure="yes")
        text = self.get(other).text
        self.assertIn("Other Company", text)
        self.assertNotIn('data-erasure="asked"', text)
        self.assertNotIn(f"preferences at {self.company.name}", text)
        self.post(other + "/unsubscribe/care/confirm")
        self.assertEqual(self.consents().company_id, self.other_company)
        self.assertTrue(
            self.person._hc_consent_of("care", "email", self.company)[self.person.id][0]
        )

    def test_same_address_other_person(self):
        double = self.env["res.partner"].create(
            {"name": "Rosa's Daughter", "email": self.person.email, "phone": "+32 2 555 88 88"}
        )
        text = self.get(self.link).text
        self.assertNotIn("Daughter", text)
        self.assertNotIn("555 88 88", text)
        self.post(self.link + "/save/stop")
        self.assertFalse(self.consents(double))

    def test_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.person.lang = "fr_FR"
        page = html.fromstring(self.get(self.link).text)
        self.assertEqual(page.get("lang"), "fr-FR")
        page = html.fromstring(self.get(self.link + "?lang=en_US").text)
        self.assertEqual(page.get("lang"), "en-US")
        self.assertTrue(page.xpath("//form//input[@name='lang'][@value='en_US']"))
        page = html.fromstring(self.get(self.link + "?lang=xx_XX").text)
        self.assertEqual(page.get("lang"), "fr-FR")
        response = self.post(self.link + "/save/stop", lang="en_US")
        self.assertIn("lang=en_US", response.headers["Location"])

    # -- limits -----------------------------------------------------------------------------------

    def test_guessing_is_limited(self):
        self.patch(hc_contact_hit, "LIMITS", {**hc_contact_hit.LIMITS, "wrong": 3})
        for n in range(3):
            self.get(f"/care/{n}", 404)
        response = self.get("/care/4", 429)
        self.assertEqual(response.headers["Retry-After"], "600")
        # a right guess is not told from a wrong one
        self.get(self.link, 429)
        self.opener.post(f"{self.base_url()}{self.link}/one-click/care", data=ONE_CLICK)
        self.assertFalse(self.consents())

    def test_one_link_is_limited(self):
        self.patch(hc_contact_hit, "LIMITS", {**hc_contact_hit.LIMITS, "person": 2})
        self.get(self.link)
        self.get(self.link)
        self.get(self.link, 429)
        self.get(self.path(self.contact))

    def test_copies_are_limited(self):
        self.patch(hc_contact_hit, "LIMITS", {**hc_contact_hit.LIMITS, "copy": 1})
        self.post(self.link + "/save/copy", status=200)
        self.post(self.link + "/save/copy", status=429)

    def test_hits_keep_no_address_and_go(self):
        self.get(self.link)
        hits = self.env["hc.contact.hit"].search([])
        self.assertTrue(hits)
        for key in hits.mapped("key"):
            self.assertNotIn("127.0.0.1", key)
            self.assertNotIn(self.link.rpartition("/")[2], key)
        self.env.cr.execute("UPDATE hc_contact_hit SET date = date - interval '2 hours'")
        self.env["hc.contact.hit"]._gc_hits()
        self.env.invalidate_all()
        self.assertFalse(self.env["hc.contact.hit"].search([]))

    # -- portal -----------------------------------------------------------------------------------

    def test_portal(self):
        """Who is logged in gets their own page; a link in their hands opens what it opens for anybody."""
        user = new_test_user(
            self.env, "hc_portal_rosa", groups="base.group_portal", name="Rosa Portal"
        )
        self.get("/my/preferences", 303)
        self.authenticate("hc_portal_rosa", "hc_portal_rosa")
        response = self.get("/my/preferences", 303)
        self.assertTrue(response.headers["Location"].endswith(self.path(user.partner_id)))
        self.assertIn("/my/preferences", self.get("/my/home").text)
        text = self.get(
            response.headers["Location"].partition("/care")[1]
            + response.headers["Location"].partition("/care")[2]
        ).text
        self.assertIn("Rosa Portal", text)
        self.assertNotIn("Rosa Testblum", text)


@tagged("post_install", "-at_install")
class TestPreferencesTour(HttpCase, HcCommon):
    def test_tour(self):
        """From the link in a mail: unsubscribe, look at the page, object to profiling, take a copy."""
        links = self.person._hc_contact_links("care")[self.person.id]
        path = "/care/" + links["unsubscribe"].partition("/care/")[2]
        self.start_tour(path, "hc_preferences_tour")
        said = self.env["hc.consent"].search([("partner_id", "=", self.person.id)])
        self.assertIn(("care", "withdrawn"), [(s.purpose_id.key, s.state) for s in said])
        self.person.invalidate_recordset()
        self.assertTrue(self.person.hc_profiling_optout)
        kinds = self.env["hc.privacy.request"].search([("partner_id", "=", self.person.id)])
        self.assertEqual(set(kinds.mapped("kind")), {"objection", "copy"})
