// Takes the pictures of README: node screenshots.mjs ADDRESS FOLDER
// Each picture is one line in PICTURES; a new screen gets a new line.
const { chromium } = await import(process.env.PLAYWRIGHT);
const [, , address, folder] = process.argv;

const DESKTOP = { width: 1400, height: 900 };
// The customer's page is about what stands below the fold, too.
const TALL = { width: 1400, height: 1500 };
const PHONE = { width: 390, height: 844 };
const MAIN_CUSTOMER = "Hotel Aurora";

const open = (path) => async (page) => {
    await page.goto(`${address}${path}`);
};
const record =
    (model, name, action, more = []) =>
    async (page) => {
    const id = await call(page, model, "search", [[["name", "=", name], ...more]], { limit: 1 });
    if (!id.length) {
        throw new Error(`The demo data has no ${model} called ${name}`);
    }
    await page.goto(`${address}/odoo/${action}/${id[0]}`);
};
const PICTURES = [
    ["customer", TALL, record("res.partner", MAIN_CUSTOMER, "contacts"), ".o_hc_timeline"],
    [
        "log",
        DESKTOP,
        async (page) => {
            await record("res.partner", MAIN_CUSTOMER, "contacts")(page);
            await page.click("button.o_hc_log_button");
        },
        ".modal .o_form_view",
    ],
    ["personas", DESKTOP, open("/odoo/personas"), ".o_kanban_record"],
    [
        "persona",
        DESKTOP,
        record("hc.persona", "Busy Professional Brenda", "personas"),
        ".o_form_view",
    ],
    ["timeline", DESKTOP, open("/odoo/timeline"), ".o_data_row"],
    [
        "quotation",
        DESKTOP,
        async (page) => {
            const ids = await call(
                page,
                "sale.order",
                "search",
                [[["partner_id.commercial_partner_id.name", "=", MAIN_CUSTOMER]]],
                { limit: 1, order: "date_order desc" }
            );
            await page.goto(`${address}/odoo/sales/${ids[0]}`);
        },
        ".o_hc_brief",
    ],
    [
        "insight",
        TALL,
        async (page) => {
            await record("res.partner", "Margaret Osei", "contacts")(page);
            await page.click(".o_notebook_headers a[name=hc_insight]");
        },
        ".o_hc_health",
    ],
    ["at_risk", DESKTOP, open("/odoo/customers-at-risk"), ".o_data_row"],
    ["segments", DESKTOP, open("/odoo/segments"), ".o_kanban_record"],
    ["accuracy", TALL, open("/odoo/insight-accuracy"), "table"],
    ["retention", DESKTOP, open("/odoo/customer-retention"), "table"],
    [
        "suggestions",
        DESKTOP,
        async (page) => {
            const ids = await call(
                page,
                "sale.order",
                "search",
                [[["state", "=", "draft"], ["partner_id.name", "ilike", "Rosa Blum"]]],
                { limit: 1 }
            );
            const all = ids.length
                ? ids
                : await call(page, "sale.order", "search", [[["state", "=", "draft"]]], {
                      limit: 1,
                  });
            await page.goto(`${address}/odoo/sales/${all[0]}`);
            await page.click(".o_notebook_headers a[name=hc_recommendations]");
        },
        ".o_hc_recommendations",
    ],
    ["today", DESKTOP, open("/odoo/today"), ".o_hc_today_card"],
    [
        "outreach_plan",
        TALL,
        // the demo's own plan, not the ready one of that name
        record("hc.outreach.plan", "Welcome", "outreach-plans", [["is_template", "=", false]]),
        ".o_hc_flow_node",
    ],
    ["outreach_gallery", DESKTOP, open("/odoo/outreach-ready"), ".o_hc_gallery_card"],
    [
        "simulation",
        TALL,
        async (page) => {
            await record("hc.outreach.plan", "Regular Check-in", "outreach-plans", [
                ["is_template", "=", false],
            ])(page);
            await page.click("button[name=action_simulate]");
        },
        ".o_hc_simulation_sentence",
    ],
    [
        "consent",
        TALL,
        async (page) => {
            await record("res.partner", MAIN_CUSTOMER, "contacts")(page);
            await page.click(".o_notebook_headers a[name=hc_contact]");
        },
        ".o_hc_matrix",
    ],
    [
        "preferences",
        PHONE,
        async (page) => {
            const people = await call(page, "res.partner", "search", [
                [["name", "=", "Rosa Blum"]],
            ]);
            const dialog = await call(page, "res.partner", "action_hc_preferences", [
                people.slice(0, 1),
            ]);
            const [{ url }] = await call(page, "hc.preference.share", "read", [
                [dialog.res_id],
                ["url"],
            ]);
            await page.goto(`${address}${new URL(url).pathname}`);
        },
        ".o_hc_preferences",
    ],
    ["phone", PHONE, record("res.partner", MAIN_CUSTOMER, "contacts"), ".o_hc_brief"],
];

async function call(page, model, method, args, kwargs = {}) {
    const response = await page.request.post(`${address}/web/dataset/call_kw`, {
        data: { jsonrpc: "2.0", method: "call", params: { model, method, args, kwargs } },
    });
    const answer = await response.json();
    if (answer.error) {
        throw new Error(answer.error.data?.message || answer.error.message);
    }
    return answer.result;
}

async function signedIn(browser, viewport) {
    const phone = viewport === PHONE;
    const context = await browser.newContext({ viewport, isMobile: phone, hasTouch: phone });
    const page = await context.newPage();
    page.on("console", (message) => {
        if (message.type() === "error") {
            console.error(`  the page says: ${message.text()}`);
        }
    });
    await page.goto(`${address}/web/login`);
    await page.fill("input[name=login]", "admin");
    await page.fill("input[name=password]", "admin");
    await page.press("input[name=password]", "Enter");
    await page.waitForSelector(".o_main_navbar", { timeout: 120000 });
    return page;
}

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
let failed = 0;
for (const viewport of [DESKTOP, TALL, PHONE]) {
    const page = await signedIn(browser, viewport);
    for (const [name, size, visit, wanted] of PICTURES.filter((p) => p[1] === viewport)) {
        try {
            await visit(page, size);
            await page.waitForSelector(wanted, { timeout: 30000 });
            // Avatars and widgets that load by themselves; the network is never idle with a chat open.
            await page.waitForTimeout(2500);
            await page.screenshot({ path: `${folder}/screenshot_${name}.png` });
            console.log(`  screenshot_${name}.png`);
        } catch (error) {
            failed++;
            console.error(`  screenshot_${name}.png: ${error.message.split("\n")[0]}`);
        }
    }
    await page.context().close();
}
await browser.close();
process.exit(failed ? 1 : 0);
