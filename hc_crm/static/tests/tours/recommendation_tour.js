import { registry } from "@web/core/registry";

/** On a quotation: see what goes with it, add it by one click, and find something instead of another. */
registry.category("web_tour.tours").add("hc_recommendation_tour", {
    steps: () => [
        {
            content: "What is on the quotation",
            trigger: ".o_form_view .o_field_widget[name=order_line]:contains(Tour Dress)",
        },
        {
            content: "Suggestions",
            trigger: ".o_notebook_headers a[name=hc_recommendations]",
            run: "click",
        },
        {
            content: "The reason is in words",
            trigger:
                ".o_hc_recommendation:contains(Tour Shawl) .o_hc_product_reason:contains(Bought with Tour Dress by 5 similar customers)",
        },
        {
            content: "Add it",
            trigger: ".o_hc_recommendation:contains(Tour Shawl) .o_hc_add",
            run: "click",
        },
        {
            content: "It is no longer suggested",
            trigger: ".o_hc_recommendations:not(:has(.o_hc_recommendation:contains(Tour Shawl)))",
        },
        {
            content: "They cannot have the dress",
            trigger: ".o_hc_replace select:not(:disabled):contains(Tour Shawl)",
            run: "selectByLabel Tour Dress",
        },
        {
            content: "Something like it",
            trigger: ".o_hc_recommendations:has(h3:contains(Instead of Tour Dress))",
        },
        {
            content: "Take it instead",
            trigger: ".o_hc_recommendation:contains(Tour Skirt) .o_hc_add:contains(Use instead)",
            run: "click",
        },
        {
            content: "No dress any more",
            trigger:
                ".o_hc_replace select:contains(Tour Skirt):not(:contains(Tour Dress)):contains(Tour Shawl)",
        },
        {
            content: "Back to the lines",
            trigger: ".o_notebook_headers a[name=order_lines]",
            run: "click",
        },
        {
            content: "Both are there",
            trigger:
                ".o_field_widget[name=order_line]:contains(Tour Skirt):contains(Tour Shawl):not(:contains(Tour Dress))",
        },
    ],
});
