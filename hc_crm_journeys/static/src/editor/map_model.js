import { COMMANDS } from "./map_commands";
import { TABLES, byPosition, makeThing, same, trimmed, valuesOf } from "./map_things";

/** How many steps back are kept. */
const UNDO_STEPS = 200;

/**
 * A map without a page: what stands on it, commands that change it, getters that read it, undo and redo, and what
 * others change meanwhile. It knows neither Owl nor the server; `onChanges(changes)` takes what is to be sent.
 *
 * A *change* is one command of the server (`hc_apply`): create, write, delete, journey. Every command of the editor
 * (`map_commands.js`) becomes a list of them, which is one step of undo.
 *
 * Listeners are told by key, so that a keystroke draws one cell: `cell:<stage>|<lane>`, `stage:<uid>`,
 * `lane:<uid>`, `thing:<uid>`, `grid` (what rows and columns there are), `links`, `head`, `history`, `clashes`.
 */
export class JourneyMap {
    constructor(data, { makeUid = () => crypto.randomUUID(), onChanges = () => {} } = {}) {
        this.makeUid = makeUid;
        this.onChanges = onChanges;
        this.listeners = new Map();
        this.undoStack = [];
        this.redoStack = [];
        this.clashes = [];
        this.clashCount = 0;
        this.load(data);
    }

    load({ stages = [], lanes = [], cells = [], links = [], ...head }) {
        this.head = head;
        const table = (what, rows) => new Map(rows.map((raw) => [raw.uid, makeThing(what, raw)]));
        this.stages = table("stage", stages);
        this.lanes = table("lane", lanes);
        this.cells = table("cell", cells);
        this.links = table("link", links);
        this.forget();
    }

    // -- listening ------------------------------------------------------------------------------------

    /** Calls `listener` when something of `key` changed; returns how to stop. */
    on(key, listener) {
        if (!this.listeners.has(key)) {
            this.listeners.set(key, new Set());
        }
        this.listeners.get(key).add(listener);
        return () => this.listeners.get(key)?.delete(listener);
    }

    tell(keys) {
        const once = new Set();
        for (const key of keys) {
            for (const listener of this.listeners.get(key) || []) {
                once.add(listener);
            }
        }
        for (const listener of once) {
            listener();
        }
    }

    tellAll() {
        this.tell([...this.listeners.keys()]);
    }

    // -- getters --------------------------------------------------------------------------------------

    get canWrite() {
        return Boolean(this.head.can_write);
    }

    table(what) {
        return this[TABLES[what]];
    }

    get(what, uid) {
        return this.table(what).get(uid);
    }

    /** Drops what was worked out from the tables. */
    forget() {
        this.cellIndex = null;
        this.stageIndex = null;
        this.laneRows = null;
        this.linkIndex = null;
    }

    /** Stages below `parent` (false: the outermost), in order. */
    childrenOf(parent = false) {
        if (!this.stageIndex) {
            this.stageIndex = new Map();
            for (const stage of this.stages.values()) {
                // whose parent is gone stands outermost: better there than nowhere
                const key = this.stages.has(stage.parent) ? stage.parent : false;
                this.stageIndex.set(key, [...(this.stageIndex.get(key) || []), stage]);
            }
            for (const list of this.stageIndex.values()) {
                list.sort(byPosition);
            }
        }
        return this.stageIndex.get(parent) || [];
    }

    /** Stages that carry cards, from left to right; only those of `root` if given. */
    columns(root = false) {
        const walk = (stage) => {
            const children = this.childrenOf(stage.uid);
            return children.length ? children.flatMap(walk) : [stage];
        };
        const start = root && this.get("stage", root);
        return start ? walk(start) : this.childrenOf(false).flatMap(walk);
    }

    /** Rows of column headers: `[[{stage, colspan, rowspan}]]`. */
    headRows(root = false) {
        const start = root && this.get("stage", root);
        const rows = [];
        const width = (stage) =>
            this.childrenOf(stage.uid).reduce((sum, child) => sum + width(child), 0) || 1;
        const walk = (stage, depth) => {
            rows[depth] = rows[depth] || [];
            const children = this.childrenOf(stage.uid);
            rows[depth].push({ stage, colspan: width(stage), isLeaf: !children.length });
            children.forEach((child) => walk(child, depth + 1));
        };
        (start ? [start] : this.childrenOf(false)).forEach((stage) => walk(stage, 0));
        return rows.map((row, depth) =>
            row.map((head) => ({ ...head, rowspan: head.isLeaf ? rows.length - depth : 1 }))
        );
    }

