import { registry } from "@web/core/registry";

/** Read a figure, see who it comes from, and arrive at the people. */
registry.category("web_tour.tours").add("results_tour", {
    steps: () => [
        {
            content: "One sentence that tells how sure one can be",
            trigger:
                ".o_hc_measure.o_hc_chosen:contains(NPS 25, between):contains(from 40 answers):contains(may be chance)",
        },
        {
            content: "The figures of the chart stand in a table, too",
            trigger: ".o_hc_results details summary",
            run: "click",
        },
        { content: "With their interval", trigger: ".o_hc_results details td:contains(n = 40)" },
        {
            content: "By colleague",
            trigger: "select.o_hc_group",
            run: "select user_id",
        },
        { content: "A line for each", trigger: ".o_hc_groups tr:contains(Sam Salesman)" },
        {
            content: "Only those who were unhappy",
            trigger: ".o_hc_results section:contains(In their words) button:contains(Bad)",
            run: "click",
        },
        {
            content: "Their words",
            trigger: ".o_hc_verbatims li:contains(2 of 10):contains(late)",
        },
        {
            content: "Who gave a 2?",
            trigger: ".o_hc_score[aria-label^='2 10 ']",
            run: "click",
        },
        {
            content: "Ten answers, with their people",
            trigger: ".o_list_view:not(:has(.o_data_row:eq(10))) .o_data_row:eq(9)",
        },
        {
            content: "One of them",
            trigger: ".o_data_row:contains(Customer of Sam):eq(0) td[name='date']",
            run: "click",
        },
        {
            content: "What they said, and who they are",
            trigger: ".o_form_view .o_field_widget[name='comment']:contains(late)",
        },
        {
            content: "To the customer",
            trigger: ".o_form_view .o_field_widget[name='partner_id'] a",
            run: "click",
        },
        {
            content: "There we are",
            trigger: ".o_form_view .o_hc_brief, .o_form_view button:contains(Answers)",
        },
    ],
});
