import { describe, expect, test } from "@odoo/hoot";
import { queryAllAttributes, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    serverState,
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
class Line extends models.Model {
    product_id = fields.Many2one({ relation: "customer" });
    _records = [{ id: 71, product_id: 501 }];
}
class Order extends models.Model {
    name = fields.Char({ required: true });
    partner_id = fields.Many2one({ relation: "customer" });
    order_line = fields.One2many({ relation: "line" });
    _records = [
        { id: 1, name: "S1", partner_id: 501, order_line: [71] },
        { id: 2, name: "S2", partner_id: false },
    ];
}

defineMailModels();
defineModels([Customer, Line, Order]);

function item(product_id, name, values = {}) {
    return {
        product_id,
        name,
        price: 29.5,
        currency_id: serverState.currencies?.[0]?.id || 1,
        image_url: `/web/image/product.product/${product_id}/image_128`,
        reason: `Bought with <b>Silk Tie</b> by 34 similar customers`,
        kind: "affinity",
        score: 0.5,
        ...values,
    };
}

function answer(items, values = {}) {
    return { items, empty: false, lines: [], can_add: false, can_quote: true, ...values };
}

const LINES = [{ product_id: 31, name: "Silk Tie" }];

async function mountOrder(params = {}) {
    await mountView({
        type: "form",
        resModel: "order",
        resId: 1,
        arch: `<form>
            <field name="name"/>
            <field name="partner_id"/>
            <notebook>
                <page string="Lines" name="lines">
                    <field name="order_line"><list><field name="product_id"/></list></field>
                </page>
                <page string="Suggestions" name="suggestions">
                    <widget name="hc_recommendations" partner_field="partner_id"/>
                </page>
            </notebook>
        </form>`,
        ...params,
    });
    await animationFrame();
}

async function mountCustomer(params = {}) {
    await mountView({
        type: "form",
        resModel: "customer",
        resId: 501,
        arch: `<form><field name="name"/><widget name="hc_recommendations"/></form>`,
        ...params,
    });
    await animationFrame();
}

async function openSuggestions() {
    await contains(".o_notebook .nav-link:contains(Suggestions)").click();
    await animationFrame();
}

test("nothing is read before the page is opened; then product, price and reason", async () => {
    onRpc("res.partner", "hc_get_recommendations", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.order_id, kwargs.replace_product_id]);
        return answer([item(32, "Pocket Square"), item(33, "Socks", { kind: "usual" })], {
            can_add: true,
        });
    });
    await mountOrder();
    expect.verifySteps([]);
    await openSuggestions();
    expect.verifySteps([[[501], 1, false]]);
    expect(queryAllTexts(".o_hc_product")).toEqual(["Pocket Square", "Socks"]);
    expect(".o_hc_price:first").toHaveText(/29\.50/);
    // a name from the database is text, not markup
    expect(".o_hc_product_reason:first").toHaveText(
        "Bought with <b>Silk Tie</b> by 34 similar customers"
    );
    expect(queryAllAttributes(".o_hc_add", "aria-label")).toEqual([
        "Add Pocket Square to the quotation",
        "Add Socks to the quotation",
    ]);
    expect(".o_hc_quote").toHaveCount(0);
});

test("add: what was typed is saved first, then the form is read again", async () => {
    let added = false;
    onRpc("res.partner", "hc_get_recommendations", () =>
        answer(added ? [item(33, "Socks")] : [item(32, "Pocket Square"), item(33, "Socks")], {
            can_add: true,
        })
    );
    onRpc("order", "web_save", ({ args }) => expect.step(["save", args[1].name]));
    onRpc("order", "web_read", () => expect.step("read"));
    onRpc("sale.order", "hc_add_recommendation", ({ args }) => {
        added = true;
        expect.step(["add", ...args]);
        return 72;
    });
    await mountOrder();
    await openSuggestions();
    expect.verifySteps(["read"]);
    await contains(".o_field_widget[name=name] input").edit("S1 for Rosa");
    await contains(".o_hc_add:first").click();
    await animationFrame();
    expect.verifySteps([["save", "S1 for Rosa"], ["add", [1], 32, false], "read"]);
    await animationFrame();
    expect(queryAllTexts(".o_hc_product")).toEqual(["Socks"]);
    expect(".o_notification").toHaveText(/Pocket Square is on the quotation/);
    await waitFor(".o_hc_add:focus");
});

