import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

function whole(value) {
    return `${Math.round(value)}`.replace("-", "−"); // a minus, not a hyphen
}

/** Figures of one round of asking colleagues, or why there are none. */
export class PulseResult extends Component {
    static template = "hc_crm_surveys.PulseResult";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ data: null });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((next) => this.load(next.record));
    }

    async load(record) {
        this.state.data = record.resId
            ? await this.orm.call("hc.pulse", "hc_get_result", [[record.resId]])
            : null;
    }

    get enps() {
        const { enps } = this.state.data.result;
        return (
            enps &&
            _t("eNPS %(value)s, between %(low)s and %(high)s, from %(n)s answers", {
                value: whole(enps.value),
                low: whole(enps.low),
                high: whole(enps.high),
                n: enps.n,
            })
        );
    }

    get index() {
        const { index } = this.state.data.result;
        return index && _t("Empowerment %(value)s of 100", { value: whole(index.value) });
    }

    get before() {
        const { before, result } = this.state.data;
        if (!before || !before.enps || !result.enps) {
            return false;
        }
        const values = { name: before.name, value: whole(before.enps.value) };
        // two intervals that do not touch differ for sure; anything else may be chance
        if (result.enps.low > before.enps.high) {
            return _t("Better than “%(name)s” (%(value)s).", values);
        }
        if (result.enps.high < before.enps.low) {
            return _t("Worse than “%(name)s” (%(value)s).", values);
        }
        return _t("“%(name)s” had %(value)s; the difference may be chance.", values);
    }

    told(question) {
        const { figure, kind } = question;
        if (!figure) {
            return "";
        }
        const value = whole(figure.value);
        return kind === "enps" ? value : _t("%(value)s % agree", { value });
    }

    rounded(figure) {
        return figure ? whole(figure.value) : "";
    }

    spelled(question) {
        return question.distribution.map(([score, count]) => `${score}: ${count}`).join(", ");
    }

    height(question, count) {
        const most = Math.max(...question.distribution.map((pair) => pair[1]), 1);
        return `height: ${Math.round((100 * count) / most)}%`;
    }
}

registry.category("view_widgets").add("hc_pulse_result", { component: PulseResult });
