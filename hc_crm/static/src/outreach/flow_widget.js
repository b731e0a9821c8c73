import { Component, onPatched, onWillDestroy, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSortable } from "@web/core/utils/sortable_owl";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { FlowLane } from "./flow_lane";
import { FlowTree, MARKS } from "./flow_model";
import { FlowPreview } from "./flow_preview";
import { LOOKED } from "./look_now";

/** The steps of a plan as a flow, what became of each, and the selected one for a real customer. */
export class OutreachFlow extends Component {
    static template = "hc_crm.OutreachFlow";
    static components = { FlowLane, FlowPreview };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.keepLast = new KeepLast();
        this.mutex = new Mutex();
        this.rootRef = useRef("root");
        this.panelRef = useRef("panel");
        this.state = useState({
            data: null,
            failed: false,
            selectedId: false,
            versionId: false,
            revision: 0,
        });
        this.tree = new FlowTree([]);
        this.asked = null;
        this.focusId = false;
        useRecordObserver((record) => {
            const { state, draft_version_id, live_version_id, write_date } = record.data;
            const question = JSON.stringify([
                record.resId,
                state,
                draft_version_id?.id,
                live_version_id?.id,
                write_date?.ts,
            ]);
            if (question !== this.asked) {
                this.asked = question;
                this.state.versionId = false;
                this.load(record.resId);
            }
        });
        useBus(this.env.bus, LOOKED, ({ detail }) => {
            if (detail === this.planId) {
                this.load();
            }
        });
        useSortable({
            ref: this.rootRef,
            enable: () => this.editable,
            elements: ".o_hc_flow_item",
            groups: ".o_hc_flow_list",
            connectGroups: true,
            handle: ".o_hc_flow_grip",
            cursor: "grabbing",
            onDrop: ({ element, previous, parent }) => this.drop(element, previous, parent),
        });
        onPatched(() => this.restoreFocus());
        onWillDestroy(() => (this.destroyed = true));
    }

    async load(planId = this.planId) {
        if (!planId) {
            this.state.data = null;
            return;
        }
        this.state.failed = false;
        try {
            const data = await this.keepLast.add(
                this.orm.silent.call("hc.outreach.plan", "hc_get_flow", [[planId]], {
                    version_id: this.state.versionId,
                })
            );
            if (this.destroyed) {
                return;
            }
            this.tree = new FlowTree(data.steps);
            this.state.data = data;
            if (!this.tree.byId.has(this.state.selectedId)) {
                this.state.selectedId = this.tree.order[0]?.id || false;
            }
            this.state.revision++;
        } catch (error) {
            this.state.failed = true;
            if (!error?.message) {
                throw error;
            }
        }
    }

    get planId() {
        return this.props.record.resId;
    }

    get data() {
        return this.state.data;
    }

    get editable() {
        return Boolean(this.data?.editable) && !this.props.readonly;
    }

    get types() {
        return this.data.types;
    }

    get selectedId() {
        return this.state.selectedId;
    }

    get selected() {
        return this.tree.byId.get(this.state.selectedId);
    }

    get versions() {
        const { version, versions } = this.data;
        return versions.map((one) => ({
            ...one,
            title: _t("Version %(number)s: %(state)s", { number: one.number, state: one.label }),
            isShown: version && one.id === version.id,
        }));
    }

    get selectedMark() {
        const mark = MARKS[this.selected.mark];
        return { ...mark, text: `${mark.symbol} ${mark.label}` };
    }

    get whyReadonly() {
        const { version, is_template } = this.data;
        if (is_template) {
            return _t("A ready plan: “Use It” makes your own from it, which you can change.");
        }
        if (version && version.state === "live") {
            return _t("These steps are live. Press “Change the Steps” to make a new version.");
        }
        if (version && version.state === "retired") {
            return _t(
                "These steps were replaced; some customers may still be walking through them."
            );
        }
        return "";
    }

    /** Shows another version. */
    async show(ev) {
        this.state.versionId = Number(ev.target.value);
        await this.load();
    }

    async save() {
        if (await this.props.record.save()) {
            await this.load();
        }
    }

    // -- selecting ----------------------------------------------------------------------------------

    select(step, { focus = false } = {}) {
        this.state.selectedId = step.id;
        if (focus) {
            this.focus(step.id);
        }
    }

    selectBeside(step, offset) {
        const other = this.tree.beside(step.id, offset);
        if (other) {
            this.select(other, { focus: true });
        }
    }

    /** Where the keyboard goes on once the flow is drawn again. */
    focus(stepId) {
        this.focusId = stepId;
        this.restoreFocus();
    }

    restoreFocus() {
        if (this.focusId) {
            const head = this.rootRef.el?.querySelector(`[data-step="${this.focusId}"]`);
            if (head) {
                this.focusId = false;
                head.focus();
            }
        }
    }

    // -- editing --------------------------------------------------------------------------------------

    /** One small write after the other, and the flow as it is then, whatever went wrong. */
    change(write) {
        return this.mutex.exec(async () => {
            try {
                return await write();
            } finally {
                await this.load();
            }
        });
    }

    async add(type, parentId, lane, index) {
        const stepId = await this.change(() =>
            this.orm.call("hc.outreach.plan", "hc_add_step", [[this.planId], type], {
                parent_id: parentId,
                lane,
                index,
            })
        );
        this.state.selectedId = stepId;
        this.focus(stepId);
        this.open(this.selected);
    }

    async move(step, direction) {
        if (!this.editable) {
            return;
        }
        this.focusId = false;
        await this.change(() =>
            this.orm.call("hc.outreach.step", "hc_move", [[step.id], direction])
        );
        this.state.selectedId = step.id;
        this.focus(step.id);
    }

    /** Put a step beside: into the way before or behind, into that of the step above, or out of it. */
    async shift(step, direction) {
        const place = this.editable && this.tree.shifted(step, direction);
        if (place) {
            await this.place(step, place);
        }
    }

    async place(step, { parentId, lane, index }) {
        this.focusId = false;
        await this.change(() =>
            this.orm.call("hc.outreach.step", "hc_place", [[step.id]], {
                parent_id: parentId,
                lane,
                index,
            })
        );
        this.state.selectedId = step.id;
        this.focus(step.id);
    }

    async drop(element, previous, parent) {
        const list = parent || element.parentElement;
        const siblings = [...list.querySelectorAll(":scope > .o_hc_flow_item")];
        const others = siblings.filter((one) => one !== element);
        const index = previous?.dataset.id
            ? others.findIndex((one) => one.dataset.id === previous.dataset.id) + 1
            : 0;
        const step = this.tree.byId.get(Number(element.dataset.id));
        await this.place(step, {
            parentId: Number(list.dataset.parent) || false,
            lane: list.dataset.lane || false,
            index,
        });
    }

    async duplicate(step) {
        const stepId = await this.change(() =>
            this.orm.call("hc.outreach.step", "hc_duplicate", [[step.id]])
        );
        this.state.selectedId = stepId;
        this.focus(stepId);
    }

    remove(step) {
        if (!this.editable) {
            return;
        }
        const hanging = step.lanes.some((lane) => this.tree.children(step.id, lane.key).length);
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete this step?"),
            body: hanging
                ? _t("“%s” goes, and all steps that hang on it.", step.name)
                : _t("“%s” goes.", step.name),
            confirmLabel: _t("Delete"),
            confirm: async () => {
                const next = this.tree.beside(step.id, -1);
                await this.change(() =>
                    this.orm.call("hc.outreach.step", "hc_delete", [[step.id]])
                );
                const now = this.tree.byId.get(next?.id) || this.tree.order[0];
                if (now) {
                    this.select(now, { focus: true });
                }
            },
            cancelLabel: _t("Keep it"),
            cancel: () => this.focus(step.id),
        });
    }

    open(step) {
        if (!step) {
            return;
        }
        this.dialog.add(
            FormViewDialog,
            {
                resModel: "hc.outreach.step",
                resId: step.id,
                title: step.name,
                readonly: !this.editable,
                preventEdit: !this.editable,
                canExpand: false,
            },
            {
                onClose: async () => {
                    await this.load();
                    this.focus(step.id);
                },
            }
        );
    }

    // -- numbers --------------------------------------------------------------------------------------

    async openCustomers(step, state, code = false) {
        return this.action.doAction(
            await this.orm.call("hc.outreach.plan", "action_open_deliveries", [[this.planId]], {
                step_id: step.id,
                state,
                code,
            })
        );
    }
}

export const outreachFlow = {
    component: OutreachFlow,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "draft_version_id", type: "many2one" },
        { name: "live_version_id", type: "many2one" },
        { name: "write_date", type: "datetime" },
    ],
    additionalClasses: ["d-block", "w-100"],
};

registry.category("view_widgets").add("hc_outreach_flow", outreachFlow);
