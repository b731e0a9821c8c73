import { registry } from "@web/core/registry";

/** Note a like and another e-mail address on the tab “Good to Know” of a contact, and delete a fact. */
registry.category("web_tour.tours").add("hc_fact_tour", {
    steps: () => [
        {
            content: "Something typed and not saved yet",
            trigger: ".o_form_view .o_field_widget[name=function] input",
            run: "edit Florist",
        },
        {
            content: "Nothing of the tab is read before it is opened",
            trigger: ".o_form_view:not(:has(.o_hc_good_to_know))",
        },
        {
            content: "Open the tab",
            trigger: ".o_notebook a[name=hc_good_to_know]",
            run: "click",
        },
        {
            content: "What is noted already",
            trigger: ".o_hc_fact:contains(Old habit)",
        },
        {
            content: "Add a fact",
            trigger: "button.o_hc_add_fact",
            run: "click",
        },
        {
            content: "What to know; it is a like unless said otherwise",
            trigger: ".modal .o_field_widget[name=text] input",
            run: "edit Green tea, no sugar",
        },
        {
            content: "Save it",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "It is in the list, and in the brief above",
            trigger:
                ".o_form_view:has(.o_hc_brief_line:contains(Green tea)) .o_hc_fact:contains(Green tea, no sugar):contains(They told us)",
        },
        {
            content: "Add an e-mail address",
            trigger: "body:not(:has(.modal)) button.o_hc_add_email",
            run: "click",
        },
        {
            content: "Not one address",
            trigger: ".modal .o_field_widget[name=email] input",
            run: "edit rosa.private",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The mistake is told",
            trigger:
                ".modal:contains(is not one e-mail address) button:contains(/^(Close|Ok|Stay here)/)",
            run: "click",
        },
        {
            content: "The right address",
            trigger: ".modal .o_field_widget[name=email] input",
            run: "edit rosa.private@blum.example",
        },
        {
            content: "And what it is",
            trigger: ".modal .o_field_widget[name=label] input",
            run: "edit private",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "It is in the list",
            trigger: ".o_hc_email:contains(rosa.private@blum.example):contains(private)",
        },
        {
            content: "Delete what is no longer true",
            trigger: "body:not(:has(.modal)) .o_hc_fact:contains(Old habit) button.o_hc_remove",
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: ".modal button:contains(Delete)",
            run: "click",
        },
        {
            content: "Gone; the other one stays",
            trigger:
                "body:not(:has(.modal)) .o_hc_facts:not(:contains(Old habit)):contains(Green tea)",
        },
    ],
});
