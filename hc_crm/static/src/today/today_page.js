import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { TodayItem } from "./today_item";
import { meaningOf } from "./today_keys";

const keyOf = (line) => `${line.section}/${line.ref}`;

/** The worklist of a colleague: what is owed today at the left, the one in hand at the right. */
export class TodayPage extends Component {
    static template = "hc_crm.Today";
    static components = { Layout, TodayItem };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.keepList = new KeepLast();
        this.keepItem = new KeepLast();
        this.keyOf = keyOf;
        this.load = this.load.bind(this);
        this.state = useState({
            list: null,
            failed: false,
            userId: false,
            key: false,
            item: null,
            itemFailed: false,
            isOpen: false, // on a phone: the item covers the list
            asking: false, // the act that still needs a day, a way or a word
            isEditing: false,
            isBusy: false,
            help: false,
            canUndo: false,
            said: "", // for who listens instead of looking
        });
        // What was typed and not sent yet, by line: looking at another one must not cost it.
        this.notes = useState({});
        this.drafts = useState({});
        this.undo = null;
        this.wantsFocus = false;
        onWillStart(this.load);
        onMounted(() => this.focusLine());
        onPatched(() => {
            if (this.wantsFocus) {
                this.focusLine();
            }
        });
        useExternalListener(window, "keydown", this.onKeydown.bind(this));
    }

    // -- reading ----------------------------------------------------------------------------------

    /** Read the list again and stay where one was, or at the same place when that line is gone. */
    async load() {
        const place = this.index;
        this.state.failed = false;
        try {
            this.state.list = await this.keepList.add(
                this.orm.silent.call("hc.today", "hc_get_list", [this.state.userId])
            );
        } catch {
            this.state.failed = true;
            return;
        }
        const lines = this.lines;
        const same = lines.find((line) => keyOf(line) === this.state.key);
        await this.select(same || lines[Math.max(0, Math.min(place, lines.length - 1))], {
            focus: false,
        });
    }

    async loadItem() {
        const line = this.current;
        this.state.itemFailed = false;
        if (!line) {
            this.state.item = null;
            return;
        }
        try {
            const item = await this.keepItem.add(
                this.orm.silent.call("hc.today", "hc_get_item", [line.section, line.ref])
            );
            this.state.item = { ...item, key: keyOf(line), line };
        } catch {
            this.state.item = null;
            this.state.itemFailed = true;
        }
    }

    get lines() {
        return this.state.list ? this.state.list.sections.flatMap(({ lines }) => lines) : [];
    }

    get index() {
        return this.lines.findIndex((line) => keyOf(line) === this.state.key);
    }

    get current() {
        return this.lines[this.index];
    }

    get item() {
        return this.state.item;
    }

    get dayText() {
        return deserializeDate(this.state.list.today).toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
        });
    }

    get countText() {
        const count = this.lines.length;
        return count === 1 ? _t("1 thing owed") : _t("%s things owed", count);
    }

    dueText({ due, days_late }) {
        if (days_late) {
            return days_late === 1 ? _t("1 day late") : _t("%s days late", days_late);
        }
        if (!due || due === this.state.list.today) {
            return due ? _t("today") : "";
        }
        const day = deserializeDate(due);
        const ahead = day.diff(deserializeDate(this.state.list.today), "days").days;
        return day.toLocaleString(
            ahead > 0 && ahead < 7 ? { weekday: "long" } : { day: "numeric", month: "short" }
        );
    }

    // -- moving -----------------------------------------------------------------------------------

    select(line, { focus = true, open = this.state.isOpen } = {}) {
        const key = line ? keyOf(line) : false;
        this.wantsFocus = focus && !(this.ui.isSmall && open);
        this.state.asking = false;
        this.state.isOpen = Boolean(line) && open;
        if (key !== this.state.key) {
            this.state.isEditing = false;
        }
        this.state.key = key;
        return this.loadItem();
    }

    move(step) {
        const lines = this.lines;
        const place = { first: 0, last: lines.length - 1 }[step] ?? this.index + step;
        if (lines.length) {
            return this.select(lines[Math.max(0, Math.min(place, lines.length - 1))]);
        }
    }

    onClickLine(line) {
        return this.select(line, { open: true });
    }

    back() {
        if (this.state.asking) {
            this.state.asking = false;
        } else if (this.state.isEditing) {
            this.state.isEditing = false;
        } else if (this.state.help) {
            this.state.help = false;
        } else {
            this.state.isOpen = false;
        }
        this.wantsFocus = true;
    }

    focusLine() {
        this.wantsFocus = false;
        this.root.el?.querySelector(".o_hc_today_line[tabindex='0']")?.focus();
    }

    async lookAt(ev) {
        this.state.userId = Number(ev.target.value) || false;
        this.state.key = false;
        await this.load();
        this.state.said = _t("List of %(name)s: %(count)s", {
            name: this.state.list?.user.name,
            count: this.countText,
        });
    }

    openCustomer() {
        const { partner, document } = this.item || {};
        const target = partner ? { res_model: "res.partner", res_id: partner.id } : document;
        if (target) {
            return this.openRecord(target);
        }
    }

    openRecord({ res_model, res_id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model,
            res_id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    openCustomers() {
        return this.action.doAction("contacts.action_contacts");
    }

    // -- acting -----------------------------------------------------------------------------------

    /** Do it, or ask first for what it needs. */
    choose(act) {
        if (this.state.isBusy) {
            return;
        }
        if (act.edits) {
            this.state.isEditing = !this.state.isEditing;
            return;
        }
        const note = (this.notes[this.state.key] || "").trim();
        const needs = { date: true, choice: true, note: !note }[act.asks];
        if (needs && this.state.asking !== act) {
            this.state.asking = act;
            return;
        }
        if (!needs) {
            return this.act(act, act.asks === "draft" ? { ...this.drafts[this.state.key] } : {});
        }
    }

    async act(act, values = {}) {
        const line = this.current;
        if (!line || this.state.isBusy) {
            return;
        }
        const key = keyOf(line);
        const note = (this.notes[key] || "").trim();
        this.state.isBusy = true;
        try {
            const result = await this.orm.call("hc.today", "hc_act", [
                line.section,
                line.ref,
                act.key,
                note || false,
                values,
            ]);
            this.state.asking = false;
            if (result.action) {
                await this.action.doAction(result.action, { onClose: this.load });
                return;
            }
            this.state.isEditing = false;
            delete this.notes[key];
            delete this.drafts[key];
            await this.load();
            this.tell(line, result);
        } catch (error) {
            // What went wrong is said by the dialog of the host; perhaps it is off the list by now.
            this.load();
            throw error;
        } finally {
            this.state.isBusy = false;
        }
        this.wantsFocus = !(this.ui.isSmall && this.state.isOpen);
        this.render();
    }

    tell(line, { message, undo }) {
        const text = `${line.name}: ${message}`;
        this.undo?.close();
        this.undo = null;
        this.state.canUndo = Boolean(undo);
        const buttons = [];
        if (undo) {
            buttons.push({ name: _t("Undo (u)"), onClick: () => this.takeBack() });
        }
        const close = this.notification.add(text, { type: "success", buttons });
        if (undo) {
            this.undo = { section: line.section, undo, close };
        }
        const next = this.current;
        this.state.said = next
            ? _t("%(done)s %(count)s. Next: %(who)s, %(why)s", {
                  done: text,
                  count: this.countText,
                  who: next.name,
                  why: next.why,
              })
            : _t("%(done)s Nothing owed today.", { done: text });
    }

    async takeBack() {
        if (!this.undo) {
            return;
        }
        const { section, undo, close } = this.undo;
        this.undo = null;
        this.state.canUndo = false;
        close();
        await this.orm.call("hc.today", "hc_undo", [section, undo]);
        this.state.key = `${section}/${undo.ref}`;
        await this.load();
        this.state.said = _t("Taken back.");
        this.wantsFocus = true;
        this.render();
    }

    setNote(text) {
        this.notes[this.state.key] = text;
    }

    setDraft(changes) {
        const key = this.state.key;
        this.drafts[key] = { ...this.drafts[key], ...changes };
    }

    // -- keys -------------------------------------------------------------------------------------

    onKeydown(ev) {
        // A dialog, a menu or the picker of a day in front has the keys for itself.
        if (
            this.ui.activeElement !== document ||
            document.querySelector(".o_popover, .o-dropdown--menu, .o_datetime_picker")
        ) {
            return;
        }
        const target = ev.target;
        const inPage = target === document.body || this.root.el?.contains(target);
        const meaning =
            inPage &&
            meaningOf(ev, {
                acts: this.item?.key === this.state.key ? this.item.acts : [],
                isChoosing: Boolean(this.state.asking),
            });
        if (!meaning) {
            return;
        }
        ev.preventDefault();
        if (meaning.act) {
            return this.choose(meaning.act);
        }
        if (meaning.choice !== undefined) {
            return this.root.el.querySelectorAll(".o_hc_today_choice")[meaning.choice]?.click();
        }
        return {
            next: () => this.move(1),
            previous: () => this.move(-1),
            first: () => this.move("first"),
            last: () => this.move("last"),
            open: () => this.openCustomer(),
            note: () => this.root.el.querySelector(".o_hc_today_note")?.focus(),
            undo: () => this.takeBack(),
            help: () => (this.state.help = !this.state.help),
            leave: () => {
                target.blur();
                this.focusLine();
            },
            back: () => this.back(),
        }[meaning]();
    }
}

registry.category("actions").add("hc_crm.today", TodayPage);
