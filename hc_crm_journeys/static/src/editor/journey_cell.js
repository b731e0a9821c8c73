import { Component, useRef } from "@odoo/owl";
import { Face } from "@hc_crm/interaction/face";
import { _t } from "@web/core/l10n/translation";
import { JourneyCurve } from "./journey_curve";
import { useCursorFocus, useMapKeys, useWriting } from "./map_hooks";
import { MODES, PROOFS, feelingLabel, signed } from "./map_words";

/** One cell of the map with its cards. It is drawn anew alone, so that a letter costs one cell. */
export class JourneyCell extends Component {
    static template = "hc_crm_journeys.Cell";
    static components = { Face, JourneyCurve };
    static props = { editor: Object, stage: String, lane: String };

    setup() {
        const { editor, stage, lane } = this.props;
        this.map = editor.map;
        this.cursor = editor.cursor;
        this.rootRef = useRef("root");
        this.inputRef = useRef("input");
        useMapKeys(this.map, () => [`cell:${stage}|${lane}`, `lane:${lane}`, "live"]);
        useCursorFocus(this.cursor, this.rootRef, () => this.hasCursor);
        useWriting(this.inputRef, { run: () => this.editing?.run });
    }

    get lane() {
        return this.map.get("lane", this.props.lane);
    }

    get cards() {
        return this.cursor.cards(this.props.stage, this.props.lane);
    }

    get isFeelings() {
        return this.map.isFeelings(this.lane);
    }

    get hasCursor() {
        const { target } = this.cursor;
        return (
            target && this.cursor.keyOf(target) === `cell:${this.props.stage}|${this.props.lane}`
        );
    }

    get editing() {
        const { editing } = this.cursor;
        if (editing?.what !== "card") {
            return null;
        }
        const { stage, lane } = editing.isNew ? editing : this.map.get("cell", editing.uid) || {};
        return stage === this.props.stage && lane === this.props.lane ? editing : null;
    }

    /** What stands in the cell from top to bottom: cards, and the new one being written. */
    get items() {
        const { editing, cards } = this;
        const items = cards.map((card) => ({
            key: editing && editing.uid === card.uid ? editing.run : card.uid,
            card,
            isEdited: Boolean(editing && editing.uid === card.uid),
        }));
        if (editing?.isNew) {
            items.splice(editing.index, 0, { key: editing.run, card: null, isEdited: true });
        }
        return items;
    }

    get isCursor() {
        return this.cursor.isCell(this.props.stage, this.props.lane);
    }

    isSelected(card) {
        return this.cursor.is("card", card.uid);
    }

    /** Signs behind a card's text, each with its meaning in words. */
    signs(card) {
        const signs = [];
        const add = (key, sign, label, kind = "") => signs.push({ key, sign, label, kind });
        if (card.is_pain) {
            add("pain", "▲", _t("Pain point"), "o_hc_jm_pain");
        }
        if (card.is_truth) {
            add("truth", "◆", _t("Moment of truth"), "o_hc_jm_truth");
        }
        const mode = MODES.find((one) => one.value === card.mode);
        if (mode) {
            add("mode", mode.sign, mode.label);
        }
        const channel = card.channel && this.props.editor.channel(card.channel);
        if (channel) {
            signs.push({
                key: "channel",
                icon: channel.icon || "fa-circle-o",
                label: channel.name,
            });
        }
        if (card.minutes) {
            add("minutes", _t("%s min", card.minutes), _t("%s minutes", card.minutes));
        }
        const arrows = this.map.linksOf(card.uid).length;
        if (arrows) {
            add("arrows", `↷${arrows}`, _t("%s arrows", arrows));
        }
        const passed = this.props.editor.passed(card.uid);
        if (passed) {
            add("passed", `${passed.count}`, _t("%s customers passed here", passed.count));
        }
        if (card.user) {
            add("user", card.user.name, _t("Owner: %s", card.user.name), "o_hc_jm_who");
        }
        if (card.improvement) {
            add("improvement", "↗", _t("Improvement: %s", card.improvement.name));
        }
        if (card.evidence_count) {
            add(
                "evidence",
                `“${card.evidence_count}”`,
                _t("%s pieces of evidence", card.evidence_count)
            );
        }
        const proof = PROOFS.find((one) => one.value === card.proof) || PROOFS[0];
        add("proof", proof.sign, proof.label, "o_hc_jm_proof");
        return signs;
    }

