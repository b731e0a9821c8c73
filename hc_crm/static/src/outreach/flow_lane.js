import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { COUNTS, MARKS } from "./flow_model";

/** The ＋ between two steps: which kind of step is added here. */
export class AddStep extends Component {
    static template = "hc_crm.FlowAddStep";
    static components = { Dropdown, DropdownItem };
    static props = {
        editor: Object,
        parentId: [Number, Boolean],
        lane: [String, Boolean],
        index: Number,
        label: { type: String, optional: true },
    };

    add(type) {
        const { editor, parentId, lane, index } = this.props;
        return editor.add(type, parentId, lane, index);
    }

    get title() {
        return this.props.label
            ? _t("Add a step to “%s”", this.props.label)
            : _t("Add a step here");
    }

    mark(type) {
        return MARKS[type.mark];
    }
}

/** One way of the flow: its steps one below the other, each with its own ways. */
export class FlowLane extends Component {
    static template = "hc_crm.FlowLane";
    static components = { AddStep, Dropdown, DropdownItem };
    static props = {
        editor: Object,
        parentId: [Number, Boolean],
        lane: [String, Boolean],
        label: { type: String, optional: true },
        // what the editor shows, so that a way is drawn anew with it
        revision: Number,
        selectedId: [Number, Boolean],
    };

    get editor() {
        return this.props.editor;
    }

    get steps() {
        return this.editor.tree.children(this.props.parentId, this.props.lane);
    }

    mark(step) {
        return MARKS[step.mark];
    }

    /** Numbers of the step that are not nought, each with the reasons behind it. */
    counts(step) {
        return COUNTS.filter(({ state }) => step.counts[state]).map((count) => ({
            ...count,
            number: step.counts[count.state],
            reasons: step.reasons.filter((reason) => reason.state === count.state),
        }));
    }

    isSelected(step) {
        return this.props.selectedId === step.id;
    }

    label(step) {
        const { editor } = this;
        return [
            step.name,
            step.text !== step.name && step.text,
            step.wait,
            this.mark(step).label,
            step.problems.length && editor.editable ? _t("needs something") : "",
        ]
            .filter(Boolean)
            .join(", ");
    }

    onKeydown(ev, step) {
        const { editor } = this;
        const offset = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        const aside = { ArrowRight: 1, ArrowLeft: -1 }[ev.key];
        if (aside && ev.altKey) {
            ev.preventDefault();
            ev.stopPropagation();
            editor.shift(step, aside);
        } else if (offset && ev.altKey) {
            ev.preventDefault();
            ev.stopPropagation();
            editor.move(step, offset);
        } else if (offset) {
            ev.preventDefault();
            editor.selectBeside(step, offset);
        } else if (ev.key === "Delete") {
            ev.preventDefault();
            editor.remove(step);
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            editor.open(step);
        }
    }
}
FlowLane.components.FlowLane = FlowLane;
