import { registry } from "@web/core/registry";

/** Note a yes on the tab “Consent” of a contact, and leave the contact to people. */
registry.category("web_tour.tours").add("hc_consent_tour", {
    steps: () => [
        {
            content: "Nothing of the tab is read before it is opened",
            trigger: ".o_form_view:not(:has(.o_hc_contact))",
        },
        {
            content: "Open the tab",
            trigger: ".o_notebook a[name=hc_contact]",
            run: "click",
        },
        {
            content: "Nothing said about news: we may not",
            trigger: ".o_hc_cell[aria-label^='News and offers, Every channel: Nothing said']",
            run: "click",
        },
        {
            content: "The question is answered with yes already",
            trigger: ".modal .o_field_widget[name=state] input:checked",
        },
        {
            content: "In their own words",
            trigger: ".modal .o_field_widget[name=proof] textarea",
            run: "edit Tell me when the wool is in",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save, .modal footer .btn-primary",
            run: "click",
        },
        {
            content: "It stands there",
            trigger:
                "body:not(:has(.modal)) .o_hc_said:contains(Tell me when the wool is in):contains(News and offers)",
        },
        {
            content: "Leave them to people",
            trigger: "button.o_hc_pause_add",
            run: "click",
        },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Her mother died",
        },
        {
            content: "Save",
            trigger: ".modal .o_form_button_save, .modal footer .btn-primary",
            run: "click",
        },
        {
            content: "Nothing goes out any more, and the brief says so",
            trigger:
                ".o_form_view:has(.o_hc_brief_line:contains(Her mother died)) .o_hc_now:contains(Only people contact them)",
        },
        {
            content: "It is over",
            trigger: "button.o_hc_pause_end",
            run: "click",
        },
        {
            content: "They may hear from us again",
            trigger: ".o_hc_contact:not(:has(.o_hc_pause)) button.o_hc_pause_add",
        },
    ],
});
