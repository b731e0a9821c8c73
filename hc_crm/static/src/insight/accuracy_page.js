import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DecileChart } from "./decile_chart";
import { formatShare } from "./insight_format";
import { RunProgress } from "./run_progress";

/** How good are the predictions? What would have been said back then, beside what then happened. */
export class AccuracyPage extends Component {
    static template = "hc_crm.InsightAccuracy";
    static components = { DecileChart, Layout, RunProgress };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ data: null, failed: false });
        this.companyId = user.activeCompany.id;
        this.formatShare = formatShare;
        this.formatInteger = formatInteger;
        this.start = this.start.bind(this);
        this.load = this.load.bind(this);
        onWillStart(() => this.load());
    }

    async load() {
        this.state.failed = false;
        try {
            this.state.data = await this.keepLast.add(
                this.orm.silent.call("hc.insight.run", "hc_get_accuracy", [this.companyId])
            );
        } catch {
            this.state.failed = true;
        }
    }

    get data() {
        return this.state.data;
    }

    get chartLabel() {
        return _t(
            "Share of customers who bought, predicted and as it happened, in ten groups. The same figures stand in the table."
        );
    }

    get valueLabel() {
        return _t(
            "Money spent per customer, predicted and as it happened, in ten groups. The same figures stand in the table."
        );
    }

    /** Newest first. */
    get history() {
        return [...this.data.history].reverse();
    }

    get hasMoney() {
        return Boolean(this.data.value_deciles?.length);
    }

    get columns() {
        return this.data.deciles.some(({ rule }) => typeof rule === "number");
    }

    number(value) {
        return typeof value === "number" ? formatFloat(value, { digits: [16, 1] }) : "–";
    }

    amount = (value) => (typeof value === "number" ? formatInteger(Math.round(value)) : "–");

    share(value) {
        return typeof value === "number" ? formatShare(value) : "–";
    }

    auc(value) {
        return typeof value === "number" ? formatFloat(value, { digits: [16, 2] }) : "–";
    }

    day(date) {
        if (!date) {
            return "";
        }
        return (
            date.length > 10 ? deserializeDateTime(date) : deserializeDate(date)
        ).toLocaleString(luxon.DateTime.DATE_MED);
    }

    methodName(method) {
        return (
            {
                model: _t("Model"),
                rule: _t("One-line rule"),
                none: _t("Not enough history"),
            }[method] || ""
        );
    }

    async start() {
        const { res_id } = await this.orm.call("hc.insight.config", "action_open", []);
        return this.orm.call("hc.insight.config", "action_run", [[res_id]]);
    }
}

registry.category("actions").add("hc_insight.accuracy", AccuracyPage);
