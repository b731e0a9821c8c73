import { Component, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useCursorFocus, useMapKeys, useWriting } from "./map_hooks";

/** What row and column headers have in common: a name that is written in place. */
class JourneyHead extends Component {
    static template = "";
    static props = {};

    setup() {
        const { editor } = this.props;
        this.map = editor.map;
        this.cursor = editor.cursor;
        this.rootRef = useRef("root");
        this.inputRef = useRef("input");
        useMapKeys(this.map, () => [`${this.what}:${this.props.uid}`, "live"]);
        useCursorFocus(this.cursor, this.rootRef, () => this.isCursor);
        useWriting(this.inputRef, {
            run: () => this.isEdited && this.cursor.editing.run,
            isName: true,
        });
    }

    get thing() {
        return this.map.get(this.what, this.props.uid) || {};
    }

    get isCursor() {
        return this.cursor.is(this.what, this.props.uid);
    }

    /** The one place of the grid that the Tab key reaches before there is a cursor. */
    get tabindex() {
        return this.isCursor || (!this.cursor.target && this.isFirst) ? 0 : -1;
    }

    get isFirst() {
        return false;
    }

    get isEdited() {
        const { editing } = this.cursor;
        return Boolean(editing) && editing.what === this.what && editing.uid === this.props.uid;
    }

    onClick() {
        if (this.isEdited) {
            return;
        }
        if (this.isCursor && this.map.canWrite && !this.props.editor.state.presenting) {
            this.cursor.write(this.what, this.props.uid);
        } else {
            this.cursor.finish();
            this.cursor.go({ what: this.what, uid: this.props.uid });
        }
    }

    onInput(ev) {
        this.cursor.type(ev.target.value);
    }

    onKeydown(ev) {
        ev.stopPropagation();
        if (!ev.isComposing && ["Enter", "Escape"].includes(ev.key)) {
            ev.preventDefault();
            this.cursor.finish({ focus: true });
        }
    }

    onBlur() {
        if (this.isEdited) {
            this.cursor.finish();
        }
    }
}

export class JourneyStageHead extends JourneyHead {
    static template = "hc_crm_journeys.StageHead";
    static props = { editor: Object, uid: String, colspan: Number, rowspan: Number, depth: Number };
    what = "stage";

    get isFirst() {
        return this.props.depth === 0 && this.cursor.firstTarget()?.uid === this.props.uid;
    }

    get editLabel() {
        return _t("Name of the stage");
    }
}

export class JourneyLaneHead extends JourneyHead {
    static template = "hc_crm_journeys.LaneHead";
    static props = { editor: Object, uid: String };
    what = "lane";

    get editLabel() {
        return _t("Name of the lane");
    }

    get name() {
        return this.map.laneName(this.thing);
    }

    get curves() {
        if (!this.map.isFeelings(this.thing)) {
            return [];
        }
        return this.map.feelersOf(this.props.uid).map((id) => ({
            key: `${id}`,
            index: this.props.editor.personaIndex(id) % 5,
            sign: ["○", "□", "◇", "△", "▽"][this.props.editor.personaIndex(id) % 5],
            name: id ? this.props.editor.persona(id)?.name : _t("Everybody"),
        }));
    }

    get collapseLabel() {
        return this.thing.is_collapsed
            ? _t("Show the lane “%s”", this.name)
            : _t("Fold the lane “%s”", this.name);
    }

    toggle(ev) {
        ev.stopPropagation();
        this.map.dispatch("lane/edit", {
            uid: this.props.uid,
            values: { is_collapsed: !this.thing.is_collapsed },
        });
    }
}
