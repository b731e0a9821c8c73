from unittest.mock import patch

from odoo import fields

from .common import SurveysCommon


class CaseCommon(SurveysCommon):
    """The shop of the surveys, whose rules are these and no others: low NPS is a case of the salesman."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["hc.feedback.case.rule"].with_context(active_test=False).search([]).unlink()
        # as a company begins, whatever the demo shop has set
        cls.company.write({"hc_case_user_id": False, "hc_case_escalate_user_id": False})
        cls.Case = cls.env["hc.feedback.case"]
        cls.Rule = cls.env["hc.feedback.case.rule"]
        cls.rule = cls.Rule.create(
            {"name": "Low", "metric": "nps", "band": "bad", "hours_answer": 8, "hours_solve": 40}
        )
        cls.person.user_id = cls.salesman
        cls.cause = cls.env.ref("hc_crm_surveys.hc_feedback_cause_late")
        cls.stage_solved = cls.env.ref("hc_crm_surveys.hc_feedback_case_stage_solved")
        cls.stage_new = cls.env.ref("hc_crm_surveys.hc_feedback_case_stage_new")
        cls.stage_closed = cls.env.ref("hc_crm_surveys.hc_feedback_case_stage_closed")
        cls.number = 900_000

    @classmethod
    def say(cls, score=None, comment=None, partner=None, **vals):
        """Somebody tells us something, however it came; return the feedback."""
        cls.number += 1
        values = {
            "source": "survey",
            "origin_model": "x.test",
            "origin_id": cls.number,
            "date": fields.Datetime.now(),
            "partner_id": cls.person.id if partner is None else partner and partner.id,
            "company_id": cls.company.id,
            "comment": comment,
            **vals,
        }
        if score is not None:
            values |= {"metric": vals.get("metric", "nps"), "score": score}
        return cls.Feedback._hc_record([values])

    @classmethod
    def solve(cls, case, **vals):
        case.write({"cause_id": cls.cause.id, "solution": "Sent a new one", **vals})
        case.action_solve()
        return case

    def run_cron(self, model, name):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1000):
            getattr(self.env[model], name)()
