from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestPersonaTour(HttpCase):
    def test_build_and_print(self):
        customer = self.env["res.partner"].create({"name": "Tour Customer", "city": "Tourtown"})
        # what the ready personas have to say about the host's demo data is not part of the story
        self.env["hc.persona.membership"]._refresh()
        customer.persona_membership_ids.unlink()
        self.env["hc.persona.rule"].search([]).active = False
        self.env["hc.persona.membership"]._refresh()
        self.start_tour("/odoo?debug=1", "hc_persona_tour", login="admin")
        persona = self.env["hc.persona"].search([("name", "=", "Tour Teresa")])
        self.assertEqual(persona.need_ids.name, "To see things twice")
        self.assertEqual(persona.dont_ids.kind, "dont")
        self.assertEqual(customer.persona_id, persona)
        self.assertEqual(customer.persona_reason, "Lives in Tourtown")
        # what the button opens: as PDF, or as the page to print from the browser
        self.authenticate("admin", "admin")
        page = self.url_open(f"/report/html/hc_crm.report_persona_card/{persona.id}")
        self.assertEqual(page.status_code, 200)
        for words in ("Tour Teresa", "I have seen it all", "To see things twice", "Don&#39;t"):
            self.assertIn(words, page.text)
