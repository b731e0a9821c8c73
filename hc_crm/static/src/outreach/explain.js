import { Component, useState } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What happened with one customer in a plan, step by step, and why. */
export class OutreachExplain extends Component {
    static template = "hc_crm.OutreachExplain";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ story: null, failed: false });
        useRecordObserver((record) => this.load(record.resId, record.data.state));
    }

    async load(id = this.props.record.resId) {
        this.state.failed = false;
        try {
            this.state.story = await this.keepLast.add(
                this.orm.silent.call("hc.outreach.enrollment", "hc_explain", [[id]])
            );
        } catch {
            this.state.failed = true;
        }
    }

    day(text) {
        return text ? formatDateTime(deserializeDateTime(text)) : "";
    }
}

registry.category("view_widgets").add("hc_outreach_explain", {
    component: OutreachExplain,
    fieldDependencies: [{ name: "state", type: "selection" }],
    additionalClasses: ["d-block", "w-100"],
});
