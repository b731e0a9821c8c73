import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Sends on the code that stands behind the # of the address, and takes it out of the browser's history. */
export class PulseStart extends Interaction {
    static selector = ".o_hc_pulse_start";
    dynamicContent = {
        // somebody opens the link in a tab that shows this page already
        _window: { "t-on-hashchange": this.sendCode },
    };

    start() {
        this.sendCode();
    }

    sendCode() {
        const code = window.location.hash.slice(1);
        if (!code) {
            return;
        }
        window.history.replaceState(null, "", window.location.pathname);
        this.el.querySelector("[name=code]").value = code;
        this.el.querySelector(".o_hc_pulse_type").classList.add("d-none");
        this.el.querySelector(".o_hc_pulse_wait").classList.remove("d-none");
        this.el.submit();
    }
}

registry.category("public.interactions").add("hc_crm_surveys.pulse_start", PulseStart);
