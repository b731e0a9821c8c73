from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .common_outreach import OutreachCommon

DIGITS = "9" * 5000
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@tagged("post_install", "-at_install")
class TestOutreachPublic(OutreachCommon, HttpCase):
    """What anybody may ask for without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_approval_above(1_000_000)
        template = cls.make_template()
        plan = cls.make_plan(
            [
                {"name": "mail", "type": "mail", "mail_template_id": template.id},
                {
                    "name": "opened",
                    "type": "branch",
                    "branch_type": "opened",
                    "children": {"yes": [{"name": "glad", "type": "stop"}]},
                },
            ],
            user_id=cls.manager.id,
        )
        cls.plan = plan
        plan._enroll(cls.person | cls.contact)
        cls.work()
        cls.row, cls.other = (
            cls.Delivery.search([("plan_id", "=", plan.id), ("partner_id", "=", partner.id)])
            for partner in (cls.person, cls.contact)
        )

    def sent(self, seconds_ago=3600):
        """The mails left so long ago."""
        rows = self.row | self.other
        rows.mail_id.write(
            {"hc_wire_date": self.now - timedelta(seconds=seconds_ago), "state": "sent"}
        )
        self.env["hc.outreach.delivery"].sudo()._harvest()
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def pixel(self, row=None, token=None, **options):
        row = row or self.row
        path = f"/outreach/opened/{row.id}/{token or row._opened_token()}.gif"
        return self.ask(path, **options)

    def ask(self, path, method="GET", headers=None, **options):
        self.env.flush_all()
        answer = self.opener.request(
            method,
            self.base_url() + path,
            headers=headers or BROWSER,
            allow_redirects=False,
            timeout=30,
            **options,
        )
        self.env.invalidate_all()
        return answer

    # -- opened -----------------------------------------------------------------------------------

    def test_picture_stands_in_the_mail(self):
        self.assertIn(f"/outreach/opened/{self.row.id}/", self.row.mail_id.body_html)
        self.assertNotIn("/outreach/opened/", self.row.message_id.body)
        plan = self.make_plan(
            [{"type": "mail", "mail_template_id": self.make_template().id}],
            user_id=self.manager.id,
        )
        [partner] = self.make_partners(1)
        plan._enroll(partner)
        self.work()
        [row] = self.Delivery.search([("plan_id", "=", plan.id)])
        self.assertEqual(row.state, "sending", row.reason)
        self.assertNotIn(
            "/outreach/opened/", row.mail_id.body_html, "only where a plan asks for it"
        )

    def test_opened_counts_once(self):
        self.sent()
        answer = self.pixel()
        self.assertEqual(answer.headers["Content-Type"], "image/gif")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", answer.headers)
        first = self.row.date_opened
        self.assertTrue(first)
        self.row.date_opened = first - timedelta(days=1)
        self.pixel()
        self.assertEqual(self.row.date_opened, first - timedelta(days=1), "the first time counts")
        self.assertFalse(self.other.date_opened)
        self.work()
        outcomes = {name: outcome for name, _state, outcome in self.rows(self.plan, self.person)}
        self.assertEqual(outcomes["opened"], "yes")
        outcomes = {name: outcome for name, _state, outcome in self.rows(self.plan, self.contact)}
        self.assertEqual(outcomes["opened"], "no")

    def test_machines_are_not_trusted(self):
        self.pixel()
        self.assertFalse(self.row.date_opened, "it did not leave yet")
        self.sent(seconds_ago=3)
        self.pixel()
        self.assertFalse(self.row.date_opened, "a scanner on its way")
        self.sent_earlier()
        self.pixel(method="HEAD")
        self.pixel(headers={"User-Agent": "SomeBot/1.0 (crawler; bot)"})
        self.assertFalse(self.row.date_opened)
        self.pixel()
        self.assertTrue(self.row.date_opened)

    def sent_earlier(self):
        self.row.mail_id.hc_wire_date = self.now - timedelta(hours=1)

    def test_answers_are_all_alike(self):
        """Nobody learns which deliveries there are."""
        self.sent()
        token = self.row._opened_token()
        good = self.pixel(self.other)
        self.assertEqual(good.status_code, 200)
        for path in (
            f"{self.row.id}/{token[:-1]}",
            f"{self.row.id}/{self.other._opened_token()}",
            f"{self.other.id}/{token}",
            f"{2**31 - 1}/{token}",
            f"{2**31}/{token}",
            f"{2**70}/{token}",
            f"{DIGITS}/{token}",
            f"0/{token}",
            f"-1/{token}",
            f"x/{token}",
            f"{self.row.id}.0/{token}",
            f"%00/{token}",
            f"{self.row.id}/%F0%9F%8C%B7",
            f"{self.row.id}/%00",
            f"{self.row.id}/%FF%FE",
            f"{self.row.id}/{'a' * 3000}",
            f"%D9%A1%D9%A2/{token}",
        ):
            with self.subTest(path=path[:40]):
                answer = self.ask(f"/outreach/opened/{path}.gif")
                self.assertEqual(
                    (answer.status_code, answer.content, answer.headers["Content-Type"]),
                    (200, good.content, "image/gif"),
                )
        self.assertFalse(self.row.date_opened)

    # -- odd input --------------------------------------------------------------------------------

    def care(self, path=""):
        url = self.person._hc_contact_links(company=self.company)[self.person.id]["preferences"]
        self.env.flush_all()
        return "/care/" + url.rpartition("/")[2] + path

    def test_odd_addresses_never_break(self):
        care = self.care()
        token = care.rpartition("/")[2]
        for path in (
            f"/outreach/opened/{self.row.id}/x",
            "/outreach/opened/",
            f"/outreach/opened/{self.row.id}/{self.row._opened_token()}.gif?x={DIGITS}",
            f"/care/{DIGITS}",
            "/care/%FF%FE",
            "/care/%00",
            "/care/%E2%82%AC" * 5,
            f"{care}?done={DIGITS}",
            f"{care}?lang=%00",
            f"{care}?lang={'x' * 3000}",
            f"{care}?done[]=1&lang[]=2",
            f"{care}?token=x&key=y&partner=z",
            f"{care}/unsubscribe/{DIGITS}",
            f"{care}/unsubscribe/%00",
            f"{care}/unsubscribe/%F0%9F%8C%B7",
            f"{care}/one-click/%FF",
            f"{care}/save/__class__",
            f"/care/{token}%0d%0aSet-Cookie:x/unsubscribe/care",
        ):
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(path=path[:60], method=method):
                    self.assertLess(self.ask(path, method).status_code, 500)

    def test_odd_forms_never_break(self):
        """Numbers of thousands of digits, files for texts, texts for numbers, the same name twice."""
        names = (
            "want", "channel", "hour_from", "hour_to", "day", "phone", "street", "zip", "city",
            "country_id", "name", "email", "text", "sure", "lang", "List-Unsubscribe",
        )  # fmt: skip
        odd = (DIGITS, "-1", "\x00", "🌷", "1e400", "٣", "x" * 20_000)
        acts = ("consent", "stop", "reach", "correct", "object", "agree", "erasure", "nothing")
        for act in acts:
            for value in odd:
                with self.subTest(act=act, value=value[:10]):
                    data = [(name, value) for name in names for _twice in "ab"]
                    self.check_post(f"/save/{act}", data=data)
            with self.subTest(act=act, value="files"):
                files = [(name, ("a.txt", b"\x00\xff not text")) for name in names]
                self.check_post(f"/save/{act}", files=files)
        for path in ("/one-click/care", "/unsubscribe/care/confirm", "/unsubscribe/care/undo"):
            files = [(name, ("a.txt", b"\x00\xff")) for name in names]
            self.check_post(path, files=files)
            self.check_post(
                path, data=b"\xff\xfe\x00", headers=BROWSER | {"Content-Type": "text/plain"}
            )
            self.check_post(path, data="{", headers=BROWSER | {"Content-Type": "application/json"})
            self.check_post(
                path, data="--x", headers=BROWSER | {"Content-Type": "multipart/form-data"}
            )

    def check_post(self, path, data=None, headers=None, **options):
        # each link is limited; this is about what they are given
        self.env["hc.contact.hit"].search([]).unlink()
        if isinstance(data, list) or data is None:
            token = self.csrf()
            data = [*(data or []), ("csrf_token", token)]
        answer = self.ask(self.care(path), "POST", headers, data=data, **options)
        self.assertLess(answer.status_code, 500, answer.text[:500])
        self.person.invalidate_recordset()

    def csrf(self):
        if not getattr(self, "_token", None):
            page = self.ask(self.care()).text
            self._token = page.split('name="csrf_token" value="')[1].split('"')[0]
        return self._token
