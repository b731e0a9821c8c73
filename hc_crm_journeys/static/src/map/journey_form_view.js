import { useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** Milliseconds that leaving the form waits for the map to be stored; what is not then waits in the browser. */
const PATIENCE = 3000;

/** The form of a journey: it is left when the map is stored. */
export class JourneyFormController extends FormController {
    setup() {
        this.hcJourney = { editor: null };
        useSubEnv({ hcJourney: this.hcJourney });
        super.setup();
    }

    settle() {
        const settled = this.hcJourney.editor?.session.settle();
        return settled
            ? Promise.race([settled, new Promise((resolve) => setTimeout(resolve, PATIENCE))])
            : undefined;
    }

    async beforeLeave(options) {
        await this.settle();
        return super.beforeLeave(options);
    }

    async beforeExecuteActionButton(clickParams) {
        await this.settle();
        return super.beforeExecuteActionButton(clickParams);
    }
}

registry.category("views").add("hc_journey_form", {
    ...formView,
    Controller: JourneyFormController,
});
