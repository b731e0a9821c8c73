import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryFirst, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    name = fields.Char();
    phone = fields.Char();
    _records = [
        { id: 501, name: "Azure", phone: "+32 2 555 01 01" },
        { id: 502, name: "Gemini" },
    ];
}

defineMailModels();
defineModels([Customer]);

const RECORDS = { res_model: "sale.order", name: "Purchases", domain: [["id", "in", [4, 5]]] };

function insight(values = {}) {
    return {
        partner: { id: 501, name: "Azure" },
        access: "full",
        company: "Shop",
        computed_at: "2026-11-20 02:00:00",
        currency_id: false,
        empty: false,
        sentences: [],
        rfm: false,
        rhythm: false,
        value: { missing: "Not enough history to say: needs about 500 customers." },
        risk: { missing: "Not enough history to say: needs about 100 customers." },
        health: { missing: "Not enough history to say: needs a rhythm." },
        channel: { stated: false, learned: false },
        usual: [],
        left_out: false,
        ...values,
    };
}

const FULL = {
    sentences: [
        { key: "rhythm", text: "Usually buys every <b>3 weeks</b>.", tone: "danger" },
        { key: "value", text: "Worth 1,200 to 1,900.", tone: "info" },
    ],
    rfm: { score: "254", recency: 2, frequency: 5, monetary: 4, text: "Was one of the best." },
    rhythm: {
        days: [
            { date: "2026-07-20", amount: 100 },
            { date: "2026-08-10", amount: 400 },
            { date: "2026-08-31", amount: false },
            { date: "2026-09-21", amount: 100 },
        ],
        gap_days: 21,
        regularity: 1,
        first_date: "2026-07-20",
        last_date: "2026-09-21",
        next_date: "2026-10-12",
        overdue: true,
        text: "Every 3 weeks, like clockwork.",
    },
    value: {
        clv: 1520,
        low: 1200,
        high: 1900,
        expected_purchases: 11,
        horizon_days: 365,
        text: "About 11 purchases.",
    },
    risk: {
        churn_risk: 0.68,
        level: "high",
        method: "model",
        text: "68 of 100 like this stayed away.",
        reasons: [
            { factor: "steady", label: "Steady", text: "4 times", weight: -0.2, action: false },
            { factor: "overdue", label: "Overdue", text: "39 days", weight: 0.9, action: RECORDS },
        ],
    },
    health: {
        score: 41.6,
        band: "low",
        band_label: "Needs care",
        trend: -17.2,
        history: [
            { month: "2026-09", health: 60 },
            { month: "2026-10", health: 59 },
            { month: "2026-11", health: 41.6 },
        ],
        factors: [
            { factor: "rhythm", label: "Rhythm", text: "late", weight: -0.8, action: RECORDS },
            {
                factor: "feeling",
                label: "Feeling",
                text: "happy",
                weight: 0.5,
                action: { res_model: "hc.interaction", res_id: 7 },
            },
            { factor: "care", label: "Our care", text: "nothing late", weight: 0, action: false },
        ],
    },
    channel: {
        stated: { channel: "email", label: "E-mail", icon: "fa-at", date: "2026-05-03", by: "Sam" },
        learned: { channel: "call", label: "Phone", icon: "fa-phone", evidence: "answers calls" },
    },
    usual: [
        {
            product_id: 9,
            res_model: "product.product",
            name: "Silk scarf",
            times: 3,
            last_date: "2026-09-21",
            text: "3 times",
        },
    ],
    left_out: "Purchases of other salespeople are left out.",
};

function onRead(answer) {
    onRpc("res.partner", "hc_get_insight", ({ args }) => {
        expect.step(`read ${args[0]}`);
        return answer(args[0][0]);
    });
    onRpc("sale.order", "has_access", () => true);
}

async function mountTab(params = {}) {
    await mountView({
        type: "form",
        resModel: "customer",
        resId: 501,
        arch: `<form><field name="name"/><field name="phone"/><widget name="hc_insight"/></form>`,
        ...params,
    });
    await animationFrame();
}

function mockActions() {
    mockService("action", {
        doAction({ res_model, res_id, domain, context }) {
            expect.step([res_model, res_id || domain || context]);
        },
        doActionButton({ name, resModel, resIds }) {
            expect.step([name, resModel, resIds]);
        },
    });
}

beforeEach(() => {
    mockDate("2026-11-20 12:00:00", 0);
});

test("nothing is read before the page is opened", async () => {
    onRead(() => insight());
    await mountTab({
        arch: `<form><notebook>
            <page name="first" string="First"><field name="name"/></page>
            <page name="hc_insight" string="Insight"><widget name="hc_insight"/></page>
        </notebook></form>`,
    });
    expect.verifySteps([]);
    await contains(".o_notebook a[name=hc_insight]").click();
    await animationFrame();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_insight_foot").toHaveCount(1);
});

