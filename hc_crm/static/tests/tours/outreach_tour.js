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
        {
            content: "See who enters now",
            trigger: "button[name=action_look_now]",
            run: "click",
        },
        {
            content: "It is said, and the form stays as it was",
            trigger:
                "body:has(.o_notification:contains(Nobody new came in)) .o_notebook a[name=trying].active",
        },
    ],
});

/** The ready “Welcome” as it is shipped: use it, put a step on another way by keyboard, start it, look. */
registry.category("web_tour.tours").add("hc_outreach_welcome_tour", {
    steps: () => [
        {
            content: "Use it",
            trigger: ".o_hc_gallery_use[aria-label='Use It: Welcome']",
            run: "click",
        },
        {
            content: "One there is already is named; this is meant so",
            trigger:
                ".modal:contains(You made a plan from this one before) button[name=action_go_on]",
            run: "click",
        },
        {
            content: "The last step, chosen",
            trigger: "body:not(:has(.modal)) .o_hc_flow_head:contains(Ask how it is wearing)",
            run: "click",
        },
        {
            content: "To the ways of the call by keyboard",
            trigger: ".o_hc_flow_head[aria-pressed=true]:contains(Ask how it is wearing)",
            run: "press Alt+ArrowRight",
        },
        {
            content: "It stands on the first way; on to the next one by its button",
            trigger:
                ".o_hc_flow_lane[data-lane=reached] .o_hc_flow_head:contains(Ask how it is wearing)",
        },
        {
            content: "And back out of it",
            trigger: ".o_hc_flow_panel button[aria-label='To the way before, or out of it']",
            run: "click",
        },
        {
            content: "It stands behind the call again",
            trigger:
                ".o_hc_flow:not(:has([data-lane=reached])) .o_hc_flow_head:contains(Ask how it is wearing)",
        },
        {
            content: "Start",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            content: "Another one greets the same people: said before it happens",
            trigger: ".modal:contains(would hear from you twice) button[name=action_go_on]:visible",
            run: "click",
        },
        {
            content: "It runs",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_look_now]",
        },
    ],
});

/** The first step of “Welcome” stands on the customer's timeline. */
registry.category("web_tour.tours").add("hc_outreach_welcome_happened_tour", {
    steps: () => [
        {
            content: "The thank-you, among what happened with them",
            trigger: ".o_hc_timeline :contains(Thank you for coming to us)",
        },
    ],
});
