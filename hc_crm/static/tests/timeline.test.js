import { beforeEach, describe, expect, test } from "@odoo/hoot";
import {
    click,
    edit,
    manuallyDispatchProgrammaticEvent,
    press,
    queryAllTexts,
    queryOne,
} from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
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
import { TimelineModel } from "@hc_crm/timeline/timeline_model";
import { buildSections } from "@hc_crm/timeline/timeline_rows";

describe.current.tags("desktop");

const { DateTime } = luxon;

class Customer extends models.Model {
    name = fields.Char();
    _records = [
        { id: 501, name: "Azure" },
        { id: 502, name: "Gemini" },
    ];
}
class HcTimeline extends models.Model {
    _name = "hc.timeline";
    name = fields.Char();
}

defineMailModels();
defineModels([Customer, HcTimeline]);

let nextId = 1;
function entry(date, values = {}) {
    return {
        id: nextId++,
        date,
        source: "interaction",
        source_label: "Interaction",
        res_model: "hc.interaction",
        res_id: 1,
        channel: "call",
        direction: "out",
        author: false,
        user: { id: 2, name: "Mitchell" },
        partner: { id: 501, name: "Azure" },
        title: `Entry of ${date.slice(0, 10)}`,
        preview: "",
        note: "",
        feeling: false,
        is_automated: false,
        is_busy: false,
        can_open: true,
        ...values,
    };
}

const OPTIONS = {
    channels: [
        { key: "call", label: "Phone Call", icon: "fa-phone" },
        { key: "email", label: "E-mail", icon: "fa-envelope" },
    ],
    users: [
        { id: 2, name: "Mitchell" },
        { id: 3, name: "Marc" },
    ],
    partners_count: 3,
    first_date: false,
};

/** Answer the timeline's calls; ``pages`` gets the options asked for and returns a page. */
function answer(pages, options = OPTIONS) {
    onRpc("hc.timeline", "hc_get_page", ({ args }) => pages(args[1], args[0]));
    onRpc("hc.timeline", "hc_get_options", () => options);
}

function page(entries, next = false) {
    return { entries, next, has_future: false };
}

async function mountTimeline(params = {}) {
    await mountView({
        type: "form",
        resModel: "customer",
        resId: 501,
        arch: `<form><field name="name"/><widget name="hc_timeline"/></form>`,
        ...params,
    });
    await animationFrame();
}

beforeEach(() => {
    nextId = 1;
    mockDate("2026-11-20 12:00:00", 0);
});

describe("sections", () => {
    const now = DateTime.fromISO("2026-11-20T12:00:00Z");
    const shape = (sections) => sections.map(({ key, rows }) => [key, rows.map((row) => row.type)]);

    test("one section per month, the future on its own", () => {
        const sections = buildSections(
            [
                entry("2026-12-01 09:00:00"),
                entry("2026-11-18 09:00:00"),
                entry("2026-11-02 09:00:00"),
                entry("2026-10-30 09:00:00"),
            ],
            { now }
        );
        expect(shape(sections)).toEqual([
            ["upcoming", ["entry"]],
            ["2026-11", ["entry", "entry"]],
            ["2026-10", ["entry"]],
        ]);
    });

    test("silence from 30 days on, above the month it reaches back to", () => {
        const sections = buildSections(
            [
                entry("2026-11-18 09:00:00"),
                entry("2026-10-20 09:00:00"), // 29 days
                entry("2026-08-07 09:00:00"), // 74 days
            ],
            { now }
        );
        expect(shape(sections)).toEqual([
            ["2026-11", ["entry"]],
            ["2026-10", ["entry", "silence"]],
            ["2026-08", ["entry"]],
        ]);
        expect(sections[1].rows[1].days).toBe(74);
    });

    test("silence since the last contact, but not for a meeting to come", () => {
        const entries = [entry("2027-03-01 09:00:00"), entry("2026-10-01 09:00:00")];
        expect(shape(buildSections(entries, { now, sinceLast: true }))).toEqual([
            ["upcoming", ["entry"]],
            ["now", ["silence"]],
            ["2026-10", ["entry"]],
        ]);
        expect(shape(buildSections(entries, { now }))).toEqual([
            ["upcoming", ["entry"]],
            ["2026-10", ["entry"]],
        ]);
    });

    test("consecutive record changes fold, a single one does not", () => {
        const log = { channel: "log" };
        const sections = buildSections(
            [
                entry("2026-11-18 09:00:00", log),
                entry("2026-11-17 09:00:00", log),
                entry("2026-11-16 09:00:00"),
                entry("2026-11-15 09:00:00", log),
            ],
            { now }
        );
        expect(shape(sections)).toEqual([["2026-11", ["fold", "entry", "entry"]]]);
        expect(sections[0].rows[0].rows.length).toBe(2);
    });
});

