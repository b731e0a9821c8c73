import { registry } from "@web/core/registry";

/** Read what to know before talking, on a quotation, and follow a line to where it comes from. */
registry.category("web_tour.tours").add("hc_brief_tour", {
    steps: () => [
        {
            content: "Last contact",
            trigger: ".o_form_view .o_hc_brief .o_hc_last:contains(Phone Call)",
        },
        {
            content: "A late promise",
            trigger: ".o_hc_brief .o_hc_promises:contains(1 late)",
        },
        {
            content: "The line says what, and opens it",
            trigger: ".o_hc_brief_line button:contains(Send fabric samples)",
            run: "click",
        },
        {
            content: "The promise itself",
            trigger: ".o_form_view .o_field_widget[name=summary] input:value(Send fabric samples)",
        },
    ],
});
