import { registry } from "@web/core/registry";

/** Tell those who asked for a change that it is made, after a look at who will hear. */
registry.category("web_tour.tours").add("improvement_inform_tour", {
    steps: () => [
        {
            content: "It is done",
            trigger: ".o_statusbar_status button:contains(Done)",
            run: "click",
        },
        {
            content: "People are waiting to hear",
            trigger: ".alert:contains(waiting to hear)",
        },
        { content: "Inform", trigger: ".o_hc_inform", run: "click" },
        {
            content: "Who will hear",
            trigger: ".modal .o_data_row:contains(Rosa Testblum):contains(Will hear)",
        },
        {
            content: "Who not, and why",
            trigger: ".modal .o_data_row:contains(Brandon):contains(They said no)",
        },
        { content: "The letter", trigger: ".modal .nav-link:contains(Letter)", run: "click" },
        {
            content: "What they asked for and what was done stand in it",
            trigger: ".modal [name=body]:contains(The zebra came late):contains(faster zebra)",
        },
        { content: "Inform them", trigger: ".modal .o_hc_inform_now", run: "click" },
        { content: "Said", trigger: ".o_notification:contains(people get a letter)" },
        {
            content: "Told",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Customers Told)",
        },
    ],
});

/** The letter on the customer's timeline. */
registry.category("web_tour.tours").add("improvement_timeline_tour", {
    steps: () => [
        {
            content: "It stands there",
            trigger: ".o_hc_timeline:contains(You said it, we did it)",
        },
    ],
});
