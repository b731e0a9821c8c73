import { placeAt, same, trimmed, valuesOf } from "./map_things";

/**
 * Every command a person can give, as a function `(map, args) → {changes, result}` that changes nothing itself.
 * Changes are those of `hc_apply`; `result` is the uid of what is new.
 */
export const COMMANDS = {
    // -- stages ---------------------------------------------------------------------------------------

    /** `after`, `before`: uid of a sibling; `parent`: put last below it; none: last of all. */
    "stage/add"(map, { name, after, before, parent = false, uid = map.makeUid() }) {
        const beside = map.get("stage", after || before);
        const place = beside ? beside.parent : parent;
        const siblings = map.childrenOf(place);
        const index = beside ? siblings.indexOf(beside) + (after ? 1 : 0) : siblings.length;
        const { position, moves } = placeAt(siblings, index);
        const changes = [
            ...writes("stage", moves),
            create("stage", uid, { name, parent: place, position }),
            ...(siblings.length ? [] : takeOver(map, place, uid)),
        ];
        return { changes, result: uid };
    },

    "stage/edit": (map, { uid, values }) => edited(map, "stage", uid, values),

    /** To `index` among the other stages of `parent`. */
    "stage/move"(map, { uid, parent = false, index }) {
        for (let up = parent; up; up = map.get("stage", up)?.parent) {
            if (up === uid) {
                return { changes: [], result: false };
            }
        }
        const siblings = map.childrenOf(parent).filter((one) => one.uid !== uid);
        const { position, moves } = placeAt(siblings, clamp(index, siblings.length));
        const empty = !map.childrenOf(parent).length;
        return {
            changes: [
                ...writes("stage", moves),
                write("stage", uid, { parent, position }),
                ...(empty ? takeOver(map, parent, firstLeaf(map, uid)) : []),
            ],
            result: uid,
        };
    },

    "stage/delete": (map, { uid }) => removed(map, "stage", uid),

    /** A copy with its sub-stages and cards, to its right. */
    "stage/duplicate"(map, { uid, name }) {
        const stage = map.get("stage", uid);
        const siblings = map.childrenOf(stage.parent);
        const { position, moves } = placeAt(siblings, siblings.indexOf(stage) + 1);
        const fall = map.fallOf("stage", uid);
        const copies = new Map(fall.map(([, one]) => [one.uid, map.makeUid()]));
        const again = (value) => copies.get(value) || value;
        const changes = [...writes("stage", moves)];
        for (const [what, one] of fall) {
            if (what === "link" && !(copies.has(one.from) && copies.has(one.to))) {
                continue;
            }
            const values = valuesOf(what, one);
            for (const field of ["parent", "stage", "about", "from", "to"]) {
                if (values[field]) {
                    values[field] = again(values[field]);
                }
            }
            if (one === stage) {
                Object.assign(values, { name: name || stage.name, position });
            }
            changes.push(create(what, copies.get(one.uid), trimmed(what, values)));
        }
        return { changes, result: copies.get(uid) };
    },

    // -- lanes ------------------------------------------------------------------------------------------

    "lane/add"(map, { kind = "own", name = false, index, uid = map.makeUid() }) {
        const lanes = map.rows();
        const { position, moves } = placeAt(lanes, clamp(index, lanes.length));
        return {
            changes: [...writes("lane", moves), create("lane", uid, { kind, name, position })],
            result: uid,
        };
    },

    "lane/edit": (map, { uid, values }) => edited(map, "lane", uid, values),

    "lane/move"(map, { uid, index }) {
        const lanes = map.rows().filter((one) => one.uid !== uid);
        const { position, moves } = placeAt(lanes, clamp(index, lanes.length));
        return {
            changes: [...writes("lane", moves), write("lane", uid, { position })],
            result: uid,
        };
    },

    "lane/delete": (map, { uid }) => removed(map, "lane", uid),

    // -- cards ------------------------------------------------------------------------------------------

    "card/add"(map, { stage, lane, index, values = {}, uid = map.makeUid() }) {
        if (!map.stages.has(stage) || !map.lanes.has(lane) || map.childrenOf(stage).length) {
            return { changes: [], result: false };
        }
        const cards = map.cards(stage, lane);
        const { position, moves } = placeAt(cards, clamp(index, cards.length));
        return {
            changes: [
                ...writes("cell", moves),
                create("cell", uid, { stage, lane, position, ...ofLane(map, lane), ...values }),
            ],
            result: uid,
        };
    },

    /** Text, proof, marks, feelings, mode, channel, owner, … */
    "card/edit": (map, { uid, values }) => edited(map, "cell", uid, values),

    "card/move"(map, { uid, stage, lane, index }) {
        if (map.childrenOf(stage).length) {
            return { changes: [], result: false };
        }
        const cards = map.cards(stage, lane).filter((one) => one.uid !== uid);
        const { position, moves } = placeAt(cards, clamp(index, cards.length));
        return {
            changes: [...writes("cell", moves), write("cell", uid, { stage, lane, position })],
            result: uid,
        };
    },

    "card/delete": (map, { uid }) => removed(map, "cell", uid),

    "card/duplicate"(map, { uid }) {
        const card = map.get("cell", uid);
        const index = map.cards(card.stage, card.lane).indexOf(card) + 1;
        const values = trimmed("cell", valuesOf("cell", card));
        // one name for feedback leads to one touchpoint, and a picture is the card's own
        delete values.key;
        delete values.image;
        delete values.position;
        return COMMANDS["card/add"](map, { stage: card.stage, lane: card.lane, index, values });
    },

    // -- arrows -----------------------------------------------------------------------------------------

    "arrow/add"(map, { from, to, isTwoWay = false, uid = map.makeUid() }) {
        const known = map
            .linksOf(from)
            .some(
                (one) =>
                    (one.from === from && one.to === to) ||
                    (one.is_two_way && one.from === to && one.to === from)
            );
        if (from === to || known || !map.cells.has(from) || !map.cells.has(to)) {
            return { changes: [], result: false };
        }
        return {
            changes: [create("link", uid, { from, to, is_two_way: isTwoWay })],
            result: uid,
        };
    },

    "arrow/edit": (map, { uid, values }) => edited(map, "link", uid, values),

    "arrow/delete": (map, { uid }) => removed(map, "link", uid),

    // -- whole tables -----------------------------------------------------------------------------------

    /**
     * A table of texts, its upper left in the cell (`stage`, `lane`); what stands there already stays. With `heads`
     * the first row names stages and the first column lanes: those of that name are filled, others are added.
     */
    "table/paste"(map, { stage, lane, rows, heads = false }) {
        const draft = new Draft(map);
        const texts = heads ? rows.slice(1).map((row) => row.slice(1)) : rows;
        const width = Math.max(...texts.map((row) => row.length), 0);
        const columns = [];
        const startColumn = map.columns().findIndex((one) => one.uid === stage);
        for (let at = 0; at < width; at++) {
            columns.push(
                heads
                    ? draft.stage(rows[0][at + 1] || "")
                    : map.columns()[startColumn + at]?.uid || draft.stage("")
            );
        }
        const startRow = map.rows().findIndex((one) => one.uid === lane);
        texts.forEach((row, at) => {
            const uid = heads
                ? draft.lane(rows[at + 1][0] || "")
                : map.rows()[startRow + at]?.uid || draft.lane("");
            row.forEach((text, column) => text && draft.card(columns[column], uid, text));
        });
        return { changes: draft.changes, result: draft.first };
    },

    /** A map to begin with: lanes of these kinds, and stages of these names. */
    "map/start"(map, { kinds = [], stages = [] }) {
        const changes = [
            ...kinds.map((kind, at) =>
                create("lane", map.makeUid(), { kind, position: map.lanes.size + at + 1 })
            ),
            ...stages.map((name, at) =>
                create("stage", map.makeUid(), { name, position: map.stages.size + at + 1 })
            ),
        ];
        return { changes, result: changes.at(-1)?.uid };
    },

    "journey/edit"(map, { values }) {
        const differs = Object.entries(values).some(
            ([name, value]) => !same(map.head[name], value)
        );
        return { changes: differs ? [{ do: "journey", values }] : [], result: map.head.id };
    },

    /** Of two versions of a text ours again (or both); of something that is gone, put it back. */
    "clash/mine"(map, { clash, both }) {
        if (clash.gone) {
            const changes = clash.fall.map(([what, one]) =>
                create(what, one.uid, trimmed(what, valuesOf(what, one)))
            );
            return { changes, result: clash.uid };
        }
        const mine =
            both && typeof clash.mine === "string"
                ? [clash.theirs, clash.mine].filter(Boolean).join("\n")
                : clash.mine;
        const values = { [clash.field]: mine };
        return clash.what === "journey"
            ? COMMANDS["journey/edit"](map, { values })
            : edited(map, clash.what, clash.uid, values);
    },
};

