import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getMockEnv,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { registry } from "@web/core/registry";

describe.current.tags("desktop");

class Plan extends models.Model {
    _name = "hc.outreach.plan";
    name = fields.Char();
    state = fields.Selection({
        selection: [
            ["draft", "Draft"],
            ["running", "Running"],
        ],
    });
    draft_version_id = fields.Many2one({ relation: "hc.outreach.version" });
    live_version_id = fields.Many2one({ relation: "hc.outreach.version" });
    write_date = fields.Datetime();
    _records = [{ id: 1, name: "Welcome", state: "draft", draft_version_id: 1 }];
}

class Version extends models.Model {
    _name = "hc.outreach.version";
    number = fields.Integer();
    _records = [{ id: 1, number: 1 }];
}

class Step extends models.Model {
    _name = "hc.outreach.step";
    name = fields.Char();
    _records = [
        { id: 1, name: "Say welcome" },
        { id: 2, name: "Call" },
        { id: 3, name: "Bought?" },
        { id: 9, name: "New one" },
    ];
    _views = { form: `<form><field name="name"/></form>` };
}

defineMailModels();
defineModels([Plan, Version, Step]);

const NOTHING = { due: 0, open: 0, sending: 0, done: 0, skipped: 0, failed: 0, doubt: 0 };
const TYPES = [
    {
        key: "mail",
        label: "E-mail",
        icon: "fa-envelope",
        mark: "automated",
        lanes: [],
        description: "An e-mail in their language",
    },
    {
        key: "task",
        label: "Task",
        icon: "fa-user",
        mark: "human",
        lanes: [],
        description: "A colleague calls",
    },
];

function step(id, name, values = {}) {
    return {
        id,
        key: `k${id}`,
        name,
        type: "mail",
        label: "E-mail",
        icon: "fa-envelope",
        mark: "automated",
        channel: "email",
        text: "",
        wait: "3 days later",
        parent_id: false,
        lane: false,
        lane_label: "",
        lanes: [],
        problems: [],
        reasons: [],
        ...values,
        counts: { ...NOTHING, ...values.counts },
    };
}

function flow(steps, values = {}) {
    return {
        version: { id: 1, number: 1, state: "draft", label: "Being Edited" },
        versions: [{ id: 1, number: 1, state: "draft", label: "Being Edited" }],
        editable: true,
        entry_text: "Every customer, once",
        is_template: false,
        state: "draft",
        inside: 0,
        types: TYPES,
        steps,
        ...values,
    };
}

const WAYS = [
    { key: "yes", label: "Yes" },
    { key: "no", label: "No" },
];
const CALL_WAYS = [
    { key: "reached", label: "Reached" },
    { key: "voicemail", label: "Voicemail" },
];

/** A server that keeps the order of the steps, as far as the tests move them. */
async function mountFlow(steps, values = {}) {
    let now = steps;
    onRpc("hc.outreach.plan", "hc_get_flow", () => flow(now, values));
    onRpc("hc.outreach.plan", "hc_get_preview_customers", () => []);
    onRpc("hc.outreach.plan", "hc_add_step", ({ args, kwargs }) => {
        expect.step(["add", args[1], kwargs.parent_id, kwargs.lane, kwargs.index]);
        now = [
            ...now.slice(0, kwargs.index),
            step(9, "New one", { parent_id: kwargs.parent_id, lane: kwargs.lane }),
            ...now.slice(kwargs.index),
        ];
        return 9;
    });
    onRpc("hc.outreach.step", "hc_move", ({ args }) => {
        expect.step(["move", args[0][0], args[1]]);
        const place = now.findIndex((one) => one.id === args[0][0]);
        const moved = now[place];
        const rest = now.filter((one) => one !== moved);
        now = [...rest.slice(0, place + args[1]), moved, ...rest.slice(place + args[1])];
        return true;
    });
    onRpc("hc.outreach.step", "hc_delete", ({ args }) => {
        expect.step(["delete", args[0][0]]);
        now = now.filter((one) => one.id !== args[0][0]);
        return true;
    });
    onRpc("hc.outreach.step", "hc_duplicate", ({ args }) => {
        expect.step(["duplicate", args[0][0]]);
        now = [...now, step(9, "New one")];
        return 9;
    });
    onRpc("has_group", () => true);
    await mountView({
        type: "form",
        resModel: "hc.outreach.plan",
        resId: 1,
        arch: `
            <form>
                <header><button name="action_look_now" type="object" string="Look Now"/></header>
                <field name="name"/>
                <widget name="hc_outreach_flow"/>
            </form>`,
    });
    await animationFrame();
}

