from datetime import timedelta

from odoo import fields

from .common import HcCommon


class TodayCommon(HcCommon):
    """A colleague with something of each kind to do is one line each away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.person.user_id = cls.salesman
        cls.plan = cls.env["hc.outreach.plan"].create({"name": "Check-in"})
        cls.version = cls.plan.draft_version_id or cls.env["hc.outreach.version"].create(
            {"plan_id": cls.plan.id}
        )
        call = cls.env.ref("mail.mail_activity_data_call")
        todo = cls.env.ref("mail.mail_activity_data_todo")
        cls.steps = {
            kind: cls.env["hc.outreach.step"].create(
                {"version_id": cls.version.id, "name": kind, **vals}
            )
            for kind, vals in {
                "call": {"type": "task", "activity_type_id": call.id},
                "card": {"type": "task", "activity_type_id": todo.id},
                "draft": {"type": "mail", "never_automate": True, "draft_fallback": "drop"},
            }.items()
        }

    @classmethod
    def delivery(cls, kind, partner=None, user=None, days=0, **vals):
        """A step that is with a colleague, as the worker leaves it there: due in so many days."""
        partner, user = partner or cls.person, user or cls.salesman
        step = cls.steps[kind]
        enrollment = cls.env["hc.outreach.enrollment"].create(
            {
                "plan_id": cls.plan.id,
                "version_id": cls.version.id,
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "occurrence": f"{kind},{partner.id},{cls.env['hc.outreach.enrollment'].search_count([])}",
                "step_id": step.id,
            }
        )
        activity = partner.activity_schedule(
            activity_type_id=step.activity_type_id.id
            or cls.env.ref("mail.mail_activity_data_todo").id,
            user_id=user.id,
            summary=vals.pop("summary", f"{kind.capitalize()} them"),
            note=vals.pop("text", False),
            date_deadline=cls.today + timedelta(days=days),
        )
        return cls.env["hc.outreach.delivery"].create(
            {
                "enrollment_id": enrollment.id,
                "step_id": step.id,
                "plan_id": cls.plan.id,
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "type": step.type,
                "state": "open",
                "is_draft": kind == "draft",
                "user_id": user.id,
                "activity_id": activity.id,
                "date_due": fields.Datetime.now(),
                "date_expire": fields.Datetime.now() + timedelta(days=days + 3),
                **vals,
            }
        )

    @classmethod
    def promise(cls, days=0, user=None, partner=None, **vals):
        return cls.env["hc.promise"].create(
            {
                "partner_id": (partner or cls.person).id,
                "summary": "Send samples",
                "user_id": (user or cls.salesman).id,
                "date_due": cls.today + timedelta(days=days),
                **vals,
            }
        )

    @classmethod
    def milestone(cls, days=0, partner=None, **vals):
        day = cls.today + timedelta(days=days)
        return cls.env["hc.fact"].create(
            {
                "partner_id": (partner or cls.person).id,
                "kind": "milestone",
                "occasion": "birthday",
                "date": f"2000-{day:%m-%d}",
                "year_unknown": True,
                **vals,
            }
        )

    @classmethod
    def call_activity(cls, record=None, days=0, user=None, **vals):
        return (record or cls.person).activity_schedule(
            "mail.mail_activity_data_call",
            user_id=(user or cls.salesman).id,
            date_deadline=cls.today + timedelta(days=days),
            **vals,
        )

    def as_user(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["hc.today"].with_user(user or self.salesman)

    def refs(self, user=None, of=None):
        """``{section: [ref, …]}`` of the list."""
        found = self.as_user(user).hc_get_list(of.id if of else None)
        return {
            section["key"]: [line["ref"] for line in section["lines"]]
            for section in found["sections"]
        }

    @staticmethod
    def ref(record):
        return f"{record._name},{record.id}"
