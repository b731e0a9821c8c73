from odoo import api, models
from odoo.tools import SQL, format_date


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _hc_complaint_select(self, company):
        """Nobody with an open case is asked for anything or written to by itself."""
        self.env["hc.feedback.case"].flush_model()
        return SQL(
            """
            %s UNION ALL
            SELECT complaint.commercial_partner_id, complaint.date_open, NULL::timestamp,
                   'case'::varchar, 'hc.feedback.case'::varchar, complaint.id
              FROM hc_feedback_case AS complaint
             WHERE complaint.is_open AND complaint.company_id = %s
            """,
            super()._hc_complaint_select(company),
            company.id,
        )

    def _hc_bad_feelings(self, question, since):
        """A bad feeling that was set right since is none any more."""
        rows = super()._hc_bad_feelings(question, since)
        if not rows:
            return rows
        solved = dict(
            self.env["hc.feedback.case"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "in", [row[0] for row in rows]),
                    ("company_id", "=", question.company.id),
                    ("date_solved", "!=", False),
                    ("is_open", "=", False),
                ],
                ["commercial_partner_id"],
                ["date_solved:max"],
            )
        )
        solved = {partner.id: date for partner, date in solved.items()}
        return [row for row in rows if row[0] not in solved or solved[row[0]] < row[1]]

    def _hc_open_cases(self):
        """Open cases of this customer that the user may read, of a company those of all its people."""
        Case = self.env["hc.feedback.case"]
        if not Case.has_access("read"):
            return Case
        return Case.search(
            [("commercial_partner_id", "=", self.commercial_partner_id.id), ("is_open", "=", True)]
        )

    def _hc_lines_open(self, promises, contacts):
        """An open case is the first thing to know, before any promise."""
        lines = []
        for case in self._hc_open_cases():
            text = self.env._("Open case: %(what)s", what=case.name)
            owner = case.sudo().user_id.name or self.env._("nobody yet")  # sudo: a colleague's name
            source = self.env._(
                "Since %(day)s, seen to by %(who)s",
                day=format_date(self.env, case.date_open),
                who=owner,
            )
            lines.append(
                self._hc_line("case", "fa-life-ring", "danger", text, source, case._name, case.id)
            )
        return lines + super()._hc_lines_open(promises, contacts)

    def _hc_lines_feeling(self, feeling):
        """What the line of the open case says already is not said twice: there is room for three."""
        told = {("hc.feedback", row.id) for case in self._hc_open_cases()
                for row in case.sudo().feedback_ids if row._case_title() == case.name}  # fmt: skip
        lines = super()._hc_lines_feeling(feeling)
        return [line for line in lines if (line["res_model"], line["res_id"]) not in told]

    def action_hc_open_case(self):
        """Show the open case of this customer, or a form to open one."""
        self.ensure_one()
        self.check_access("read")
        return self.env["hc.feedback.case"]._open_action(self)

    def action_hc_cases(self):
        """All cases of this customer and of their company."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "hc_crm_surveys.hc_feedback_case_action"
        )
        action["context"] = {"default_partner_id": self.id}
        action["domain"] = [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        return action
