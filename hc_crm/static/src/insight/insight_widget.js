import { Component, useEffect, useState } from "@odoo/owl";
import { formatDateTime, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { logInteraction, useCustomer } from "../timeline/timeline_widget";
import { formatDay, formatShare, recordsAction } from "./insight_format";
import { ReasonList } from "./reason_list";
import { RhythmStrip } from "./rhythm_strip";
import { Sparkline } from "./sparkline";

const TONES = {
    success: "fa-check-circle text-success",
    warning: "fa-exclamation-triangle text-warning",
    danger: "fa-exclamation-circle text-danger",
    info: "fa-info-circle text-info",
    muted: "fa-circle-o text-muted",
};

/**
 * What a company's own records say about a customer, in sentences first, then in pictures with reasons.
 *
 * No field of the form: a notebook makes only the page that is looked at, and the widget reads when it
 * is made, so that nobody waits for it who came for an address.
 */
export class InsightWidget extends Component {
    static template = "hc_crm.Insight";
    static components = { ReasonList, RhythmStrip, Sparkline };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.customer = useState(useCustomer());
        this.state = useState({ data: null, partnerId: false, failed: false, canSell: false });
        this.formatDay = formatDay;
        this.formatShare = formatShare;
        user.checkAccessRight("sale.order", "create").then((can) => (this.state.canSell = can));
        useEffect(
            () => {
                this.load();
            },
            () => [this.customer.id, this.customer.revision]
        );
    }

    async load() {
        const { id } = this.customer;
        if (id !== this.state.partnerId) {
            this.state.data = null;
            this.state.partnerId = id;
        }
        this.state.failed = false;
        if (!id) {
            return;
        }
        try {
            this.state.data = await this.keepLast.add(
                this.orm.silent.call("res.partner", "hc_get_insight", [[id]])
            );
        } catch {
            this.state.failed = true;
        }
    }

    get data() {
        return this.state.data;
    }

    /** The number on the form, for the one who decided to call. */
    get phone() {
        return this.props.record.data.phone || false;
    }

    get computedAt() {
        const { computed_at } = this.data;
        return computed_at ? formatDateTime(deserializeDateTime(computed_at)) : "";
    }

    /** Where nothing at all is known, one sentence says so and not every part again. */
    says(part) {
        return part && !("missing" in part && (this.data.empty || !part.missing));
    }

    get rfmParts() {
        const { recency, frequency, monetary } = this.data.rfm;
        return [
            { key: "recency", label: _t("How recently"), stars: recency },
            { key: "frequency", label: _t("How often"), stars: frequency },
            { key: "monetary", label: _t("How much"), stars: monetary },
        ].map((part) => ({ ...part, text: _t("%s of 5", part.stars) }));
    }

    get riskLabel() {
        return {
            low: _t("Low"),
            medium: _t("Medium"),
            high: _t("High"),
        }[this.data.risk.level];
    }

    get riskClass() {
        return { low: "text-bg-success", medium: "text-bg-warning", high: "text-bg-danger" }[
            this.data.risk.level
        ];
    }

    get bandClass() {
        return { high: "text-bg-success", middle: "text-bg-secondary", low: "text-bg-danger" }[
            this.data.health.band
        ];
    }

    /** ``trend``: points gained or lost in three months. */
    get trendText() {
        const { trend } = this.data.health;
        if (typeof trend !== "number" || Math.round(trend) === 0) {
            return "";
        }
        return trend > 0
            ? _t("up %s in three months", Math.round(trend))
            : _t("down %s in three months", Math.round(-trend));
    }

    get riskReasons() {
        return [...this.data.risk.reasons].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    }

    get valueBar() {
        const { clv, clv_low, low, high } = this.data.value;
        const from = low ?? clv_low ?? clv;
        const scale = Math.max(high, clv, 1e-9) * 1.08;
        return {
            left: (100 * from) / scale,
            width: Math.max((100 * (high - from)) / scale, 1),
            dot: (100 * clv) / scale,
        };
    }

    toneClass(tone) {
        return TONES[tone] || TONES.muted;
    }

    /** What stands among the sentences already is not said again below. */
    unsaid(text) {
        return this.data.sentences.some((sentence) => sentence.text === text) ? "" : text;
    }

    get purchasesText() {
        const { expected_purchases, horizon_days } = this.data.value;
        return _t("%(count)s purchases expected within %(days)s days.", {
            count: this.number(expected_purchases),
            days: horizon_days,
        });
    }

    /** Two digits that count: nobody knows the future to the cent. */
    money(amount) {
        return formatMonetary(Number(amount.toPrecision(2)), {
            currencyId: this.data.currency_id || undefined,
            digits: [16, amount && Math.abs(amount) < 1 ? 2 : 0],
        });
    }

    number(value) {
        return formatFloat(value, { digits: [16, 1], trailingZeros: false });
    }

    open(action) {
        return this.action.doAction(recordsAction(action));
    }

    log() {
        return logInteraction(this.env, this.customer.id);
    }

    /** A button of the customer: the form saves before and reads again after, and this page with it. */
    callPartner(name) {
        return this.env.onClickViewButton({
            clickParams: { type: "object", name },
            getResParams: () => ({
                resModel: "res.partner",
                resId: this.customer.id,
                resIds: [this.customer.id],
                context: {},
                evalContext: {},
            }),
        });
    }

    async newQuotation() {
        if (!(await this.props.record.save())) {
            return;
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sale.order",
            views: [[false, "form"]],
            target: "current",
            context: { default_partner_id: this.customer.id },
        });
    }
}

registry.category("view_widgets").add("hc_insight", {
    component: InsightWidget,
    additionalClasses: ["d-block", "w-100"],
});
