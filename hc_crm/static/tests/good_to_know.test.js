import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
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
class Fact extends models.Model {
    _name = "hc.fact";
    partner_id = fields.Many2one({ relation: "customer" });
    text = fields.Char();
    _records = [{ id: 7, partner_id: 501, text: "Allergic to nuts" }];
    _views = { form: `<form><field name="partner_id"/><field name="text"/></form>` };
}
class Address extends models.Model {
    _name = "hc.partner.email";
    partner_id = fields.Many2one({ relation: "customer" });
    email = fields.Char();
    _records = [{ id: 3, partner_id: 501, email: "azure@home.example" }];
    _views = { form: `<form><field name="partner_id"/><field name="email"/></form>` };
}

defineMailModels();
defineModels([Customer, Fact, Address]);

const FACTS = [
    {
        id: 7,
        kind: "access",
        kind_label: "Accessibility need",
        text: "Allergic to <b>nuts</b>",
        date_label: false,
        is_sensitive: true,
        purpose_label: "For their safety",
        source_label: "They told us",
        until: "12/31/2027",
    },
    {
        id: 8,
        kind: "milestone",
        kind_label: "Milestone",
        text: "Birthday",
        date_label: "12 March",
        is_sensitive: false,
        purpose_label: "To greet or give a present",
        source_label: "We noticed",
        until: false,
    },
];
const EMAILS = [{ id: 3, email: "azure@home.example", label: "private" }];

function onRead(answer = () => ({ facts: FACTS, emails: EMAILS })) {
    onRpc("res.partner", "hc_get_good_to_know", ({ args }) => {
        expect.step(`read ${args[0]}`);
        return answer(args[0][0]);
    });
}

async function mountTab(params = {}) {
    await mountView({
        type: "form",
        resModel: "customer",
        resId: 501,
        arch: `<form><field name="name"/><widget name="hc_good_to_know"/></form>`,
        ...params,
    });
    await animationFrame();
}

test("nothing is read before the tab is opened", async () => {
    onRead();
    await mountTab({
        arch: `<form><notebook>
            <page name="first" string="First"><field name="name"/></page>
            <page name="second" string="Second"><widget name="hc_good_to_know"/></page>
        </notebook></form>`,
    });
    expect.verifySteps([]);
    await contains(".o_notebook a[name=second]").click();
    await animationFrame();
    expect.verifySteps(["read 501"]);
    expect(".o_hc_fact").toHaveCount(2);
});

test("tells each fact with its kind, day, reason, source and end", async () => {
    onRead();
    await mountTab();
    expect.verifySteps(["read 501"]);
    expect(queryAllTexts(".o_hc_fact .stretched-link")).toEqual([
        "Allergic to <b>nuts</b>",
        "Birthday",
    ]);
    expect(queryAllTexts(".o_hc_fact .text-muted")).toEqual([
        "Accessibility need · For their safety · They told us · until 12/31/2027",
        "Milestone · To greet or give a present · We noticed",
    ]);
    expect(".o_hc_fact:first .fa-wheelchair").toHaveCount(1);
    expect(".o_hc_fact:first .o_hc_sensitive:has(.fa-lock)").toHaveText("sensitive");
    expect(".o_hc_sensitive").toHaveCount(1);
    expect(".o_hc_fact:last").toHaveText(/Birthday · 12 March/);
    expect(".o_hc_greet").toHaveCount(1);
    expect(".o_hc_fact:first .o_hc_remove").toHaveAttribute(
        "aria-label",
        "Delete: Allergic to <b>nuts</b>"
    );
    expect(".o_hc_email").toHaveText(/azure@home\.example · private/);
});

test("a customer with nothing noted, and a failure that can be tried again", async () => {
    let failing = true;
    onRead(() => {
        if (failing) {
            throw new Error("down");
        }
        return { facts: [], emails: [] };
    });
    await mountTab();
    expect(".o_hc_good_to_know").toHaveText(/could not be read/);
    failing = false;
    await contains(".o_hc_retry").click();
    await animationFrame();
    expect(".o_hc_no_fact").toHaveText(/Nothing noted yet/);
    expect(".o_hc_fact, .o_hc_email").toHaveCount(0);
    expect.verifySteps(["read 501", "read 501"]);
});

