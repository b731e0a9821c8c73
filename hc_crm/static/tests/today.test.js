import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { meaningOf } from "@hc_crm/today/today_keys";

describe.current.tags("desktop");
defineMailModels();

const ACTS = {
    calls: [
        ["reached", "r", false],
        ["voicemail", "v", false],
        ["later", "l", "date"],
        ["not_needed", "n", false],
    ],
    drafts: [
        ["send", "s", "draft"],
        ["edit", "e", false],
        ["skip", "x", "note"],
    ],
    milestones: [["greeted", "g", "choice"]],
};

function acts(section) {
    return ACTS[section].map(([key, hotkey, asks], index) => ({
        key,
        hotkey,
        label: key,
        icon: "fa-check",
        asks,
        choices: asks === "choice" ? ["call", "letter"].map((k) => ({ key: k, label: k })) : [],
        primary: !index,
        edits: key === "edit",
    }));
}

function line(section, number, values = {}) {
    return {
        section,
        ref: `x,${number}`,
        partner: { id: number, name: `Customer ${number}` },
        name: `Customer ${number}`,
        why: `Why ${number}`,
        due: "2026-11-24",
        days_late: 0,
        icon: "",
        ...values,
    };
}

/** A server that forgets what was done. */
function serve(lines, { mine = true, next = false } = {}) {
    let owed = [...lines];
    const done = [];
    onRpc("res.partner", "hc_get_brief", ({ args }) => ({
        partner: { id: args[0][0], name: "", is_company: false },
        persona: false,
        feeling: false,
        last_contact: false,
        promises: { open: 0, late: 0 },
        lines: [],
    }));
    onRpc("hc.today", "hc_get_list", ({ args }) => {
        expect.step(["list", args[0]]);
        return {
            user: { id: 7, name: "Marc" },
            mine,
            colleagues: mine
                ? []
                : [
                      { id: 7, name: "Marc" },
                      { id: 8, name: "Lena" },
                  ],
            today: "2026-11-24",
            sections: Object.keys(ACTS)
                .map((key) => ({
                    key,
                    label: key,
                    icon: "fa-phone",
                    more: false,
                    lines: owed.filter(({ section }) => section === key),
                }))
                .filter(({ lines: own }) => own.length),
            next,
        };
    });
    onRpc("hc.today", "hc_get_item", ({ args: [section, ref] }) => ({
        section,
        ref,
        partner: owed.find((o) => o.ref === ref).partner,
        phones: [{ label: "Desk", number: "+32 (0)2 555 01 01" }],
        email: "a@b.example",
        may_mail: true,
        document: false,
        why: `Because of ${ref}`,
        goal: "The goal",
        hint: "",
        openers: [{ text: "Good day", source: "Persona" }],
        draft: section === "drafts" ? { subject: "Hello", body: "<p>Dear</p>" } : false,
        acts: acts(section),
    }));
    onRpc("hc.today", "hc_act", ({ args }) => {
        expect.step(args);
        const [section, ref] = args;
        done.push(owed.find((o) => o.ref === ref));
        owed = owed.filter((o) => o.ref !== ref);
        return { message: "Done.", undo: { ref, section }, action: false };
    });
    onRpc("hc.today", "hc_undo", ({ args: [section, undo] }) => {
        expect.step(["undo", section, undo.ref]);
        owed = [done.pop(), ...owed];
        return true;
    });
}

async function mount() {
    mockDate("2026-11-24 10:00:00", 0);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "hc_crm.today" });
    await settle();
}

async function settle() {
    for (let i = 0; i < 4; i++) {
        await animationFrame();
    }
}

async function key(name) {
    await press(name);
    await settle();
}

test("sections with counts, why, and how late; the first is in hand", async () => {
    serve([
        line("calls", 1, { due: "2026-11-21", days_late: 3 }),
        line("calls", 2, { due: "2026-11-27" }),
        line("drafts", 3, { due: false }),
    ]);
    await mount();
    expect(queryAllTexts(".o_hc_today_section")).toEqual(["calls (2)", "drafts (1)"]);
    expect(queryAllTexts(".o_hc_today_line .small")).toEqual(["3 days late", "Friday", ""]);
    expect("h1").toHaveText(/^Today, Tuesday, November 24\s*3 things owed$/);
    expect(".o_hc_today_line[tabindex='0']").toHaveCount(1);
    expect(".o_hc_today_line[tabindex='0']").toBeFocused();
    expect(".o_hc_today_customer").toHaveText("Customer 1");
    expect(".o_hc_today_why").toHaveText("Because of x,1");
    expect("a[href='tel:+3202 5550101']").toHaveCount(0);
    expect("a[href='tel:+32025550101']").toHaveText("+32 (0)2 555 01 01");
    expect(".o_hc_today_opener").toHaveText("Good day\nPersona");
    expect(queryAllTexts(".o_hc_today_buttons button kbd")).toEqual(["r", "v", "l", "n"]);
    expect.verifySteps([["list", false]]);
});

test("by keyboard: move, act, the next one follows, undo brings it back", async () => {
    serve([line("calls", 1), line("calls", 2), line("drafts", 3)]);
    await mount();
    await key("j");
    expect(".o_hc_today_customer").toHaveText("Customer 2");
    expect(".o_hc_today_line[aria-selected='true']").toBeFocused();
    await key("ArrowUp");
    await key("k");
    expect(".o_hc_today_customer").toHaveText("Customer 1");
    await key("End");
    expect(".o_hc_today_customer").toHaveText("Customer 3");
    await key("Home");
    expect.verifySteps([["list", false]]);
    await key("v");
    expect.verifySteps([
        ["calls", "x,1", "voicemail", false, {}],
        ["list", false],
    ]);
    expect(".o_hc_today_customer").toHaveText("Customer 2");
    expect(".o_hc_today_line[tabindex='0']").toBeFocused();
    expect("[role=status]").toHaveText("Customer 1: Done. 2 things owed. Next: Customer 2, Why 2");
    await key("u");
    expect.verifySteps([
        ["undo", "calls", "x,1"],
        ["list", false],
    ]);
    expect(".o_hc_today_customer").toHaveText("Customer 1");
    await key("u");
    expect.verifySteps([]);
});