    /** Lanes from top to bottom. */
    rows() {
        this.laneRows = this.laneRows || [...this.lanes.values()].sort(byPosition);
        return this.laneRows;
    }

    laneName(lane) {
        const kind = (this.head.lane_kinds || []).find((one) => one.kind === lane.kind);
        return lane.name || kind?.label || lane.kind;
    }

    lineName(line) {
        return (this.head.lines || []).find((one) => one.line === line)?.label || line;
    }

    /** Cards of a cell from top to bottom. */
    cards(stage, lane) {
        if (!this.cellIndex) {
            this.cellIndex = new Map();
            for (const card of this.cells.values()) {
                const key = `${card.stage}|${card.lane}`;
                const list = this.cellIndex.get(key);
                if (list) {
                    list.push(card);
                } else {
                    this.cellIndex.set(key, [card]);
                }
            }
            for (const list of this.cellIndex.values()) {
                list.sort(byPosition);
            }
        }
        return this.cellIndex.get(`${stage}|${lane}`) || [];
    }

    linksOf(uid) {
        if (!this.linkIndex) {
            this.linkIndex = new Map();
            for (const link of this.links.values()) {
                for (const end of new Set([link.from, link.to])) {
                    this.linkIndex.set(end, [...(this.linkIndex.get(end) || []), link]);
                }
            }
        }
        return this.linkIndex.get(uid) || [];
    }

    isFeelings(lane) {
        return lane?.kind === "emotion" || lane?.kind === "employee_emotion";
    }

    /** What somebody feels in a stage: `{value, low, high}` over the cards of `persona`, or null. */
    feelingIn(stage, lane, persona) {
        const values = this.cards(stage, lane)
            .filter((card) => card.persona === persona)
            .flatMap((card) => [card.feeling, card.feeling_other])
            .filter((value) => typeof value === "number");
        if (!values.length) {
            return null;
        }
        const sum = values.reduce((a, b) => a + b, 0);
        return {
            value: sum / values.length,
            low: Math.min(...values),
            high: Math.max(...values),
        };
    }

    /** Whose curves a lane of feelings has: persona ids, false for everybody's. */
    feelersOf(lane) {
        const ids = new Set();
        for (const card of this.cells.values()) {
            if (card.lane === lane && typeof card.feeling === "number") {
                ids.add(card.persona);
            }
        }
        return [false, ...(this.head.personas || []).map((one) => one.id)].filter((id) =>
            ids.has(id)
        );
    }

    /** How well founded the map is: cards by proof. */
    get proofs() {
        const proofs = { count: 0, assumed: 0, some: 0, validated: 0 };
        for (const card of this.cells.values()) {
            proofs.count++;
            proofs[card.proof]++;
        }
        return proofs;
    }

    get canUndo() {
        return this.undoStack.length > 0;
    }

    get canRedo() {
        return this.redoStack.length > 0;
    }

    // -- commands ---------------------------------------------------------------------------------------

    /**
     * Does one command of `map_commands.js`. `merge`: key of a run of small changes (one text being typed) that
     * are one step of undo together. Returns what the command returns (usually the uid of the new thing).
     */
    dispatch(name, args = {}, { merge = false } = {}) {
        if (!this.canWrite) {
            return false;
        }
        const { changes, result } = COMMANDS[name](this, args);
        if (changes.length) {
            const inverse = this.run(changes);
            const last = this.undoStack.at(-1);
            if (!(merge && last?.merge === merge)) {
                this.undoStack.push({ inverse, merge, name });
                this.undoStack.splice(0, this.undoStack.length - UNDO_STEPS);
            }
            this.redoStack = [];
            this.tell(["history"]);
        }
        return result;
    }

    undo() {
        return this.step(this.undoStack, this.redoStack);
    }

    redo() {
        return this.step(this.redoStack, this.undoStack);
    }

    /** Ends a run: what is typed next is a step of its own. */
    endRun() {
        const last = this.undoStack.at(-1);
        if (last) {
            last.merge = false;
        }
    }

