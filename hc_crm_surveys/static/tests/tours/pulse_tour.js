import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("hc_crm_surveys_pulse_answer", {
    steps: () => [
        {
            content: "the link of the mail, opened in this tab",
            trigger: ".o_hc_pulse_start",
            run: () => {
                window.location.hash = document.cookie.match(/hc_pulse_code=([\w-]+)/)[1];
            },
            expectUnloadPage: true,
        },
        { trigger: "h1:contains('How is it to work at')" },
        {
            content: "ten of ten, by the label of the button",
            trigger: "fieldset:first label:contains('10')",
            run: "click",
        },
        ...[1, 2, 3, 4, 5].map((number) => ({
            content: `statement ${number}`,
            trigger: `fieldset:eq(${number}) label:contains('4')`,
            run: "click",
        })),
        { trigger: "textarea", run: "edit More time for talks" },
        { trigger: "button:contains('Send anonymously')", run: "click", expectUnloadPage: true },
        { trigger: "h1:contains('Thank you')" },
    ],
});

registry.category("web_tour.tours").add("hc_crm_surveys_pulse_result", {
    steps: () => [
        {
            content: "nothing is shown as long as the round is open",
            trigger: ".o_hc_pulse_result:contains('At least 5 of 6 have answered')",
        },
        { trigger: "button:contains('Close and Show Results')", run: "click" },
        { trigger: ".modal button:contains('Ok')", run: "click" },
        {
            trigger:
                ".o_hc_pulse_result:contains('eNPS'):contains('from 6 answers'):contains('Empowerment')",
        },
        {
            content: "comments need ten answers",
            trigger: ".o_hc_pulse_result:contains('There are comments')",
        },
        { trigger: "button:contains('Share with the Team')", run: "click" },
        { trigger: "body:not(:has(button:contains('Share with the Team')))" },
    ],
});
