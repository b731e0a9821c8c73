import { registry } from "@web/core/registry";

const row = (lane) => `.o_hc_jm_row:has(.o_hc_jm_name:contains(${lane}))`;
const cell = (lane, column) => `${row(lane)} td.o_hc_jm_cell:nth-child(${column + 1})`;
const card = (text) => `.o_hc_jm_card:has(.o_hc_jm_text:contains(${text}))`;
const saved = {
    content: "All is stored",
    trigger: ".o_hc_jm_status[data-status=saved]",
};

/** Click into a cell and write a card. */
const writeCard = (lane, column, text) => [
    {
        content: `A click into the cell for “${text}”`,
        trigger: cell(lane, column),
        run: "click",
    },
    {
        content: `Write “${text}”`,
        trigger: `${cell(lane, column)} textarea`,
        run: `edit ${text}`,
    },
];

const nameStage = (name) => ({
    content: `The stage is called ${name}`,
    trigger: ".o_hc_jm_stage input",
    run: `edit ${name}`,
});

const addStage = (name) => [
    { content: "One more stage", trigger: ".o_hc_jm_add_stage", run: "click" },
    nameStage(name),
];

/** The clothing shop's map, from nothing, with the mouse. */
registry.category("web_tour.tours").add("hc_journey_mouse_tour", {
    steps: () => [
        { content: "An empty map says how to begin", trigger: ".o_hc_jm_start", run: "click" },
        nameStage("Awareness"),
        ...addStage("Decision"),
        ...addStage("Consideration"),
        ...addStage("Purchase"),
        ...addStage("Loyalty"),
        { content: "Leave the last name", trigger: ".o_hc_jm_panel .btn-close", run: "click" },
        {
            content: "Consideration comes before the decision: drag it there",
            trigger: ".o_hc_jm_stage:contains(Consideration)",
            async run({ drag_and_drop }) {
                await drag_and_drop(".o_hc_jm_stage:contains(Decision)", {
                    position: { left: 5, top: 10 },
                    relative: true,
                });
            },
        },
        {
            content: "It stands there",
            trigger: ".o_hc_jm_stage:contains(Consideration) + .o_hc_jm_stage:contains(Decision)",
        },
        ...writeCard("Touchpoint", 1, "Social media ad"),
        ...writeCard("Touchpoint", 2, "Website"),
        ...writeCard("Touchpoint", 3, "Product page"),
        ...writeCard("Touchpoint", 4, "Checkout"),
        ...writeCard("Touchpoint", 5, "Thank-you card"),
        ...writeCard("What They Do", 1, "Clicks on the ad"),
        ...writeCard("What They Do", 2, "Compares jackets"),
        ...writeCard("What They Do", 3, "Pays with a card"),
        ...writeCard("What They Think", 2, "Will it fit?"),
        ...writeCard("How They Feel", 1, "Curious"),
        ...writeCard("How They Feel", 2, "Unsure"),
        ...writeCard("How They Feel", 4, "Relieved"),
        {
            content: "Paying belongs to the purchase: drag the card",
            trigger: card("Pays with a card"),
            async run({ drag_and_drop }) {
                await drag_and_drop(cell("What They Do", 4), {
                    position: { left: 30, top: 15 },
                    relative: true,
                });
            },
        },
        {
            content: "It is there",
            trigger: `${cell("What They Do", 4)} ${card("Pays with a card")}`,
        },
        { content: "Choose how they feel", trigger: card("Curious"), run: "click" },
        {
            content: "Happy",
            trigger: ".o_hc_jm_panel:has(textarea) input[data-feeling='1']",
            run: "click",
        },
        { content: "And then", trigger: card("Unsure"), run: "click" },
        {
            content: "Unhappy",
            trigger: ".o_hc_jm_panel input[data-feeling='-1']:not(:checked)",
            run: "click",
        },
        {
            content: "The curve goes from one to the other, and its data stand in words",
            trigger: `${cell("How They Feel", 2)}:has(.o_hc_jm_curve path):contains(−1):contains(Unhappy)`,
        },
        ...writeCard("Pain Points", 2, "Sizes differ from brand to brand"),
        { content: "Leave the card", trigger: ".o_hc_jm_bar", run: "click" },
        { content: "Choose it", trigger: card("Sizes differ"), run: "click" },
        {
            content: "It is a pain point by its lane, and a moment of truth as well",
            trigger: ".o_hc_jm_panel:has(.o_hc_jm_is_pain:checked) .o_hc_jm_is_truth",
            run: "click",
        },
        { content: "Who does the checkout", trigger: card("Checkout"), run: "click" },
        {
            content: "Nobody: it is automatic",
            trigger: ".o_hc_jm_panel input[data-mode=automated]",
            run: "click",
        },
        { content: "The thank-you card", trigger: card("Thank-you card"), run: "click" },
        {
            content: "A person writes it",
            trigger: ".o_hc_jm_panel input[data-mode=human]:not(:checked)",
            run: "click",
        },
        {
            content: "Thoughts above actions: drag the lane",
            trigger: ".o_hc_jm_lane:contains(What They Think)",
            async run({ drag_and_drop }) {
                await drag_and_drop(".o_hc_jm_lane:contains(What They Do)", {
                    position: { left: 40, top: 3 },
                    relative: true,
                });
            },
        },
        {
            content: "It is above",
            trigger: `${row("What They Think")} + ${row("What They Do")}`,
        },
        { content: "Better not: undo", trigger: ".o_hc_jm_undo", run: "click" },
        {
            content: "It is below again",
            trigger: `${row("What They Do")} + ${row("What They Think")}`,
        },
        { content: "An arrow: from the ad", trigger: card("Social media ad"), run: "click" },
        { content: "Draw it", trigger: ".o_hc_jm_draw_arrow", run: "click" },
        { content: "To the website", trigger: card("Website"), run: "click" },
        { content: "It is drawn", trigger: ".o_hc_jm_arrow:not(:visible), .o_hc_jm_arrow" },
        saved,
    ],
});

