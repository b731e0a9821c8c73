import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MARKS } from "./flow_model";

/** Ready plans to begin with, or a blank one. */
export class OutreachGallery extends Component {
    static template = "hc_crm.OutreachGallery";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ plans: [], search: "", busy: false, canMake: false });
        onWillStart(async () => {
            this.env.config?.setDisplayName?.(_t("Start from a Ready Plan"));
            [this.state.plans, this.state.canMake] = await Promise.all([
                this.orm.call("hc.outreach.plan", "hc_get_gallery", []),
                user.hasGroup("hc_crm.hc_crm_group_manager"),
            ]);
        });
    }

    get plans() {
        const wanted = this.state.search.trim().toLowerCase();
        return this.state.plans.filter((plan) =>
            [plan.name, plan.description, plan.entry_text, plan.purpose]
                .join(" ")
                .toLowerCase()
                .includes(wanted)
        );
    }

    mark(step) {
        return MARKS[step.mark];
    }

    human(plan) {
        return plan.human === 1
            ? _t("☍ 1 step by a person")
            : _t("☍ %s steps by a person", plan.human);
    }

    useLabel({ name }) {
        return _t("Use It: %s", name);
    }

    lookLabel({ name }) {
        return _t("Look: %s", name);
    }

    async use(plan) {
        this.state.busy = true;
        try {
            const action = await this.orm.call("hc.outreach.plan", "action_use_ready", [[plan.id]]);
            await this.action.doAction(action);
        } finally {
            this.state.busy = false;
        }
    }

    look(plan) {
        return this.openForm(plan.id);
    }

    blank() {
        return this.openForm(false);
    }

    openForm(resId) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: resId ? _t("Ready Plan") : _t("New Plan"),
                res_model: "hc.outreach.plan",
                res_id: resId,
                views: [[false, "form"]],
                target: "current",
            },
            // the ready ones are there to be looked at: they are those of all companies
            { props: { readonly: Boolean(resId) } }
        );
    }
}

registry.category("actions").add("hc_outreach_gallery", OutreachGallery);

const openGallery = (controller) =>
    controller.env.services.action.doAction("hc_crm.hc_outreach_gallery_action");

export class OutreachPlanKanbanController extends KanbanController {
    async createRecord() {
        await openGallery(this);
    }
}

export class OutreachPlanListController extends ListController {
    async createRecord() {
        await openGallery(this);
    }
}

registry.category("views").add("hc_outreach_plan_kanban", {
    ...kanbanView,
    Controller: OutreachPlanKanbanController,
});
registry.category("views").add("hc_outreach_plan_list", {
    ...listView,
    Controller: OutreachPlanListController,
});
