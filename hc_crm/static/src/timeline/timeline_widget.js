import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { HcTimeline } from "./timeline";

/**
 * Follow the customer of the record a widget sits on: the record itself, or its ``partnerField``.
 * ``revision`` changes whenever the form was read again, by the pager or after a button.
 */
export function useCustomer() {
    const customer = useState({ id: false, revision: false });
    useRecordObserver((record, { partnerField }) => {
        customer.id = (partnerField ? record.data[partnerField]?.id : record.resId) || false;
        customer.revision = record.id;
    });
    return customer;
}

/** Open "Log interaction" for a customer from a form; the form saves before and reloads after. */
export function logInteraction(env, partnerId) {
    return env.onClickViewButton({
        clickParams: { type: "object", name: "action_hc_log_interaction" },
        getResParams: () => ({
            resModel: "res.partner",
            resId: partnerId,
            resIds: [partnerId],
            context: {},
            evalContext: {},
        }),
    });
}

/** ``partner_field="…"`` on ``<widget>``: where the customer is found when the record is not one. */
export const partnerFieldInfo = {
    fieldDependencies: ({ attrs }) =>
        attrs.partner_field ? [{ name: attrs.partner_field, type: "many2one" }] : [],
};

export class TimelineWidget extends Component {
    static template = "hc_crm.TimelineWidget";
    static components = { HcTimeline };
    static props = { ...standardWidgetProps, partnerField: { type: String, optional: true } };

    setup() {
        this.customer = useState(useCustomer());
    }

    /** A company opens on all of its people, a person inside one on what concerns them. */
    get scope() {
        const { parent_id, is_company } = this.props.record.data;
        return parent_id && !is_company ? "contact" : "company";
    }

    log() {
        return logInteraction(this.env, this.customer.id);
    }
}

registry.category("view_widgets").add("hc_timeline", {
    component: TimelineWidget,
    ...partnerFieldInfo,
    extractProps: ({ attrs }) => ({ partnerField: attrs.partner_field }),
    additionalClasses: ["d-block", "w-100"],
});
