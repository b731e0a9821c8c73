import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const IDLE_SECONDS = 60;

/** A tablet that is passed around: ready for the next person after the thanks, or when somebody walks off. */
export class Kiosk extends Interaction {
    static selector = ".o_hc_kiosk";
    dynamicContent = {
        _document: {
            "t-on-pointerdown": this.stay,
            "t-on-keydown": this.stay,
        },
    };

    start() {
        this.stay();
    }

    stay() {
        const { kiosk, kioskDone } = this.el.dataset;
        clearTimeout(this.timer);
        const seconds = kioskDone ? Number(kiosk) : IDLE_SECONDS;
        this.timer = this.waitForTimeout(() => this.restart(), seconds * 1000);
    }

    restart() {
        // what somebody typed and left must not be read by the next one
        const url = new URL(window.location.href);
        url.search = "?kiosk=1";
        window.location.replace(url.href);
    }
}

registry.category("public.interactions").add("hc_crm_surveys.kiosk", Kiosk);