test("sentences first, as text; then rhythm, health, risk, value, basket and channel", async () => {
    onRead(() => insight(FULL));
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(queryAllTexts(".o_hc_sentences li")).toEqual([
        "Usually buys every <b>3 weeks</b>.",
        "Worth 1,200 to 1,900.",
    ]);
    expect(".o_hc_left_out").toHaveText("Purchases of other salespeople are left out.");
    expect(queryAllTexts("h3")).toEqual([
        "Rhythm",
        "Health",
        "Likely to stop buying",
        "Worth",
        "Compared with other customers",
        "What they usually buy",
        "How to reach them",
    ]);
    expect(".o_hc_health").toHaveText(/42\s*of 100\s*Needs care\s*down 17 in three months/);
    expect(".o_hc_risk").toHaveText(/68%\s*High/);
    expect(".o_hc_value").toHaveText(/1,500\s*between 1,200 and 1,900\s*About 11 purchases\./);
    expect(queryAllTexts(".o_hc_rfm dd")).toEqual(["2 of 5", "5 of 5", "4 of 5"]);
    expect(".o_hc_channel_pref").toHaveText(/E-mail\s*— they said so, May 3 · Sam/);
    expect(".o_hc_channel_pref").toHaveText(/Phone\s*— learned: answers calls/);
    expect(".o_hc_call").toHaveAttribute("href", "tel:+32 2 555 01 01");
    expect(".o_hc_insight_foot").toHaveText(/Worked out on 11\/20\/2026.* for Shop\./);
    expect(".o_hc_missing").toHaveCount(0);
});

test("what the sentences said is not said again below", async () => {
    const { risk, value } = FULL;
    onRead(() =>
        insight({
            ...FULL,
            sentences: [
                { key: "risk", text: risk.text, tone: "danger" },
                { key: "value", text: value.text, tone: "info" },
            ],
        })
    );
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_risk").not.toHaveText(/stayed away/);
    expect(".o_hc_value p").toHaveText("11 purchases expected within 365 days.");
});

test("reasons: risk strongest first; a sign and a word say what the colour says", async () => {
    onRead(() => insight(FULL));
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(queryAllTexts(".o_hc_risk .o_hc_reason_words")).toEqual([
        "Overdue 39 days",
        "Steady 4 times",
    ]);
    expect(queryAllTexts(".o_hc_risk .o_hc_reason_effect")).toEqual([
        "raises the risk",
        "lowers the risk",
    ]);
    expect(queryAllTexts(".o_hc_health .o_hc_reason_effect")).toEqual([
        "hurts",
        "helps",
        "no effect",
    ]);
    expect(".o_hc_risk .o_hc_reason:first .fa-minus-circle").toHaveCount(1);
    expect(".o_hc_health .o_hc_reason:nth-child(2) .fa-plus-circle").toHaveCount(1);
    expect(queryFirst(".o_hc_health .o_hc_reason_bar span").style.width).toBe("50%");
    // a reason without records is no button
    expect(".o_hc_health .o_hc_reason:last-child button").toHaveCount(0);
});

test("every reason and product opens what is behind it, by mouse and by key", async () => {
    mockActions();
    onRead(() => insight(FULL));
    await mountTab();
    await contains(".o_hc_risk .o_hc_reason button").click();
    await contains(".o_hc_health .o_hc_reason:nth-child(2) button").click();
    queryOne(".o_hc_usual button").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([
        "read 501",
        ["sale.order", [["id", "in", [4, 5]]]],
        ["hc.interaction", 7],
        ["product.product", 9],
    ]);
});

test("the rhythm strip: dots as big as the money, today, and the next one hollow", async () => {
    onRead(() => insight(FULL));
    await mountTab();
    expect.verifySteps(["read 501"]);
    const dots = queryAll(".o_hc_rhythm_dot");
    expect(dots).toHaveLength(4);
    expect(Number(dots[1].getAttribute("r"))).toBeGreaterThan(Number(dots[0].getAttribute("r")));
    const x = (selector) => parseFloat(queryFirst(selector).getAttribute("cx"));
    // expected three weeks after the last, and both before today
    expect(x(".o_hc_rhythm_next")).toBeGreaterThan(parseFloat(dots[3].getAttribute("cx")));
    expect(x(".o_hc_rhythm_next")).toBeLessThan(
        parseFloat(queryFirst(".o_hc_rhythm_today").getAttribute("x1"))
    );
    expect(".o_hc_rhythm_late").toHaveCount(1);
    expect(".o_hc_rhythm svg").toHaveAttribute("role", "img");
    expect(".o_hc_rhythm svg").toHaveAttribute(
        "aria-label",
        "Purchases on a line of time: 4, from Jul 20 to Sep 21. The next one was or is expected on Oct 12."
    );
    await contains(".o_hc_rhythm_text summary").click();
    expect(queryAllTexts(".o_hc_rhythm_text li")).toEqual([
        "Sep 21: 100.00",
        "Aug 31",
        "Aug 10: 400.00",
        "Jul 20: 100.00",
    ]);
    expect(".o_hc_spark").toHaveAttribute(
        "aria-label",
        "Health by month: Sep 2026 60, Oct 2026 59, Nov 2026 42"
    );
});