/** New stages, lanes and cards of one paste, each found again by its name. */
class Draft {
    constructor(map) {
        this.map = map;
        this.changes = [];
        this.first = false;
        this.stages = new Map(map.columns().map((one) => [fold(one.name), one.uid]));
        this.lanes = new Map(map.rows().map((one) => [fold(map.laneName(one)), one.uid]));
        this.counts = new Map();
        const last = (list) => list.at(-1)?.position || 0;
        this.lastStage = last(map.childrenOf(false));
        this.lastLane = last(map.rows());
    }

    stage(name) {
        return this.named(this.stages, name, (uid) => {
            const label = name || String(this.map.columns().length + this.count("stage"));
            const position = ++this.lastStage;
            this.changes.push(create("stage", uid, { name: label, parent: false, position }));
        });
    }

    lane(name) {
        return this.named(this.lanes, name, (uid) => {
            const kind = this.map.head.lane_kinds?.find((one) => fold(one.label) === fold(name));
            this.changes.push(
                create("lane", uid, {
                    kind: kind?.kind || "own",
                    name: kind
                        ? false
                        : name || String(this.map.rows().length + this.count("lane")),
                    position: ++this.lastLane,
                })
            );
        });
    }

    count(what) {
        return this.changes.filter((change) => change.what === what).length + 1;
    }

