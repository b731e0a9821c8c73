import { Component, status, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useCustomer } from "../timeline/timeline_widget";

const ANSWERS = {
    yes: "fa-check-circle text-success",
    later: "fa-clock-o text-warning",
    never: "fa-ban text-danger",
};
const OUTCOMES = {
    sent: "text-bg-success",
    postponed: "text-bg-info",
    dropped: "text-bg-secondary",
    person: "text-bg-info",
    doubt: "text-bg-warning",
};

/**
 * Whether we may contact a customer now, what they said to that, and what we sent by ourselves.
 *
 * Reads when the page is looked at, as "Good to Know" does. What they say is noted at once; the form
 * around is saved before and read again after.
 */
export class ContactWidget extends Component {
    static template = "hc_crm.Contact";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
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

    get canWrite() {
        return !this.props.readonly && this.state.data?.is_writable;
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
                this.orm.silent.call("res.partner", "hc_get_contact", [[id]])
            );
        } catch {
            this.state.failed = true;
        }
    }

    answerIcon({ answer }) {
        return ANSWERS[answer];
    }

    answerText({ answer, text }) {
        return answer === "yes" ? _t("Yes") : text;
    }

    outcomeClass({ outcome }) {
        return OUTCOMES[outcome];
    }

    cellIcon({ state, allowed }, { basis }) {
        if (basis === "contract") {
            return "fa-check text-muted";
        }
        if (state) {
            return state === "given" ? "fa-check text-success fw-bold" : "fa-times text-danger";
        }
        return allowed ? "fa-circle-o text-muted" : "fa-minus text-muted";
    }

    cellLabel(cell, purpose) {
        return `${purpose.name}, ${cell.channel}: ${cell.text}`;
    }

    /** Save the form around, and open a dialog; what is noted there is saved by it. */
    async openDialog(props) {
        if (!(await this.props.record.save())) {
            return;
        }
        this.dialog.add(
            FormViewDialog,
            { size: "md", ...props },
            { onClose: () => this.refresh() }
        );
    }

    /** ``cell`` turns the answer round; without one everything is open. */
    note(purpose, cell) {
        const context = { default_partner_id: this.customer.id };
        if (cell) {
            context.default_purpose_id = purpose.id;
            context.default_channel_id = cell.channel_id;
            context.default_state = cell.state === "given" ? "withdrawn" : "given";
            if (!cell.state && cell.allowed) {
                context.default_state = "withdrawn";
            }
        }
        return this.openDialog({
            resModel: "hc.consent",
            title: _t("What did they say?"),
            context,
        });
    }

    pause() {
        const { pause } = this.state.data;
        return this.openDialog({
            resModel: "hc.contact.pause",
            resId: pause && pause.is_own ? pause.id : false,
            title: _t("Only People Contact Them"),
            context: { default_partner_id: this.customer.id },
        });
    }

    async endPause() {
        if (!(await this.props.record.save())) {
            return;
        }
        await this.orm.call("hc.contact.pause", "action_end", [[this.state.data.pause.id]]);
        this.refresh();
    }

    openLine(id) {
        return this.dialog.add(FormViewDialog, {
            resModel: "hc.consent",
            resId: id,
            title: _t("What they said"),
            readonly: true,
            size: "md",
        });
    }

    async openAll(resModel, name) {
        if (!(await this.props.record.save())) {
            return;
        }
        await this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: resModel,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [["partner_id", "=", this.customer.id]],
            context: { default_partner_id: this.customer.id },
        });
    }

    openSaid() {
        return this.openAll("hc.consent", _t("What they said"));
    }

    openSent() {
        return this.openAll("hc.contact.attempt", _t("Sent and Held Back"));
    }

    /** Not awaited by the dialogs: they close at once. */
    refresh() {
        if (status(this) !== "destroyed") {
            this.props.record.model.load();
        }
    }
}

registry.category("view_widgets").add("hc_contact", {
    component: ContactWidget,
    additionalClasses: ["d-block", "w-100"],
});