test("later asks for the day, a way is chosen by number, Escape leaves it", async () => {
    serve([line("calls", 1), line("milestones", 2)]);
    await mount();
    await key("l");
    expect(queryAllTexts(".o_hc_today_choice")[0]).toMatch(/Tomorrow\s*Wed, Nov 25/);
    expect(queryAllTexts(".o_hc_today_choice")[2]).toMatch(/Next Monday\s*Mon, Nov 30/);
    await key("Escape");
    expect(".o_hc_today_choice").toHaveCount(0);
    await key("l");
    await key("3");
    expect.verifySteps([
        ["list", false],
        ["calls", "x,1", "later", false, { date: "2026-11-30" }],
        ["list", false],
    ]);
    await key("g");
    await key("2");
    expect.verifySteps([
        ["milestones", "x,2", "greeted", false, { choice: "letter" }],
        ["list", false],
    ]);
    expect(".o_hc_today_empty h2").toHaveText("Nothing owed today.");
});

test("no letter acts while one writes; the note goes along", async () => {
    serve([line("calls", 1), line("calls", 2)]);
    await mount();
    await key("m");
    expect(".o_hc_today_note").toBeFocused();
    await contains(".o_hc_today_note").edit("never rang", { confirm: false });
    await key("j");
    expect(".o_hc_today_customer").toHaveText("Customer 1");
    await key("Escape");
    expect(".o_hc_today_line[tabindex='0']").toBeFocused();
    expect.verifySteps([["list", false]]);
    // looking at another one does not cost what was written
    await key("j");
    expect(".o_hc_today_note").toHaveValue("");
    await key("k");
    await key("r");
    expect.verifySteps([
        ["calls", "x,1", "reached", "never rangj", {}],
        ["list", false],
    ]);
});

test("keys with a modifier are not ours", async () => {
    serve([line("calls", 1), line("calls", 2)]);
    await mount();
    for (const modifier of ["alt", "ctrl", "meta"]) {
        await press([modifier, "r"]);
        await press([modifier, "j"]);
    }
    await settle();
    expect(".o_hc_today_customer").toHaveText("Customer 1");
    expect.verifySteps([["list", false]]);
    const ev = { key: "r", target: document.body, repeat: true };
    expect(meaningOf(ev, { acts: acts("calls") })).toBe(false);
    expect(meaningOf({ ...ev, repeat: false }, { acts: acts("calls") }).act.key).toBe("reached");
    expect(meaningOf({ ...ev, key: "Enter" })).toBe("open");
    const button = document.createElement("button");
    expect(meaningOf({ ...ev, key: "Enter", target: button })).toBe(false);
});

test("a draft is changed in place and sent as changed; leaving it out wants a word", async () => {
    serve([line("drafts", 1), line("drafts", 2)]);
    await mount();
    expect(".o_hc_today_text").toHaveText("Dear");
    await key("e");
    expect(".o_hc_today_subject").toBeFocused();
    expect(".o_hc_today_draft .odoo-editor-editable").toHaveText("Dear");
    await contains(".o_hc_today_subject").edit("Hi there", { confirm: false });
    await key("Escape");
    await key("s");
    expect.verifySteps([
        ["list", false],
        ["drafts", "x,1", "send", false, { subject: "Hi there" }],
        ["list", false],
    ]);
    await key("x");
    expect(".o_hc_today_reason").toBeFocused();
    await key("Enter");
    expect.verifySteps([]);
    await contains(".o_hc_today_reason").edit("too early", { confirm: false });
    await key("Enter");
    expect.verifySteps([
        ["drafts", "x,2", "skip", "too early", {}],
        ["list", false],
    ]);
});

test("Enter opens the customer", async () => {
    serve([line("calls", 1)]);
    await mount();
    patchWithCleanup(getService("action"), {
        doAction: ({ res_model, res_id }) => expect.step([res_model, res_id]),
    });
    await key("Enter");
    expect.verifySteps([
        ["list", false],
        ["res.partner", 1],
    ]);
});

test("the list of a colleague says whose it is", async () => {
    serve([line("calls", 1)], { mine: false });
    await mount();
    expect(".o_hc_today_other").toHaveText(/list of Marc/);
    await contains(".o_hc_today_user").select("8");
    await settle();
    expect.verifySteps([
        ["list", false],
        ["list", 8],
    ]);
});

test("nothing owed: what comes next", async () => {
    serve([], { next: "Next: a call, Azure, on Thursday" });
    await mount();
    expect(".o_hc_today_empty h2").toHaveText("Nothing owed today.");
    expect(".o_hc_today_next").toHaveText("Next: a call, Azure, on Thursday");
    await key("j");
    await key("r");
    expect.verifySteps([["list", false]]);
});

test("what could not be read can be read again", async () => {
    let broken = true;
    onRpc("hc.today", "hc_get_list", () => {
        if (broken) {
            throw new Error("boom");
        }
        return {
            user: { id: 7, name: "Marc" },
            mine: true,
            colleagues: [],
            today: "2026-11-24",
            sections: [],
            next: false,
        };
    });
    await mount();
    expect("[role=alert]").toHaveText(/could not be read/);
    broken = false;
    await contains(".o_hc_retry").click();
    await settle();
    expect(".o_hc_today_empty").toHaveCount(1);
});
