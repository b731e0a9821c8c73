from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.hc_crm.tests.test_js import hoot_id


@tagged("post_install", "-at_install")
class TestEditorJs(HttpCase):
    @no_retry
    def test_unit(self):
        """The editor's Hoot suites, in the same page and browser as the host's."""
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={hoot_id('@hc_crm_journeys')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
