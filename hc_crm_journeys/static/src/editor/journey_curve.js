import { Component } from "@odoo/owl";
import { useMapKeys } from "./map_hooks";
import { signed } from "./map_words";

/** Height of the drawing and its margin above +2 and below −2, in pixels. */
const HEIGHT = 76;
const MARGIN = 10;
/** Marks of curves, so that colour is not the only difference. */
const MARKS = [
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
    "M-4.5 -4.5h9v9h-9z",
    "M0 -6L6 0L0 6L-6 0z",
    "M0 -6L5.5 4.5H-5.5z",
    "M-5.5 -4.5H5.5L0 6z",
];

/** Where a feeling stands in the drawing, in pixels from its top. */
export function heightOf(value) {
    return MARGIN + ((2 - value) / 4) * (HEIGHT - 2 * MARGIN);
}

/**
 * The part of the curves that lies in one cell: from half-way to the stage before it to half-way to the next one.
 * What is believed is dashed and hollow. The cards below hold the same in words.
 */
export class JourneyCurve extends Component {
    static template = "hc_crm_journeys.Curve";
    static props = { editor: Object, stage: String, lane: String };

    setup() {
        this.height = HEIGHT;
        this.middle = heightOf(0);
        useMapKeys(this.props.editor.map, () => [`feelings:${this.props.lane}`, "grid"]);
    }

    get curves() {
        const { editor, stage, lane } = this.props;
        const { map, cursor } = editor;
        const columns = editor.columnUids;
        const at = columns.indexOf(stage);
        return map
            .feelersOf(lane)
            .filter((id) => !id || !cursor.personas.size || cursor.personas.has(id))
            .map((persona) => {
                const here = map.feelingIn(stage, lane, persona);
                if (!here) {
                    return null;
                }
                const y = heightOf(here.value);
                const half = (uid) => {
                    const beside = uid && map.feelingIn(uid, lane, persona);
                    return beside ? (y + heightOf(beside.value)) / 2 : null;
                };
                const index = editor.personaIndex(persona);
                return {
                    key: `${persona}`,
                    y,
                    before: half(columns[at - 1]),
                    after: half(columns[at + 1]),
                    low: heightOf(here.low),
                    high: heightOf(here.high),
                    isRange: here.low !== here.high,
                    mark: MARKS[index % MARKS.length],
                    color: `o_hc_jm_curve_${index % MARKS.length}`,
                    title: [editor.persona(persona)?.name, signed(here.value)]
                        .filter(Boolean)
                        .join(": "),
                };
            })
            .filter(Boolean);
    }
}
