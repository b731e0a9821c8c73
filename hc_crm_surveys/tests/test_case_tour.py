from odoo import Command
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon
from .test_improvement import ImprovementCommon


@tagged("post_install", "-at_install")
class TestCaseTour(CaseCommon, HttpCase):
    def test_detractor_recovered(self):
        """An answer in a survey becomes a case, is solved, asked again, and good."""
        self.answer(score=2, comment="The driver left it in the rain", partner=self.person)
        case = self.Case.search([("partner_id", "=", self.person.id)])
        self.assertEqual(len(case), 1)
        case.feedback_ids.comment = "The driver left it in the rain"
        case.name = "The driver left it in the rain"
        self.start_tour("/odoo/customer-cases", "case_solve_tour", login="hc_salesman")
        self.env.invalidate_all()
        self.assertEqual(case.stage_id, self.stage_solved)
        self.assertEqual(case.solution, "Brought a dry one the same day")
        ask = self.env["hc.ask"].create(
            {
                "company_id": self.company.id,
                "survey_id": self.survey.id,
                "partner_id": self.person.id,
                "case_id": case.id,
                "state": "sent",
            }
        )
        self.say(9, "All good now", ask_id=ask.id)
        self.assertEqual(case.verdict, "better")
        self.start_tour(
            f"/odoo/customer-cases/{case.id}", "case_recovered_tour", login="hc_salesman"
        )


@tagged("post_install", "-at_install")
class TestImprovementTour(ImprovementCommon, HttpCase):
    def test_inform(self):
        self.env["hc.consent"]._hc_record(self.contact, "feedback", "withdrawn")
        self.improvement.write(
            {
                "feedback_ids": [Command.set((self.one | self.two).ids)],
                "state": "doing",
            }
        )
        self.start_tour(
            f"/odoo/improvements/{self.improvement.id}",
            "improvement_inform_tour",
            login="hc_salesman",
        )
        self.send()
        notice = self.Notice.search(
            [("improvement_id", "=", self.improvement.id), ("state", "=", "sent")]
        )
        self.assertEqual(notice.partner_id, self.person)
        self.start_tour(
            f"/odoo/res.partner/{self.person.id}", "improvement_timeline_tour", login="hc_salesman"
        )
