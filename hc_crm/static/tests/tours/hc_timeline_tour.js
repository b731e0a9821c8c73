import { registry } from "@web/core/registry";

/** Read a timeline: by channel, in words, people only, company or contact, and further back. */
registry.category("web_tour.tours").add("hc_timeline_tour", {
    steps: () => [
        {
            content: "The newest entry of the whole company is there",
            trigger: ".o_hc_timeline .o_hc_entry_title:contains(Newest word with Brandon)",
        },
        {
            content: "Silence is shown",
            trigger: ".o_hc_silence:contains(days of silence)",
        },
        {
            content: "Only letters",
            trigger: ".o_hc_chip[data-channel=letter]",
            run: "click",
        },
        {
            content: "Calls are gone",
            trigger:
                ".o_hc_timeline:has(.o_hc_entry_title:contains(A letter)):not(:has(.o_hc_entry_title:contains(Newest word)))",
        },
        {
            content: "Everything again",
            trigger: ".o_hc_timeline .o_hc_clear",
            run: "click",
        },
        {
            content: "In words, with Enter",
            trigger:
                ".o_hc_timeline:has(.o_hc_entry_title:contains(Newest word)) input.o_hc_search",
            run: "edit blue chairs && press Enter",
        },
        {
            content: "One entry says that",
            trigger:
                ".o_hc_timeline:has(.o_hc_entry_title:contains(blue chairs)):not(:has(.o_hc_entry_title:contains(Newest word)))",
        },
        {
            content: "Words nobody said",
            trigger: "input.o_hc_search",
            run: "edit xylophone && press Enter",
        },
        {
            content: "Says so, and helps out",
            trigger: ".o_hc_empty:contains(No entry matches these filters) .o_hc_clear",
            run: "click",
        },
        {
            content: "A machine wrote this one",
            trigger: ".o_hc_timeline .o_hc_entry_title:contains(Backup ran)",
        },
        {
            content: "People only",
            trigger: "input.o_hc_people_only",
            run: "click",
        },
        {
            content: "The machine is gone",
            trigger:
                ".o_hc_timeline:has(.o_hc_entry_title:contains(Newest word)):not(:has(.o_hc_entry_title:contains(Backup ran)))",
        },
        {
            content: "All again",
            trigger: "input.o_hc_people_only",
            run: "click",
        },
        {
            content: "Only the company itself, without its people",
            trigger: ".o_hc_timeline:has(.o_hc_entry_title:contains(Backup ran)) select.o_hc_scope",
            run: "select contact",
        },
        {
            content: "Brandon's words are gone",
            trigger:
                ".o_hc_timeline:has(.o_hc_entry_title:contains(Old call)):not(:has(.o_hc_entry_title:contains(Newest word)))",
        },
        {
            content: "Further back",
            trigger: "button.o_hc_older",
            run: "click",
        },
        {
            content: "The very first call",
            trigger:
                ".o_hc_timeline:not(:has(.o_hc_older)) .o_hc_entry_title:contains(/^Old call 1$/)",
            run: "click",
        },
        {
            content: "An entry opens its record",
            trigger: ".o_form_view .o_field_widget[name=summary] textarea:value(Old call 1)",
        },
    ],
});
