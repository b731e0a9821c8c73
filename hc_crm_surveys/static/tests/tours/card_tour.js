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
        // as the page says: Enter for the next; the last one leaves an empty line, which is no card
        {
            trigger: ".o_selected_row [name=comment] input",
            run: "edit Friendly advice && press Enter",
        },
        { trigger: ".o_data_row:nth-child(2).o_selected_row [name=answer] input", run: "edit 3" },
        {
            trigger: ".o_data_row:nth-child(2) [name=comment] input",
            run: "edit The queue was long && press Enter",
        },
        { trigger: ".o_data_row:nth-child(3).o_selected_row" },
        ...stepUtils.saveForm(),
    ],
});
