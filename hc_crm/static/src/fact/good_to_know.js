import { Component, status, useEffect, useRef, useState } from "@odoo/owl";
import {
    ConfirmationDialog,
    deleteConfirmationMessage,
} from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useCustomer } from "../timeline/timeline_widget";

const ICONS = {
    access: "fa-wheelchair text-danger",
    avoid: "fa-ban text-danger",
    milestone: "fa-birthday-cake text-info",
    like: "fa-heart text-success",
    family: "fa-home text-muted",
    other: "fa-lightbulb-o text-muted",
};

/**
 * What is good to know about a customer, and their other e-mail addresses.
 *
 * No fields of the form, because these would be read with every customer that is opened: a notebook
 * makes only the page that is looked at, and the widget reads when it is made. What is added, changed or
 * deleted here is saved at once; the form around is saved before, as by its buttons, and read again
 * after, so that the brief tells the new facts.
 */
export class GoodToKnowWidget extends Component {
    static template = "hc_crm.GoodToKnow";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.rootRef = useRef("root");
        this.keepLast = new KeepLast();
        this.customer = useState(useCustomer());
        this.state = useState({ data: null, partnerId: false, failed: false });
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
                this.orm.silent.call("res.partner", "hc_get_good_to_know", [[id]])
            );
        } catch {
            this.state.failed = true;
        }
    }

    iconClass({ kind }) {
        return ICONS[kind] || ICONS.other;
    }

    details({ kind_label, purpose_label, source_label, until }) {
        return [kind_label, purpose_label, source_label, until && _t("until %s", until)]
            .filter(Boolean)
            .join(" · ");
    }

    greetingLabel({ text }) {
        return _t("Send Greeting: %s", text);
    }

    deleteLabel(text) {
        return _t("Delete: %s", text);
    }

    openFact(resId = false) {
        return this.openDialog({
            resModel: "hc.fact",
            resId,
            title: resId ? _t("Good to Know") : _t("Add a fact"),
        });
    }

    openEmail(resId = false) {
        return this.openDialog({
            resModel: "hc.partner.email",
            resId,
            title: resId ? _t("Other e-mail address") : _t("Add an e-mail address"),
        });
    }

    async openDialog(props) {
        if (!(await this.props.record.save())) {
            return;
        }
        this.dialog.add(
            FormViewDialog,
            {
                ...props,
                context: { default_partner_id: this.customer.id, hc_in_partner: true },
                readonly: this.props.readonly,
            },
            // A button of the dialog saves as well, so read again however it is left.
            { onClose: () => this.refresh() }
        );
    }

    async sendGreeting(id) {
        if (!(await this.props.record.save())) {
            return;
        }
        await this.action.doActionButton({
            type: "object",
            name: "action_send_greeting",
            resModel: "hc.fact",
            resId: id,
            resIds: [id],
            context: {},
            onClose: () => this.refresh(),
        });
    }

    /** ``addButton`` is where the keyboard goes on when the row is gone. */
    async remove(resModel, id, addButton) {
        if (!(await this.props.record.save())) {
            return;
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Bye-bye, record!"),
            body: deleteConfirmationMessage,
            confirmLabel: _t("Delete"),
            confirm: async () => {
                await this.orm.unlink(resModel, [id]);
                this.rootRef.el?.querySelector(addButton)?.focus();
                this.refresh();
            },
            cancelLabel: _t("No, keep it"),
            cancel: () => {},
        });
    }

    /** Not awaited by the dialogs: they close at once. */
    refresh() {
        if (status(this) !== "destroyed") {
            this.props.record.model.load();
        }
    }
}

registry.category("view_widgets").add("hc_good_to_know", {
    component: GoodToKnowWidget,
    additionalClasses: ["d-block", "w-100"],
});
