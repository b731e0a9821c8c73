import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { uniqueId } from "@web/core/utils/functions";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Face } from "./face";

/** A selection of -2 … 2 as five faces: a native radio group, so arrow keys and screen readers work. */
export class FacesField extends Component {
    static template = "hc_crm.FacesField";
    static components = { Face };
    static props = { ...standardFieldProps, label: { type: String, optional: true } };

    setup() {
        this.id = uniqueId("hc_faces_");
    }

    get items() {
        return this.props.record.fields[this.props.name].selection.map(([value, label]) => ({
            value,
            label,
            face: Number(value),
        }));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get feeling() {
        return Number(this.value);
    }

    select(value) {
        this.props.record.update({ [this.props.name]: value });
    }

    /** A radio cannot be unset by itself: choosing the chosen face again takes it back. */
    onClick(value) {
        if (value === this.value) {
            this.select(false);
        }
    }
}

export const facesField = {
    component: FacesField,
    displayName: _t("Five Faces"),
    supportedTypes: ["selection"],
    isEmpty: (record, fieldName) => record.data[fieldName] === false,
    extractProps: ({ string }) => ({ label: string }),
};

registry.category("fields").add("hc_faces", facesField);
