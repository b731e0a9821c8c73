import inspect
from contextlib import suppress

from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_outreach import OutreachCommon

DEFINED = (UserError, ValidationError, AccessError, MissingError)
GONE = 2**31 - 1  # no record has it
ODD = (
    None, True, "\ud800", -1, 2**31, 10**30, 1.5, float("nan"), "x", "\x00", "1", [], ["x"], [None], [{}], [-1],
    [2**40], ["\x00"], {}, {"\x00": {}}, {"id": []},
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestRpcInput(OutreachCommon):
    """What anybody may call from outside says what is wrong with what it is given, and never breaks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = mail_new_test_user(
            cls.env,
            login="hc_boss",
            groups="sales_team.group_sale_manager,hc_crm.hc_crm_group_manager",
        )
        plan = cls.make_plan(
            [
                {"type": "branch", "children": {"yes": [{"type": "stop"}]}},
                {"type": "draft", "mail_template_id": cls.make_template().id},
                {"type": "task", "summary": "Call"},
            ],
            user_id=cls.manager.id,
        )
        plan._enroll(cls.person)
        draft = cls.make_plan([{"type": "task"}, {"type": "mail"}], start=False)
        cls.person.user_id = cls.manager
        task = cls.make_plan([{"type": "task", "summary": "Call"}], user_id=cls.manager.id)
        task._enroll(cls.person)
        cls.work()
        # for what else has to be given
        cls.good = {
            "outcome": "reached", "partner_id": cls.person.id, "step_type": "task", "direction": 1,
            "domain": "[('name', '!=', 'x')]", "partner_ids": cls.person.ids, "section": "calls",
            "ref": f"mail.activity,{task.enrollment_ids.delivery_ids.activity_id.id}", "act": "reached",
            "undo": {"ref": f"mail.activity,{task.enrollment_ids.delivery_ids.activity_id.id}"},
            "weights": {}, "values_list": [],
        }  # fmt: skip
        cls.env["hc.segment"].create({"name": "All", "domain": "[('name', '!=', 'Nobody')]"})
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.person.id, "user_id": cls.manager.id}
        )
        cls.records = {
            "hc.outreach.plan": draft,
            "hc.outreach.step": draft.draft_version_id.step_ids[:1],
            "hc.outreach.enrollment": plan.enrollment_ids,
            "hc.outreach.delivery": task.enrollment_ids.delivery_ids,
            "res.partner": cls.person,
            "sale.order": cls.order,
        }

    def methods(self, model):
        """Names of what this addon lets anybody call, with the parameters of each."""
        for name in sorted(dir(type(model))):
            if not name.startswith(("hc_", "action_")) or name in model._fields:
                continue
            ours = [
                function
                for cls in type(model).mro()
                if (function := vars(cls).get(name)) and "hc_crm" in cls.__module__
            ]
            if ours and callable(ours[0]) and not getattr(ours[0], "_api_private", False):
                yield name, list(inspect.signature(ours[0]).parameters.values())[1:]

    def record(self, model):
        if model._abstract:
            return model.browse()
        found = self.records.get(model._name)
        if found is None and model._auto:
            found = model.sudo().search(Domain.TRUE, limit=1)
        return model.browse(found[:1].id if found else GONE)

    def calls(self, model):
        """Every call to try: ``(method, arguments)``."""
        for name, parameters in self.methods(model):
            is_model = getattr(getattr(type(model), name), "_api_model", False)
            places = [[]] if is_model else [[[self.record(model).id]], [[GONE]]]
            names = [one for one in parameters if one.kind == one.POSITIONAL_OR_KEYWORD]
            required = [one.name for one in names if one.default is one.empty]
            for place in places:
                if not required:
                    yield name, place, {}
                for one in names:
                    for value in ODD:
                        good = {key: self.good.get(key) for key in required}
                        yield name, place, good | {one.name: value}

    def test_odd_input(self):
        broken, tried = set(), set()
        models = [name for name in self.env if name.startswith("hc.")]
        for model_name in [*sorted(models), "res.partner", "sale.order"]:
            model = self.env[model_name].with_user(self.boss)
            for name, place, kwargs in self.calls(model):
                tried.add((model_name, name))
                try:
                    with suppress(*DEFINED), self.env.cr.savepoint() as savepoint:
                        call_kw(model, name, place, kwargs)
                        self.env.flush_all()
                        savepoint.rollback()  # nothing is kept
                except Exception as error:
                    what = str(error).split("\n")[0][:90]
                    broken.add(f"{model_name}.{name}: {type(error).__name__} {what} {kwargs}")
                self.env.invalidate_all(flush=False)
        self.assertGreater(len(tried), 60, "they are found")
        self.assertFalse(broken, "\n".join(sorted(broken)))