    /** Goes one step of `from`; what others deleted meanwhile is left out. Returns the changes made. */
    step(from, to) {
        while (from.length) {
            const { inverse, name } = from.pop();
            const done = [];
            const back = this.run(inverse, done);
            if (done.length) {
                to.push({ inverse: back, merge: false, name });
                this.tell(["history"]);
                return done;
            }
        }
        this.tell(["history"]);
        return false;
    }

    /** Applies changes here, hands them on for the server, and returns their inverse. */
    run(changes, done = []) {
        let inverse = [];
        const keys = new Set();
        for (const change of changes) {
            const ready = this.prepared(change);
            if (ready) {
                inverse = [...this.inverse(ready), ...inverse];
                this.apply(ready, keys);
                done.push(ready);
            }
        }
        this.onChanges(done);
        this.tell(keys);
        return inverse;
    }

    /** The change with what we know to be there now, or null if there is nothing to do it on. */
    prepared(change) {
        if (change.do === "journey") {
            const base = {};
            for (const name of Object.keys(change.values)) {
                base[name] = this.head[name];
            }
            return { ...change, base };
        }
        const thing = this.get(change.what, change.uid);
        if (change.do === "create") {
            return thing || !this.fits(change) ? null : change;
        }
        if (!thing) {
            return null;
        }
        if (change.do === "delete") {
            return change;
        }
        const values = {};
        const base = {};
        for (const [name, value] of Object.entries(change.values)) {
            if (!same(thing[name], value)) {
                values[name] = value;
                base[name] = thing[name];
            }
        }
        return Object.keys(values).length && this.fits({ ...change, values })
            ? { ...change, values, base }
            : null;
    }

    /** Whether what a change points at is (still) on the map. */
    fits({ what, values }) {
        const there = (kind, uid) => uid === undefined || this.table(kind).has(uid);
        return {
            stage: () => !values.parent || there("stage", values.parent),
            lane: () => true,
            cell: () => there("stage", values.stage) && there("lane", values.lane),
            link: () => there("cell", values.from) && there("cell", values.to),
        }[what]();
    }

    inverse({ do: verb, what, uid, values, base }) {
        switch (verb) {
            case "journey":
                return [{ do: "journey", values: base }];
            case "create":
                return [{ do: "delete", what, uid }];
            case "write":
                return [{ do: "write", what, uid, values: base }];
        }
        return this.fallOf(what, uid).map(([kind, one]) => ({
            do: "create",
            what: kind,
            uid: one.uid,
            values: trimmed(kind, valuesOf(kind, one)),
        }));
    }

    /** What goes with a thing, itself first: `[[what, thing]]` in the order in which it can be made again. */
    fallOf(what, uid) {
        const thing = this.get(what, uid);
        if (!thing) {
            return [];
        }
        const stages = [];
        const walk = (stage) => {
            stages.push(stage);
            this.childrenOf(stage.uid).forEach(walk);
        };
        if (what === "stage") {
            walk(thing);
        }
        const gone = new Set(stages.map((stage) => stage.uid));
        const cells =
            what === "cell"
                ? [thing]
                : [...this.cells.values()].filter(
                      (card) => gone.has(card.stage) || (what === "lane" && card.lane === uid)
                  );
        const cellUids = new Set(cells.map((card) => card.uid));
        const links =
            what === "link"
                ? [thing]
                : [...this.links.values()].filter(
                      (link) => cellUids.has(link.from) || cellUids.has(link.to)
                  );
        return [
            ...stages.map((one) => ["stage", one]),
            ...(what === "lane" ? [["lane", thing]] : []),
            ...cells.map((one) => ["cell", one]),
            ...links.map((one) => ["link", one]),
        ];
    }

    /** One change of the tables; `keys` gathers who is to be told. */
    apply(change, keys) {
        const { do: verb, what, uid, values } = change;
        if (verb === "journey") {
            this.head = { ...this.head, ...values };
            keys.add("head");
            return;
        }
        const old = this.get(what, uid);
        if (verb === "delete") {
            for (const [kind, thing] of this.fallOf(what, uid)) {
                this.put(kind, thing.uid, null, keys);
            }
        } else if (verb === "create") {
            this.put(what, uid, { ...makeThing(what, { ...old, ...values }), uid }, keys);
        } else if (old) {
            this.put(what, uid, { ...old, ...values }, keys);
        }
    }

