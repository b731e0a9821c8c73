import { describe, expect, test } from "@odoo/hoot";
import { click, edit, press, queryAll, queryAllAttributes } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");

class Channel extends models.Model {
    name = fields.Char();
    icon = fields.Char();
    loggable = fields.Boolean();
    _records = [
        { id: 1, name: "Phone Call", icon: "fa-phone", loggable: true },
        { id: 2, name: "Visit", icon: "fa-street-view", loggable: true },
        { id: 3, name: "Usage Event", icon: "fa-line-chart", loggable: false },
    ];
}
class Log extends models.Model {
    channel_id = fields.Many2one({ relation: "channel", string: "How" });
    feeling = fields.Selection({
        string: "How They Felt",
        selection: [
            ["-2", "Very unhappy"],
            ["-1", "Unhappy"],
            ["0", "Neutral"],
            ["1", "Happy"],
            ["2", "Very happy"],
        ],
    });
    summary = fields.Char({ string: "What happened?" });
    more = fields.Boolean();
    _records = [
        { id: 1, channel_id: 1, feeling: "-2", summary: "one", more: false },
        { id: 2, channel_id: 3, feeling: false, summary: "two", more: false },
    ];
}

defineMailModels();
defineModels([Channel, Log]);

function mountForm(arch, resId = 1) {
    return mountView({ type: "form", resModel: "log", resId, arch: `<form>${arch}</form>` });
}

test("channel icons are a radio group of what is offered", async () => {
    onRpc("log", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm(`<field name="channel_id" widget="hc_channel_icons"/>`);
    expect(".o_hc_channels[role=radiogroup]").toHaveAttribute("aria-label", "How");
    expect(queryAllAttributes(".o_hc_channel", "title")).toEqual(["Phone Call", "Visit"]);
    expect(queryAll(".o_hc_channel input").map((input) => input.checked)).toEqual([true, false]);
    await contains(".o_hc_channel:last input", { visible: false }).click();
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ channel_id: 2 }]);
});

test("a channel no longer offered still shows where it was used", async () => {
    await mountForm(`<field name="channel_id" widget="hc_channel_icons"/>`, 2);
    expect(queryAllAttributes(".o_hc_channel", "title")).toEqual([
        "Phone Call",
        "Visit",
        "Usage Event",
    ]);
});

test("channel and face read only, in a list", async () => {
    await mountView({
        type: "list",
        resModel: "log",
        arch: `<list><field name="channel_id" widget="hc_channel_icons"/><field name="feeling" widget="hc_faces"/></list>`,
    });
    expect(".o_data_row:first .o_field_hc_channel_icons").toHaveText("Phone Call");
    expect(".o_data_row:first .fa-phone").toHaveCount(1);
    expect(".o_data_row:first .o_hc_face").toHaveAttribute("aria-label", "Very unhappy");
    expect(".o_data_row:last .o_hc_face").toHaveCount(0);
    expect("input[type=radio]").toHaveCount(0);
});

test("five faces: choose, change with the arrow keys, take back", async () => {
    onRpc("log", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm(`<field name="feeling" widget="hc_faces"/>`);
    expect(".o_hc_faces[role=radiogroup] input[type=radio]").toHaveCount(5);
    expect(queryAllAttributes(".o_hc_faces label", "title")).toEqual([
        "Very unhappy",
        "Unhappy",
        "Neutral",
        "Happy",
        "Very happy",
    ]);
    // Every mouth is drawn differently: colour is not the only sign.
    const mouths = queryAll(".o_hc_faces path:last-child").map((path) => path.getAttribute("d"));
    expect(new Set(mouths).size).toBe(5);
    await contains(".o_hc_faces label:last").click();
    expect(".o_hc_faces input:last").toBeChecked();
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ feeling: "2" }]);
    await contains(".o_hc_faces label:last").click();
    await contains(".o_form_button_save").click();
    expect.verifySteps([{ feeling: false }]);
});

test("Enter in the line saves and runs the method, once", async () => {
    onRpc("log", "web_save", ({ args }) => expect.step(args[1]));
    onRpc("log", "action_log", ({ args }) => {
        expect.step(args[0]);
        return false;
    });
    await mountForm(
        `<field name="summary" widget="hc_log_line" options="{'action': 'action_log'}"/>`
    );
    await advanceTime(1);
    expect(".o_field_hc_log_line input").toBeFocused();
    await click(".o_field_hc_log_line input");
    await edit("called back");
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([{ summary: "called back" }, [1]]);
});

test("More shows and hides", async () => {
    await mountForm(
        `<field name="more" widget="hc_more"/><field name="summary" invisible="not more"/>`
    );
    expect(".o_field_hc_more button").toHaveAttribute("aria-expanded", "false");
    await contains(".o_field_hc_more button").click();
    expect(".o_field_hc_more button").toHaveAttribute("aria-expanded", "true");
    expect(".o_field_widget[name=summary]").toHaveCount(1);
});
