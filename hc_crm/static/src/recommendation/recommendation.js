import { Component, status, useEffect, useRef, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { partnerFieldInfo } from "../timeline/timeline_widget";

const ICONS = {
    affinity: "fa-shopping-basket",
    usual: "fa-refresh",
    peers: "fa-users",
    similar: "fa-exchange",
};

/**
 * Products a customer is likely to want, each with its reason: on the customer, to start a quotation with
 * one of them; on a quotation, to add one, or to find what could stand in for one they cannot have.
 *
 * It reads when it is made, which a notebook does once its page is opened, and again whenever the record
 * was saved or read again.
 */
export class RecommendationWidget extends Component {
    static template = "hc_crm.Recommendation";
    static props = { ...standardWidgetProps, partnerField: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.rootRef = useRef("root");
        this.keepLast = new KeepLast();
        this.mutex = new Mutex();
        this.source = useState({ partnerId: false, version: "" });
        this.state = useState({
            data: null,
            key: "",
            failed: false,
            busy: false,
            replaceId: false,
            addedCount: 0,
        });
        useRecordObserver((record, { partnerField }) => {
            this.source.partnerId =
                (partnerField ? record.data[partnerField]?.id : record.resId) || false;
            // What is being typed is not known to the server: wait until it is saved.
            if (!record.resId || !record.dirty) {
                this.source.version = [record.id, record.resId, ...this.savedLines(record)].join();
            }
        });
        useEffect(
            () => {
                this.load();
            },
            () => [this.source.partnerId, this.source.version, this.state.replaceId]
        );
        useEffect(
            (addedCount) => {
                // The button that was pressed is gone: go on from the next one.
                if (addedCount) {
                    (this.rootRef.el.querySelector(".o_hc_add") || this.rootRef.el).focus();
                }
            },
            () => [this.state.addedCount]
        );
    }

    /** What tells one saved state of a quotation's lines from the next. */
    savedLines(record) {
        const lines = this.props.partnerField && record.data.order_line?.records;
        return (lines || []).map((line) => `${line.resId}:${line.data.product_id?.id}`);
    }

    get orderId() {
        return (this.props.partnerField && this.props.record.resId) || false;
    }

    async load() {
        const { partnerId } = this.source;
        const { replaceId } = this.state;
        const key = `${partnerId},${this.orderId}`;
        if (key !== this.state.key) {
            Object.assign(this.state, { data: null, key, replaceId: false });
        }
        this.state.failed = false;
        if (!partnerId) {
            return;
        }
        try {
            const data = await this.keepLast.add(
                this.orm.silent.call("res.partner", "hc_get_recommendations", [[partnerId]], {
                    order_id: this.orderId,
                    replace_product_id: replaceId,
                })
            );
            this.state.data = { ...data, replaceId };
        } catch {
            this.state.failed = true;
        }
    }

    get data() {
        return this.state.data;
    }

    get replaced() {
        return this.data.lines.find((line) => line.product_id === this.data.replaceId);
    }

    get replacedText() {
        return _t("Instead of %s", this.replaced?.name || "");
    }

    icon({ kind }) {
        return ICONS[kind];
    }

    price({ price, currency_id }) {
        return formatCurrency(price, currency_id);
    }

    addLabel({ name }) {
        return this.replaced
            ? _t("Use %(product)s instead of %(replaced)s", {
                  product: name,
                  replaced: this.replaced.name,
              })
            : _t("Add %s to the quotation", name);
    }

    quoteLabel({ name }) {
        return _t("New quotation with %s", name);
    }

    onReplaceChange(ev) {
        this.state.replaceId = Number(ev.target.value) || false;
    }

    openProduct({ product_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "product.product",
            res_id: product_id,
            views: [[false, "form"]],
        });
    }

    quote({ product_id }) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("New Quotation"),
                res_model: "sale.order",
                views: [[false, "form"]],
            },
            {
                additionalContext: {
                    default_partner_id: this.source.partnerId,
                    // a line given as default gets no default quantity
                    default_order_line: [[0, 0, { product_id, product_uom_qty: 1 }]],
                },
            }
        );
    }

    /** One at a time: a second click waits, and finds its button gone. */
    add(item) {
        return this.mutex.exec(() => this.addNow(item));
    }

    async addNow(item) {
        const { record } = this.props;
        if (status(this) === "destroyed" || !this.data.items.includes(item)) {
            return;
        }
        this.state.busy = true;
        try {
            // What was typed comes first; where something is missing the form says so itself.
            if (!(await record.save())) {
                return;
            }
            await this.orm.call("sale.order", "hc_add_recommendation", [
                [record.resId],
                item.product_id,
                this.data.replaceId,
            ]);
            this.notification.add(_t("%s is on the quotation.", item.name), { type: "success" });
            this.state.data.items = this.data.items.filter((other) => other !== item);
            this.state.replaceId = false;
            await record.model.load();
            this.state.addedCount++;
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("view_widgets").add("hc_recommendations", {
    component: RecommendationWidget,
    ...partnerFieldInfo,
    extractProps: ({ attrs }) => ({ partnerField: attrs.partner_field }),
    additionalClasses: ["d-block", "w-100"],
});
