import { Component, onPatched, useRef } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { JourneyArrows } from "./journey_arrows";
import { JourneyCell } from "./journey_cell";
import { JourneyLaneHead, JourneyStageHead } from "./journey_head";
import { targetName, useMapKeys } from "./map_hooks";

/** The table itself: drawn anew only when rows or columns come, go or change places. */
export class JourneyGrid extends Component {
    static template = "hc_crm_journeys.Grid";
    static components = {
        Dropdown,
        DropdownItem,
        JourneyArrows,
        JourneyCell,
        JourneyLaneHead,
        JourneyStageHead,
    };
    static props = { editor: Object };

    setup() {
        const { editor } = this.props;
        this.map = editor.map;
        this.cursor = editor.cursor;
        this.tableRef = useRef("table");
        useMapKeys(this.map, () => ["grid", "live"]);
        // a row or column that changes places loses the browser's focus
        onPatched(() => {
            const { target, editing } = this.cursor;
            if (target && !editing && document.activeElement === document.body) {
                this.tableRef.el.querySelector(`[data-target="${targetName(target)}"]`)?.focus();
            }
        });
    }

    get canWrite() {
        return this.map.canWrite && !this.props.editor.state.presenting;
    }

    get columns() {
        const columns = this.cursor.columns();
        this.props.editor.columnUids = columns.map((stage) => stage.uid);
        return columns;
    }

    get headRows() {
        return this.map.headRows(this.cursor.root);
    }

    get width() {
        return this.columns.length + 1 + (this.canWrite ? 1 : 0);
    }

    get kinds() {
        return this.map.head.lane_kinds || [];
    }

    addStage() {
        const name = _t("Stage %s", this.map.stages.size + 1);
        const uid = this.map.dispatch("stage/add", { name, parent: this.cursor.root || false });
        this.cursor.write("stage", uid);
    }

    addLane(kind) {
        const uid = this.map.dispatch("lane/add", { kind });
        kind === "own" ? this.cursor.write("lane", uid) : this.cursor.go({ what: "lane", uid });
    }

    live(stage) {
        return this.props.editor.live?.stages?.[stage.uid];
    }

    liveText(live) {
        return live.median_days === null || live.median_days === undefined
            ? `${live.now}`
            : _t("%(count)s (%(days)s d)", {
                  count: live.now,
                  days: Math.round(live.median_days * 10) / 10,
              });
    }
}