const names = () => queryAllTexts(".o_hc_flow_head .fw-bold");
const selected = () => queryAllTexts(".o_hc_flow_head[aria-pressed=true] .fw-bold");

test("shows each step with its wait, who acts, and what became of it", async () => {
    await mountFlow([
        step(1, "Say welcome", {
            wait: "At once",
            counts: { due: 3, done: 12, skipped: 2 },
            reasons: [{ state: "skipped", code: "no_consent", label: "Never said yes", count: 2 }],
        }),
        step(2, "Call", { type: "task", mark: "human" }),
    ]);
    expect(names()).toEqual(["Say welcome", "Call"]);
    expect(queryAllTexts(".o_hc_flow_wait")).toEqual(["At once", "3 days later"]);
    expect(queryAllTexts(".o_hc_flow_node .o_hc_flow_mark")).toEqual(["⚙", "☍"]);
    expect(queryAllTexts(".o_hc_flow_count")).toEqual(["3 waiting", "12 done", "2 left out"]);
    expect(".o_hc_flow_start").toHaveText(/Every customer, once/);
    // the first one is looked at
    expect(selected()).toEqual(["Say welcome"]);
    expect(".o_hc_flow_panel").toHaveText(/Say welcome/);
});

test("Look Now shows the numbers of now and leaves the form as it is", async () => {
    const steps = [step(1, "Say welcome"), step(2, "Call")];
    await mountFlow(steps);
    onRpc("hc.outreach.plan", "action_look_now", () => ({
        type: "ir.actions.client",
        tag: "hc_outreach_look",
        params: { plan_id: 1, entered: 1 },
    }));
    onRpc("hc.outreach.plan", "hc_get_waiting", () => {
        expect.step("asked");
        return { due: 0, lines: ["2 wait for their day."] };
    });
    await contains(".o_hc_flow_head:contains(Call)").click();
    expect(selected()).toEqual(["Call"]);
    const before = queryOne(".o_hc_flow");
    steps[1].counts.done = 5;
    await contains("button[name=action_look_now]").click();
    await animationFrame();
    expect.verifySteps(["asked"]);
    expect(queryOne(".o_hc_flow")).toBe(before);
    expect(selected()).toEqual(["Call"]);
    expect(queryAllTexts(".o_hc_flow_count")).toEqual(["5 done"]);
    // the form reads its record again; to load the page again would build it anew
    const look = registry.category("actions").get("hc_outreach_look");
    const next = await look(getMockEnv(), { params: { plan_id: 1, entered: 0 } });
    expect(next).toEqual({ type: "ir.actions.act_window_close" });
    expect.verifySteps(["asked"]);
});

test("a number leads to its customers, reasons one by one", async () => {
    mockService("action", { doAction: (action) => expect.step(action.domain) });
    await mountFlow([
        step(1, "Say welcome", {
            counts: { done: 12, skipped: 2 },
            reasons: [{ state: "skipped", code: "no_consent", label: "Never said yes", count: 2 }],
        }),
    ]);
    onRpc("hc.outreach.plan", "action_open_deliveries", ({ kwargs }) => ({
        domain: [kwargs.step_id, kwargs.state, kwargs.code],
    }));
    await contains(".o_hc_flow_count[data-state=done]").click();
    expect.verifySteps([[1, "done", false]]);
    await contains(".o_hc_flow_count[data-state=skipped]").click();
    expect(queryAllTexts(".o-dropdown--menu .dropdown-item")).toEqual([
        "2 · Never said yes",
        "All 2",
    ]);
    await contains(".o-dropdown--menu .dropdown-item").click();
    expect.verifySteps([[1, "skipped", "no_consent"]]);
});

