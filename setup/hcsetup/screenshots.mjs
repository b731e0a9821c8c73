// Takes the pictures of README: node screenshots.mjs ADDRESS FOLDER [NAME …]
// FOLDER may hold {addon}. Each picture is one line in PICTURES; a new screen gets a new line.
const { chromium } = await import(process.env.PLAYWRIGHT);
const [, , address, folder, ...only] = process.argv;

const DESKTOP = { width: 1400, height: 900 };
// The customer's page is about what stands below the fold, too.
const TALL = { width: 1400, height: 1500 };
const PHONE = { width: 390, height: 844 };
const MAIN_CUSTOMER = "Hotel Aurora";
const SURVEYS = "hc_crm_surveys";
const JOURNEYS = "hc_crm_journeys";

const open = (path) => async (page) => {
    await page.goto(`${address}${path}`);
};
const record =
    (model, name, action, more = []) =>
    async (page) => {
    const id = await call(page, model, "search", [[["name", "=like", `${name}%`], ...more]], { limit: 1 });
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
    [
        "today",
        DESKTOP,
        async (page) => {
            await page.goto(`${address}/odoo/today`);
            // a call a plan gave: with what to know and how to begin
            await page.click(".o_hc_today_line:has-text('Margaret Osei')");
        },
        ".o_hc_today_opener",
    ],
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
            await record("res.partner", "Rosa Blum", "contacts")(page);
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
    // of hc_crm_surveys
    [
        "results",
        TALL,
        async (page) => {
            await page.goto(`${address}/odoo/results`);
            await page.click(".o_hc_results_bar button:has-text('12 months')");
        },
        ".o_hc_drivers",
        SURVEYS,
    ],
    ["cases", DESKTOP, open("/odoo/customer-cases"), ".o_kanban_record", SURVEYS],
    [
        "case",
        TALL,
        async (page) => {
            // one that went all the way: solved, asked again, right again
            const ids = await call(
                page,
                "hc.feedback.case",
                "search",
                [[["partner_id.name", "=", "Dorothea Marsh"], ["verdict", "=", "better"]]],
                { limit: 1 }
            );
            await page.goto(`${address}/odoo/customer-cases/${ids[0]}`);
        },
        ".o_form_sheet",
        SURVEYS,
    ],
    ["requests", DESKTOP, open("/odoo/feedback-requests"), ".o_data_row", SURVEYS],
    [
        "improvement",
        DESKTOP,
        async (page) => {
            await record(
                "hc.improvement",
                "Another carrier brings the parcels",
                "improvements"
            )(page);
            await page.click(".o_notebook_headers a:has-text('Before and After')");
        },
        ".o_form_sheet",
        SURVEYS,
    ],
    [
        "cards",
        DESKTOP,
        async (page) => {
            const ids = await call(page, "hc.card.batch", "search", [[]], { limit: 1 });
            await page.goto(`${address}/odoo/feedback-paper/${ids[0]}`);
        },
        ".o_data_row",
        SURVEYS,
    ],
    [
        "pulse",
        TALL,
        async (page) => {
            const ids = await call(page, "hc.pulse", "search", [[["state", "=", "closed"]]], {
                limit: 1,
                order: "date_close desc",
            });
            await page.goto(`${address}/odoo/pulse/${ids[0]}`);
        },
        ".o_hc_pulse_result table",
        SURVEYS,
    ],
    // of hc_crm_journeys
    ["journeys", DESKTOP, open("/odoo/journeys"), ".o_kanban_record", JOURNEYS],
    [
        "journey",
        DESKTOP,
        async (page) => {
            const [id] = await call(
                page,
                "hc.journey",
                "search",
                [[["time", "=", "as_is"], ["counterpart_id", "!=", false]]],
                { limit: 1 }
            );
            await page.goto(`${address}/odoo/journeys/${id}`);
        },
        ".o_hc_jm table",
        JOURNEYS,
    ],
    // of hc_crm_surveys, and the last one of its size
    [
        "answer",
        PHONE,
        async (page) => {
            const [ask] = await call(
                page,
                "hc.ask",
                "search_read",
                [[["state", "=", "sent"], ["metric", "=", "nps"], ["lang", "in", [false, "en_US"]]]],
                { fields: ["token"], limit: 1 }
            );
            // as the customer: nobody is logged in (the last picture of this size)
            await page.context().clearCookies();
            await page.goto(`${address}/feedback/${ask.token}?score=9`);
        },
        "form button",
        SURVEYS,
    ],
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
    const wantedNow = PICTURES.filter(
        ([name, size]) => size === viewport && (!only.length || only.includes(name))
    );
    for (const [name, size, visit, wanted, addon = "hc_crm"] of wantedNow) {
        try {
            await visit(page, size);
            await page.waitForSelector(wanted, { timeout: 30000 });
            // Avatars and widgets that load by themselves; the network is never idle with a chat open.
            await page.waitForTimeout(2500);
            // OdooBot greets whoever is new, on a phone over all of the screen.
            const chats = page.locator(".o-mail-ChatWindow button[title^='Close']");
            for (let open = await chats.count(); open; open--) {
                await chats.first().click();
            }
            const path = `${folder.replace("{addon}", addon)}/screenshot_${name}.png`;
            await page.screenshot({ path });
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