test("a customer of ten thousand purchases: the last ones are drawn, and it is said", async () => {
    const days = Array.from({ length: 10000 }, (_, i) => ({
        date: luxon.DateTime.fromISO("1999-07-06").plus({ days: i }).toISODate(),
        amount: 10,
    }));
    onRead(() => insight({ ...FULL, rhythm: { ...FULL.rhythm, days } }));
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_rhythm_dot").toHaveCount(36);
    expect(".o_hc_rhythm figcaption").toHaveText(/The last 36 are shown; 9964 are older\./);
});

test("where it is not known, it is said", async () => {
    onRead(() => insight());
    await mountTab({ resId: 502 });
    expect.verifySteps(["read 502"]);
    expect(queryAllTexts(".o_hc_missing")).toEqual([
        "Not enough history to say: needs a rhythm.",
        "Not enough history to say: needs about 100 customers.",
        "Not enough history to say: needs about 500 customers.",
        "Not enough history to say: too few messages and calls so far. Ask them?",
    ]);
    expect(".o_hc_rhythm, .o_hc_rfm, .o_hc_usual, .o_hc_call").toHaveCount(0);
});

test("who may not see all purchases gets the reasons they may see, and is told", async () => {
    const [, feeling] = FULL.health.factors;
    onRead(() =>
        insight({
            access: "partial",
            health: { missing: "Counts purchases you do not see.", factors: [feeling] },
            value: { missing: "" },
            left_out: "Colleagues sell here too.",
        })
    );
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_left_out").toHaveText("Colleagues sell here too.");
    expect(".o_hc_health .o_hc_missing").toHaveText("Counts purchases you do not see.");
    expect(queryAllTexts(".o_hc_health .o_hc_reason_words")).toEqual(["Feeling happy"]);
    expect(".o_hc_value").toHaveCount(0);
});

test("no purchase at all is said once", async () => {
    onRead(() => insight({ empty: "No purchase yet." }));
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_insight_empty").toHaveText("No purchase yet.");
    expect(".o_hc_health, .o_hc_risk, .o_hc_value").toHaveCount(0);
    expect(".o_hc_state_channel").toHaveText("Note what they told us");
});

test("who asked not to be profiled is not", async () => {
    mockActions();
    onRead(() => insight({ access: "optout", empty: "Asked for it on 3 May." }));
    await mountTab();
    expect(".o_hc_optout").toHaveText(/Asked for it on 3 May\./);
    expect("h3, .o_hc_reason, .o_hc_insight_foot").toHaveCount(0);
    await contains(".o_hc_profiling").click();
    expect.verifySteps(["read 501", ["action_hc_profiling", "res.partner", [501]]]);
});

test("log, state a channel, quote: the form is saved before", async () => {
    mockActions();
    onRead(() => insight(FULL));
    onRpc("customer", "web_save", ({ args }) => expect.step(args[1]));
    await mountTab();
    await contains("[name=name] input").edit("Azure Interior");
    await contains(".o_hc_new_quotation").click();
    await contains(".o_hc_insight_log").click();
    await contains(".o_hc_state_channel").click();
    expect.verifySteps([
        "read 501",
        { name: "Azure Interior" },
        ["sale.order", { default_partner_id: 501 }],
        ["action_hc_log_interaction", "res.partner", [501]],
        ["action_hc_state_channel", "res.partner", [501]],
    ]);
});

test("a failure breaks nothing and can be tried again; a late answer is dropped", async () => {
    let failing = true;
    const late = new Deferred();
    onRead(async (id) => {
        if (failing) {
            throw new Error("down");
        }
        if (id === 501) {
            await late;
        }
        return insight({ sentences: [{ key: "a", text: `About ${id}`, tone: "info" }] });
    });
    await mountTab({ resIds: [501, 502] });
    expect(".o_hc_insight").toHaveText(/could not be read/);
    failing = false;
    await contains(".o_hc_retry").click();
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(queryAllTexts(".o_hc_sentences li")).toEqual(["About 502"]);
    late.resolve();
    await animationFrame();
    expect(queryAllTexts(".o_hc_sentences li")).toEqual(["About 502"]);
    expect.verifySteps(["read 501", "read 501", "read 502"]);
});

test("a new customer is to be saved first", async () => {
    onRead(() => insight());
    await mountTab({ resId: false });
    expect(".o_hc_insight").toHaveText(/Save first/);
    expect.verifySteps([]);
});
