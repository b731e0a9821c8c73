import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const FACTORS = ["rhythm", "trend", "engagement", "feeling", "care"];
const DELAY_MS = 400;
const LIMIT = 8;

/** What other weights would make of real customers, while they are being typed and before anything is saved. */
export class HealthPreviewWidget extends Component {
    static template = "hc_crm.InsightHealthPreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ data: null, error: "", failed: false, loading: false });
        this.ask = useDebounced(() => this.load(), DELAY_MS);
        this.question = false;
        useRecordObserver((record) => {
            const weights = Object.fromEntries(
                FACTORS.map((factor) => [factor, record.data[`health_weight_${factor}`]])
            );
            const { health_low, health_high } = record.data;
            // once saved, "now" is another: the same weights are asked about again
            const key = JSON.stringify([weights, health_low, health_high, record.dirty]);
            if (key === this.question?.key) {
                return;
            }
            const first = !this.question;
            this.question = { key, args: [weights, LIMIT, health_low, health_high] };
            if (first) {
                // not awaited: the form is shown first
                this.load();
            } else {
                this.state.loading = true;
                this.ask();
            }
        });
    }

    async load() {
        this.state.loading = true;
        this.state.failed = false;
        this.state.error = "";
        try {
            const data = await this.keepLast.add(
                this.orm.silent.call("hc.insight.config", "hc_preview_health", this.question.args)
            );
            if (data.error) {
                this.state.error = data.error;
            } else {
                this.state.data = data;
            }
        } catch (error) {
            if (error.data?.message) {
                // said in words by the server: a weight that is no weight
                this.state.error = error.data.message;
            } else {
                this.state.failed = true;
            }
        }
        this.state.loading = false;
    }

    get data() {
        return this.state.data;
    }

    get bands() {
        const { before, after } = this.data.bands;
        const most = Math.max(...Object.values(before), ...Object.values(after), 1);
        return [
            { key: "high", label: _t("Thriving"), className: "bg-success" },
            { key: "middle", label: _t("Steady"), className: "bg-info" },
            { key: "low", label: _t("Needs care"), className: "bg-danger" },
            { key: "unknown", label: _t("Not enough history"), className: "bg-secondary" },
        ].map((band) => ({
            ...band,
            before: before[band.key] || 0,
            after: after[band.key] || 0,
            width: (100 * (after[band.key] || 0)) / most,
        }));
    }

    bandLabel(band) {
        return (
            { high: _t("Thriving"), middle: _t("Steady"), low: _t("Needs care") }[band] ||
            _t("Not enough history")
        );
    }

    round(value) {
        return typeof value === "number" ? Math.round(value) : "–";
    }

    change({ before, after }) {
        const change = Math.round(after) - Math.round(before);
        return change > 0 ? `+${change}` : change < 0 ? `−${-change}` : "=";
    }

    changeClass({ before, after }) {
        const change = Math.round(after) - Math.round(before);
        return change > 0 ? "o_hc_up" : change < 0 ? "o_hc_down" : "";
    }

    open({ partner_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partner_id,
            views: [[false, "form"]],
            // the weights typed so far stay where they are
            target: "new",
        });
    }
}

registry.category("view_widgets").add("hc_health_preview", {
    component: HealthPreviewWidget,
    fieldDependencies: [
        ...FACTORS.map((factor) => `health_weight_${factor}`),
        "health_low",
        "health_high",
    ].map((name) => ({ name, type: "float" })),
    additionalClasses: ["d-block", "w-100"],
});
