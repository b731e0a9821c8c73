import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
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

class Segment extends models.Model {
    name = fields.Char();
    domain = fields.Char();
    level = fields.Selection({
        selection: [
            ["customer", "Customers only"],
            ["contact", "With contacts"],
        ],
    });
    company_id = fields.Many2one({ relation: "res.company" });
    _records = [
        { id: 1, name: "Silent", domain: "[('a', '=', 1)]", level: "customer" },
        { id: 2, name: "Empty", domain: "[]", level: "customer" },
    ];
}

defineMailModels();
defineModels([Segment]);

const ROSA = { id: 7, name: "Rosa <b>", why: "no order for 74 days" };
const AZURE = { id: 8, name: "Azure", why: "no order for 80 days" };

function answer(values = {}) {
    return { count: 2, customers: [ROSA, AZURE], words: "Status is Late", error: false, ...values };
}

async function mountPreview(resId = 1) {
    await mountView({
        type: "form",
        resModel: "segment",
        resId,
        arch: `<form>
            <field name="name"/><field name="domain"/><field name="level"/>
            <widget name="hc_segment_preview"/>
        </form>`,
    });
    await animationFrame();
}

test("tells how many, who and why; a click opens the customer", async () => {
    onRpc("hc.segment", "hc_preview", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.level, kwargs.company_id]);
        return answer({ count: 12 });
    });
    mockService("action", {
        doAction: (action) => expect.step([action.res_model, action.res_id]),
    });
    await mountPreview();
    expect.verifySteps([["[('a', '=', 1)]", "customer", false]]);
    expect(".o_hc_segment_count").toHaveText("12 customers today");
    expect(".o_hc_segment_preview").toHaveText(/Status is Late/);
    expect(queryAllTexts(".o_hc_segment_sample button")).toEqual(["Rosa <b>", "Azure"]);
    expect(queryAllTexts(".o_hc_segment_why")).toEqual([
        "no order for 74 days",
        "no order for 80 days",
    ]);
    expect(".o_hc_segment_preview").toHaveText(/and 10 more/);
    await contains(".o_hc_segment_sample button").click();
    expect.verifySteps([["res.partner", 7]]);
});

test("follows the conditions while they are edited, without asking at every letter", async () => {
    onRpc("hc.segment", "hc_preview", ({ args }) => {
        expect.step(args[0]);
        return answer({ count: 1, customers: [ROSA] });
    });
    await mountPreview();
    expect.verifySteps(["[('a', '=', 1)]"]);
    await contains(".o_field_widget[name=domain] input").edit("[('a', '=', 2)]");
    await contains(".o_field_widget[name=domain] input").edit("[('a', '=', 3)]");
    expect.verifySteps([]);
    await advanceTime(500);
    expect.verifySteps(["[('a', '=', 3)]"]);
    expect(".o_hc_segment_count").toHaveText("1 customer today");
    // a new name asks nothing
    await contains(".o_field_widget[name=name] input").edit("Other");
    await advanceTime(500);
    expect.verifySteps([]);
});

test("a late answer to the last question is dropped", async () => {
    const answers = {};
    onRpc("hc.segment", "hc_preview", ({ args }) => (answers[args[0]] = new Deferred()));
    await mountPreview();
    await contains(".o_field_widget[name=domain] input").edit("new");
    await advanceTime(500);
    answers.new.resolve(answer({ count: 5 }));
    await animationFrame();
    answers["[('a', '=', 1)]"].resolve(answer({ count: 99 }));
    await animationFrame();
    expect(".o_hc_segment_count").toHaveText("5 customers today");
});

test("what is wrong with the conditions is said in words", async () => {
    onRpc("hc.segment", "hc_preview", () =>
        answer({ count: false, customers: [], error: "contacts do not have “nope”" })
    );
    await mountPreview();
    expect(".o_hc_segment_error").toHaveText("contacts do not have “nope”");
    expect(".o_hc_segment_error").toHaveAttribute("role", "alert");
    expect(".o_hc_segment_count").toHaveCount(0);
});

test("nothing asked yet, and nobody found, are said", async () => {
    onRpc("hc.segment", "hc_preview", ({ args }) =>
        answer({ count: args[0] === "[]" ? false : 0, customers: [], words: "" })
    );
    await mountPreview(2);
    expect(".o_hc_segment_preview").toHaveText("Add a condition, and you see here who is in.");
    await contains(".o_field_widget[name=domain] input").edit("x");
    await advanceTime(500);
    await animationFrame();
    expect(".o_hc_segment_count").toHaveText("0 customers today");
    expect(".o_hc_segment_preview").toHaveText(/Nobody you may see matches/);
});

test("an error does not break the form and can be retried", async () => {
    let broken = true;
    onRpc("hc.segment", "hc_preview", () => {
        if (broken) {
            throw new Error("boom");
        }
        return answer();
    });
    await mountPreview();
    await animationFrame();
    expect(".o_hc_segment_preview").toHaveText(/could not be read/);
    broken = false;
    await contains(".o_hc_segment_preview button").click();
    await animationFrame();
    expect(".o_hc_segment_count").toHaveText("2 customers today");
});
