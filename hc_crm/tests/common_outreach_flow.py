from odoo import fields

from .common import HcCommon


def make_welcome(env, **vals):
    """A ready plan: a mail, then a call whose outcome branches; tests and tours begin with it."""
    template = env["mail.template"].create(
        {
            "name": "Welcome",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Welcome, {{ object.name }}",
            "body_html": '<p>Dear <t t-out="object.name"/>, good to have you.</p>',
            "lang": "{{ object.lang }}",
        }
    )
    plan = env["hc.outreach.plan"].create(
        {
            "name": "Welcome to new customers",
            "description": "They feel at home with us from the first day.",
            "is_template": True,
            "company_id": False,
            "entry_type": "manual",
            **vals,
        }
    )
    version = plan.draft_version_id or plan.version_ids[:1]
    Step = env["hc.outreach.step"]
    Step.create(
        {
            "version_id": version.id,
            "type": "mail",
            "name": "Say welcome",
            "mail_template_id": template.id,
            "sequence": 10,
        }
    )
    call = Step.create(
        {
            "version_id": version.id,
            "type": "task",
            "name": "Ask how it goes",
            "summary": "Ask how the first weeks went",
            "wait_type": "after",
            "wait_count": 3,
            "sequence": 20,
            "user_rule": "plan",
        }
    )
    Step.create(
        {
            "version_id": version.id,
            "type": "mail",
            "name": "Sorry we missed you",
            "mail_template_id": template.id,
            "parent_id": call.id,
            "lane": "voicemail",
            "sequence": 10,
        }
    )
    return plan


class OutreachFlowCommon(HcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = make_welcome(cls.env)
        cls.plan = cls.env["hc.outreach.plan"].browse(
            cls.template.with_user(cls.manager).action_use_template()["res_id"]
        )
        cls.mail, cls.call = cls.plan.draft_version_id.step_ids.filtered(
            lambda step: not step.parent_id
        ).sorted("sequence")
        cls.missed = cls.call.child_ids
        cls.person.write({"city": False, "user_id": cls.manager.id})

    def as_manager(self, records=None):
        return (self.plan if records is None else records).with_user(self.manager)

    def enroll(self, partners):
        """Run the plan and let these people in."""
        self.as_manager().action_start()
        if self.plan.state == "approval":  # as many contacts as the demo data has
            self.plan.sudo()._start()
        self.plan.with_user(self.manager)._enroll(
            partners, fields.Date.to_string(fields.Date.today())
        )