test("add: two clicks are one, and nothing is added to a form that cannot be saved", async () => {
    const waiting = new Deferred();
    onRpc("res.partner", "hc_get_recommendations", () =>
        answer([item(32, "Pocket Square")], { can_add: true })
    );
    onRpc("sale.order", "hc_add_recommendation", () => {
        expect.step("add");
        return waiting;
    });
    await mountOrder();
    await openSuggestions();
    await contains(".o_field_widget[name=name] input").edit("");
    await contains(".o_hc_add").click();
    await animationFrame();
    expect.verifySteps([]);
    await contains(".o_field_widget[name=name] input").edit("S1");
    document.querySelector(".o_hc_add").click();
    document.querySelector(".o_hc_add").click();
    await animationFrame();
    expect(".o_hc_add").not.toBeEnabled();
    waiting.resolve(72);
    await animationFrame();
    expect.verifySteps(["add"]);
});

test("something instead of what they cannot have", async () => {
    onRpc("res.partner", "hc_get_recommendations", ({ kwargs }) =>
        kwargs.replace_product_id
            ? answer([item(34, "Knit Tie", { kind: "similar", reason: "Also Ties" })], {
                  can_add: true,
                  lines: LINES,
              })
            : answer([item(32, "Pocket Square")], { can_add: true, lines: LINES })
    );
    onRpc("sale.order", "hc_add_recommendation", ({ args }) => {
        expect.step(args);
        return 72;
    });
    await mountOrder();
    await openSuggestions();
    await contains(".o_hc_replace select").select("31");
    await animationFrame();
    expect(".o_hc_recommendations h3").toHaveText("Instead of Silk Tie");
    expect(".o_hc_product_reason").toHaveText("Also Ties");
    await contains(".o_hc_add:contains(Use instead)").click();
    await animationFrame();
    await animationFrame();
    expect.verifySteps([[[1], 34, 31]]);
    expect(".o_hc_recommendations h3").toHaveText("They may want");
});

test("on the customer: a new quotation with the product", async () => {
    onRpc("res.partner", "hc_get_recommendations", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.order_id]);
        return answer([item(32, "Pocket Square")]);
    });
    mockService("action", {
        doAction(action, options) {
            expect.step([action.res_model, options?.additionalContext || action.res_id]);
        },
    });
    await mountCustomer();
    expect(".o_hc_add").toHaveCount(0);
    await contains(".o_hc_quote").click();
    await contains(".o_hc_product").click();
    expect.verifySteps([
        [[501], false],
        [
            "sale.order",
            {
                default_partner_id: 501,
                default_order_line: [[0, 0, { product_id: 32, product_uom_qty: 1 }]],
            },
        ],
        ["product.product", 32],
    ]);
});

test("nothing to suggest is said, with what is missing", async () => {
    onRpc("res.partner", "hc_get_recommendations", () =>
        answer([], { empty: "Not enough history to say." })
    );
    await mountCustomer();
    expect(".o_hc_nothing").toHaveText("Not enough history to say.");
});

test("no customer, no question to the server; a customer chosen in the form is followed", async () => {
    onRpc("res.partner", "hc_get_recommendations", ({ args }) => {
        expect.step(args[0]);
        return answer([item(32, "Pocket Square")]);
    });
    await mountOrder({ resId: 2 });
    await openSuggestions();
    expect(".o_hc_recommendations").toHaveText(/Choose a customer/);
    expect.verifySteps([]);
    await contains(".o_field_many2one[name=partner_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(Gemini)").click();
    await animationFrame();
    expect.verifySteps([[502]]);
    await animationFrame();
    expect(".o_hc_recommendation").toHaveCount(1);
});

test("an error does not break the form and can be retried", async () => {
    let broken = true;
    onRpc("res.partner", "hc_get_recommendations", () => {
        if (broken) {
            throw new Error("boom");
        }
        return answer([item(32, "Pocket Square")]);
    });
    await mountCustomer();
    await animationFrame();
    expect(".o_hc_recommendations").toHaveText(/could not be read/);
    broken = false;
    await contains(".o_hc_retry").click();
    expect(".o_hc_recommendation").toHaveCount(1);
});
