import { registry } from "@web/core/registry";

/** Start a ready plan after a look at it. */
registry.category("web_tour.tours").add("hc_outreach_start_tour", {
    steps: () => [
        {
            content: "New begins with the ready plans",
            trigger: ".o_hc_plan_kanban, .o_kanban_view",
        },
        {
            content: "New",
            trigger: ".o-kanban-button-new",
            run: "click",
        },
        {
            content: "The one to welcome people, with what a person does in it",
            trigger: ".o_hc_gallery_card:contains(Tour welcome):contains(☍ 1 step by a person)",
        },
        {
            content: "Use it",
            trigger: ".o_hc_gallery_card:contains(Tour welcome) .o_hc_gallery_use",
            run: "click",
        },
        {
            content: "Its steps",
            trigger: ".o_hc_flow_head:contains(Say welcome)",
        },
        {
            content: "Look at the first one for a real customer",
            trigger: ".o_hc_flow_panel:contains(Say welcome) .o_hc_flow_paper:contains(Dear)",
        },
        {
            content: "And at the call",
            trigger: ".o_hc_flow_head:contains(Ask how it goes)",
            run: "click",
        },
        {
            content: "What comes of it branches",
            trigger:
                ".o_hc_flow_lane:contains(Voicemail) .o_hc_flow_head:contains(Sorry we missed you)",
        },
        {
            content: "Start",
            trigger: "button[name=action_start]:not(:disabled)",
            run: "click",
        },
        {
            content: "It runs, and its steps are locked",
            trigger:
                ".o_form_view:has(button[name=action_pause]) .o_hc_flow:contains(These steps are live)",
        },
    ],
});

/** The first step happened, and the number leads to the customer. */
registry.category("web_tour.tours").add("hc_outreach_happened_tour", {
    steps: () => [
        {
            content: "What became of the first step",
            trigger:
                ".o_hc_flow_node:contains(Say welcome) .o_hc_flow_count[data-state=done]:contains(1)",
            run: "click",
        },
        {
            content: "The customer behind the number",
            trigger:
                ".o_list_view .o_data_row:contains(Tour Customer) .o_data_cell:contains(Say welcome)",
        },
    ],
});

/** Simulate, begin with a tenth, and expand. */
registry.category("web_tour.tours").add("hc_outreach_pilot_tour", {
    steps: () => [
        {
            content: "What would happen",
            trigger: "button[name=action_simulate]",
            run: "click",
        },
        {
            content: "In numbers and names, with nothing sent",
            trigger: ".modal .o_hc_simulation:contains(Nothing was sent) .o_hc_simulation_sentence",
        },
        {
            content: "Step by step",
            trigger: ".modal .o_hc_simulation_steps:contains(Say welcome)",
        },
        {
            content: "Close",
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "Trying out",
            trigger: "body:not(:has(.modal)) .o_notebook a[name=trying]",
            run: "click",
        },
        {
            content: "A tenth to begin with",
            trigger: "button[name=action_pilot]",
            run: "click",
        },
        {
            content: "It is a tenth",
            trigger: ".o_field_widget[name=pilot_share] input:value(10)",
        },
        {
            content: "Start",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            content: "It runs with the pilot; expand it",
            trigger: "button[name=action_expand]",
            run: "click",
        },
        {
            content: "Yes, everybody",
            trigger: ".modal button.btn-primary",
            run: "click",
        },
        {
            content: "Nothing left to expand",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(button[name=action_pause]):not(:has(button[name=action_expand]))",
        },
    ],
});
