/**
 * Where somebody is on the map and what they are writing: the keyboard's side of the editor, without a page.
 *
 * A *target* is `{what: "card"|"stage"|"lane", uid}` or `{what: "cell", stage, lane}`. What is drawn anew is told
 * through the map's keys; `cursor` is told whenever the target changes, `editing` when writing begins or ends.
 */
export class MapCursor {
    constructor(map) {
        this.map = map;
        this.target = null;
        // {what: "card"|"stage"|"lane", uid, isNew, stage, lane, index, text}
        this.editing = null;
        this.wantsFocus = false;
        this.root = false;
        // card from which an arrow is being drawn
        this.arrowFrom = false;
        this.personas = new Set();
    }

    static key(target) {
        return target.what === "cell"
            ? `cell:${target.stage}|${target.lane}`
            : `${target.what}:${target.uid}`;
    }

    /** What the map is told so that `target` is drawn anew. */
    keyOf(target) {
        if (!target) {
            return "none";
        }
        const card = target.what === "card" && this.map.get("cell", target.uid);
        return card ? `cell:${card.stage}|${card.lane}` : MapCursor.key(target);
    }

    is(what, uid) {
        return this.target?.what === what && this.target.uid === uid;
    }

    isCell(stage, lane) {
        const { what, stage: s, lane: l } = this.target || {};
        return what === "cell" && s === stage && l === lane;
    }

    /** The thing under the cursor: `{what, thing}` or null. */
    get selected() {
        const { what, uid } = this.target || {};
        const kind = what === "card" ? "cell" : what;
        const thing = uid && this.map.get(kind, uid);
        return thing ? { what, thing } : null;
    }

    columns() {
        return this.map.columns(this.root);
    }

    /** Cards of a cell that are shown: of the personas compared, and everybody's. */
    cards(stage, lane) {
        const cards = this.map.cards(stage, lane);
        return this.personas.size
            ? cards.filter((card) => !card.persona || this.personas.has(card.persona))
            : cards;
    }

    go(target, { focus = true } = {}) {
        const before = this.keyOf(this.target);
        this.target = target;
        this.wantsFocus = focus;
        this.map.tell([before, this.keyOf(target), "cursor"]);
    }

    /** Keeps the cursor where something is. */
    check() {
        const { what, stage, lane } = this.target || {};
        const gone =
            what === "cell"
                ? !this.map.get("stage", stage) || !this.map.get("lane", lane)
                : what && !this.selected;
        if (gone) {
            this.target = null;
            this.map.tell(["cursor"]);
        }
    }

    togglePersona(id) {
        if (!this.personas.delete(id)) {
            this.personas.add(id);
        }
        this.map.tellAll();
    }

    focusOn(root) {
        this.root = root;
        this.map.tell(["grid", "links", "head"]);
    }

    // -- writing ------------------------------------------------------------------------------------------

    write(what, uid, { text } = {}) {
        if (!this.map.canWrite) {
            return;
        }
        this.finish();
        const target = { what, uid };
        this.editing = { ...target, run: `${what}:${uid}:${Math.random()}` };
        this.go(target);
        if (text) {
            this.type(this.textOf(this.editing) + text);
        }
        this.map.tell([this.keyOf(target), "editing"]);
    }

    /** A new card: it comes to be with its first letter. */
    writeNew(stage, lane, { index, text = "" } = {}) {
        if (!this.map.canWrite || this.map.childrenOf(stage).length) {
            return;
        }
        this.finish();
        const place = this.map.cards(stage, lane).length;
        this.editing = { what: "card", isNew: true, stage, lane, index: index ?? place };
        this.editing.run = `new:${Math.random()}`;
        this.go({ what: "cell", stage, lane });
        if (text) {
            this.type(text);
        }
        this.map.tell([`cell:${stage}|${lane}`, "editing"]);
    }

    textOf({ what, uid, isNew }) {
        if (isNew) {
            return "";
        }
        const thing = this.map.get(what === "card" ? "cell" : what, uid);
        return (what === "card" ? thing?.text : thing?.name) || "";
    }

    /** The whole text of what is being written, after each letter. */
    type(text) {
        const { what, uid, isNew, stage, lane, index, run } = this.editing || {};
        const merge = run;
        if (what !== "card") {
            if (text.trim() || what === "lane") {
                const values = { name: text.trim() ? text : false };
                this.map.dispatch(`${what}/edit`, { uid, values }, { merge });
            }
        } else if (!isNew) {
            this.map.dispatch("card/edit", { uid, values: { text } }, { merge });
        } else if (text) {
            const values = { text };
            if (this.personas.size === 1) {
                values.persona = [...this.personas][0];
            }
            const made = this.map.dispatch("card/add", { stage, lane, index, values }, { merge });
            if (made) {
                this.editing = { ...this.editing, isNew: false, uid: made };
                this.target = { what: "card", uid: made };
                this.map.tell([`cell:${stage}|${lane}`, "cursor"]);
            }
        }
    }

