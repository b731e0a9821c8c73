import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels, mailModels } from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");

class Order extends models.Model {
    partner_id = fields.Many2one({ relation: "res.partner" });
    _records = [{ id: 1, partner_id: 501 }];
}

defineMailModels();
defineModels([Order]);

const CHIPS = [
    { key: "health", text: "Health 64 ↗", tone: "success", icon: "fa-heartbeat", title: "Up 5" },
    { key: "risk", text: "likely to stop buying", tone: "danger", icon: "", title: "68%" },
];

function onBrief(chips) {
    mailModels.ResPartner._records.push({ id: 501, name: "Azure" });
    onRpc("res.partner", "hc_get_brief", () => ({
        partner: { id: 501, name: "Azure", is_company: false },
        persona: false,
        feeling: false,
        last_contact: false,
        promises: { open: 0, late: 0 },
        lines: [],
        chips,
    }));
    onRpc("res.partner", "hc_get_insight", () => {
        expect.step("insight read");
        return { access: "optout", empty: "Nothing." };
    });
    onRpc("has_access", () => true);
}

const CUSTOMER = {
    type: "form",
    resModel: "res.partner",
    resId: 501,
    arch: `<form>
        <widget name="hc_brief"/>
        <notebook>
            <page name="hc_relationship" string="Relationship"><field name="name"/></page>
            <page name="hc_insight" string="Insight"><widget name="hc_insight"/></page>
        </notebook>
    </form>`,
};

test("a chip on the customer opens the Insight page beside it", async () => {
    onBrief(CHIPS);
    await mountView(CUSTOMER);
    await animationFrame();
    expect(queryAllTexts(".o_hc_chip")).toEqual(["Health 64 ↗", "likely to stop buying"]);
    expect(".o_hc_chip:first").toHaveAttribute("title", "Up 5");
    expect(".o_hc_chip_health .fa-heartbeat.text-success").toHaveCount(1);
    expect(".o_hc_chip_risk .fa.text-danger").toHaveCount(1);
    expect.verifySteps([]);
    await contains(".o_hc_chip_risk").click();
    await animationFrame();
    expect(".o_notebook a[name=hc_insight]").toHaveClass("active");
    expect(".o_notebook a[name=hc_insight]").toBeFocused();
    expect(".o_hc_optout").toHaveCount(1);
    expect.verifySteps(["insight read"]);
});

test("a chip on a document opens the customer, on the Insight page", async () => {
    onBrief(CHIPS);
    mockService("action", {
        doAction({ res_model, res_id, context }) {
            expect.step([res_model, res_id, context]);
        },
    });
    await mountView({
        type: "form",
        resModel: "order",
        resId: 1,
        arch: `<form>
            <field name="partner_id"/>
            <widget name="hc_brief" partner_field="partner_id" compact="1"/>
        </form>`,
    });
    await animationFrame();
    await contains(".o_hc_chip_health").click();
    expect.verifySteps([["res.partner", 501, { hc_open_page: "hc_insight" }]]);
});

test("the customer's form opens on the page that was asked for", async () => {
    onBrief(CHIPS);
    await mountView({ ...CUSTOMER, context: { hc_open_page: "hc_insight" } });
    await animationFrame();
    expect(".o_notebook a[name=hc_insight]").toHaveClass("active");
    expect.verifySteps(["insight read"]);
});

test("a page that this form does not have is no error", async () => {
    onBrief(CHIPS);
    await mountView({ ...CUSTOMER, context: { hc_open_page: "elsewhere" } });
    await animationFrame();
    expect(".o_notebook a[name=hc_relationship]").toHaveClass("active");
});

test("no figures, no chips", async () => {
    for (const chips of [[], undefined]) {
        onBrief(chips);
        await mountView(CUSTOMER);
        await animationFrame();
        expect(".o_hc_chips").toHaveCount(0);
    }
    expect(".o_hc_brief").toHaveCount(2);
});
