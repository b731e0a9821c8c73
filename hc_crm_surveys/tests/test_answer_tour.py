import time
from contextlib import contextmanager

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from .common_answer import AnswerCommon

WAIT_SECONDS = 30
PHONE = (390, 844)
TARGET = 44  # least side of what a thumb presses, in pixels


class Page:
    """A phone's page, worked by real input: events that the browser trusts, which no script can make."""

    def __init__(self, browser):
        self.browser = browser

    def js(self, expression):
        result = self.browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": expression, "returnByValue": True, "awaitPromise": True},
        )
        return result["result"].get("value")

    def wait(self, expression):
        end = time.monotonic() + WAIT_SECONDS
        while not self.js(f"!!({expression})"):
            if time.monotonic() > end:
                text = self.js("document.body && document.body.innerText")
                raise AssertionError(f"{expression} never came true: {text}")
            time.sleep(0.1)

    def click(self, selector):
        box = self.js(
            f"(() => {{ const el = document.querySelector({selector!r});"
            " el.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const box = el.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.browser._websocket_request(
                "Input.dispatchMouseEvent",
                params={"type": kind, "x": box[0], "y": box[1], "button": "left", "clickCount": 1},
            )

    def type(self, text):
        self.browser._websocket_request("Input.insertText", params={"text": text})

    def press(self, key, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.browser._websocket_request(
                "Input.dispatchKeyEvent",
                params={"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code},
            )


@tagged("post_install", "-at_install")
class TestAnswerTour(HttpCase, AnswerCommon):
    """From the button in the mail to the thank-you page, on a phone."""

    @contextmanager
    def page(self, path):
        browser = ChromeBrowser(self)
        try:
            with self.allow_requests(browser=browser):
                width, height = PHONE
                browser._websocket_request(
                    "Emulation.setDeviceMetricsOverride",
                    params={
                        "width": width,
                        "height": height,
                        "deviceScaleFactor": 1,
                        "mobile": True,
                    },
                )
                self.env.flush_all()
                self.env.invalidate_all()
                browser.navigate_to(self.base_url() + path)
                page = Page(browser)
                page.wait("document.readyState === 'complete' && document.querySelector('#wrap')")
                yield page
                self._wait_remaining_requests()
        finally:
            browser.stop()
        self.env.invalidate_all()

    def assertFitsThumbs(self, page, points):
        self.assertLessEqual(page.js("document.scrollingElement.scrollWidth"), PHONE[0])
        sides = page.js(
            "[...document.querySelectorAll('.o_hc_point_sign, .o_hc_send')].map((el) => {"
            " const box = el.getBoundingClientRect(); return Math.min(box.width, box.height); })"
        )
        self.assertGreaterEqual(len(sides), points)
        self.assertGreaterEqual(min(sides), TARGET - 0.5)

    def test_one_click_and_a_comment(self):
        with self.page(self.path(score=9)) as page:
            self.assertEqual(page.js("document.querySelector('[name=score]:checked').value"), "9")
            self.assertFitsThumbs(page, 12)
            page.click("#o_hc_comment")
            page.type("Friendly people")
            time.sleep(1)  # nobody is faster
            page.click(".o_hc_send")
            page.wait("document.querySelector('.o_hc_done')")
            text = page.js("document.querySelector('#wrap').innerText")
            self.assertIn("Thank you!", text)
            self.assertIn("9 of 10", text)
            self.assertIn("Friendly people", text)
        answer = self.answers()
        self.assertEqual(self.said(answer), {self.question: 9, self.why: "Friendly people"})
        self.assertEqual((answer.state, answer.is_suspect), ("done", False))
        [feedback] = self.feedback_of(answer)
        self.assertEqual((feedback.score, feedback.band, feedback.is_counted), (9, "good", True))

    def test_by_keyboard(self):
        with self.page(self.path(score=5)) as page:
            page.js("document.querySelector('#o_hc_score_5').focus()")
            page.press("ArrowRight", 39)
            page.press("ArrowRight", 39)
            self.assertEqual(page.js("document.activeElement.value"), "7")
            outline = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
            self.assertEqual(page.js(outline), "solid")
            page.js("document.querySelector('.o_hc_send').focus()")
            self.browser_enter(page)
            page.wait("document.querySelector('.o_hc_done')")
        self.assertEqual(self.said(self.answers()), {self.question: 7})

    def browser_enter(self, page):
        for kind, text in (("keyDown", "\r"), ("keyUp", "")):
            page.browser._websocket_request(
                "Input.dispatchKeyEvent",
                params={"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": text},
            )  # fmt: skip

    def test_a_script_presses_the_button(self):
        """A scanner that runs the page and clicks by script gets the second step, and no further."""
        with self.page(self.path(score=9)) as page:
            page.js("document.querySelector('.o_hc_send').click()")
            page.wait("document.querySelector('#wrap').innerText.includes('One more click')")
        self.assertFalse(self.answers())
        self.assertEqual(self.ask.state, "sent")

    def test_host_page(self):
        answer = self.survey._create_answer(partner=self.person, check_attempts=False)
        answer._mark_in_progress()
        name = str(self.question.id)
        with self.page(f"/survey/{self.survey.access_token}/{answer.access_token}") as page:
            page.wait("document.querySelector('button[type=submit]:not(.disabled)')")
            self.assertFitsThumbs(page, 11)
            page.click(f"[id='{name}_3']")
            page.press("ArrowRight", 39)
            checked = f"document.querySelector('[name=\"{name}\"]:checked')"
            self.assertEqual(page.js(f"{checked}.value"), "4")
            self.assertEqual(page.js(f"{checked}.getAttribute('aria-label')"), "4 of 10")
            # the host's own buttons, which move while the page settles
            page.js("document.querySelector('button[value=finish]').click()")
            page.wait("document.querySelector('.modal .btn-primary')")
            page.js("document.querySelector('.modal .btn-primary').click()")
            page.wait("document.querySelector('.o_survey_finished')")
        self.assertEqual(self.said(answer), {self.question: 4})
