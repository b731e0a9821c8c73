import { registry } from "@web/core/registry";

/** Log a call with a promise from a contact; see it on the timeline, in the brief and among promises. */
registry.category("web_tour.tours").add("hc_log_tour", {
    steps: () => [
        {
            content: "The timeline is the first thing of a contact, and empty",
            trigger: ".o_hc_empty:contains(Nothing yet between you and this customer)",
        },
        {
            content: "Log, from the header",
            trigger: "button.o_hc_log_button",
            run: "click",
        },
        {
            content: "How",
            trigger: ".modal .o_hc_channel[title='Visit']",
            run: "click",
        },
        {
            content: "They were happy",
            trigger: ".modal .o_hc_faces label[title='Happy']",
            run: "click",
        },
        {
            content: "More",
            trigger: ".modal .o_field_hc_more button",
            run: "click",
        },
        {
            content: "A promise",
            trigger: ".modal .o_field_widget[name=promise_summary] input",
            run: "edit Send fabric samples",
        },
        {
            content: "What happened",
            trigger: ".modal .o_field_hc_log_line input",
            run: "edit Looked at the blue chairs",
        },
        {
            content: "A day for the promise is proposed",
            trigger: ".modal .o_field_widget[name=promise_date] button:contains(/[0-9]/)",
        },
        {
            content: "Take another day",
            trigger:
                ".modal .o_field_widget[name=promise_date] button, .modal .o_field_widget[name=promise_date] input",
            run: "click",
        },
        {
            content: "Some day next month",
            trigger: ".o_datetime_picker .o_next",
            run: "click",
        },
        {
            content: "The 15th",
            trigger: ".o_datetime_picker .o_date_item_cell:not(.o_out_of_range):contains(/^15$/)",
            run: "click",
        },
        {
            content: "Enter in the line saves",
            trigger: ".modal .o_field_hc_log_line input",
            run: "click && press Enter",
        },
        {
            content: "It says so",
            trigger: ".o_notification:contains(Logged)",
        },
        {
            content: "And stands on the timeline with its face",
            trigger:
                ".o_hc_entry:has(.o_hc_entry_title:contains(Looked at the blue chairs)):has(.o_hc_face[aria-label='Happy'])",
        },
        {
            content: "The promise is in the brief, which opens the promises",
            trigger: ".o_hc_promises:contains(1 promise open)",
            run: "click",
        },
        {
            content: "There it is",
            trigger: ".o_list_view .o_data_cell[name=summary]:contains(Send fabric samples)",
            run: "click",
        },
        {
            content: "Keep it",
            trigger: ".o_form_view button[name=action_kept]",
            run: "click",
        },
        {
            content: "Kept",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Kept)",
        },
    ],
});
