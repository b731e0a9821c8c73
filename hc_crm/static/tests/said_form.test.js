import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
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

class Answer extends models.Model {
    state = fields.Char({ default: "No" });
}

defineMailModels();
defineModels([Answer]);

function mount() {
    onRpc("answer", "web_save", ({ args }) => expect.step(args[1].state));
    return mountView({
        type: "form",
        resModel: "answer",
        arch: `<form js_class="hc_said_form"><field name="state"/></form>`,
    });
}

/** Close the tab; return whether the browser asks first. */
async function closeTab() {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    await animationFrame();
    return event.defaultPrevented;
}

test("a closed tab notes no answer that the form came with", async () => {
    await mount();
    expect(await closeTab()).toBe(false);
    expect.verifySteps([]);
});

test("what was typed is asked about, and noted by Save only", async () => {
    await mount();
    await contains(".o_field_widget[name=state] input").edit("Yes");
    expect(await closeTab()).toBe(true);
    expect.verifySteps([]);
    await contains(".o_form_button_save").click();
    expect.verifySteps(["Yes"]);
});