    /** Ends writing; a card left without a word, mark or picture goes. */
    finish({ focus = false } = {}) {
        const editing = this.editing;
        if (!editing) {
            return;
        }
        this.editing = null;
        const card = editing.what === "card" && !editing.isNew && this.map.get("cell", editing.uid);
        const key = editing.isNew
            ? `cell:${editing.stage}|${editing.lane}`
            : this.keyOf({ what: editing.what, uid: editing.uid });
        if (card && !card.text.trim() && !card.image && card.feeling === null) {
            this.target = { what: "cell", stage: card.stage, lane: card.lane };
            this.map.dispatch("card/delete", { uid: card.uid }, { merge: editing.run });
        }
        this.map.endRun();
        this.wantsFocus = focus;
        this.map.tell([key, "editing", "cursor"]);
    }

    /** Enter while writing a card: the next one below it. */
    next() {
        const { what, uid, isNew } = this.editing;
        const card = what === "card" && !isNew && this.map.get("cell", uid);
        this.finish({ focus: true });
        if (card && this.map.get("cell", uid)) {
            const { stage, lane } = card;
            const index = this.map.cards(stage, lane).findIndex((one) => one.uid === uid) + 1;
            this.writeNew(stage, lane, { index });
        }
    }

    // -- walking --------------------------------------------------------------------------------------------

    /** `dx`, `dy`: −1, 0, 1. */
    walk(dx, dy) {
        const to = this.target ? this.beside(this.target, dx, dy) : this.firstTarget();
        if (to) {
            this.go(to);
        }
    }

    firstTarget() {
        const [stage] = this.columns();
        return stage ? { what: "stage", uid: stage.uid } : null;
    }

    /** The first or last thing in a cell. */
    into(stage, lane, fromBelow = false) {
        const cards = this.map.get("lane", lane).is_collapsed ? [] : this.cards(stage, lane);
        const card = cards.at(fromBelow ? -1 : 0);
        return card ? { what: "card", uid: card.uid } : { what: "cell", stage, lane };
    }

    beside({ what, uid, stage, lane }, dx, dy) {
        const { map } = this;
        const columns = this.columns().map((one) => one.uid);
        const lanes = map.rows().map((one) => one.uid);
        if (what === "stage") {
            const heads = map.headRows(this.root);
            const depth = heads.findIndex((row) => row.some((one) => one.stage.uid === uid));
            if (dx) {
                const row = heads[depth].map((one) => one.stage.uid);
                const next = row[row.indexOf(uid) + dx];
                return next ? { what, uid: next } : null;
            }
            const next = dy > 0 ? map.childrenOf(uid)[0]?.uid : map.get("stage", uid).parent;
            if (next) {
                return { what, uid: next };
            }
            return dy > 0 && lanes.length ? this.into(uid, lanes[0]) : null;
        }
        if (what === "lane") {
            if (dx) {
                return dx > 0 && columns.length ? this.into(columns[0], uid) : null;
            }
            const next = lanes[lanes.indexOf(uid) + dy];
            return next ? { what, uid: next } : null;
        }
        if (what === "card") {
            const card = map.get("cell", uid);
            ({ stage, lane } = card);
            const cards = this.cards(stage, lane).map((one) => one.uid);
            const next = dy && cards[cards.indexOf(uid) + dy];
            if (next) {
                return { what, uid: next };
            }
        }
        if (dx) {
            const next = columns[columns.indexOf(stage) + dx];
            return next ? this.into(next, lane) : dx < 0 ? { what: "lane", uid: lane } : null;
        }
        const next = lanes[lanes.indexOf(lane) + dy];
        if (next) {
            return this.into(stage, next, dy < 0);
        }
        return dy < 0 ? { what: "stage", uid: stage } : null;
    }

    // -- moving, removing -------------------------------------------------------------------------------------

    /** Alt and an arrow. */
    shift(dx, dy) {
        const { what, thing } = this.selected || {};
        const { map } = this;
        if (what === "card") {
            this.shiftCard(thing, dx, dy);
        } else if (what === "stage" && dx) {
            const siblings = map.childrenOf(map.stages.has(thing.parent) ? thing.parent : false);
            const index = siblings.indexOf(thing) + dx;
            if (index >= 0 && index < siblings.length) {
                map.dispatch("stage/move", { uid: thing.uid, parent: thing.parent, index });
            }
        } else if (what === "lane" && dy) {
            const index = map.rows().indexOf(thing) + dy;
            if (index >= 0 && index < map.rows().length) {
                map.dispatch("lane/move", { uid: thing.uid, index });
            }
        }
        if (thing) {
            this.go(this.target);
        }
    }

