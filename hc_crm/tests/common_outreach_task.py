from freezegun import freeze_time

from odoo import fields

from .common_outreach import OutreachCommon

NOON = "2026-06-10 10:00:00"  # a Wednesday


class OutreachTaskCommon(OutreachCommon):
    """A plan that gives a call to a colleague, with a note in the lane of each outcome; nobody has a task yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time(NOON)
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.now = fields.Datetime.now()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.env["hc.contact.policy"].search([("company_id", "=", cls.company.id)]).unlink()
        cls.policy = cls.env["hc.contact.policy"].create(
            {"company_id": cls.company.id, "task_limit": 3}
        )
        (cls.salesman | cls.seller_all | cls.manager).write({"tz": "UTC"})
        cls.person.user_id = cls.salesman

    def plan(self, step=None, **vals):
        lanes = {
            lane: [{"type": "note", "name": lane, "text": lane}]
            for lane in ("reached", "voicemail", "not_needed", "not_done")
        }
        return self.make_plan(
            [
                {
                    "type": "task",
                    "name": "Call",
                    "summary": "Call {{ object.name }}",
                    "children": lanes,
                }
                | (step or {}),
                {"type": "note", "name": "end", "text": "end"},
            ],
            user_id=self.manager.id,
            **vals,
        )

    def enroll(self, plan, partners=None):
        plan._enroll(partners or self.person)
        self.work()
        return self.Delivery.search([("plan_id", "=", plan.id), ("type", "=", "task")], order="id")

    def names(self, plan):
        return [name for name, _state, _outcome in self.rows(plan)]
