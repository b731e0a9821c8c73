import { _t } from "@web/core/l10n/translation";
import { FACES } from "@hc_crm/interaction/face";

/** From best to worst, as a curve goes down. */
export const FEELINGS = [...FACES].reverse();

export const PROOFS = [
    { value: "assumed", sign: "○", label: _t("Assumed") },
    { value: "some", sign: "◐", label: _t("Some evidence") },
    { value: "validated", sign: "●", label: _t("Validated") },
];

export const MODES = [
    { value: "human", sign: "☍", label: _t("A person") },
    { value: "assisted", sign: "◐", label: _t("A person, with help") },
    { value: "automated", sign: "⚙", label: _t("Automatic") },
];

export const STATUS = {
    saved: _t("Saved"),
    saving: _t("Saving…"),
    offline: _t("No connection: kept here, sent as soon as it is back"),
};

/** Lanes to begin with. */
export const USUAL_LANES = {
    map: ["touchpoint", "action", "thought", "emotion", "pain", "truth", "response"],
    blueprint: ["physical", "action", "onstage", "backstage", "support"],
};

/** Kinds whose cards are touchpoints: done by somebody, through a channel. */
export const TOUCHPOINT_KINDS = ["touchpoint", "channel", "onstage"];

export function feelingLabel(value) {
    return FACES.find((face) => face.value === Math.round(value))?.label || "";
}

/** "−1", "+2", "0": a true minus, and a plus, so that the sign is read. */
export function signed(value) {
    const rounded = Math.round(value * 10) / 10;
    return rounded < 0 ? `−${-rounded}` : rounded > 0 ? `+${rounded}` : "0";
}
