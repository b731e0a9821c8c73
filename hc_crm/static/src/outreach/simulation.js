import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const COLUMNS = [
    { key: "entered", label: _t("Come in") },
    { key: "sent", label: _t("Sent") },
    { key: "task", label: _t("Tasks for colleagues") },
    { key: "person", label: _t("Handed over: something is wrong") },
    { key: "done", label: _t("Done without a message") },
    { key: "postponed", label: _t("Wait longer") },
    { key: "dropped", label: _t("Left out") },
];
const OUTCOMES = {
    postponed: _t("put off"),
    dropped: _t("left out"),
    person: _t("left to a person"),
};

/** What a plan would do in the coming 30 days: who, when, how many, and why not. Nothing is sent. */
export class OutreachSimulation extends Component {
    static template = "hc_crm.OutreachSimulation";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null, error: "" });
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        this.state.error = "";
        try {
            this.state.data = await this.orm.silent.call("hc.outreach.plan", "hc_simulate", [
                [this.props.action.params.plan_id],
            ]);
        } catch (error) {
            this.state.error = error.data?.message || error.message || _t("It did not work.");
        }
    }

    get data() {
        return this.state.data;
    }

    /** Days on which anything happens. */
    get days() {
        return this.data.days.filter((day) => COLUMNS.some(({ key }) => day[key]));
    }

    get columns() {
        return COLUMNS.filter(({ key }) => this.data.days.some((day) => day[key]));
    }

    get sentence() {
        const { entrants, days } = this.data;
        const total = (key) => days.reduce((sum, day) => sum + day[key], 0);
        const parts = [
            total("sent") && _t("%s sent", total("sent")),
            total("task") && _t("%s given to colleagues", total("task")),
            total("person") && _t("%s left to a person", total("person")),
            total("dropped") && _t("%s left out", total("dropped")),
        ].filter(Boolean);
        const entering =
            entrants.count === 1
                ? _t("In the next 30 days 1 customer would enter")
                : _t("In the next 30 days %s customers would enter", entrants.count);
        return parts.length
            ? _t("%(entering)s. Steps: %(parts)s.", { entering, parts: parts.join(", ") })
            : _t("%s. No step would happen.", entering);
    }

    get steps() {
        return this.data.steps;
    }

    day(text) {
        return deserializeDate(text).toLocaleString({
            weekday: "short",
            day: "numeric",
            month: "short",
        });
    }

    reasons(list) {
        return list
            .map((reason) => `${reason.count} ${OUTCOMES[reason.outcome] || ""}: ${reason.label}`)
            .join("; ");
    }

    openCustomer(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
            target: "current",
        });
    }
}

registry.category("actions").add("hc_outreach_simulation", OutreachSimulation);
