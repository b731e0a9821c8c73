import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// The longest bar leaves room for its number.
const LONGEST = 85;

/** How many were in the segment at the end of each month, how many came and how many left. */
export class SegmentHistory extends Component {
    static template = "hc_crm.SegmentHistory";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ months: false });
        useRecordObserver((record) => {
            // the id of the datapoint changes whenever the form was read again
            const asked = `${record.resId} ${record.id}`;
            if (asked !== this.asked) {
                this.asked = asked;
                this.load(record.resId);
            }
        });
    }

    async load(resId) {
        if (!resId) {
            this.state.months = false;
            return;
        }
        try {
            this.state.months = await this.keepLast.add(
                this.orm.silent.call("hc.segment", "hc_get_history", [[resId]])
            );
        } catch {
            // the segment itself is all there; only its past is missing
            this.state.months = false;
        }
    }

    /** The months since there was anything to tell; none while there is nothing. */
    get known() {
        const first = this.state.months.findIndex((month) => month.size || month.left);
        return first < 0 ? false : this.state.months.slice(first);
    }

    share(month) {
        const most = Math.max(...this.state.months.map(({ size }) => size), 1);
        return (LONGEST * month.size) / most;
    }
}

registry.category("view_widgets").add("hc_segment_history", {
    component: SegmentHistory,
    additionalClasses: ["d-block", "w-100"],
});
