import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
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
    _records = [
        { id: 501, name: "Azure" },
        { id: 502, name: "Gemini" },
    ];
}
class Order extends models.Model {
    partner_id = fields.Many2one({ relation: "customer" });
    _records = [
        { id: 1, partner_id: 501 },
        { id: 2, partner_id: false },
    ];
}

defineMailModels();
defineModels([Customer, Order]);

function brief(id, values = {}) {
    return {
        partner: { id, name: `Customer ${id}`, is_company: false },
        persona: false,
        feeling: false,
        last_contact: false,
        promises: { open: 0, late: 0 },
        lines: [],
        ...values,
    };
}

const FULL = {
    persona: {
        id: 9,
        name: "Busy Professional Brenda",
        portrait_url: false,
        confidence: 0.82,
        source: "rule",
        reason: "Orders after eight in the evening",
    },
    feeling: {
        value: 1,
        label: "Happy",
        date: "2026-10-12 10:00:00",
        source_label: "Survey",
        res_model: "hc.interaction",
        res_id: 4,
    },
    last_contact: {
        date: "2026-11-08 10:00:00",
        days: 12,
        channel: "call",
        channel_label: "Phone Call",
        icon: "fa-phone",
        user_name: "Mitchell",
        res_model: "hc.interaction",
        res_id: 5,
    },
    promises: { open: 2, late: 1 },
    lines: [
        {
            kind: "promise",
            icon: "fa-handshake-o",
            tone: "danger",
            text: "Send <b>samples</b>",
            source: "Promise · due Tue",
            res_model: "hc.promise",
            res_id: 3,
        },
        {
            kind: "dont",
            icon: "fa-ban",
            tone: "info",
            text: "Not a word about the old shop",
            source: "Good to know",
            res_model: false,
            res_id: false,
        },
    ],
};

async function mountBrief(params = {}) {
    await mountView({
        type: "form",
        resModel: "order",
        resId: 1,
        arch: `<form>
            <field name="partner_id"/>
            <widget name="hc_brief" partner_field="partner_id" compact="1"/>
        </form>`,
        ...params,
    });
    await animationFrame();
}

beforeEach(() => {
    mockDate("2026-11-20 12:00:00", 0);
});

test("tells who, how they felt, the last contact and what is open", async () => {
    onRpc("res.partner", "hc_get_brief", ({ args }) => {
        expect.step(args);
        return brief(501, FULL);
    });
    mockService("action", {
        doAction(action, options) {
            expect.step(
                typeof action === "string"
                    ? [action, options.additionalContext.search_default_partner_id]
                    : [action.res_model, action.res_id]
            );
        },
    });
    await mountBrief();
    expect.verifySteps([[[501], "order", 1]]);
    expect(".o_hc_brief_head").toHaveText(/Busy Professional Brenda\s*82% sure/);
    expect(".o_hc_feeling").toHaveText(/Happy\s*Oct 12 · Survey/);
    expect(".o_hc_last").toHaveText("Last contact 12 days ago · Phone Call · Mitchell");
    expect(".o_hc_promises").toHaveText("2 promises open (1 late)");
    expect(queryAllTexts(".o_hc_brief_line")).toEqual([
        "Send <b>samples</b> Promise · due Tue",
        "Not a word about the old shop Good to know",
    ]);
    await contains(".o_hc_brief_line button").click();
    await contains(".o_hc_feeling").click();
    await contains(".o_hc_last").click();
    await contains(".o_hc_promises").click();
    expect.verifySteps([
        ["hc.promise", 3],
        ["hc.interaction", 4],
        ["hc.interaction", 5],
        ["hc_crm.hc_promise_action", 501],
    ]);
    onRpc("res.partner", "action_hc_persona_why", ({ args }) => {
        expect.step(args[0]);
        return { res_model: "res.partner", res_id: args[0][0] };
    });
    await contains(".o_hc_why").click();
    await animationFrame();
    expect.verifySteps([[501], ["res.partner", 501]]);
});

test("nothing to say is said on the customer, and takes no room elsewhere", async () => {
    onRpc("res.partner", "hc_get_brief", () => brief(501));
    await mountBrief();
    expect(".o_hc_brief").toHaveText("No contact yet");
    await mountBrief({
        resModel: "customer",
        resId: 501,
        arch: `<form><field name="name"/><widget name="hc_brief"/></form>`,
    });
    expect(".o_hc_brief_nothing").toHaveText("Nothing open. Say hello.");
});

test("no customer, no brief, no question to the server", async () => {
    onRpc("res.partner", "hc_get_brief", () => expect.step("asked"));
    await mountBrief({ resId: 2 });
    expect(".o_hc_brief").toHaveCount(0);
    expect.verifySteps([]);
});

test("follows the customer chosen in the form; a late answer for the last one is dropped", async () => {
    const answers = {};
    onRpc("res.partner", "hc_get_brief", ({ args }) => {
        answers[args[0][0]] = new Deferred();
        return answers[args[0][0]];
    });
    await mountBrief();
    await contains(".o_field_many2one input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Gemini)").click();
    await animationFrame();
    answers[502].resolve(brief(502, { promises: { open: 1, late: 0 } }));
    await animationFrame();
    expect(".o_hc_promises").toHaveText("1 promise open");
    answers[501].resolve(brief(501, FULL));
    await animationFrame();
    expect(".o_hc_promises").toHaveText("1 promise open");
});

test("an error does not break the form and can be retried", async () => {
    let broken = true;
    onRpc("res.partner", "hc_get_brief", () => {
        if (broken) {
            throw new Error("boom");
        }
        return brief(501, FULL);
    });
    await mountBrief();
    await animationFrame();
    expect(".o_hc_brief").toHaveText(/could not be read/);
    expect(".o_field_widget[name=partner_id]").toHaveCount(1);
    broken = false;
    await contains(".o_hc_brief button").click();
    expect(".o_hc_brief_line").toHaveCount(2);
});
