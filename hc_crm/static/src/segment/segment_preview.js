import { Component, onWillDestroy, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// Long enough not to ask at every click in the conditions, short enough to feel alive.
const DELAY = 400;
const SAMPLE = 8;

/** Who would be in the segment as the conditions stand in the form, saved or not: how many, some, and why. */
export class SegmentPreview extends Component {
    static template = "hc_crm.SegmentPreview";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ preview: null, loading: false, failed: false });
        this.asked = null;
        const loadLater = useDebounced(() => this.load(), DELAY);
        useRecordObserver((record) => {
            const { domain, level, company_id } = record.data;
            const question = JSON.stringify([domain, level, company_id?.id || false]);
            if (question === this.asked) {
                return;
            }
            const first = this.asked === null;
            this.asked = question;
            this.state.loading = true;
            if (first) {
                this.load();
            } else {
                loadLater();
            }
        });
        onWillDestroy(() => (this.destroyed = true));
    }

    async load() {
        const { record } = this.props;
        const { domain, level, company_id, name } = record.data;
        this.state.loading = true;
        this.state.failed = false;
        try {
            const preview = await this.keepLast.add(
                this.orm.silent.call("hc.segment", "hc_preview", [domain || "[]"], {
                    level,
                    company_id: company_id?.id || false,
                    name: name || false,
                    limit: SAMPLE,
                })
            );
            if (!this.destroyed) {
                this.state.preview = preview;
            }
        } catch {
            this.state.failed = true;
        }
        this.state.loading = false;
    }

    get preview() {
        return this.state.preview;
    }

    get countText() {
        const { count } = this.preview;
        if (this.props.record.data.level === "contact") {
            return count === 1 ? _t("1 contact today") : _t("%s contacts today", count);
        }
        return count === 1 ? _t("1 customer today") : _t("%s customers today", count);
    }

    get moreText() {
        const more = this.preview.count - this.preview.customers.length;
        return more > 0 ? _t("and %s more", more) : "";
    }

    open(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
            target: "current",
        });
    }
}

registry.category("view_widgets").add("hc_segment_preview", {
    component: SegmentPreview,
    fieldDependencies: [
        { name: "domain", type: "char" },
        { name: "level", type: "selection" },
        { name: "company_id", type: "many2one" },
    ],
    additionalClasses: ["d-block", "w-100"],
});
