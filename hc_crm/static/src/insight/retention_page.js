import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatShare, recordsAction } from "./insight_format";

// The tint stays light enough for the text on it: more than this and the contrast falls below AA.
const MAX_TINT = 0.45;

/** Of the customers who first bought in a period, how many bought again in the periods after it. */
export class RetentionPage extends Component {
    static template = "hc_crm.InsightRetention";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ data: null, period: "quarter", failed: false, loading: false });
        this.formatShare = formatShare;
        this.formatInteger = formatInteger;
        this.load = this.load.bind(this);
        onWillStart(() => this.load());
    }

    get periods() {
        return [
            { key: "month", label: _t("By month") },
            { key: "quarter", label: _t("By quarter") },
        ];
    }

    async load() {
        this.state.failed = false;
        this.state.loading = true;
        try {
            this.state.data = await this.keepLast.add(
                this.orm.silent.call("hc.customer.insight", "hc_get_retention", [this.state.period])
            );
        } catch {
            this.state.failed = true;
        }
        this.state.loading = false;
    }

    setPeriod(period) {
        if (period !== this.state.period) {
            this.state.period = period;
            this.load();
        }
    }

    get data() {
        return this.state.data;
    }

    /** Columns by their place after the first purchase; a cohort has none for what is still ahead. */
    cellAt(cohort, index) {
        return cohort.cells.find((cell) => cell.index === index) || false;
    }

    tint({ share }) {
        return `--hc-tint: ${(Math.min(Math.max(share, 0), 1) * MAX_TINT).toFixed(3)}`;
    }

    cellTitle(cohort, cell) {
        const text = _t("%(customers)s of %(size)s customers of %(cohort)s", {
            customers: cell.customers,
            size: cohort.size,
            cohort: cohort.label,
        });
        return cell.is_running ? _t("%s, so far: the period is not over", text) : text;
    }

    open(cohort, cell) {
        return this.action.doAction(
            recordsAction({
                res_model: cell.res_model || this.data.res_model || "hc.customer.insight",
                name: `${cohort.label} · ${this.data.periods[cell.index]}`,
                domain: cell.domain,
            })
        );
    }
}

registry.category("actions").add("hc_insight.retention", RetentionPage);
