import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("hc_crm_surveys_card_batch", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        { trigger: ".o_app[data-menu-xmlid='hc_crm.hc_crm_menu_root']", run: "click" },
        {
            trigger: "[data-menu-xmlid='hc_crm_surveys.hc_crm_surveys_menu_feedback']",
            run: "click",
        },
        { trigger: "[data-menu-xmlid='hc_crm_surveys.hc_card_batch_menu']", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=place_id] input", run: "edit Corner by" },
        { trigger: ".dropdown-item:contains('Corner by the window')", run: "click" },
        { trigger: ".o_field_widget[name=scale_text]:contains('0 to 10')" },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row [name=answer] input", run: "edit 9" },
        { trigger: ".o_selected_row [name=comment] textarea", run: "edit Friendly advice" },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row [name=answer] input", run: "edit 3" },
        { trigger: ".o_selected_row [name=comment] textarea", run: "edit The queue was long" },
        ...stepUtils.saveForm(),
    ],
});
