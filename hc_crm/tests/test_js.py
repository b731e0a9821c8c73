from odoo.tests import HttpCase, no_retry, tagged


def hoot_id(name):
    """The identifier Hoot gives a suite or a test (as in the host's ``web/tests/test_js.py``)."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestJs(HttpCase):
    @no_retry
    def test_unit(self):
        """Our own Hoot suites, in the same page and browser as the host's."""
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={hoot_id('@hc_crm')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
