import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** The five feelings, from worst to best; ``mouth`` and ``brows`` are SVG paths on a 24 × 24 grid. */
export const FACES = [
    {
        value: -2,
        color: "text-danger",
        label: _t("Very unhappy"),
        mouth: "M7 18q5-6 10 0",
        brows: "M6 7l4 2M18 7l-4 2",
    },
    { value: -1, color: "text-warning", label: _t("Unhappy"), mouth: "M8 17q4-3 8 0" },
    { value: 0, color: "text-muted", label: _t("Neutral"), mouth: "M8 16h8" },
    { value: 1, color: "text-success", label: _t("Happy"), mouth: "M8 15q4 3 8 0" },
    {
        value: 2,
        color: "text-success",
        label: _t("Very happy"),
        mouth: "M6.5 13.5h11q-1 6-5.5 6t-5.5-6z",
    },
];

/** One face. Its shape tells the feeling, so that colour is never the only sign. */
export class Face extends Component {
    static template = "hc_crm.Face";
    static props = { value: Number, decorative: { type: Boolean, optional: true } };

    get face() {
        return FACES.find((face) => face.value === this.props.value) || FACES[2];
    }
}
