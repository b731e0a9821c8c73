import { _t } from "@web/core/l10n/translation";

/** Who acts in a step: ⚙ we by ourselves, ◐ we with a colleague's look, ☍ a person. */
export const MARKS = {
    automated: { symbol: "⚙", label: _t("Automated") },
    assisted: { symbol: "◐", label: _t("A colleague has a look") },
    human: { symbol: "☍", label: _t("By a person") },
};

/** What became of a step, in the order in which it is told. */
export const COUNTS = [
    { state: "due", label: _t("waiting"), icon: "fa-clock-o" },
    { state: "open", label: _t("with a colleague"), icon: "fa-user-o" },
    { state: "sending", label: _t("being sent"), icon: "fa-paper-plane-o" },
    { state: "done", label: _t("done"), icon: "fa-check" },
    { state: "skipped", label: _t("left out"), icon: "fa-ban" },
    { state: "failed", label: _t("failed"), icon: "fa-exclamation-triangle", danger: true },
    { state: "doubt", label: _t("may have been sent"), icon: "fa-question-circle", danger: true },
];

/**
 * The steps as a tree: ``children(parent, lane)`` lists those of a way, ``order`` all of them as they are
 * read from top to bottom.
 */
export class FlowTree {
    constructor(steps) {
        this.byId = new Map(steps.map((step) => [step.id, step]));
        this.ways = new Map();
        for (const step of steps) {
            const key = this.key(step.parent_id, step.lane);
            if (!this.ways.has(key)) {
                this.ways.set(key, []);
            }
            this.ways.get(key).push(step);
        }
        this.order = [];
        this.walk(this.children(false, false));
    }

    key(parentId, lane) {
        return parentId ? `${parentId}/${lane}` : "";
    }

    children(parentId, lane) {
        return this.ways.get(this.key(parentId, lane)) || [];
    }

    walk(steps) {
        for (const step of steps) {
            this.order.push(step);
            for (const lane of step.lanes) {
                this.walk(this.children(step.id, lane.key));
            }
        }
    }

    /** Ways side by side: both of a branch, and those of a task that something hangs on. */
    openLanes(step) {
        return step.lanes.filter(
            (lane) => step.type === "branch" || this.children(step.id, lane.key).length
        );
    }

    /** Ways on which nothing happens: they go on below. */
    emptyLanes(step) {
        const open = this.openLanes(step);
        return step.lanes.filter((lane) => !open.includes(lane));
    }

    /**
     * Where a step stands when it is put one way to the right (1) or to the left (-1): to the right into
     * the step right above it, else into the next way beside; to the left into the one before, else out,
     * behind the step on whose way it stood. Nothing, if there is no such place.
     */
    shifted(step, direction) {
        const siblings = this.children(step.parent_id, step.lane);
        const above = siblings[siblings.indexOf(step) - 1];
        if (direction > 0 && above?.lanes.length) {
            return this.endOf(above, above.lanes[0].key);
        }
        const parent = step.parent_id && this.byId.get(step.parent_id);
        if (!parent) {
            return false;
        }
        const lane =
            parent.lanes[parent.lanes.findIndex(({ key }) => key === step.lane) + direction];
        if (lane) {
            return this.endOf(parent, lane.key);
        }
        const around = this.children(parent.parent_id, parent.lane);
        return (
            direction < 0 && {
                parentId: parent.parent_id,
                lane: parent.lane,
                index: around.indexOf(parent) + 1,
            }
        );
    }

    endOf(parent, lane) {
        return { parentId: parent.id, lane, index: this.children(parent.id, lane).length };
    }

    /** The step ``offset`` further in reading order. */
    beside(stepId, offset) {
        const place = this.order.findIndex((step) => step.id === stepId);
        return this.order[place + offset];
    }
}
