import { Component, onWillDestroy, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { COUNTS } from "./flow_model";
import { LOOKED } from "./look_now";

const VERDICTS = {
    better: "text-success",
    worse: "text-danger",
};

/** What came of a plan: one sentence, the comparison with those held out, and the steps one by one. */
export class OutreachResults extends Component {
    static template = "hc_crm.OutreachResults";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ data: null, failed: false });
        this.asked = null;
        useRecordObserver((record) => {
            const { state, live_version_id, write_date } = record.data;
            const question = JSON.stringify([
                record.resId,
                state,
                live_version_id?.id,
                write_date?.ts,
            ]);
            if (question !== this.asked) {
                this.asked = question;
                this.load(record.resId);
            }
        });
        useBus(this.env.bus, LOOKED, ({ detail }) => {
            if (detail === this.props.record.resId) {
                this.load();
            }
        });
        onWillDestroy(() => (this.destroyed = true));
    }

    async load(planId = this.props.record.resId) {
        if (!planId) {
            return;
        }
        this.state.failed = false;
        try {
            const data = await this.keepLast.add(
                this.orm.silent.call("hc.outreach.plan", "hc_get_results", [[planId]])
            );
            if (!this.destroyed) {
                this.state.data = data;
            }
        } catch {
            this.state.failed = true;
        }
    }

    get data() {
        return this.state.data;
    }

    get hasComparison() {
        return this.data.measures.some((measure) => measure.held !== null);
    }

    /** Steps that anything became of. */
    get funnel() {
        return this.data.funnel.filter((step) => COUNTS.some(({ state }) => step[state]));
    }

    /** Columns that say anything. */
    get columns() {
        return COUNTS.filter(({ state }) => this.funnel.some((step) => step[state]));
    }

    verdictClass(measure) {
        return VERDICTS[measure.verdict] || "text-muted";
    }

    /** The part of a measure's sentence behind its numbers. */
    verdict(measure) {
        return measure.sentence
            .split(/: | – /)
            .pop()
            .replace(/\.$/, "");
    }

    share(step) {
        const all = COUNTS.reduce((sum, { state }) => sum + (step[state] || 0), 0);
        return all ? Math.round((100 * step.done) / all) : 0;
    }

    async open(step, state) {
        return this.action.doAction(
            await this.orm.call(
                "hc.outreach.plan",
                "action_open_deliveries",
                [[this.props.record.resId]],
                { step_id: step.step_id, state }
            )
        );
    }

    async openPeople(states) {
        return this.action.doAction(
            await this.orm.call(
                "hc.outreach.plan",
                "action_open_enrollments",
                [[this.props.record.resId]],
                { states }
            )
        );
    }
}

registry.category("view_widgets").add("hc_outreach_results", {
    component: OutreachResults,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "live_version_id", type: "many2one" },
        { name: "write_date", type: "datetime" },
    ],
    additionalClasses: ["d-block", "w-100"],
});