test("adds a step between two others, and opens it", async () => {
    await mountFlow([step(1, "Say welcome"), step(2, "Call")]);
    await contains(".o_hc_flow_item:eq(1) .o_hc_flow_add").click();
    expect(".o_hc_flow_type").toHaveCount(2);
    expect(".o_hc_flow_type:first").toHaveText(/An e-mail in their language/);
    await contains(".o_hc_flow_type[data-type=task]").click();
    expect.verifySteps([["add", "task", false, false, 1]]);
    expect(names()).toEqual(["Say welcome", "New one", "Call"]);
    expect(selected()).toEqual(["New one"]);
    expect(".modal .o_form_view").toHaveCount(1);
});

test("the keyboard selects, moves and keeps the focus", async () => {
    await mountFlow([step(1, "Say welcome"), step(2, "Call"), step(3, "Bought?")]);
    queryOne(".o_hc_flow_head[data-step='1']").focus();
    await press("ArrowDown");
    await animationFrame();
    expect(selected()).toEqual(["Call"]);
    expect(".o_hc_flow_head[data-step='2']").toBeFocused();
    await press(["alt", "ArrowUp"]);
    await animationFrame();
    await animationFrame();
    expect.verifySteps([["move", 2, -1]]);
    expect(names()).toEqual(["Call", "Say welcome", "Bought?"]);
    expect(selected()).toEqual(["Call"]);
    expect(".o_hc_flow_head[data-step='2']").toBeFocused();
});

test("delete asks first, and the focus goes to the step before", async () => {
    await mountFlow([step(1, "Say welcome"), step(2, "Call")]);
    queryOne(".o_hc_flow_head[data-step='2']").focus();
    await press("Delete");
    await animationFrame();
    expect(".modal").toHaveText(/“Call” goes/);
    expect.verifySteps([]);
    await contains(".modal .btn-primary").click();
    await animationFrame();
    expect.verifySteps([["delete", 2]]);
    expect(names()).toEqual(["Say welcome"]);
    expect(selected()).toEqual(["Say welcome"]);
});

test("duplicates the selected step", async () => {
    await mountFlow([step(1, "Say welcome")]);
    await contains(".o_hc_flow_duplicate").click();
    await animationFrame();
    expect.verifySteps([["duplicate", 1]]);
    expect(selected()).toEqual(["New one"]);
});

test("ways stand side by side; a task shows those on which something hangs", async () => {
    await mountFlow([
        step(3, "Bought?", { type: "branch", lanes: WAYS }),
        step(4, "Thank you", { parent_id: 3, lane: "yes" }),
        step(2, "Call", { type: "task", mark: "human", lanes: CALL_WAYS }),
        step(5, "Sorry", { parent_id: 2, lane: "voicemail" }),
    ]);
    expect(names()).toEqual(["Bought?", "Thank you", "Call", "Sorry"]);
    expect(queryAllTexts(".o_hc_flow_lane_name")).toEqual(["Yes", "No", "Voicemail"]);
    expect(".o_hc_flow_lane[data-lane=yes] .o_hc_flow_head").toHaveCount(1);
    expect(".o_hc_flow_lane[data-lane=no]").toHaveText(/they go on below/);
    // what else may come of a call
    await contains(".o_hc_flow_others .o_hc_flow_add").click();
    await contains(".o_hc_flow_type[data-type=mail]").click();
    expect.verifySteps([["add", "mail", 2, "reached", 0]]);
});

