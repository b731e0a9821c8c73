import {
    Component,
    onMounted,
    onWillDestroy,
    onWillStart,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { JourneyClashes } from "./journey_clashes";
import { JourneyGrid } from "./journey_grid";
import { JourneyPanel } from "./journey_panel";
import { MapCursor } from "./map_cursor";
import { useMapDrag } from "./map_drag";
import { useMapKeys } from "./map_hooks";
import { journeyServer } from "./map_server";
import { MapSession } from "./map_session";
import { parseTable } from "./map_things";
import { STATUS, USUAL_LANES } from "./map_words";

const CHANGED = "hc_crm_journeys.map/changed";
/** Name of the browser's own measure of how long a map takes to open. */
const OPENS = "hc_journey_opens";
const ZOOMS = [50, 67, 80, 90, 100, 125, 150];
/** How often what waits is said to be ours (ms; shorter than ABANDONED). */
const TOUCH = 5000;
/** Days the figures of customers look back. */
const LIVE_DAYS = 90;

/** The editor of a journey map: toolbar, table, panel; and the one that talks to the server. */
export class JourneyEditor extends Component {
    static template = "hc_crm_journeys.Editor";
    static components = { JourneyClashes, JourneyGrid, JourneyPanel };
    static props = { resId: Number, onReady: { type: Function, optional: true } };

    setup() {
        // from here to its first drawing: what a map costs beyond the page itself
        performance.mark(OPENS);
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useState(useService("ui"));
        this.bus = this.env.services.bus_service;
        this.rootRef = useRef("root");
        this.state = useState({
            status: "saved",
            said: "",
            zoom: 100,
            presenting: false,
            failed: false,
        });
        this.columnUids = [];
        this.live = null;
        this.session = new MapSession({
            server: journeyServer(this.orm, this.props.resId),
            storage: browser.localStorage,
            prefix: `hc_crm_journeys.${session.db}.${user.userId}.${this.props.resId}`,
            timers: {
                setTimeout: browser.setTimeout.bind(browser),
                clearTimeout: browser.clearTimeout.bind(browser),
                now: () => Date.now(),
            },
            onStatus: (status) => (this.state.status = status),
        });
        onWillStart(async () => {
            this.map = await this.session.open();
            this.cursor = new MapCursor(this.map);
            if (this.ui.isSmall) {
                this.cursor.root = this.map.columns()[0]?.uid || false;
            }
            this.map.on("grid", () => this.keepPlace());
        });
        useMapDrag(this.rootRef, {
            isAllowed: () => this.map.canWrite && !this.state.presenting,
            onDrop: (target, place) => this.drop(target, place),
        });
        useExternalListener(window, "online", () => this.session.queue.flush());
        useExternalListener(window, "pagehide", () => this.session.queue.store());
        useExternalListener(document, "fullscreenchange", () => {
            if (!document.fullscreenElement) {
                this.state.presenting = false;
            }
        });
        const timer = browser.setInterval(() => this.session.queue.touch(), TOUCH);
        const onBus = (payload) => {
            if (payload.journey === this.props.resId) {
                this.session.heard(payload).catch(() => {
                    // no connection just now: the next change, ours or theirs, catches up
                });
            }
        };
        this.busChannel = `hc.journey_${this.props.resId}`;
        onMounted(() => {
            performance.measure(OPENS, OPENS);
            this.bus?.subscribe(CHANGED, onBus);
            this.bus?.addChannel(this.busChannel);
            this.props.onReady?.(this);
            this.loadLive();
        });
        onWillDestroy(() => {
            browser.clearInterval(timer);
            this.bus?.unsubscribe(CHANGED, onBus);
            this.bus?.deleteChannel(this.busChannel);
            this.session.queue.flush();
            this.session.close();
        });
    }

    // -- what children ask -------------------------------------------------------------------------------

    persona(id) {
        return (this.map.head.personas || []).find((one) => one.id === id);
    }

    /** Which mark and colour a persona's curve has; everybody's is the first. */
    personaIndex(id) {
        return id ? (this.map.head.personas || []).findIndex((one) => one.id === id) + 1 : 0;
    }

    channel(id) {
        return (this.map.head.channels || []).find((one) => one.id === id);
    }

    passed(uid) {
        const figures = this.live?.touchpoints?.[uid];
        return figures?.count ? figures : null;
    }

    /** Customers on the map, read once the map stands. */
    async loadLive() {
        try {
            const options = { period: LIVE_DAYS, persona: false, segment: false };
            const live = await this.orm.silent.call("hc.journey", "hc_live", [
                [this.props.resId],
                options,
            ]);
            const hasRules = Object.values(live.stages || {}).some((one) => one.has_rule);
            this.live = hasRules ? live : null;
            this.map.tell(["live"]);
        } catch {
            // the map is of use without its figures
            this.live = null;
        }
    }

    async openPeople(uid, which) {
        await this.session.settle();
        return this.action.doAction(
            await this.orm.call("hc.journey", "action_hc_people", [[this.props.resId], uid, which])
        );
    }

    /** By which events customers enter a stage, or pass a touchpoint; the figures follow what is said there. */
    async openRules(stage, card = null) {
        await this.session.settle();
        const action = await this.orm.call("hc.journey", "action_hc_rules", [
            [this.props.resId],
            stage,
            card,
        ]);
        return this.action.doAction(action, { onClose: () => this.loadLive() });
    }

    /** Told to everybody, also to those who do not see. */
    say(text) {
        this.state.said = text;
    }

    // -- where we are --------------------------------------------------------------------------------------

    keepPlace() {
        if (this.cursor.root && !this.map.get("stage", this.cursor.root)) {
            this.focusOn(this.ui.isSmall ? this.map.columns()[0]?.uid || false : false);
        }
        this.cursor.check();
    }

    focusOn(uid) {
        this.cursor.focusOn(uid || false);
        this.render();
    }

    async present() {
        this.state.presenting = !this.state.presenting;
        this.cursor.finish();
        this.cursor.go(null);
        this.map.tell(["grid"]);
        try {
            if (this.state.presenting) {
                await this.rootRef.el.requestFullscreen?.();
            } else if (document.fullscreenElement) {
                await document.exitFullscreen();
            }
        } catch {
            // not allowed here: it fills the window all the same
        }
    }

    zoom(way) {
        const at = ZOOMS.indexOf(this.state.zoom) + way;
        this.state.zoom = ZOOMS[Math.max(0, Math.min(at, ZOOMS.length - 1))];
        this.map.tell(["links"]);
    }

    // -- keys, clipboard, drops -----------------------------------------------------------------------------

    onKeydown(ev) {
        if (ev.isComposing || ev.target.closest("button,input,select,textarea")) {
            return;
        }
        if (ev.key === "Escape" && this.state.presenting) {
            this.present();
            return;
        }
        if (ev.altKey && ev.key === "Enter" && this.cursor.selected) {
            ev.preventDefault();
            this.rootRef.el.querySelector(".o_hc_jm_panel textarea, .o_hc_jm_panel input")?.focus();
            return;
        }
        const isDelete = ["Delete", "Backspace"].includes(ev.key) && !ev.altKey;
        if (isDelete ? this.remove() : this.cursor.press(ev)) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    remove() {
        const gone = this.cursor.remove();
        if (gone) {
            const name = gone.thing.text || gone.thing.name || "";
            this.say(_t("“%s” is deleted. Ctrl + Z brings it back.", name.slice(0, 40)));
        }
        return Boolean(gone);
    }

    onCopy(ev) {
        const { selected } = this.cursor;
        if (selected && !this.cursor.editing && !ev.target.closest("input,textarea")) {
            ev.clipboardData.setData(
                "text/plain",
                selected.thing.text || selected.thing.name || ""
            );
            ev.preventDefault();
        }
    }

    onPaste(ev) {
        const { target } = this.cursor;
        if (!target || !this.map.canWrite || ev.target.closest("input,textarea")) {
            return;
        }
        const text = ev.clipboardData?.getData("text/plain") || "";
        if (text.trim()) {
            ev.preventDefault();
            this.pasteTable(text, target);
        }
    }

    /** On a heading the first row names stages and the first column lanes; in a cell all are cards. */
    pasteTable(text, target) {
        const rows = parseTable(text);
        const heads = target.what === "stage" || target.what === "lane";
        if (heads && (rows.length < 2 || rows[0].length < 2)) {
            this.say(_t("Choose a cell to paste into; a heading takes a table with headings."));
            return;
        }
        const card = target.what === "card" ? this.map.get("cell", target.uid) : target;
        const first = this.map.dispatch("table/paste", {
            stage: card?.stage,
            lane: card?.lane,
            rows,
            heads,
        });
        if (first) {
            this.cursor.go({ what: "card", uid: first });
            const count = rows.flat().filter(Boolean).length;
            this.say(_t("%s cells pasted. Ctrl + Z takes them back.", count));
        }
    }

    drop({ what, uid }, place) {
        const { map } = this;
        if (what === "card") {
            const others = map.cards(place.stage, place.lane).filter((one) => one.uid !== uid);
            const index = place.before
                ? others.findIndex((one) => one.uid === place.before)
                : others.length;
            map.dispatch("card/move", { uid, stage: place.stage, lane: place.lane, index });
        } else if (what === "stage") {
            const beside = map.get("stage", place.beside);
            const others = map.childrenOf(beside.parent).filter((one) => one.uid !== uid);
            const index = others.indexOf(beside) + (place.side === "right" ? 1 : 0);
            map.dispatch("stage/move", { uid, parent: beside.parent, index });
        } else {
            const others = map.rows().filter((one) => one.uid !== uid);
            const beside = map.get("lane", place.beside);
            const index = others.indexOf(beside) + (place.side === "bottom" ? 1 : 0);
            map.dispatch("lane/move", { uid, index });
        }
        this.cursor.go({ what, uid });
    }

    // -- beginning ------------------------------------------------------------------------------------------

    start() {
        const kinds = this.map.lanes.size ? [] : USUAL_LANES[this.map.head.kind] || USUAL_LANES.map;
        this.map.dispatch("map/start", { kinds });
        const uid = this.map.dispatch("stage/add", { name: _t("Stage %s", 1) });
        if (this.ui.isSmall) {
            this.cursor.root = uid;
        }
        this.cursor.write("stage", uid);
    }

    addStageOnPhone() {
        const name = _t("Stage %s", this.map.stages.size + 1);
        const uid = this.map.dispatch("stage/add", { name });
        this.focusOn(uid);
        this.cursor.write("stage", uid);
    }

    turnPage(way) {
        const columns = this.map.columns();
        const at = columns.findIndex((one) => one.uid === this.cursor.columns()[0]?.uid) + way;
        if (columns[at]) {
            this.cursor.finish();
            this.focusOn(columns[at].uid);
        }
    }
}

/** What stands around the table, drawn anew by itself. */
export class JourneyBar extends Component {
    static template = "hc_crm_journeys.Bar";
    static props = { editor: Object };

    setup() {
        this.editor = this.props.editor;
        this.map = this.editor.map;
        this.cursor = this.editor.cursor;
        this.ui = this.editor.ui;
        this.state = useState(this.editor.state);
        this.rootRef = useRef("root");
        useMapKeys(this.map, () => ["head", "history", "grid", "proofs"]);
    }

    get statusText() {
        return STATUS[this.state.status];
    }

    get personas() {
        return this.map.head.personas || [];
    }

    get founded() {
        const { count, validated } = this.map.proofs;
        return count ? _t("%s %% validated", Math.round((100 * validated) / count)) : "";
    }

    get stages() {
        const out = [];
        const walk = (stage, depth) => {
            out.push({ uid: stage.uid, name: `${"– ".repeat(depth)}${stage.name}` });
            this.map.childrenOf(stage.uid).forEach((child) => walk(child, depth + 1));
        };
        this.map.childrenOf(false).forEach((stage) => walk(stage, 0));
        return out;
    }

    get page() {
        const columns = this.map.columns();
        const at = columns.findIndex((one) => one.uid === this.cursor.columns()[0]?.uid);
        return { number: at + 1, count: columns.length };
    }

    undo() {
        this.map.undo();
        this.cursor.check();
    }

    redo() {
        this.map.redo();
        this.cursor.check();
    }
}

JourneyEditor.components.JourneyBar = JourneyBar;

registry.category("lazy_components").add("hc_journey_editor", JourneyEditor);
