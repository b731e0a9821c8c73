import { registry } from "@web/core/registry";

/** A key, pressed where the focus is. */
function press(key, trigger = ".o_hc_today_line[tabindex='0']") {
    return { content: `Press ${key}`, trigger, run: `press ${key}` };
}

function selected(name) {
    return {
        content: `${name} is next`,
        trigger: `.o_hc_selected:contains(${name}), .o_hc_today_card:contains(${name})`,
    };
}

function section(key, text) {
    return {
        content: `${key}: ${text}`,
        trigger: `.o_hc_today_section_${key} .o_hc_today_section:contains(${text})`,
    };
}

/** A day's work without a mouse: a call, a draft, a promise, a birthday. */
registry.category("web_tour.tours").add("today_tour", {
    steps: () => [
        {
            content: "The app opens here, the first call in hand, with what to know beside",
            trigger: ".o_hc_today_card:has(.o_hc_brief):contains(Ask how it went)",
        },
        section("calls", "Calls (1)"),
        section("drafts", "Drafts (1)"),
        section("promises", "Promises due (1)"),
        section("milestones", "Birthdays (1)"),
        {
            content: "The list has the focus",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the call)",
        },
        press("?"),
        { content: "The keys are shown", trigger: ".o_hc_today_help:contains(Voicemail)" },
        press("Escape"),
        { content: "And gone", trigger: ".o_hc_today:not(:has(.o_hc_today_help))" },
        press("j"),
        selected("Customer of the draft"),
        press("k"),
        { content: "Back", trigger: ".o_hc_today_card:contains(Ask how it went)" },
        press("m"),
        {
            content: "Letters are letters while one writes",
            trigger: ".o_hc_today_note:focus",
            run: "edit nvr jk",
        },
        press("Escape", ".o_hc_today_note"),
        press("r"),
        {
            content: "The call is done, the draft is next, and it is said",
            trigger:
                ".o_hc_today:has([role=status]:contains(Customer of the draft)):not(:has(.o_hc_today_section_calls))",
        },
        {
            content: "The draft",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the draft)",
        },
        { content: "Its text", trigger: ".o_hc_today_draft:contains(Dear customer)" },
        press("e"),
        {
            content: "The subject",
            trigger: ".o_hc_today_subject:focus",
            run: "edit Made by hand",
        },
        { content: "The body can be edited", trigger: ".o_hc_today_draft .odoo-editor-editable" },
        press("Escape", ".o_hc_today_subject"),
        {
            content: "Back in the list",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the draft)",
        },
        press("s"),
        {
            content: "Sent; the promise is next",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the promise)",
        },
        { content: "The promise", trigger: ".o_hc_today_card:contains(Send the samples)" },
        press("d"),
        {
            content: "Kept; the birthday is next",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the birthday)",
        },
        press("u"),
        {
            content: "Taken back",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the promise)",
        },
        { content: "The promise again", trigger: ".o_hc_today_card:contains(Send the samples)" },
        press("d"),
        {
            content: "Kept after all",
            trigger: ".o_hc_today_line[tabindex='0']:focus:contains(Customer of the birthday)",
        },
        { content: "The birthday", trigger: ".o_hc_today_card:contains(Happy birthday)" },
        press("g"),
        { content: "How?", trigger: ".o_hc_today_choice:focus" },
        press("3", ".o_hc_today_choice"),
        { content: "Done for today", trigger: ".o_hc_today_empty:contains(Nothing owed today.)" },
        { content: "What comes next", trigger: ".o_hc_today_next:contains(Measure the window)" },
    ],
});
