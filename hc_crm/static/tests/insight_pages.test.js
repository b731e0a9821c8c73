import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");
defineMailModels();

const DECILES = Array.from({ length: 10 }, (_, i) => ({
    decile: i + 1,
    customers: 30,
    predicted: 0.08 * (i + 1),
    actual: 0.07 * (i + 1),
    rule: 0.05 * (i + 1),
}));

function accuracy(values = {}) {
    return {
        company: "Shop",
        run: { id: 1, date: "2026-11-20 02:00:00", kind: "full" },
        sentence: "Of 100 customers rated like this, 74 bought.",
        method: "rule",
        method_text: "The one-line rule was better and is used.",
        sample: 300,
        horizon_days: 180,
        cutoff: "2026-05-20",
        auc: { model: 0.74, rule: 0.77, used: 0.77 },
        correlation: { model: 0.6, rule: null },
        total: { predicted: 512.4, actual: 530, rule: 610 },
        calibration_error: 0.034,
        deciles: DECILES,
        value_deciles: [],
        warnings: ["Sales depend on the season."],
        history: [{ date: "2026-11-13 02:00:00", auc: 0.7, method: "model" }],
        ...values,
    };
}

function onAccuracy(answer) {
    onRpc("hc.insight.run", "hc_get_accuracy", ({ args }) => {
        expect.step(`accuracy ${args[0]}`);
        return answer();
    });
    onRpc("hc.insight.config", "action_open", () => ({ res_id: 5 }));
}

async function openPage(tag) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag });
    await animationFrame();
}

test("accuracy: one sentence, the method used, what happened beside what was predicted", async () => {
    onAccuracy(() => accuracy());
    await openPage("hc_insight.accuracy");
    expect.verifySteps(["accuracy 1"]);
    expect(".o_hc_accuracy_sentence").toHaveText("Of 100 customers rated like this, 74 bought.");
    expect(".o_hc_accuracy_method").toHaveText(/One-line rule\s*The one-line rule was better/);
    expect(".o_hc_accuracy_warning").toHaveText("Sales depend on the season.");
    expect(".o_hc_accuracy").toHaveText(
        /as if it were May 20, 2026, for the 180 days after it; 300/
    );
    expect(".o_hc_predicted").toHaveCount(10);
    expect(".o_hc_actual").toHaveCount(10);
    expect(".o_hc_rule").toHaveCount(10);
    const heights = queryAll(".o_hc_actual").map((el) => parseFloat(el.getAttribute("height")));
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(heights[9]).toBeLessThan(
        parseFloat(queryAll(".o_hc_predicted")[9].getAttribute("height"))
    );
    expect(".o_hc_deciles svg").toHaveAttribute("role", "img");
    expect(queryAllTexts(".o_hc_decile_table tbody tr:last-child > *")).toEqual([
        "10",
        "30",
        "80%",
        "70%",
        "50%",
    ]);
    expect(queryAllTexts(".o_hc_compare tbody tr")).toEqual([
        "Told apart who buys again 74% 77%",
        "Correlation with what was bought 0.60 –",
        "Purchases in total 512 610 530",
    ]);
    expect(".o_hc_history tbody tr").toHaveText(/Nov 13, 2026\s*70%\s*Model/);
    expect(".o_hc_accuracy").toHaveText(/off by 3\.4 points/);
    // runs are begun by who may change the settings
    expect(".o_hc_run_now").toHaveCount(0);
});

test("accuracy: nothing yet says how to begin; a run is followed to its end", async () => {
    let answer = { empty: "Not worked out yet.", can_run: true };
    const progress = [
        false,
        { id: 2, state: "running", phase: "Fitting", progress: 41.7, customers: 0 },
        { id: 2, state: "done", progress: 100, customers: 300 },
    ];
    onAccuracy(() => answer);
    onRpc("hc.insight.run", "hc_get_progress", () => {
        expect.step("progress");
        return progress.shift();
    });
    onRpc("hc.insight.config", "action_run", ({ args }) => {
        expect.step(`run ${args[0]}`);
        return { id: 2, state: "waiting", phase: "Waiting", progress: 0, customers: 0 };
    });
    await openPage("hc_insight.accuracy");
    expect.verifySteps(["accuracy 1", "progress"]);
    expect(".o_hc_accuracy_empty").toHaveText(/Not worked out yet\.\s+Here will stand/);
    expect(".o_hc_run_text").toHaveText("Nothing was worked out yet.");
    await contains(".o_hc_run_now").click();
    await animationFrame();
    expect(".o_hc_run_text").toHaveText("Waiting");
    expect(".o_hc_run_now").not.toBeEnabled();
    expect.verifySteps(["run 5"]);
    await advanceTime(2000);
    await animationFrame();
    expect(".o_hc_run_text").toHaveText("42% · Fitting");
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "42");
    answer = accuracy({ warnings: [], can_run: true });
    await advanceTime(2000);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["progress", "progress", "accuracy 1", "progress"]);
    expect(".o_hc_decile_table").toHaveCount(1);
    // nothing is asked any more
    await advanceTime(10000);
    expect.verifySteps([]);
});