describe("model", () => {
    test("an answer overtaken by a newer question is dropped", async () => {
        const answers = [];
        const model = new TimelineModel({
            call(_model, method) {
                if (method === "hc_get_options") {
                    return Promise.resolve(OPTIONS);
                }
                answers.push(new Deferred());
                return answers.at(-1);
            },
        });
        model.open(501);
        model.filter({ text: "late" });
        answers[1].resolve(page([entry("2026-11-18 09:00:00", { title: "new" })]));
        await animationFrame();
        answers[0].resolve(page([entry("2026-11-17 09:00:00", { title: "stale" })]));
        await animationFrame();
        expect(model.status).toBe("ready");
        expect(model.entries.map((e) => e.title)).toEqual(["new"]);
    });

    test("another customer starts without the filters of the last one", async () => {
        const asked = [];
        const model = new TimelineModel({
            async call(_model, method, args) {
                if (method === "hc_get_options") {
                    return OPTIONS;
                }
                asked.push(args);
                return page([]);
            },
        });
        await model.open(501, "contact");
        await model.filter({ text: "chair", channels: ["call"] });
        await model.open(501);
        await model.open(502);
        expect(asked.map(([id, o]) => [id, o.scope, o.text, o.channels])).toEqual([
            [501, "contact", "", []],
            [501, "contact", "chair", ["call"]],
            [501, "contact", "chair", ["call"]],
            [502, "company", "", []],
        ]);
    });
});