test("live steps are read, not changed", async () => {
    await mountFlow([step(1, "Say welcome"), step(2, "Call")], {
        editable: false,
        version: { id: 1, number: 1, state: "live", label: "Live" },
        versions: [
            { id: 2, number: 2, state: "retired", label: "Replaced" },
            { id: 1, number: 1, state: "live", label: "Live" },
        ],
    });
    expect(".o_hc_flow_add").toHaveCount(0);
    expect(".o_hc_flow_grip").toHaveCount(0);
    expect(".o_hc_flow_remove").toHaveCount(0);
    expect(".o_hc_flow").toHaveText(/Change the Steps/);
    expect(queryAllTexts(".o_hc_flow_versions option")).toEqual([
        "Version 2: Replaced",
        "Version 1: Live",
    ]);
    queryOne(".o_hc_flow_head[data-step='1']").focus();
    await press(["alt", "ArrowDown"]);
    await press("Delete");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([]);
});

test("what is missing stands on the step and beside it", async () => {
    await mountFlow([step(1, "Say welcome", { problems: ["choose a template."] })]);
    expect(".o_hc_flow_broken").toHaveCount(1);
    expect(".o_hc_flow_panel .alert").toHaveText(/choose a template/);
});

test("an empty plan says how to begin", async () => {
    await mountFlow([]);
    expect(".o_hc_flow_first").toHaveText(/What happens first/);
    expect(".o_hc_flow_panel").toHaveCount(0);
    await contains(".o_hc_flow_add").click();
    await contains(".o_hc_flow_type[data-type=mail]").click();
    expect.verifySteps([["add", "mail", false, false, 0]]);
});

test("a failed read can be tried again", async () => {
    let broken = true;
    onRpc("hc.outreach.plan", "hc_get_flow", () => {
        if (broken) {
            throw new Error("boom");
        }
        return flow([step(1, "Say welcome")]);
    });
    onRpc("hc.outreach.plan", "hc_get_preview_customers", () => []);
    onRpc("has_group", () => true);
    await mountView({
        type: "form",
        resModel: "hc.outreach.plan",
        resId: 1,
        arch: `<form><field name="name"/><widget name="hc_outreach_flow"/></form>`,
    });
    await animationFrame();
    expect(".o_hc_flow").toHaveText(/could not be read/);
    broken = false;
    await contains(".o_hc_flow button").click();
    await animationFrame();
    expect(names()).toEqual(["Say welcome"]);
});

test("the preview turns through customers and marks what is missing", async () => {
    onRpc("hc.outreach.plan", "hc_get_flow", () => flow([step(1, "Say welcome")]));
    onRpc("hc.outreach.plan", "hc_get_preview_customers", () => [
        { id: 7, name: "Rosa", why: "is in the plan" },
        { id: 8, name: "Azure", why: "would enter" },
    ]);
    onRpc("hc.outreach.step", "hc_preview", ({ args }) => ({
        kind: "mail",
        subject: "Welcome",
        body:
            args[1] === 7
                ? "<p>Dear Rosa</p>"
                : '<p>Dear <mark class="o_hc_flow_missing">object.name</mark></p>',
        to: "a@b.example",
        lang: "English",
        missing: args[1] === 7 ? [] : [{ expression: "object.name", help: "is empty" }],
        error: false,
        decision: { answer: "later", text: "Would wait until Monday: a complaint is open" },
    }));
    onRpc("hc.outreach.step", "hc_send_test", ({ args }) => {
        expect.step(["test", args[0][0], args[1]]);
        return "Sent to me";
    });
    onRpc("has_group", () => true);
    await mountView({
        type: "form",
        resModel: "hc.outreach.plan",
        resId: 1,
        arch: `<form><field name="name"/><widget name="hc_outreach_flow"/></form>`,
    });
    await animationFrame();
    await animationFrame();
    expect(".o_hc_flow_customer").toHaveText("Rosa");
    expect(".o_hc_flow_paper").toHaveText("Dear Rosa");
    expect(".o_hc_flow_decision").toHaveText(/a complaint is open/);
    await contains(".o_hc_flow_next").click();
    await animationFrame();
    expect(".o_hc_flow_customer").toHaveText("Azure");
    expect(".o_hc_flow_paper .o_hc_flow_missing").toHaveCount(1);
    expect(".o_hc_flow_gaps").toHaveText(/is empty/);
    await contains(".o_hc_flow_test").click();
    expect.verifySteps([["test", 1, 8]]);
});