test("accuracy: an error can be tried again", async () => {
    let failing = true;
    onAccuracy(() => {
        if (failing) {
            throw new Error("down");
        }
        return accuracy();
    });
    await openPage("hc_insight.accuracy");
    expect(".o_hc_accuracy").toHaveText(/could not be read/);
    failing = false;
    await contains(".o_hc_retry").click();
    await animationFrame();
    expect(".o_hc_accuracy_sentence").toHaveCount(1);
    expect.verifySteps(["accuracy 1", "accuracy 1"]);
});

const RETENTION = {
    periods: ["First", "+1", "+2"],
    empty: false,
    cohorts: [
        {
            label: "Q2 2026",
            start: "2026-04-01",
            size: 20,
            cells: [
                { index: 0, customers: 20, share: 1, domain: [["id", "=", 1]] },
                { index: 1, customers: 10, share: 0.5, domain: [["id", "=", 2]] },
                { index: 2, customers: 0, share: 0, domain: [["id", "=", 3]] },
            ],
        },
        {
            label: "Q3 2026",
            start: "2026-07-01",
            size: 4,
            cells: [{ index: 0, customers: 4, share: 1, domain: [["id", "=", 4]] }],
        },
    ],
};

test("retention: a cell opens its customers; what is still ahead is no cell", async () => {
    onRpc("hc.customer.insight", "hc_get_retention", ({ args }) => {
        expect.step(args[0]);
        return RETENTION;
    });
    await openPage("hc_insight.retention");
    patchWithCleanup(getService("action"), {
        doAction({ name, domain }) {
            expect.step([name, domain]);
        },
    });
    expect.verifySteps(["quarter"]);
    expect(queryAllTexts(".o_hc_cohorts thead th")).toEqual([
        "First bought",
        "Customers",
        "First",
        "+1",
        "+2",
    ]);
    expect(queryAllTexts(".o_hc_cohort_cell")).toEqual(["100%", "50%", "0%", "100%"]);
    expect(".o_hc_cohort_cell:eq(1)").toHaveAttribute(
        "aria-label",
        "10 of 20 customers of Q2 2026: 50%"
    );
    expect(".o_hc_cohort_cell:eq(2)").not.toBeEnabled();
    await contains(".o_hc_cohort_cell:eq(1)").click();
    expect.verifySteps([["Q2 2026 · +1", [["id", "=", 2]]]]);
    expect("button[aria-pressed=true]").toHaveText("By quarter");
    await contains("button:contains(By month)").click();
    await animationFrame();
    expect.verifySteps(["month"]);
    expect("button[aria-pressed=true]").toHaveText("By month");
});

test("retention: nobody bought yet", async () => {
    onRpc("hc.customer.insight", "hc_get_retention", () => ({
        periods: [],
        cohorts: [],
        empty: "No purchase yet.",
    }));
    await openPage("hc_insight.retention");
    expect(".o_hc_retention_empty").toHaveText(/No purchase yet\./);
    expect("table").toHaveCount(0);
    // nobody in these quarters need not mean nobody in other periods
    expect("button[aria-pressed=true]").toHaveText("By quarter");
});

test("the darkest cell keeps the contrast of AA", async () => {
    onRpc("hc.customer.insight", "hc_get_retention", () => RETENTION);
    await openPage("hc_insight.retention");
    const luminance = (color) => {
        const [r, g, b] = color
            .match(/[\d.]+/g)
            .slice(0, 3)
            .map((value) => value / 255)
            .map((value) =>
                value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4)
            );
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const cell = getComputedStyle(queryFirst(".o_hc_cohort_cell"));
    const [r, g, b, a] = cell.backgroundColor.match(/[\d.]+/g).map(Number);
    const onWhite = [r, g, b].map((value) => a * value + (1 - a) * 255);
    const light = luminance(onWhite.join(","));
    expect((light + 0.05) / (luminance(cell.color) + 0.05)).toBeGreaterThan(4.5);
});