    shiftCard(card, dx, dy) {
        const columns = this.columns().map((one) => one.uid);
        const lanes = this.map.rows().map((one) => one.uid);
        const cards = this.map.cards(card.stage, card.lane);
        const index = cards.indexOf(card) + dy;
        let { stage, lane } = card;
        let to = index;
        if (dx) {
            stage = columns[columns.indexOf(stage) + dx];
            to = undefined;
        } else if (index < 0 || index >= cards.length) {
            lane = lanes[lanes.indexOf(lane) + dy];
            to = dy > 0 ? 0 : undefined;
        }
        if (stage && lane) {
            this.map.dispatch("card/move", { uid: card.uid, stage, lane, index: to });
        }
    }

    remove() {
        const { what, thing } = this.selected || {};
        if (!thing || !this.map.canWrite) {
            return false;
        }
        let next;
        if (what === "card") {
            const { stage, lane } = thing;
            const cards = this.cards(stage, lane);
            const at = cards.indexOf(thing);
            const other = cards[at + 1] || cards[at - 1];
            next = other ? { what, uid: other.uid } : { what: "cell", stage, lane };
        } else {
            next = this.beside(this.target, what === "stage" ? 1 : 0, what === "lane" ? 1 : 0);
            next =
                next ||
                this.beside(this.target, what === "stage" ? -1 : 0, what === "lane" ? -1 : 0);
        }
        this.map.dispatch(`${what}/delete`, { uid: thing.uid });
        this.go(next);
        return { what, thing };
    }

    duplicate() {
        const { what, thing } = this.selected || {};
        if (what === "card" || what === "stage") {
            const uid = this.map.dispatch(`${what}/duplicate`, { uid: thing.uid });
            if (uid) {
                this.go({ what, uid });
            }
        }
    }

    // -- keys ---------------------------------------------------------------------------------------------------

    /** A key pressed on the map (not while writing). Returns whether it meant something. */
    press({ key, ctrlKey, metaKey, altKey, shiftKey }) {
        const ctrl = ctrlKey || metaKey;
        const arrows = {
            ArrowLeft: [-1, 0],
            ArrowRight: [1, 0],
            ArrowUp: [0, -1],
            ArrowDown: [0, 1],
        };
        const { what, uid, stage, lane } = this.target || {};
        if (arrows[key] && !ctrl) {
            altKey ? this.shift(...arrows[key]) : this.walk(...arrows[key]);
            return true;
        }
        if (ctrl && !altKey) {
            return this.pressCtrl(key.toLowerCase(), shiftKey);
        }
        if (!what || altKey) {
            return false;
        }
        if (key === "Home" || key === "End") {
            const row = this.columns();
            const laneUid = what === "card" ? this.map.get("cell", uid).lane : lane;
            const column = row.at(key === "Home" ? 0 : -1);
            if (column) {
                this.go(
                    laneUid ? this.into(column.uid, laneUid) : { what: "stage", uid: column.uid }
                );
            }
            return true;
        }
        if (key === "Delete" || key === "Backspace") {
            return Boolean(this.remove());
        }
        if (key === "Escape") {
            const had = this.arrowFrom || this.target;
            this.arrowFrom = false;
            this.map.tell(["cursor"]);
            return Boolean(had);
        }
        if (key === "Enter" && this.arrowFrom && what === "card") {
            this.drawArrow(uid);
            return true;
        }
        if (key === "F2" || (key === "Enter" && what !== "card")) {
            what === "cell" ? this.writeNew(stage, lane) : this.write(what, uid);
            return true;
        }
        if (key === "Enter") {
            const card = this.map.get("cell", uid);
            const index = this.map.cards(card.stage, card.lane).indexOf(card) + 1;
            this.writeNew(card.stage, card.lane, { index });
            return true;
        }
        if (key.length === 1 && key !== " " && this.map.canWrite) {
            what === "cell"
                ? this.writeNew(stage, lane, { text: key })
                : this.write(what, uid, { text: key });
            return true;
        }
        return false;
    }

    pressCtrl(key, shift) {
        if (key === "z" && !shift) {
            this.map.undo();
        } else if (key === "y" || key === "z") {
            this.map.redo();
        } else if (key === "d") {
            this.duplicate();
        } else {
            return false;
        }
        this.check();
        this.wantsFocus = true;
        this.map.tell(["cursor"]);
        return true;
    }

    drawArrow(to) {
        const from = this.arrowFrom;
        this.arrowFrom = false;
        this.map.dispatch("arrow/add", { from, to });
        this.go({ what: "card", uid: from });
    }
}
