/**
 * What stands on a map, as plain records. No Owl, no DOM, no server: shapes and order only.
 *
 * `stage`, `lane`, `cell` (a card) and `link` (an arrow) each have a `uid` that never changes. Things are ordered
 * by (position, uid). Records are replaced, never changed in place, so that an old one stays what it was.
 */

export const TABLES = { stage: "stages", lane: "lanes", cell: "cells", link: "links" };

/** Smallest distance of two positions between which another still fits. */
export const MIN_GAP = 1e-6;

const DEFAULTS = {
    stage: { parent: false, name: "", position: 0, description: false, standard_days: 0 },
    lane: {
        kind: "own",
        name: false,
        position: 0,
        line_after: false,
        is_collapsed: false,
        metric: false,
    },
    cell: {
        stage: false,
        lane: false,
        position: 0,
        text: "",
        persona: false,
        feeling: null,
        feeling_other: null,
        proof: "assumed",
        is_pain: false,
        is_truth: false,
        minutes: 0,
        about: false,
        user: false,
        image: false,
        color: 0,
        mode: false,
        channel: false,
        key: false,
    },
    link: { from: false, to: false, is_two_way: false, name: false },
};

/** Fields of a card that only the server fills. */
const SERVER_ONLY = ["uid", "revision", "evidence_count", "touchpoint", "improvement"];

/** A record as the editor keeps it: everything set, a touchpoint's values beside the card's own. */
export function makeThing(what, raw) {
    const thing = { ...DEFAULTS[what], ...raw };
    if (what === "cell" && raw.touchpoint !== undefined) {
        const { mode, channel, key } = raw.touchpoint || {};
        Object.assign(thing, {
            mode: mode || false,
            channel: channel || false,
            key: key || false,
        });
    }
    return thing;
}

/** The values with which the server makes the same thing again. */
export function valuesOf(what, thing) {
    const values = {};
    for (const [name, value] of Object.entries(thing)) {
        if (!SERVER_ONLY.includes(name)) {
            values[name] = value;
        }
    }
    return values;
}

/** Only what differs from a new one: small commands. */
export function trimmed(what, values) {
    const out = {};
    for (const [name, value] of Object.entries(values)) {
        if (name === "position" || !same(DEFAULTS[what][name], value)) {
            out[name] = value;
        }
    }
    return out;
}

export function byPosition(a, b) {
    return a.position - b.position || (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0);
}

export function same(a, b) {
    if (a && b && typeof a === "object" && typeof b === "object") {
        return JSON.stringify(a) === JSON.stringify(b);
    }
    return a === b || ((a ?? false) === (b ?? false) && typeof (a ?? b) !== "number");
}

/**
 * Where to put something at `index` among sorted `siblings` (itself not among them).
 * Returns `{position, moves}`; `moves` are `[uid, position]` of siblings that must make room.
 */
export function placeAt(siblings, index) {
    const before = siblings[index - 1];
    const after = siblings[index];
    if (!before && !after) {
        return { position: 1, moves: [] };
    }
    if (!after) {
        return { position: before.position + 1, moves: [] };
    }
    if (!before) {
        return { position: after.position - 1, moves: [] };
    }
    if (after.position - before.position >= 2 * MIN_GAP) {
        return { position: (before.position + after.position) / 2, moves: [] };
    }
    const moves = siblings.map((one, at) => [one.uid, at < index ? at + 1 : at + 2]);
    return { position: index + 1, moves };
}

/**
 * A table copied from a spreadsheet: rows of texts. Tabs part cells; a cell in double quotes may hold line breaks
 * and doubled quotes, as Excel, LibreOffice and Google write them.
 */
export function parseTable(text) {
    const rows = [[]];
    let value = "";
    let quoted = false;
    const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").replaceAll("\0", "");
    for (let at = 0; at < clean.length; at++) {
        const char = clean[at];
        if (quoted) {
            if (char === '"' && clean[at + 1] === '"') {
                value += '"';
                at++;
            } else if (char === '"') {
                quoted = false;
            } else {
                value += char;
            }
        } else if (char === '"' && value === "" && closes(clean, at)) {
            quoted = true;
        } else if (char === "\t" || char === "\n") {
            rows.at(-1).push(value.trim());
            value = "";
            if (char === "\n") {
                rows.push([]);
            }
        } else {
            value += char;
        }
    }
    rows.at(-1).push(value.trim());
    return rows;
}

/** Whether the quote at `at` has its end before a tab, a line break or the end of the text. */
function closes(text, at) {
    return /^"(?:[^"]|"")*"(?=[\t\n]|$)/.test(text.slice(at));
}

/** A change as `hc_apply` takes it: people by id, pictures without their address. */
export function forServer(change) {
    const plain = (values) => {
        const out = {};
        for (const [name, value] of Object.entries(values)) {
            if (SERVER_ONLY.includes(name)) {
                continue;
            }
            if (name === "user") {
                out.user = value && value.id;
            } else if (name !== "image" || !value) {
                out[name] = value;
            } else if (value.startsWith("data:")) {
                out.image = value.slice(value.indexOf(",") + 1);
            }
        }
        return out;
    };
    const out = { ...change };
    delete out.group;
    if (change.values) {
        out.values = plain(change.values);
    }
    if (change.base) {
        out.base = plain(change.base);
        delete out.base.image;
    }
    return out;
}