    /** Sets or (null) removes one thing. */
    put(what, uid, thing, keys) {
        const old = this.get(what, uid);
        if (thing) {
            this.table(what).set(uid, thing);
        } else {
            this.table(what).delete(uid);
        }
        keys.add(`thing:${uid}`);
        const shape = !old || !thing;
        if (what === "cell") {
            this.cellIndex = null;
            keys.add("proofs");
            for (const one of [old, thing]) {
                if (one) {
                    keys.add(`cell:${one.stage}|${one.lane}`);
                    if (this.isFeelings(this.get("lane", one.lane))) {
                        keys.add(`feelings:${one.lane}`);
                    }
                }
            }
            if (this.linksOf(uid).length) {
                keys.add("links");
            }
        } else if (what === "link") {
            this.linkIndex = null;
            keys.add("links");
            for (const end of [old?.from, old?.to, thing?.from, thing?.to]) {
                const card = this.get("cell", end);
                if (card) {
                    keys.add(`thing:${end}`);
                    keys.add(`cell:${card.stage}|${card.lane}`);
                }
            }
        } else {
            this.stageIndex = null;
            this.laneRows = null;
            keys.add(`${what}:${uid}`);
            const order = ["position", "parent", "line_after", "is_collapsed", "kind"];
            if (shape || order.some((name) => old[name] !== thing[name])) {
                keys.add("grid");
                keys.add("links");
            }
        }
    }

    // -- others -------------------------------------------------------------------------------------------

    /**
     * Takes in what others changed (`hc_changes`). `pending`: our changes the server does not have yet; what they
     * set stays as we have it, the server will say whether that clashes.
     */
    merge({ set = {}, gone = [], journey }, pending = []) {
        const keys = new Set();
        if (journey) {
            this.head = { ...this.head, ...journey };
            keys.add("head");
        }
        for (const what of ["stage", "lane", "cell", "link"]) {
            for (const raw of set[TABLES[what]] || []) {
                const mine = pending.filter(
                    (change) => change.what === what && change.uid === raw.uid
                );
                if (mine.some((change) => change.do === "delete")) {
                    continue;
                }
                const thing = makeThing(what, raw);
                mine.forEach((change) => Object.assign(thing, change.values));
                this.put(what, raw.uid, thing, keys);
            }
        }
        for (const [what, uid] of gone) {
            const mine = pending.filter((change) => change.what === what && change.uid === uid);
            if (!mine.some((change) => change.do === "create")) {
                this.apply({ do: "delete", what, uid }, keys);
            }
        }
        for (const change of pending) {
            if (change.do === "journey") {
                this.apply(change, keys);
            }
        }
        this.tell(keys);
    }

    /** The whole map read anew, with what is still to be sent on top of it. */
    reload(data, pending = []) {
        this.load(data);
        const keys = new Set();
        for (const change of pending) {
            if (change.do !== "create" || this.fits(change)) {
                this.apply(change, keys);
            }
        }
        this.tellAll();
    }

    // -- clashes --------------------------------------------------------------------------------------------

    /**
     * Two people wrote the same thing. The map shows what the server has; ours is kept here until somebody decides.
     * @param {Object} clash `{what, uid, field, theirs, mine, by, gone}` as `hc_apply` says it, or
     *   `{refused, changes}`: what the server would not take, and why
     */
    addClash(clash) {
        const keys = new Set(["clashes"]);
        const thing = clash.what && this.get(clash.what, clash.uid);
        const kept = { ...clash, id: ++this.clashCount };
        if (clash.gone) {
            kept.fall = this.fallOf(clash.what, clash.uid).map(([what, one]) => [what, { ...one }]);
            this.apply({ do: "delete", what: clash.what, uid: clash.uid }, keys);
        } else if (clash.what === "journey") {
            this.apply({ do: "journey", values: { [clash.field]: clash.theirs } }, keys);
        } else if (thing) {
            const values = { [clash.field]: clash.theirs };
            this.apply({ do: "write", what: clash.what, uid: clash.uid, values }, keys);
        }
        this.clashes = [...this.clashes, kept];
        this.tell(keys);
    }

    /** `choice`: "mine", "theirs", or "both" (texts one below the other). */
    resolve(id, choice) {
        const clash = this.clashes.find((one) => one.id === id);
        this.clashes = this.clashes.filter((one) => one.id !== id);
        if (clash && choice !== "theirs" && !clash.refused) {
            this.dispatch("clash/mine", { clash, both: choice === "both" });
        }
        this.tell(["clashes"]);
    }
}
