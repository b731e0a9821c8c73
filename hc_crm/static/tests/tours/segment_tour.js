import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Build a segment, see who would be in before saving, see why, and find its customers in Contacts.
registry.category("web_tour.tours").add("hc_segment_tour", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open Customer Care",
            trigger: ".o_app[data-menu-xmlid='hc_crm.hc_crm_menu_root']",
            run: "click",
        },
        {
            content: "Open the menu of segments",
            trigger: "[data-menu-xmlid='hc_crm.hc_crm_menu_segments']",
            run: "click",
        },
        {
            content: "Open the segments",
            trigger: ".o-dropdown-item[data-menu-xmlid='hc_crm.hc_segment_menu']",
            run: "click",
        },
        {
            content: "The ready segments are there",
            trigger: ".o_kanban_record:contains('Champions')",
        },
        {
            content: "Make a new one",
            trigger: ".o-kanban-button-new",
            run: "click",
        },
        {
            content: "It says how to begin",
            trigger: ".o_hc_segment_preview:contains('Add a condition')",
        },
        {
            content: "Give it a name",
            trigger: ".o_hc_segment_form div[name='name'] textarea",
            run: "edit Tour segment",
        },
        {
            content: "A recipe from a colleague, with a mistake in it",
            trigger: ".o_domain_selector_debug_container textarea",
            run: `edit [("hc_insight_id.chrun_risk", ">", 0.6)]`,
        },
        {
            content: "leave the field",
            trigger: ".o_hc_segment_head",
            run: "click",
        },
        {
            content: "The mistake is said in words, before anything is saved",
            trigger: ".o_hc_segment_error:contains('which contacts do not have')",
        },
        {
            content: "Put it right",
            trigger: ".o_domain_selector_debug_container textarea",
            run: `edit [("hc_insight_id.churn_risk", ">", 0.6)]`,
        },
        {
            trigger: ".o_hc_segment_head",
            run: "click",
        },
        {
            content: "Who would be in, and why",
            trigger: ".o_hc_segment_count:contains('1 customer today')",
        },
        {
            trigger:
                ".o_hc_segment_sample li:contains('Tour Customer'):contains('no order for 74 days')",
        },
        ...stepUtils.saveForm(),
        {
            content: "Who is in and why, as it was noted",
            trigger: "button[name='action_open_memberships']",
            run: "click",
        },
        {
            trigger:
                ".o_data_row:contains('Tour Customer') td[name='reason']:contains('Likely to Stop Buying above 60')",
        },
        {
            content: "Back to the segment",
            trigger: ".o_breadcrumb a:contains('Tour segment')",
            run: "click",
        },
        {
            content: "Its customers, in Contacts",
            trigger: "button[name='action_open_customers']:contains('1')",
            run: "click",
        },
        {
            trigger:
                ".o_kanban_record:contains('Tour Customer'), .o_data_row:contains('Tour Customer')",
        },
        stepUtils.showAppsMenuItem(),
        {
            content: "Open Contacts itself",
            trigger: ".o_app[data-menu-xmlid='contacts.menu_contacts']",
            run: "click",
        },
        {
            content: "Look for the segment there",
            trigger: ".o_searchview_input",
            run: "edit Tour seg",
        },
        {
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains('Segment')",
            run: "click",
        },
        {
            content: "Only those in the segment are left",
            trigger: ".o_searchview_facet:contains('Segment'):contains('Tour seg')",
        },
        {
            trigger:
                ".o_content:has(.o_data_row:contains('Tour Customer')):not(:has(.o_data_row + .o_data_row))",
        },
    ],
});