test("a new contact is to be saved first; then the tab is there", async () => {
    onRead(() => ({ facts: [], emails: [] }));
    await mountTab({ resId: false });
    expect(".o_hc_good_to_know").toHaveText(/Save the contact first/);
    expect(".o_hc_good_to_know button").toHaveCount(0);
    expect.verifySteps([]);
    await contains("[name=name] input").edit("New one");
    await contains(".o_form_button_save").click();
    await animationFrame();
    expect(".o_hc_add_fact").toHaveCount(1);
    expect.verifySteps(["read 503"]);
});

test("the pager brings the next customer; a late answer about the one before is dropped", async () => {
    const late = new Deferred();
    onRead(async (id) => {
        if (id === 501) {
            await late;
        }
        return { facts: [{ ...FACTS[1], text: `About ${id}` }], emails: [] };
    });
    await mountTab({ resIds: [501, 502] });
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(queryAllTexts(".o_hc_fact .stretched-link")).toEqual(["About 502"]);
    late.resolve();
    await animationFrame();
    expect(queryAllTexts(".o_hc_fact .stretched-link")).toEqual(["About 502"]);
    expect.verifySteps(["read 501", "read 502"]);
});

test("add a fact: the form is saved before, and read again after", async () => {
    onRead();
    onRpc("customer", "web_save", ({ args }) => expect.step(["save customer", args[1]]));
    onRpc("customer", "web_read", () => expect.step("read form"));
    onRpc("hc.fact", "web_save", ({ args }) => expect.step(["save fact", args[1]]));
    await mountTab();
    await contains("[name=name] input").edit("Azure Interior");
    expect.verifySteps(["read form", "read 501"]);
    await contains(".o_hc_add_fact").click();
    await contains(".modal [name=text] input").edit("Green tea");
    await contains(".modal .o_form_button_save").click();
    await animationFrame();
    expect.verifySteps([
        ["save customer", { name: "Azure Interior" }],
        ["save fact", { partner_id: 501, text: "Green tea" }],
        "read form",
        "read 501",
    ]);
    expect(".modal").toHaveCount(0);
});

test("Enter on a fact opens it, on an address the address", async () => {
    onRead();
    await mountTab();
    queryOne(".o_hc_fact .stretched-link:first").focus();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".modal [name=text] input").toHaveValue("Allergic to nuts");
    await contains(".modal .o_form_button_cancel").click();
    await contains(".o_hc_email .stretched-link").click();
    expect(".modal [name=email] input").toHaveValue("azure@home.example");
    expect.verifySteps(["read 501", "read 501"]);
});

test("deleting asks first, and leaves the keyboard at the list", async () => {
    let emails = EMAILS;
    onRead(() => ({ facts: FACTS, emails }));
    onRpc("hc.partner.email", "unlink", ({ args }) => {
        expect.step(["unlink", args[0]]);
        emails = [];
        return true;
    });
    await mountTab();
    await contains(".o_hc_email .o_hc_remove").click();
    await contains(".modal button:contains(No, keep it)").click();
    expect.verifySteps(["read 501"]);
    await contains(".o_hc_email .o_hc_remove").click();
    await contains(".modal button:contains(Delete)").click();
    await animationFrame();
    expect.verifySteps([["unlink", [3]], "read 501"]);
    expect(".o_hc_email").toHaveCount(0);
    expect(".o_hc_add_email").toBeFocused();
});

test("a greeting is sent for the milestone", async () => {
    onRead();
    mockService("action", {
        doActionButton({ name, resModel, resIds }) {
            expect.step([name, resModel, resIds]);
        },
    });
    await mountTab();
    await contains(".o_hc_greet").click();
    expect.verifySteps(["read 501", ["action_send_greeting", "hc.fact", [8]]]);
});
