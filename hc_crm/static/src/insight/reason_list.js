import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { recordsAction } from "./insight_format";

// The strongest reason fills its half of the bar, unless all of them together say next to nothing.
const LEAST_SCALE = 0.2;

/**
 * Why a figure is what it is: reasons as words with a bar, strongest first, each a way to its records.
 *
 * A bar goes to the right and is green where the reason speaks for the customer, to the left and red
 * where it speaks against; a sign and a word say the same without colour.
 */
export class ReasonList extends Component {
    static template = "hc_crm.InsightReasonList";
    static props = {
        reasons: { type: Array },
        // health: a positive weight helps; risk: a positive weight raises the risk
        kind: { validate: (kind) => ["health", "risk"].includes(kind) },
    };

    setup() {
        this.action = useService("action");
    }

    get rows() {
        const risk = this.props.kind === "risk";
        const strengths = this.props.reasons.map(({ weight }) => Math.abs(weight || 0));
        const strongest = Math.max(...strengths, LEAST_SCALE);
        return this.props.reasons.map((reason) => {
            const good = risk ? reason.weight < 0 : reason.weight > 0;
            const share = Math.abs(reason.weight || 0) / strongest;
            let effect = _t("no effect");
            if (share) {
                if (risk) {
                    effect = good ? _t("lowers the risk") : _t("raises the risk");
                } else {
                    effect = good ? _t("helps") : _t("hurts");
                }
            }
            return {
                ...reason,
                effect,
                tone: share ? (good ? "good" : "bad") : "none",
                // a reason that counts is never invisible
                width: share && Math.max(share * 100, 4),
            };
        });
    }

    open(reason) {
        return this.action.doAction(recordsAction(reason.action));
    }
}
