import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * What customers said is noted by “Save” and by nothing else.
 *
 * The form comes filled, and what is noted stays; Odoo's own forms save what is open when the tab is
 * closed or another one is looked at, which would note an answer nobody gave.
 */
export class SaidFormController extends FormController {
    beforeVisibilityChange() {}

    beforeUnload(ev) {
        if (this.model.root.dirty) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }
}

registry.category("views").add("hc_said_form", { ...formView, Controller: SaidFormController });