describe("widget", () => {
    test("shows entries with icon, who, direction, feeling and note", async () => {
        answer(() =>
            page([
                entry("2026-11-18 10:12:00", {
                    title: "Called about samples",
                    preview: "<b>no markup</b>",
                    feeling: -1,
                    note: "12 €",
                }),
                entry("2026-11-17 08:00:00", {
                    direction: "in",
                    author: { id: 501, name: "Azure" },
                    is_busy: true,
                    can_open: false,
                    title: "Busy",
                }),
            ])
        );
        await mountTimeline();
        expect(".o_hc_month").toHaveText("November 2026");
        expect(queryAllTexts(".o_hc_entry .text-truncate")).toEqual([
            "Mitchell → Azure",
            "Azure → Mitchell",
        ]);
        expect(".o_hc_entry:first .o_hc_entry_icon").toHaveClass("fa-phone");
        expect(".o_hc_entry:first .o_hc_entry_icon").toHaveAttribute("aria-label", "Phone Call");
        expect(".o_hc_entry:first .o_hc_preview").toHaveText("<b>no markup</b>");
        expect(".o_hc_entry:first .o_hc_face").toHaveAttribute("aria-label", "Unhappy");
        expect(".o_hc_entry:first .o_hc_note").toHaveText("12 €");
        expect(".o_hc_entry:first a").toHaveAttribute("href", "/odoo/hc.interaction/1");
        expect(".o_hc_entry:last a").toHaveCount(0);
        expect(".o_hc_entry:last .fa-lock").toHaveCount(1);
    });

    test("an entry opens its record", async () => {
        answer(() =>
            page([entry("2026-11-18 10:12:00", { id: 77, res_model: "mail.message", res_id: 7 })])
        );
        onRpc("hc.timeline", "action_open", ({ args }) => {
            expect.step(args[0]);
            return { res_model: "crm.lead" };
        });
        mockService("action", {
            doAction({ res_model }) {
                expect.step(res_model);
            },
        });
        await mountTimeline();
        expect(".o_hc_entry_title").toHaveAttribute("href", "/mail/message/7");
        await contains(".o_hc_entry_title").click();
        expect.verifySteps([[77], "crm.lead"]);
    });

    test("every filter reaches the server and can be cleared", async () => {
        answer((options) => {
            const { scope, channels, direction, user_ids, people_only, text, until } = options;
            expect.step({ scope, channels, direction, user_ids, people_only, text, until });
            return page(text === "nothing" ? [] : [entry("2026-11-18 10:12:00")]);
        });
        const none = {
            scope: "company",
            channels: [],
            direction: false,
            user_ids: [],
            people_only: false,
            text: "",
            until: false,
        };
        await mountTimeline();
        await contains("[data-channel=call]").click();
        expect("[data-channel=call]").toHaveAttribute("aria-pressed", "true");
        await contains("[data-channel=email]").click();
        await contains("[data-channel=call]").click();
        await contains("select.o_hc_user").select("3");
        await contains("select.o_hc_direction").select("in");
        await contains(".o_hc_people_only").click();
        await contains("select.o_hc_scope").select("contact");
        expect.verifySteps([
            none,
            { ...none, channels: ["call"] },
            { ...none, channels: ["call", "email"] },
            { ...none, channels: ["email"] },
            { ...none, channels: ["email"], user_ids: [3] },
            { ...none, channels: ["email"], user_ids: [3], direction: "in" },
            { ...none, channels: ["email"], user_ids: [3], direction: "in", people_only: true },
            {
                ...none,
                channels: ["email"],
                user_ids: [3],
                direction: "in",
                people_only: true,
                scope: "contact",
            },
        ]);
        await click(".o_hc_search");
        await edit("nothing");
        expect.verifySteps([]); // waits for the writer to pause …
        await advanceTime(300);
        await animationFrame();
        expect(".o_hc_empty").toHaveText(/No entry matches these filters/);
        await contains(".o_hc_empty .o_hc_clear").click();
        await click(".o_hc_search");
        await edit("lamp");
        await press("Enter"); // … or for Enter
        await animationFrame();
        await advanceTime(300);
        expect.verifySteps([
            {
                ...none,
                channels: ["email"],
                user_ids: [3],
                direction: "in",
                people_only: true,
                scope: "contact",
                text: "nothing",
            },
            { ...none, scope: "contact" },
            { ...none, scope: "contact", text: "lamp" },
        ]);
    });

    test("jump to a date", async () => {
        answer(({ until }) => {
            expect.step(until);
            return page([entry("2026-01-18 10:12:00")]);
        });
        await mountTimeline();
        queryOne("input.o_hc_until").value = "2026-02-01";
        await manuallyDispatchProgrammaticEvent(queryOne("input.o_hc_until"), "change");
        await animationFrame();
        await animationFrame();
        expect.verifySteps([false, "2026-02-01"]);
        expect(".o_hc_silence").toHaveCount(0);
        await contains(".o_hc_clear").click();
        expect.verifySteps([false]);
        expect(".o_hc_silence").toHaveText("306 days of silence");
    });

    test("load older goes on from the last entry, and says how many are shown", async () => {
        answer(({ before }) => {
            expect.step(before);
            return before
                ? page([entry("2026-09-01 10:00:00")])
                : page([entry("2026-11-18 10:12:00")], ["2026-11-18 10:12:00", 1]);
        });
        await mountTimeline();
        expect(".o_hc_entry").toHaveCount(1);
        await contains(".o_hc_older").click();
        expect.verifySteps([false, ["2026-11-18 10:12:00", 1]]);
        expect(".o_hc_entry").toHaveCount(2);
        expect(".o_hc_silence").toHaveText("78 days of silence");
        expect(".o_hc_older").toHaveCount(0);
        expect("[aria-live=polite]").toHaveText("2 entries shown");
        expect("[data-id='2']").toBeFocused();
    });

    test("record changes unfold", async () => {
        const log = { channel: "log", is_automated: true };
        answer(() => page([entry("2026-11-18 10:12:00", log), entry("2026-11-18 10:11:00", log)]));
        await mountTimeline();
        expect(".o_hc_entry").toHaveCount(0);
        expect(".o_hc_fold button").toHaveText("2 record changes");
        await contains(".o_hc_fold button").click();
        expect(".o_hc_entry").toHaveCount(2);
        expect(".o_hc_fold button").toHaveAttribute("aria-expanded", "true");
    });

    test("an error is told and can be retried", async () => {
        let broken = true;
        onRpc("hc.timeline", "hc_get_options", () => OPTIONS);
        onRpc("hc.timeline", "hc_get_page", () => {
            if (broken) {
                throw new Error("boom");
            }
            return page([entry("2026-11-18 10:12:00")]);
        });
        await mountTimeline();
        await animationFrame();
        expect(".o_hc_timeline [role=alert]").toHaveText(/could not be read/);
        broken = false;
        await contains(".o_hc_retry").click();
        expect(".o_hc_timeline [role=alert]").toHaveCount(0);
        expect(".o_hc_entry").toHaveCount(1);
    });

    test("nothing yet: says what will stand here and offers to begin", async () => {
        answer(() => page([]));
        onRpc("res.partner", "action_hc_log_interaction", ({ args }) => {
            expect.step(args[0]);
            return false;
        });
        await mountTimeline();
        expect(".o_hc_empty").toHaveText(/Nothing yet between you and this customer/);
        await contains(".o_hc_empty button").click();
        expect.verifySteps([[501]]);
    });

    test("follows the pager, and waits for a new contact to be saved", async () => {
        answer((_options, partnerId) => {
            expect.step(partnerId);
            return page([entry("2026-11-18 10:12:00", { title: `Of ${partnerId}` })]);
        });
        await mountTimeline({ resIds: [501, 502] });
        expect(".o_hc_entry_title").toHaveText("Of 501");
        await contains(".o_pager_next").click();
        await animationFrame();
        expect(".o_hc_entry_title").toHaveText("Of 502");
        expect.verifySteps([501, 502]);
        await contains(".o_form_button_create").click();
        expect(".o_hc_timeline").toHaveText(/Save first/);
        expect.verifySteps([]);
    });
});
