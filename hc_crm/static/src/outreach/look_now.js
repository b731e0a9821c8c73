import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// The job begins within a second or two; with much to do it goes on without us.
const TRIES = 10;
const MILLISECONDS = 1000;

// Told to what stands on the form of the plan (detail: its id), which is not built anew.
export const LOOKED = "HC_OUTREACH:LOOKED";

/** Wait until the job has done what is due, refresh the page and say who waits for what. */
async function lookNow(env, { params }) {
    const { plan_id: planId, entered } = params;
    const ask = () => env.services.orm.call("hc.outreach.plan", "hc_get_waiting", [[planId]]);
    let waiting = await ask();
    for (let tries = 0; waiting.due && tries < TRIES; tries++) {
        await new Promise((resolve) => setTimeout(resolve, MILLISECONDS));
        waiting = await ask();
    }
    const came =
        entered === 0
            ? _t("Nobody new came in.")
            : entered === 1
              ? _t("1 person came in.")
              : _t("%s people came in.", entered);
    env.services.notification.add([came, ...waiting.lines].join(" "), {
        type: entered ? "success" : "info",
    });
    env.bus.trigger(LOOKED, planId);
    // the form reads its record again; its tab, its step and what is being typed stay
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("hc_outreach_look", lookNow);
