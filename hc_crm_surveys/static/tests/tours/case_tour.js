import { registry } from "@web/core/registry";

/** A detractor's case: from the board to the solution, with what is asked for on the way. */
registry.category("web_tour.tours").add("case_solve_tour", {
    steps: () => [
        {
            content: "The case stands on the board, with when the first answer is due",
            trigger:
                ".o_kanban_group:contains(New) .o_kanban_record:contains(driver left it):contains(first answer by)",
            run: "click",
        },
        {
            content: "Their words come first",
            trigger: ".o_hc_case_words:contains(The driver left it in the rain)",
        },
        {
            content: "What to know about them stands beside",
            trigger: ".o_hc_case_top .o_hc_brief:contains(Before you talk)",
        },
        {
            content: "Solve it without saying why",
            trigger: ".o_hc_case_solve",
            run: "click",
        },
        {
            content: "It says what is missing",
            trigger: ".modal:contains(Root Cause):contains(What Was Done)",
        },
        { content: "Close", trigger: ".modal .btn-primary", run: "click" },
        {
            content: "Why",
            trigger: ".o_field_widget[name=cause_id] input",
            run: "edit Delivered late",
        },
        {
            content: "Choose it",
            trigger: ".ui-autocomplete .ui-menu-item:contains(Delivered late)",
            run: "click",
        },
        {
            content: "What was done",
            trigger: ".o_field_widget[name=solution] textarea",
            run: "edit Brought a dry one the same day",
        },
        { content: "Solved", trigger: ".o_hc_case_solve", run: "click" },
        {
            content: "It is",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Solved)",
        },
        { content: "How long it took", trigger: ".o_field_widget[name=date_solved]" },
    ],
});

/** After they were asked again: before and after. */
registry.category("web_tour.tours").add("case_recovered_tour", {
    steps: () => [
        {
            content: "Recovered",
            trigger: ".o_hc_case_after:contains(It is right again)",
        },
        {
            content: "Before and after",
            trigger: ".o_hc_case_scores:contains(20):contains(90)",
        },
        {
            content: "Closed by itself",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Closed)",
        },
    ],
});