const key = (content, trigger, combination) => ({ content, trigger, run: `press ${combination}` });

/** A small map without a mouse. */
registry.category("web_tour.tours").add("hc_journey_keyboard_tour", {
    steps: () => [
        {
            content: "The button has the focus",
            trigger: ".o_hc_jm_start",
            run: ({ anchor }) => anchor.focus(),
        },
        key("Begin", ".o_hc_jm_start:focus", "Enter"),
        {
            content: "Write the first stage's name over the proposed one",
            trigger: ".o_hc_jm_stage input:focus",
            run: (helpers) => typeInto(helpers, "Visit"),
        },
        key("That is its name", ".o_hc_jm_stage input:focus", "Enter"),
        key("Down into the first cell", ".o_hc_jm_stage:focus:contains(Visit)", "ArrowDown"),
        key("Write: the first letter makes the card", `${cell("Touchpoint", 1)}:focus`, "D"),
        {
            content: "The other letters",
            trigger: `${cell("Touchpoint", 1)} textarea:focus`,
            run: (helpers) => typeInto(helpers, "Door"),
        },
        key("Enter adds the next card", `${cell("Touchpoint", 1)} textarea:focus`, "Enter"),
        {
            content: "A second one",
            trigger: `${cell("Touchpoint", 1)}:has(${card("Door")}) textarea:focus`,
            run: (helpers) => typeInto(helpers, "Counter"),
        },
        key("Escape ends writing", `${cell("Touchpoint", 1)} textarea:focus`, "Escape"),
        key("Alt and up: it goes first", `${card("Counter")}:focus`, "Alt+ArrowUp"),
        {
            content: "It is first",
            trigger: `${cell("Touchpoint", 1)} .o_hc_jm_card:first-child:contains(Counter):focus`,
        },
        key("Take it back", `${card("Counter")}:focus`, "Control+z"),
        {
            content: "It is second again",
            trigger: `${cell("Touchpoint", 1)} .o_hc_jm_card:first-child:contains(Door)`,
        },
        key("Again", `${card("Counter")}:focus`, "Control+y"),
        key(
            "Down to the next card",
            `.o_hc_jm_card:first-child:contains(Counter):focus`,
            "ArrowDown"
        ),
        key("Double it", `${card("Door")}:focus`, "Control+d"),
        key("Delete the double", ".o_hc_jm_card:nth-child(3):contains(Door):focus", "Delete"),
        {
            content: "Two are left; the screen reader hears how to bring it back",
            trigger: `.o_hc_jm:has([aria-live]:contains(Ctrl + Z)) ${cell("Touchpoint", 1)}:not(:has(.o_hc_jm_card:nth-child(3)))`,
        },
        key("To the panel", `${card("Door")}:focus`, "Alt+Enter"),
        {
            content: "Mark it there",
            trigger: ".o_hc_jm_panel:has(.o_hc_jm_panel_text:focus) .o_hc_jm_is_truth",
            run: ({ anchor }) => anchor.focus(),
        },
        {
            content: "Space checks the box",
            trigger: ".o_hc_jm_is_truth:focus",
            run: ({ press }) => press(" "),
        },
        key("Back to the card", ".o_hc_jm_is_truth:checked:focus", "Escape"),
        key("On to the left", `${card("Door")}:focus`, "ArrowLeft"),
        key(
            "Alt and down: the lane goes down",
            ".o_hc_jm_lane:contains(Touchpoint):focus",
            "Alt+ArrowDown"
        ),
        {
            content: "It is second",
            trigger: `${row("What They Do")} + ${row("Touchpoint")} .o_hc_jm_lane:focus`,
        },
        saved,
    ],
});

