import { Component, markup, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

const TONES = {
    yes: "alert-success",
    later: "alert-info",
    never: "alert-warning",
};

/** A step as a real customer gets it, ◂ ▸ through those who are inside or would be. */
export class FlowPreview extends Component {
    static template = "hc_crm.FlowPreview";
    static props = { planId: Number, stepId: Number, stepType: String, revision: Number };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.state = useState({
            customers: null,
            index: 0,
            preview: null,
            failed: false,
            allowed: true,
            sending: false,
        });
        onWillStart(async () => {
            this.state.allowed = await user.hasGroup("hc_crm.hc_crm_group_manager");
            this.loadCustomers(this.props);
        });
        onWillUpdateProps((next) => {
            if (next.planId !== this.props.planId) {
                this.loadCustomers(next);
            } else if (next.stepId !== this.props.stepId || next.revision !== this.props.revision) {
                this.load(next);
            }
        });
    }

    async loadCustomers(props) {
        if (!this.state.allowed) {
            return;
        }
        this.state.failed = false;
        try {
            this.state.customers = await this.orm.silent.call(
                "hc.outreach.plan",
                "hc_get_preview_customers",
                [[props.planId]],
                { step_id: props.stepId }
            );
            this.state.index = 0;
            await this.load(props);
        } catch {
            this.state.failed = true;
        }
    }

    async load(props = this.props) {
        if (!this.customer) {
            return;
        }
        this.state.failed = false;
        try {
            const preview = await this.keepLast.add(
                this.orm.silent.call("hc.outreach.step", "hc_preview", [
                    [props.stepId],
                    this.customer.id,
                ])
            );
            // rendered and cleaned by the server, as the customer's mail is
            this.state.preview = {
                ...preview,
                subject: markup(preview.subject || ""),
                body: markup(preview.body || ""),
            };
        } catch {
            this.state.failed = true;
        }
    }

    get customer() {
        return this.state.customers?.[this.state.index];
    }

    get preview() {
        return this.state.preview;
    }

    get toneClass() {
        return TONES[this.preview.decision.answer] || "alert-secondary";
    }

    get place() {
        return _t("%(index)s of %(count)s", {
            index: this.state.index + 1,
            count: this.state.customers.length,
        });
    }

    get canTest() {
        return (
            this.preview &&
            ["mail", "text"].includes(this.preview.kind) &&
            !this.preview.error &&
            ["mail", "draft"].includes(this.props.stepType)
        );
    }

    async turn(offset) {
        const count = this.state.customers.length;
        this.state.index = (this.state.index + offset + count) % count;
        await this.load();
    }

    openCustomer() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.customer.id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    async test() {
        this.state.sending = true;
        try {
            const text = await this.orm.call("hc.outreach.step", "hc_send_test", [
                [this.props.stepId],
                this.customer.id,
            ]);
            this.notification.add(text, { type: "success" });
        } finally {
            this.state.sending = false;
        }
    }
}