    named(known, name, make) {
        const key = fold(name);
        if (key && known.has(key)) {
            return known.get(key);
        }
        const uid = this.map.makeUid();
        make(uid);
        if (key) {
            known.set(key, uid);
        }
        return uid;
    }

    card(stage, lane, text) {
        const key = `${stage}|${lane}`;
        const last = this.map.cards(stage, lane).at(-1)?.position || 0;
        const count = (this.counts.get(key) || 0) + 1;
        this.counts.set(key, count);
        const uid = this.map.makeUid();
        const values = { stage, lane, position: last + count, ...ofLane(this.map, lane), text };
        this.changes.push(create("cell", uid, values));
        this.first = this.first || uid;
    }
}

const fold = (name) => name.trim().toLowerCase();

const create = (what, uid, values) => ({ do: "create", what, uid, values });

const write = (what, uid, values) => ({ do: "write", what, uid, values });

const writes = (what, moves) => moves.map(([uid, position]) => write(what, uid, { position }));

const clamp = (index, length) => Math.max(0, Math.min(index ?? length, length));

/** What a card has by standing in a lane: a pain point stands among pain points. */
function ofLane(map, uid) {
    const kind = map.get("lane", uid)?.kind;
    if (kind === "pain" || kind === "fail") {
        return { is_pain: true };
    }
    return kind === "truth" ? { is_truth: true } : {};
}

function edited(map, what, uid, values) {
    return { changes: map.get(what, uid) ? [write(what, uid, values)] : [], result: uid };
}

function removed(map, what, uid) {
    return { changes: map.get(what, uid) ? [{ do: "delete", what, uid }] : [], result: uid };
}

function firstLeaf(map, uid) {
    const children = map.childrenOf(uid);
    return children.length ? firstLeaf(map, children[0].uid) : uid;
}

/** Only the innermost stages carry cards: those of `parent` go into its first child. */
function takeOver(map, parent, child) {
    return parent
        ? [...map.cells.values()]
              .filter((card) => card.stage === parent)
              .map((card) => write("cell", card.uid, { stage: child }))
        : [];
}