/** Letters one by one, as a hand does it. */
async function typeInto(helpers, text) {
    const field = document.activeElement;
    field.value = "";
    for (const letter of text) {
        field.value += letter;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

/** How long a large map takes to open, and a letter to be painted. Written on the card, for the Python test to read. */
registry.category("web_tour.tours").add("hc_journey_speed_tour", {
    steps: () => [
        {
            content: "Open the large map",
            trigger:
                ".o_list_view .o_data_row:contains(Large) .o_data_cell, .o_kanban_record:contains(Large)",
            run: ({ anchor }) => {
                window.hcOpened = performance.now();
                anchor.click();
                const look = () => {
                    if (document.querySelectorAll(".o_hc_jm_card").length >= 1000) {
                        requestAnimationFrame(
                            () => (window.hcOpens = performance.now() - window.hcOpened)
                        );
                    } else {
                        requestAnimationFrame(look);
                    }
                };
                look();
            },
        },
        {
            content: "A thousand cards",
            trigger: ".o_hc_jm_row:nth-child(15) .o_hc_jm_cell",
        },
        {
            content: "Write into one",
            trigger: ".o_hc_jm_row:first-child td.o_hc_jm_cell:nth-child(2)",
            async run() {
                const target = document.querySelector(".o_hc_jm_card");
                target.click();
                await frames(3);
                target.click();
                await frames(3);
                const field = document.querySelector(".o_hc_jm_card textarea");
                const times = [];
                for (const letter of "a thousand cards and still quick") {
                    const start = performance.now();
                    field.value += letter;
                    field.dispatchEvent(new Event("input", { bubbles: true }));
                    await frames(1);
                    times.push(performance.now() - start);
                    await new Promise((resolve) => setTimeout(resolve, 5));
                }
                times.sort((a, b) => a - b);
                const at = (share) => Math.round(times[Math.floor((times.length - 1) * share)]);
                field.value =
                    `opens ${Math.round(window.hcOpens)} ms; a letter paints in ` +
                    `${at(0.5)} ms (median), ${at(0.95)} ms (95 %)`;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            },
        },
        saved,
    ],
});

/** Until what is due is drawn: the frame, and the work after it. */
async function frames(count) {
    for (let i = 0; i < count; i++) {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
    }
}
