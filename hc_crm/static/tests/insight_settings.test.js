import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");

class Config extends models.Model {
    _name = "hc.insight.config";
    company_id = fields.Many2one({ relation: "res.company" });
    health_weight_rhythm = fields.Float();
    health_weight_trend = fields.Float();
    health_weight_engagement = fields.Float();
    health_weight_feeling = fields.Float();
    health_weight_care = fields.Float();
    health_low = fields.Float();
    health_high = fields.Float();
    _records = [
        {
            id: 1,
            company_id: 1,
            health_weight_rhythm: 3,
            health_weight_trend: 2,
            health_weight_engagement: 2,
            health_weight_feeling: 2,
            health_weight_care: 1,
            health_low: 40,
            health_high: 70,
        },
    ];
}

defineMailModels();
defineModels([Config]);

function preview(values = {}) {
    return {
        customers: [
            {
                partner_id: 7,
                name: "Azure",
                before: 64.4,
                after: 75,
                band_before: "middle",
                band_after: "high",
            },
            {
                partner_id: 8,
                name: "Gemini",
                before: 40,
                after: 31,
                band_before: "low",
                band_after: "low",
            },
        ],
        bands: { before: { low: 1, middle: 1, high: 0 }, after: { low: 1, middle: 0, high: 1 } },
        error: false,
        ...values,
    };
}

function mountConfig(widget) {
    return mountView({
        type: "form",
        resModel: "hc.insight.config",
        resId: 1,
        arch: `<form>
            <field name="health_weight_rhythm"/>
            <widget name="${widget}"/>
        </form>`,
    });
}

test("other weights show other scores of real customers before anything is saved", async () => {
    onRpc("hc.insight.config", "hc_preview_health", ({ args }) => {
        expect.step(args);
        return preview();
    });
    onRpc("hc.insight.config", "web_save", () => expect.step("saved"));
    await mountConfig("hc_health_preview");
    await animationFrame();
    const weights = { rhythm: 3, trend: 2, engagement: 2, feeling: 2, care: 1 };
    expect.verifySteps([[weights, 8, 40, 70]]);
    expect(queryAllTexts(".o_hc_preview_table tbody tr")).toEqual([
        "Azure 64 75 +11 Thriving (now Steady)",
        "Gemini 40 31 −9 Needs care",
    ]);
    expect(queryAllTexts(".o_hc_bands > div")).toEqual([
        "Thriving\n1 (now 0)",
        "Steady\n0 (now 1)",
        "Needs care\n1 (now 1)",
        "Not enough history\n0 (now 0)",
    ]);
    await contains("[name=health_weight_rhythm] input").edit("5");
    await contains("[name=health_weight_rhythm] input").edit("0");
    await advanceTime(500);
    await animationFrame();
    // asked once, for the last of them
    expect.verifySteps([[{ ...weights, rhythm: 0 }, 8, 40, 70]]);
    // once saved, "now" is another
    await contains(".o_form_button_save").click();
    await advanceTime(500);
    await animationFrame();
    expect.verifySteps(["saved", [{ ...weights, rhythm: 0 }, 8, 40, 70]]);
});

test("weights that sum to zero, or are none, are told in words; then it goes on", async () => {
    const answers = [
        () => preview(),
        () => preview({ customers: [], error: "The weights sum to zero." }),
        () => {
            throw makeServerError({ message: "A weight must be a number from 0 to 1000." });
        },
        () => preview(),
    ];
    onRpc("hc.insight.config", "hc_preview_health", () => answers.shift()());
    await mountConfig("hc_health_preview");
    await animationFrame();
    const type = async (value) => {
        await contains("[name=health_weight_rhythm] input").edit(value);
        await advanceTime(500);
        await animationFrame();
    };
    await type("0");
    expect(".o_hc_preview_error[role=alert]").toHaveText("The weights sum to zero.");
    expect(".o_hc_preview_table").toHaveCount(0);
    await type("-4");
    expect(".o_hc_preview_error").toHaveText("A weight must be a number from 0 to 1000.");
    await type("3");
    expect(".o_hc_preview_error").toHaveCount(0);
    expect(".o_hc_preview_table tbody tr").toHaveCount(2);
});

test("no customer with a score yet", async () => {
    onRpc("hc.insight.config", "hc_preview_health", () =>
        preview({ customers: [], bands: { before: {}, after: {} } })
    );
    await mountConfig("hc_health_preview");
    await animationFrame();
    expect(".o_hc_preview_empty").toHaveText(/No customer has a health score yet/);
});

test("run now saves what was typed, shows how far it is, and reads the form again", async () => {
    const progress = [
        { id: 1, state: "failed", error: "Out of memory", progress: 10, customers: 0 },
        { id: 2, state: "done", progress: 100, customers: 1234 },
    ];
    onRpc("hc.insight.run", "hc_get_progress", ({ args }) => {
        expect.step(`progress ${args[0]}`);
        return progress.shift();
    });
    onRpc("hc.insight.config", "action_run", ({ args }) => {
        expect.step(`run ${args[0]}`);
        return { id: 2, state: "running", phase: "", progress: 5, customers: 0 };
    });
    onRpc("hc.insight.config", "web_save", ({ args }) => expect.step(args[1]));
    onRpc("hc.insight.config", "web_read", () => expect.step("form read"));
    await mountConfig("hc_run_progress");
    await animationFrame();
    expect.verifySteps(["form read", "progress 1"]);
    expect(".o_hc_run_text").toHaveText("The last run failed: Out of memory");
    expect("[role=progressbar]").toHaveCount(0);
    await contains("[name=health_weight_rhythm] input").edit("4");
    await contains(".o_hc_run_now").click();
    await animationFrame();
    expect.verifySteps([{ health_weight_rhythm: 4 }, "run 1"]);
    expect(".o_hc_run_text").toHaveText("5%");
    await advanceTime(2000);
    await animationFrame();
    await animationFrame();
    expect(".o_hc_run_text").toHaveText(/Done: 1234 customers\./);
    expect.verifySteps(["progress 1", "form read"]);
});

test("a question without an answer ends nothing: it is asked again while the run goes on", async () => {
    const answers = [
        () => ({ id: 2, state: "running", progress: 5, customers: 0 }),
        () => {
            throw new Error("down");
        },
        () => ({ id: 2, state: "left", progress: 5, customers: 0 }),
    ];
    onRpc("hc.insight.run", "hc_get_progress", () => answers.shift()());
    await mountConfig("hc_run_progress");
    await animationFrame();
    await advanceTime(2000);
    await animationFrame();
    expect(".o_hc_run").toHaveText(/could not be read/);
    await advanceTime(2000);
    await animationFrame();
    expect(".o_hc_run_text").toHaveText("Another run was at it already.");
});