    persona(card) {
        return card.persona && this.props.editor.persona(card.persona);
    }

    feelings(card) {
        return [card.feeling, card.feeling_other]
            .filter((value) => typeof value === "number")
            .map((value, index) => ({
                key: `${index}`,
                value,
                text: signed(value),
                label: feelingLabel(value),
            }));
    }

    /** What a screen reader says of a card: its words, then its signs. */
    cardLabel(card) {
        return [
            this.persona(card)?.name,
            card.text || (card.image ? _t("Picture") : ""),
            ...this.feelings(card).map((one) => `${one.text} ${one.label}`),
            ...this.signs(card).map((one) => one.label),
        ]
            .filter(Boolean)
            .join(", ");
    }

    get editLabel() {
        const stage = this.map.get("stage", this.props.stage);
        return _t("Card in %(stage)s, %(lane)s", {
            stage: stage.name,
            lane: this.map.laneName(this.lane),
        });
    }

    get editText() {
        return this.editing ? this.cursor.textOf(this.editing) : "";
    }

    // -- mouse and keys -----------------------------------------------------------------------------------

    onClickCell(ev) {
        if (ev.target.closest(".o_hc_jm_card")) {
            return;
        }
        const { stage, lane } = this.props;
        if (this.lane.is_collapsed || !this.map.canWrite || this.props.editor.state.presenting) {
            this.cursor.go({ what: "cell", stage, lane });
        } else {
            this.cursor.writeNew(stage, lane);
        }
    }

    onClickCard(ev, card) {
        if (this.editing && this.editing.uid === card.uid) {
            return;
        }
        if (this.cursor.arrowFrom) {
            this.cursor.drawArrow(card.uid);
        } else if (this.isSelected(card) && !this.props.editor.state.presenting) {
            this.cursor.write("card", card.uid);
        } else {
            this.cursor.finish();
            this.cursor.go({ what: "card", uid: card.uid });
        }
    }

    onInput(ev) {
        this.cursor.type(ev.target.value);
    }

    onKeydown(ev) {
        ev.stopPropagation();
        if (ev.isComposing) {
            return;
        }
        const { stage, lane } = this.props;
        if (ev.key === "Enter" && !ev.shiftKey) {
            ev.preventDefault();
            const hasText = ev.target.value.trim();
            hasText ? this.cursor.next() : this.cursor.finish({ focus: true });
        } else if (ev.key === "Escape") {
            ev.preventDefault();
            this.cursor.finish({ focus: true });
        } else if (ev.key === "Tab") {
            const next = this.cursor.beside({ what: "cell", stage, lane }, ev.shiftKey ? -1 : 1, 0);
            this.cursor.finish({ focus: true });
            if (next) {
                ev.preventDefault();
                this.cursor.go(next);
            }
        }
    }

    onBlur(run) {
        // a field that is drawn anew loses the focus and gets it again; only leaving it ends the writing
        Promise.resolve().then(() => {
            const isLeft = document.activeElement !== this.inputRef.el;
            if (isLeft && this.cursor.editing?.run === run) {
                this.cursor.finish();
            }
        });
    }

    onPaste(ev) {
        const text = ev.clipboardData?.getData("text/plain") || "";
        if (text.includes("\t")) {
            ev.preventDefault();
            const { stage, lane } = this.props;
            this.cursor.finish();
            this.props.editor.pasteTable(text, { what: "cell", stage, lane });
        }
    }
}
