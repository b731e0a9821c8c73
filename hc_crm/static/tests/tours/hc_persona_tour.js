import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Build a persona, say by which sign it is recognised, find its customers, and print its card.
registry.category("web_tour.tours").add("hc_persona_tour", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open Customer Care",
            trigger: ".o_app[data-menu-xmlid='hc_crm.hc_crm_menu_root']",
            run: "click",
        },
        {
            content: "Open the menu of personas",
            trigger: "[data-menu-xmlid='hc_crm.hc_crm_menu_personas']",
            run: "click",
        },
        {
            content: "Open the personas",
            trigger: ".o-dropdown-item[data-menu-xmlid='hc_crm.hc_persona_menu']",
            run: "click",
        },
        {
            content: "The ready personas are there",
            trigger: ".o_kanban_record:contains('Busy Professional Brenda')",
        },
        {
            content: "Make a new one",
            trigger: ".o-kanban-button-new",
            run: "click",
        },
        {
            content: "Give it a name",
            trigger: ".hc_persona_card div[name='name'] textarea",
            run: "edit Tour Teresa",
        },
        {
            content: "and a sentence they would say",
            trigger: ".hc_persona_card div[name='quote'] textarea",
            run: "edit I have seen it all",
        },
        {
            content: "A need",
            trigger: ".hc_persona_need .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".hc_persona_need .o_selected_row div[name='name'] input",
            run: "edit To see things twice",
        },
        {
            content: "Something not to do",
            trigger: ".hc_persona_dont .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".hc_persona_dont .o_selected_row div[name='name'] input",
            run: "edit Don't rush her",
        },
        {
            content: "By which sign do we know her?",
            trigger: "div[name='rule_ids'] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal div[name='name'] input",
            run: "edit Lives in Tourtown",
        },
        {
            content: "The condition as text, the way one pastes a recipe from a colleague",
            trigger: ".modal .o_domain_selector_debug_container textarea",
            run: `edit [("city", "=", "Tourtown")]`,
        },
        {
            content: "How many are there?",
            trigger: ".modal .o_refresh_count",
            run: "click",
        },
        {
            content: "One customer matches",
            trigger: ".modal .o_domain_show_selection_button:contains('1 record')",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) div[name='rule_ids'] td:contains('Lives in Tourtown')",
        },
        ...stepUtils.saveForm(),
        {
            content: "Apply the rules now",
            trigger: "button[name='action_refresh']",
            run: "click",
        },
        {
            content: "Somebody entered",
            trigger: ".o_notification_content:contains('1 entered, 0 left')",
        },
        {
            content: "See who it is",
            trigger: "button[name='action_open_customers']:contains('1')",
            run: "click",
        },
        {
            trigger: ".o_data_row td[name='complete_name']:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "The customer's page tells the persona; ask why",
            trigger: ".o_hc_why",
            run: "click",
        },
        {
            trigger: ".modal .hc_persona_why:contains('Lives in Tourtown')",
        },
        {
            trigger: ".modal footer .o_form_button_cancel",
            run: "click",
        },
        {
            content: "Back to the card",
            trigger: "body:not(:has(.modal)) .o_breadcrumb a:contains('Tour Teresa')",
            run: "click",
        },
        {
            content: "Print the card",
            trigger: ".hc_persona_form .o_statusbar_buttons button:contains('Print')",
            run: "click",
        },
        {
            content: "The card is printed: shown as a page where no PDF can be made",
            trigger:
                "body:not(.o_ui_blocked):has(.o_report_iframe, .o_action iframe, .hc_persona_card)",
        },
    ],
});
