from odoo import models


class ResPartner(models.Model):
    """What becomes of cases and letters when somebody asks for their data, or to be forgotten."""

    _inherit = "res.partner"

    def _hc_export_sections(self):
        return [
            *super()._hc_export_sections(),
            {
                "key": "cases",
                "label": self.env._("What went wrong, and what we did about it"),
                "rows": self._hc_export_cases,
            },
        ]

    def _hc_export_cases(self):
        cases = self.env["hc.feedback.case"].search(
            [("partner_id", "=", self.id), ("company_id", "=", self.env.company.id)]
        )
        verdicts = dict(cases._fields["verdict"]._description_selection(self.env))
        return [
            {
                self.env._("Date"): str(case.date_open),
                self.env._("What"): case.name,
                self.env._("In your words"): case.description or "",
                self.env._("What we did"): case.solution or "",
                self.env._("What we gave"): case.goodwill or "",
                self.env._("Solved"): str(case.date_solved or ""),
                self.env._("Your verdict"): verdicts.get(case.verdict, ""),
            }
            for case in cases
        ]

    def _hc_erase_sections(self):
        mine = [("partner_id", "in", self.ids)]
        return [
            *super()._hc_erase_sections(),
            {
                "model": "hc.feedback.case",
                "domain": mine,
                "how": "empty",
                "erase": self._hc_erase_cases,
                "why": self.env._(
                    "That something went wrong, why, and how long it took counts in the results; who "
                    "it was, their words and all letters go."
                ),
            },
            {"model": "hc.feedback.thanks", "domain": mine, "how": "delete", "why": ""},
        ]

    def _hc_erase_cases(self, cases):
        cases = cases.with_context(tracking_disable=True)
        cases.message_ids.unlink()
        cases.activity_ids.unlink()
        self.env["ir.attachment"].search(
            [("res_model", "=", cases._name), ("res_id", "in", cases.ids)]
        ).unlink()
        closed = self.env["hc.feedback.case.stage"]._first("closed")
        # Nobody is left to answer. The check of stages asks for what was done: that nobody could do more.
        for case in cases:
            vals = {
                "name": self.env._("Erased"),
                "description": False,
                "solution": self.env._("Erased"),
                "goodwill": False,
                "partner_id": False,
                "date_ask": False,
                "feedback_ids": [(5, 0, 0)],
            }
            case.write(vals)
            if case.is_open and closed:
                case.with_context(hc_case_no_check=True).stage_id = closed
