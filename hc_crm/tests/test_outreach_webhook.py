import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.hc_crm.models.outreach import webhook_http

from .common_outreach import OutreachCommon


class Sink(BaseHTTPRequestHandler):
    """Another system on this machine: it remembers what it got, and answers as it was told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        time.sleep(self.server.delay)
        status, headers, text = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        """Nothing to say."""


@tagged("post_install", "-at_install")
class TestOutreachWebhook(OutreachCommon):
    """Calls over a real connection."""

    def setUp(self):
        super().setUp()
        self.sink = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        self.sink.daemon_threads = True
        self.sink.got, self.sink.delay, self.sink.answer = [], 0, (200, {}, b"ok")
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()
        self.addCleanup(self.sink.server_close)
        self.addCleanup(self.sink.shutdown)
        self.port = self.sink.server_address[1]

    @contextmanager
    def loopback_allowed(self):
        """As if this machine's own address were one of the open Internet; names lead to it."""

        def resolve(host, port):
            self.assertEqual(host, "hooks.shop.example")
            return "127.0.0.1"

        with patch.object(webhook_http, "resolve", resolve):
            yield

    def row(self, url=None, partners=None, **step):
        plan = self.make_plan(
            [
                {
                    "name": "tell",
                    "type": "webhook",
                    "webhook_url": url or f"http://hooks.shop.example:{self.port}/new?x=1",
                    "webhook_secret": "s3cret",
                    **step,
                },
                self.quiet,
            ],
            user_id=self.manager.id,
        )
        plan._enroll(partners or self.person)
        self.work()
        return self.Delivery.search([("plan_id", "=", plan.id)])

    def call(self, rows, **later):
        waiting = self.at(**later)._webhooks_waiting().filtered(lambda one: one.id in rows.ids)
        for row in waiting:
            row.sudo()._call_webhook(commit=lambda: None)
        return waiting

    def test_told(self):
        row = self.row()
        with self.loopback_allowed():
            self.call(row)
        self.assertEqual(row.state, "done", row.error)
        [(path, headers, body)] = self.sink.got
        self.assertEqual(path, "/new?x=1")
        self.assertEqual(headers["Host"], f"hooks.shop.example:{self.port}")
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertTrue(headers["X-HC-Signature"].startswith("sha256="))
        told = json.loads(body)
        self.assertEqual(told["customer"]["email"], self.person.email)
        self.work()
        self.assertEqual(row.enrollment_id.state, "done")

    def test_failures(self):
        for answer, state, word in (
            ((500, {}, b"oops"), "sending", "500"),
            ((429, {}, b"slow down"), "sending", "slow down"),
            ((400, {}, b"what?"), "failed", "what?"),
            ((200, {}, b"x" * 200_000), "done", ""),
            ((204, {}, b""), "done", ""),
        ):
            with self.subTest(status=answer[0], size=len(answer[2])):
                self.sink.answer = answer
                [partner] = self.make_partners(1)
                row = self.row(partners=partner)
                with self.loopback_allowed():
                    self.call(row)
                self.assertEqual(row.state, state)
                self.assertIn(word, row.error or "")
                self.assertEqual(row.is_trouble, state != "done")

    def test_redirects_are_not_followed(self):
        self.sink.answer = (302, {"Location": f"http://127.0.0.1:{self.port}/inside"}, b"")
        row = self.row()
        with self.loopback_allowed():
            self.call(row)
        self.assertEqual(row.state, "failed")
        self.assertEqual([path for path, _headers, _body in self.sink.got], ["/new?x=1"])

    def test_timeout(self):
        """It may have arrived: the next try carries the same key, by which the other system knows it."""
        row = self.row()
        self.sink.delay = 1.5
        start = time.monotonic()
        with self.loopback_allowed(), patch.object(webhook_http, "TIMEOUT", 0.2):
            self.call(row)
        self.assertLess(time.monotonic() - start, 1.4)
        self.assertEqual((row.state, row.tries, row.webhook_date), ("sending", 1, False))
        self.assertIn("did not answer", row.error)
        self.sink.delay = 0
        with self.loopback_allowed():
            self.assertFalse(self.call(row), "not at once")
            self.call(row, minutes=5)
        self.assertEqual(row.state, "done")
        keys = {headers["Idempotency-Key"] for _path, headers, _body in self.sink.got}
        self.assertEqual(len(keys), 1)

    def test_nobody_there(self):
        row = self.row()
        self.sink.shutdown()
        self.sink.server_close()
        with self.loopback_allowed():
            self.call(row)
        self.assertEqual((row.state, row.tries), ("sending", 1))
        # it is tried for some hours, then shown
        for day in range(1, 10):
            with self.loopback_allowed():
                self.call(row, days=day)
        self.assertEqual(row.state, "failed")

    def test_own_network_is_refused(self):
        """Nothing arrives, by whatever name."""
        row = self.row()
        step = row.step_id
        for url in (
            f"http://127.0.0.1:{self.port}/",
            f"http://localhost:{self.port}/",
            f"http://[::ffff:127.0.0.1]:{self.port}/",
            f"http://2130706433:{self.port}/",
            f"http://0x7f.1:{self.port}/",
        ):
            with self.subTest(url=url):
                # past the check on storing: what counts is where it leads at the time of the call
                self.env.cr.execute(
                    "UPDATE hc_outreach_step SET webhook_url = %s WHERE id = %s", (url, step.id)
                )
                step.invalidate_recordset(["webhook_url"])
                row._mark({"state": "sending", "webhook_date": None, "tries": 0, "error": None})
                self.call(row)
                self.assertEqual(row.state, "failed")
                self.assertIn("own network", row.error)
        self.assertFalse(self.sink.got)
