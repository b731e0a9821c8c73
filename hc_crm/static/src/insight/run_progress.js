import { Component, onWillDestroy, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { formatShare } from "./insight_format";

const POLL_MS = 2000;
const GOING = ["waiting", "running"];

/** How the last run over a company's customers went, how far the present one is, and a button to begin. */
export class RunProgress extends Component {
    static template = "hc_crm.InsightRunProgress";
    static props = {
        companyId: { type: Number },
        // starts a run and gives its progress; without it there is no button
        start: { type: Function, optional: true },
        onDone: { type: Function, optional: true },
        disabled: { type: Boolean, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ run: null, starting: false, failed: false });
        onWillStart(() => {
            // not awaited: the page around is shown first
            this.poll(this.props.companyId);
        });
        onWillUpdateProps((next) => {
            if (next.companyId !== this.props.companyId) {
                this.state.run = null;
                this.poll(next.companyId);
            }
        });
        onWillDestroy(() => {
            this.destroyed = true;
            browser.clearTimeout(this.timer);
        });
    }

    get isGoing() {
        return GOING.includes(this.state.run?.state);
    }

    get percent() {
        return Math.round(Math.min(Math.max(this.state.run?.progress || 0, 0), 100));
    }

    /** One line of what is going on, or of what came of it. */
    get text() {
        const { run, starting } = this.state;
        if (starting) {
            return _t("Starting…");
        }
        if (!run) {
            // not known yet, or none ever
            return run === null ? "" : _t("Nothing was worked out yet.");
        }
        const day = run.date_end ? formatDateTime(deserializeDateTime(run.date_end)) : "";
        switch (run.state) {
            case "waiting":
                return run.phase || _t("Waiting for its turn.");
            case "running":
                return [formatShare(this.percent / 100), run.phase].filter(Boolean).join(" · ");
            case "failed":
                return _t("The last run failed: %s", run.error || _t("see Insight Runs"));
            case "left":
                return _t("Another run was at it already.");
        }
        return day
            ? _t("Done on %(day)s: %(count)s customers.", { day, count: run.customers })
            : _t("Done: %s customers.", run.customers);
    }

    async poll(companyId = this.props.companyId) {
        browser.clearTimeout(this.timer);
        const wasGoing = this.isGoing;
        try {
            const run = await this.orm.silent.call("hc.insight.run", "hc_get_progress", [
                companyId,
            ]);
            if (this.destroyed || companyId !== this.props.companyId) {
                return;
            }
            this.state.run = run;
            this.state.failed = false;
        } catch {
            // the next question may be answered; while nothing is going on there is none
            this.state.failed = true;
        }
        this.follow(wasGoing);
    }

    follow(wasGoing) {
        if (this.destroyed) {
            return;
        }
        if (this.isGoing) {
            this.timer = browser.setTimeout(() => this.poll(), POLL_MS);
        } else if (wasGoing) {
            this.props.onDone?.();
        }
    }

    async start() {
        this.state.starting = true;
        try {
            const run = await this.props.start();
            if (run) {
                this.state.run = run;
                this.follow(true);
            }
        } finally {
            this.state.starting = false;
        }
    }
}

/** The same on the settings of insight, which are saved before. */
export class RunProgressWidget extends Component {
    static template = "hc_crm.InsightRunProgressWidget";
    static components = { RunProgress };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.start = this.start.bind(this);
        this.reload = this.reload.bind(this);
    }

    get companyId() {
        return this.props.record.data.company_id?.id || false;
    }

    async start() {
        const { record } = this.props;
        if (!(await record.save())) {
            return false;
        }
        return this.orm.call("hc.insight.config", "action_run", [[record.resId]]);
    }

    /** The last runs of the form; not while somebody is typing into it. */
    async reload() {
        const { record } = this.props;
        if (!(await record.isDirty())) {
            await record.model.load();
        }
    }
}

registry.category("view_widgets").add("hc_run_progress", {
    component: RunProgressWidget,
    fieldDependencies: [{ name: "company_id", type: "many2one" }],
    additionalClasses: ["d-block", "w-100"],
});
