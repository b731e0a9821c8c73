import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { HcTimeline } from "./timeline";

/** The timeline as a page of its own: ``context.active_id`` or ``params.partner_id`` is the customer. */
export class TimelinePage extends Component {
    static template = "hc_crm.TimelinePage";
    static components = { HcTimeline, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ revision: 0 });
        const { params, context } = this.props.action;
        this.partnerId = params?.partner_id || context?.active_id || false;
        onWillStart(async () => {
            if (this.partnerId) {
                const [{ display_name }] = await this.orm.read(
                    "res.partner",
                    [this.partnerId],
                    ["display_name"]
                );
                this.env.config.setDisplayName(_t("Timeline of %s", display_name));
            }
        });
    }

    async log() {
        const action = await this.orm.call("res.partner", "action_hc_log_interaction", [
            [this.partnerId],
        ]);
        await this.action.doAction(action, { onClose: () => this.state.revision++ });
    }
}

registry.category("actions").add("hc_timeline.page", TimelinePage);
