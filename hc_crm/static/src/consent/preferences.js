import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * What the preference page gains by JavaScript: the eye (and the screen reader) is taken to what happened,
 * and reloading the page does not tell it again. The page works without.
 */
export class Preferences extends Interaction {
    static selector = ".o_hc_preferences";

    start() {
        const message = this.el.querySelector("[role='alert'], .o_hc_done");
        if (message) {
            message.focus({ preventScroll: true });
            message.scrollIntoView({ block: "center" });
        }
        const url = new URL(window.location.href);
        if (url.searchParams.has("done")) {
            url.searchParams.delete("done");
            window.history.replaceState(window.history.state, "", url);
        }
    }
}

registry.category("public.interactions").add("hc_crm.preferences", Preferences);
