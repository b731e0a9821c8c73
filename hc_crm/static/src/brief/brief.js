import { Component, onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Face } from "../interaction/face";
import { logInteraction, partnerFieldInfo, useCustomer } from "../timeline/timeline_widget";

const CHIP_TONES = {
    success: "text-success",
    warning: "text-warning",
    danger: "text-danger",
    info: "text-info",
    muted: "text-muted",
};

/** Who this customer is and what to know before talking to them: a header line and up to three lines. */
export class BriefWidget extends Component {
    static template = "hc_crm.Brief";
    static components = { Face };
    static props = {
        ...standardWidgetProps,
        partnerField: { type: String, optional: true },
        compact: { type: Boolean, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.keepLast = new KeepLast();
        this.rootRef = useRef("root");
        this.customer = useState(useCustomer());
        this.state = useState({ brief: null, failed: false });
        onMounted(() => {
            if (!this.props.compact && this.props.record.context.hc_open_page) {
                this.openPage(this.props.record.context.hc_open_page);
            }
        });
        useEffect(
            () => {
                this.load();
            },
            () => [this.customer.id, this.customer.revision]
        );
    }

    async load() {
        const { id } = this.customer;
        if (id !== this.state.brief?.partner.id) {
            this.state.brief = null;
        }
        this.state.failed = false;
        if (!id) {
            return;
        }
        const { record, partnerField } = this.props;
        const document = partnerField && record.resId ? [record.resModel, record.resId] : [];
        try {
            this.state.brief = await this.keepLast.add(
                this.orm.silent.call("res.partner", "hc_get_brief", [[id], ...document])
            );
        } catch {
            this.state.failed = true;
        }
    }

    get brief() {
        return this.state.brief;
    }

    get confidence() {
        const { source, confidence } = this.brief.persona;
        if (source === "person") {
            return _t("chosen by a colleague");
        }
        return confidence === false ? "" : _t("%s%% sure", Math.round(confidence * 100));
    }

    get feelingText() {
        const { date, source_label } = this.brief.feeling;
        return [this.formatDay(date), source_label].filter(Boolean).join(" · ");
    }

    get lastContactText() {
        const { days, channel_label, user_name } = this.brief.last_contact;
        const ago = days > 1 ? _t("%s days ago", days) : days === 1 ? _t("yesterday") : _t("today");
        return [ago, channel_label, user_name].filter(Boolean).join(" · ");
    }

    get promisesText() {
        const { open, late } = this.brief.promises;
        const text = open === 1 ? _t("1 promise open") : _t("%s promises open", open);
        return late ? _t("%(promises)s (%(late)s late)", { promises: text, late }) : text;
    }

    formatDay(date) {
        if (!date) {
            return "";
        }
        const day = date.length > 10 ? deserializeDateTime(date) : deserializeDate(date);
        const format = { day: "numeric", month: "short" };
        return day.toLocaleString(
            day.hasSame(luxon.DateTime.now(), "year") ? format : { ...format, year: "numeric" }
        );
    }

    open({ res_model, res_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model,
            res_id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    chipIcon({ icon, tone }) {
        return [icon || "fa-line-chart", CHIP_TONES[tone] || "text-muted"].join(" ");
    }

    /** Show a page of the notebook of the form around; false where the form has no such page. */
    openPage(name) {
        const form = this.rootRef.el?.closest(".o_form_view");
        const tab = form?.querySelector(`.o_notebook_headers a[name="${name}"]`);
        tab?.click();
        return tab || false;
    }

    /** What a chip stands for: a record of its own, or a figure of the Insight page. */
    openChip(chip) {
        if (!chip.res_model) {
            return this.openInsight();
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: chip.res_model,
            res_id: chip.res_id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    /** From a figure to its reasons: the Insight page of this customer, here or on their own form. */
    openInsight() {
        const isCustomer = this.props.record.resModel === "res.partner" && !this.props.compact;
        const tab = isCustomer && this.openPage("hc_insight");
        if (tab) {
            tab.focus();
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.customer.id,
            views: [[false, "form"]],
            target: "current",
            context: { hc_open_page: "hc_insight" },
        });
    }

    openPersona() {
        return this.open({ res_model: "hc.persona", res_id: this.brief.persona.id });
    }

    openPromises() {
        return this.action.doAction("hc_crm.hc_promise_action", {
            additionalContext: {
                search_default_my: 0,
                search_default_open: 1,
                search_default_partner_id: this.customer.id,
            },
        });
    }

    /** Why this persona, and whether a colleague knows better. */
    async explain() {
        const action = await this.orm.call("res.partner", "action_hc_persona_why", [
            [this.customer.id],
        ]);
        return this.action.doAction(action, { onClose: () => this.load() });
    }

    log() {
        return logInteraction(this.env, this.customer.id);
    }
}

registry.category("view_widgets").add("hc_brief", {
    component: BriefWidget,
    ...partnerFieldInfo,
    extractProps: ({ attrs }) => ({
        partnerField: attrs.partner_field,
        compact: Boolean(attrs.compact),
    }),
    additionalClasses: ["d-block", "w-100"],
});
