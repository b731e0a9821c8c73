import { Component, useEffect, useRef } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** One line of text in which Enter runs a method of the form's record, after saving it. */
export class LogLineField extends Component {
    static template = "hc_crm.LogLineField";
    static props = {
        ...standardFieldProps,
        placeholder: { type: String, optional: true },
        action: { type: String, optional: true },
    };

    setup() {
        this.input = useRef("input");
        useInputField({ getValue: () => this.props.record.data[this.props.name] || "" });
        // The web client focuses no field on a phone; here the line is why one came.
        useEffect(
            (el) => {
                browser.setTimeout(() => el?.focus());
            },
            () => [this.input.el]
        );
    }

    onKeydown(ev) {
        // isComposing: Enter that only accepts a word from an input method is not "save".
        if (ev.key !== "Enter" || ev.isComposing || !this.props.action) {
            return;
        }
        ev.preventDefault();
        const { record, action } = this.props;
        return this.env.onClickViewButton({
            clickParams: { type: "object", name: action },
            getResParams: () => ({
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
                context: record.context,
                evalContext: record.evalContext,
            }),
        });
    }
}

registry.category("fields").add("hc_log_line", {
    component: LogLineField,
    displayName: _t("Line that Saves on Enter"),
    supportedTypes: ["char"],
    extractProps: ({ options, placeholder }) => ({ action: options.action, placeholder }),
});

/** A boolean as the "More" button of a dialog. */
export class MoreField extends Component {
    static template = "hc_crm.MoreField";
    static props = { ...standardFieldProps };

    get open() {
        return this.props.record.data[this.props.name];
    }

    toggle() {
        this.props.record.update({ [this.props.name]: !this.open });
    }
}

registry.category("fields").add("hc_more", {
    component: MoreField,
    displayName: _t("More / Less"),
    supportedTypes: ["boolean"],
});
