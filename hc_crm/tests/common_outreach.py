from datetime import datetime, timedelta

from odoo.exceptions import UserError

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import HcCommon


class OutreachCommon(HcCommon):
    """A running plan is one line away: ``self.make_plan([{"type": "stop"}, …])``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = datetime.now().replace(microsecond=0)
        # tests pass at night, on Sundays and on holidays, too
        cls.set_rules(hour_from=0, hour_to=24, on_saturday=True, on_sunday=True, calendar_id=False)
        cls.purpose = cls.env.ref("hc_crm.hc_consent_purpose_care")
        cls.category = cls.env["res.partner.category"].create({"name": "Outreach"})
        # a step that turns to nobody
        cls.quiet = {"type": "tag", "category_id": cls.category.id}
        cls.Delivery = cls.env["hc.outreach.delivery"]
        cls.Enrollment = cls.env["hc.outreach.enrollment"]

    @classmethod
    def make_plan(cls, steps, start=True, **vals):
        """Create a plan; ``steps`` are values of steps, whose ``children`` are ``{lane: [values]}``."""
        plan = cls.env["hc.outreach.plan"].create(
            {"name": "Test plan", "user_id": cls.manager.id, **vals}
        )
        cls.add_steps(plan.draft_version_id, steps)
        if start:
            plan._start()
        return plan

    @classmethod
    def add_steps(cls, version, steps, parent=False, lane=False):
        for number, step in enumerate(steps):
            children = step.get("children", {})
            record = cls.env["hc.outreach.step"].create(
                {key: value for key, value in step.items() if key != "children"}
                | {
                    "version_id": version.id,
                    "sequence": step.get("sequence", number * 10),
                    "parent_id": parent,
                    "lane": lane,
                }
            )
            for child_lane, below in children.items():
                cls.add_steps(version, below, record.id, child_lane)

    @classmethod
    def set_rules(cls, **vals):
        """Change the company's contact rules."""
        Policy = cls.env["hc.contact.policy"]
        rules = Policy.search([("company_id", "=", cls.company.id)])
        (rules or Policy.create({"company_id": cls.company.id})).write(vals)

    @classmethod
    def set_approval_above(cls, people):
        """Above so many people, a second person has a look at a plan."""
        cls.set_rules(approval_above=people)

    @classmethod
    def at(cls, **later):
        """The worker's model a second from now, or at another moment."""
        moment = datetime.now().replace(microsecond=0) + timedelta(seconds=1) + timedelta(**later)
        return cls.Delivery.with_context(hc_outreach_now=moment)

    @classmethod
    def work(cls, **later):
        cls.at(**later)._work()

    @classmethod
    def rows(cls, plan, partner=None):
        """What was done, as ``[(step, state, outcome), …]`` in the order of the steps' doing."""
        domain = [("plan_id", "=", plan.id)]
        if partner:
            domain.append(("partner_id", "=", partner.id))
        return [
            (row.step_id.name, row.state, row.outcome)
            for row in cls.Delivery.search(domain, order="id")
        ]

    @classmethod
    def make_template(cls, body="<p>Dear <t t-out='object.name'/>,</p>", **vals):
        return cls.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "For {{ object.name }}",
                "body_html": body,
                **vals,
            }
        )

    @classmethod
    def make_partners(cls, count, **vals):
        return cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "email": f"c{number}@customers.example",
                    "phone": f"+32 2 555 {number:04}",
                    **vals,
                }
                for number in range(count)
            ]
        )

    def refused(self, word, function, *args, **kwargs):
        """``function`` is refused, saying ``word``, and nothing of it stays."""
        with self.assertRaises(UserError) as caught:
            function(*args, **kwargs)
        self.assertIn(word, str(caught.exception))


class OutreachAdminsCommon(OutreachCommon):
    """Two more administrators; ``boss`` sees the documents of all. No plan is too large to start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_approval_above(1_000_000)
        cls.second, cls.boss = (
            mail_new_test_user(
                cls.env, login=login, groups=f"{sales},hc_crm.hc_crm_group_manager", name=login
            )
            for login, sales in (
                ("hc_guard_second", "sales_team.group_sale_salesman"),
                ("hc_guard_boss", "sales_team.group_sale_salesman_all_leads"),
            )
        )
