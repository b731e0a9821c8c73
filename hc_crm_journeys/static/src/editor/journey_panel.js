import { Component, onWillDestroy, useRef } from "@odoo/owl";
import { Face } from "@hc_crm/interaction/face";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useBatchedRender, useMapKeys } from "./map_hooks";
import { FEELINGS, MODES, PROOFS, TOUCHPOINT_KINDS, signed } from "./map_words";

/** Largest picture that is sent (bytes). */
const IMAGE_SIZE = 8 * 1024 * 1024;

/** Everything about the selected card, stage or lane, and buttons for whoever has no mouse. */
export class JourneyPanel extends Component {
    static template = "hc_crm_journeys.Panel";
    static components = { Face };
    static props = { editor: Object };

    setup() {
        const { editor } = this.props;
        this.map = editor.map;
        this.cursor = editor.cursor;
        this.rootRef = useRef("root");
        this.feelings = FEELINGS.map((face) => ({
            ...face,
            text: `${signed(face.value)} ${face.label}`,
        }));
        this.proofs = PROOFS;
        this.modes = MODES;
        this.listened = null;
        this.drawSoon = useBatchedRender();
        onWillDestroy(() => this.stop?.());
        useMapKeys(this.map, () => ["cursor", "editing", "grid", "links", "head"]);
    }

    /** What is shown; a change of just this thing draws the panel anew. */
    get selected() {
        const { selected } = this.cursor;
        const key = selected && `thing:${selected.thing.uid}`;
        if (key !== this.listened) {
            this.stop?.();
            this.listened = key;
            this.stop = key && this.map.on(key, this.drawSoon);
        }
        return selected;
    }

    get canWrite() {
        return this.map.canWrite;
    }

    get title() {
        return {
            card: _t("Card"),
            stage: _t("Stage"),
            lane: _t("Lane"),
        }[this.selected.what];
    }

    get cardLane() {
        return this.map.get("lane", this.selected.thing.lane);
    }

    get isTouchpoint() {
        return TOUCHPOINT_KINDS.includes(this.cardLane?.kind) || Boolean(this.selected.thing.mode);
    }

    get personas() {
        return this.map.head.personas || [];
    }

    get channels() {
        return this.map.head.channels || [];
    }

    get lines() {
        return this.map.head.lines || [];
    }

    get touchpoints() {
        const { thing } = this.selected;
        return this.map
            .rows()
            .filter((lane) => lane.kind === "touchpoint" && lane.uid !== thing.lane)
            .flatMap((lane) => this.map.cards(thing.stage, lane.uid));
    }

    get owners() {
        const me = { id: user.userId, name: user.name };
        const owners = new Map([[me.id, me]]);
        for (const one of [this.map.head.user, this.selected.thing.user]) {
            if (one) {
                owners.set(one.id, one);
            }
        }
        return [...owners.values()];
    }

    get arrows() {
        const { uid } = this.selected.thing;
        return this.map.linksOf(uid).map((link) => {
            const other = this.map.get("cell", link.from === uid ? link.to : link.from);
            const sign = link.is_two_way ? "↔" : link.from === uid ? "→" : "←";
            const says = link.is_two_way
                ? _t("goes with")
                : link.from === uid
                  ? _t("leads to")
                  : _t("comes from");
            return { ...link, sign, says, text: other?.text || "" };
        });
    }

    get isPicking() {
        return this.cursor.arrowFrom === this.selected.thing.uid;
    }

    id(name) {
        return `o_hc_jm_${name}_${this.selected.thing.uid}`;
    }

    edit(values, merge = false) {
        const { what, thing } = this.selected;
        this.map.dispatch(`${what}/edit`, { uid: thing.uid, values }, { merge });
    }

    /** A text while it is typed: one step of undo for all its letters. */
    type(field, value) {
        if (field === "name" && this.selected.what === "stage" && !value?.trim()) {
            return;
        }
        this.edit({ [field]: value }, `panel:${this.selected.thing.uid}:${field}`);
    }

    endRun() {
        this.map.endRun();
    }

    number(field, value) {
        const number = Number(value);
        if (Number.isFinite(number) && number >= 0) {
            this.edit({ [field]: number });
        }
    }

    pick(field, value) {
        this.edit({ [field]: Number(value) || false });
    }

    pickOwner(value) {
        this.edit({ user: this.owners.find((one) => one.id === Number(value)) || false });
    }

    feel(field, value) {
        this.edit(
            field === "feeling" && value === null
                ? { feeling: null, feeling_other: null }
                : { [field]: value }
        );
    }

    async takePicture(ev) {
        const [file] = ev.target.files;
        if (!file) {
            return;
        }
        if (!file.type.startsWith("image/") || file.size > IMAGE_SIZE) {
            this.props.editor.say(_t("Choose a picture of at most 8 MB."));
            return;
        }
        const { uid } = this.selected.thing;
        const reader = new FileReader();
        reader.onload = () =>
            this.map.dispatch("card/edit", { uid, values: { image: reader.result } });
        reader.readAsDataURL(file);
    }

    // -- buttons ------------------------------------------------------------------------------------------

    move(dx, dy) {
        this.cursor.shift(dx, dy);
        this.cursor.wantsFocus = false;
    }

    remove() {
        this.props.editor.remove();
    }

    duplicate() {
        this.cursor.duplicate();
    }

    close() {
        this.cursor.go(null);
    }

    drawArrow() {
        const { uid } = this.selected.thing;
        this.cursor.arrowFrom = this.cursor.arrowFrom ? false : uid;
        this.map.tell(["cursor"]);
        if (this.cursor.arrowFrom) {
            this.props.editor.say(_t("Choose the card it leads to; Escape stops."));
            this.cursor.go({ what: "card", uid });
        }
    }

    turn(link) {
        this.map.dispatch("arrow/edit", {
            uid: link.uid,
            values: { is_two_way: !link.is_two_way },
        });
    }

    removeArrow(link) {
        this.map.dispatch("arrow/delete", { uid: link.uid });
    }

    addSubStage() {
        const parent = this.selected.thing.uid;
        const name = _t("Part %s", this.map.childrenOf(parent).length + 1);
        this.cursor.write("stage", this.map.dispatch("stage/add", { name, parent }));
    }

    addBeside(side) {
        const { what, thing } = this.selected;
        const { map, cursor } = this;
        if (what === "stage") {
            const name = _t("Stage %s", map.stages.size + 1);
            cursor.write("stage", map.dispatch("stage/add", { name, [side]: thing.uid }));
        } else {
            const index = map.rows().indexOf(thing) + (side === "after" ? 1 : 0);
            cursor.write("lane", map.dispatch("lane/add", { index }));
        }
    }

    focusOn() {
        this.props.editor.focusOn(this.selected.thing.uid);
    }

    onKeydown(ev) {
        ev.stopPropagation();
        const ctrl = ev.ctrlKey || ev.metaKey;
        const isText = ["TEXTAREA", "INPUT"].includes(ev.target.tagName);
        if (ev.key === "Escape") {
            ev.preventDefault();
            this.cursor.go(this.cursor.target);
        } else if (ctrl && ["z", "y"].includes(ev.key.toLowerCase()) && !isText) {
            ev.preventDefault();
            this.cursor.pressCtrl(ev.key.toLowerCase(), ev.shiftKey);
            this.cursor.wantsFocus = false;
        }
    }
}
