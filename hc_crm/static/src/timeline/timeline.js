import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Face } from "../interaction/face";
import { TimelineModel } from "./timeline_model";

const { DateTime } = luxon;

/** One thing that happened: icon, who, what, how it felt, when. */
export class TimelineEntry extends Component {
    static template = "hc_crm.TimelineEntry";
    static components = { Face };
    static props = { row: Object, icon: String, channelLabel: String, onOpen: Function };

    get entry() {
        return this.props.row.entry;
    }

    /** "Mitchell → Brandon" for us, "Brandon → Mitchell" for the customer, one name when nobody is known. */
    get who() {
        const { author, user, partner, direction } = this.entry;
        const [from, to] =
            direction === "in" ? [author || partner, user] : [author || user, partner];
        if (from && to && from.name !== to.name) {
            return _t("%(from)s → %(to)s", { from: from.name, to: to.name });
        }
        return (from || to || partner || { name: "" }).name;
    }

    get directionLabel() {
        const { direction } = this.entry;
        return direction === "in"
            ? _t("From the customer")
            : direction === "out"
              ? _t("From us")
              : "";
    }

    /** Days by name while they are near, a date after that; the year stands in the month's heading. */
    get when() {
        const { date } = this.props.row;
        const now = DateTime.now();
        const days = now.startOf("day").diff(date.startOf("day"), "days").days;
        const time = date.toLocaleString(DateTime.TIME_SIMPLE);
        if (days === 0) {
            return Math.abs(now.diff(date, "hours").hours) < 1 ? date.toRelative() : time;
        }
        if (days > 0 && days < 7) {
            return `${date.toRelativeCalendar({ unit: "days" })}, ${time}`;
        }
        const format = { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
        return date.toLocaleString(days < 0 ? { ...format, year: "numeric" } : format);
    }

    get whenFull() {
        return this.props.row.date.toLocaleString(DateTime.DATETIME_MED_WITH_WEEKDAY);
    }

    get url() {
        const { res_model, res_id } = this.entry;
        if (res_model === "mail.message") {
            return `/mail/message/${res_id}`; // the host sends on to the message's document
        }
        return `/odoo/${res_model.includes(".") ? res_model : `m-${res_model}`}/${res_id}`;
    }

    onClick(ev) {
        // Left to the browser: a link in a new tab or window is the reader's own wish.
        if (ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.altKey || ev.button) {
            return;
        }
        ev.preventDefault();
        this.props.onOpen(this.entry);
    }
}

/** Search, channels, person, direction … for a timeline. */
export class TimelineFilters extends Component {
    static template = "hc_crm.TimelineFilters";
    static props = { model: Object };

    setup() {
        this.ui = useService("ui");
        this.model = useState(this.props.model);
        this.state = useState({ open: false });
        this.search = useDebounced((text) => this.set({ text }), 300);
    }

    get filters() {
        return this.model.filters;
    }

    /** On a phone the filters wait behind a button; their number says that some are on. */
    get activeCount() {
        const { channels, direction, user_ids, people_only, until } = this.filters;
        return [channels.length, direction, user_ids.length, people_only, until].filter(Boolean)
            .length;
    }

    get channels() {
        return this.model.options.channels;
    }

    set(changes) {
        return this.model.filter(changes);
    }

    onSearchInput(ev) {
        this.search(ev.target.value.trim());
    }

    onSearchKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            // Otherwise Enter would reach the form around us.
            ev.preventDefault();
            ev.stopPropagation();
            this.search.cancel();
            this.set({ text: ev.target.value.trim() });
        }
    }

    toggleChannel(key) {
        const { channels } = this.filters;
        this.set({
            channels: channels.includes(key)
                ? channels.filter((k) => k !== key)
                : [...channels, key],
        });
    }

    onUser(ev) {
        this.set({ user_ids: ev.target.value ? [Number(ev.target.value)] : [] });
    }

    onUntil(ev) {
        this.set({ until: ev.target.value || false });
    }
}

/**
 * Everything that happened between a customer and us, newest first.
 *
 * ``revision`` is any value that changes when the timeline should be read again.
 */
export class HcTimeline extends Component {
    static template = "hc_crm.Timeline";
    static components = { TimelineEntry, TimelineFilters };
    static props = {
        partnerId: { type: [Number, Boolean] },
        scope: { type: String, optional: true },
        revision: { optional: true },
        onLog: { type: Function, optional: true },
    };
    static defaultProps = { scope: "company" };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.listRef = useRef("list");
        this.model = useState(new TimelineModel(this.orm.silent));
        this.state = useState({ unfolded: {}, focus: false });
        useEffect(
            (partnerId) => {
                this.model.open(partnerId, this.props.scope);
            },
            () => [this.props.partnerId, this.props.revision]
        );
        useEffect(
            (id) => {
                this.listRef.el.querySelector(`[data-id="${id}"]`)?.focus();
            },
            () => [this.state.focus]
        );
    }

    get channelInfo() {
        return Object.fromEntries(this.model.options.channels.map((c) => [c.key, c]));
    }

    monthLabel(month) {
        return month.toLocaleString({ month: "long", year: "numeric" });
    }

    silenceLabel(days) {
        return this.model.isPartial
            ? _t("%s days in between", days)
            : _t("%s days of silence", days);
    }

    get announcement() {
        if (this.model.status !== "ready") {
            return this.model.status === "loading" ? _t("Loading") : "";
        }
        return _t("%s entries shown", this.model.entries.length);
    }

    /** The server knows where an entry leads: a message, for one, to the document it was written on. */
    async openEntry({ id }) {
        await this.action.doAction(await this.orm.call("hc.timeline", "action_open", [[id]]));
    }

    async loadOlder() {
        const shown = this.model.entries.length;
        await this.model.loadOlder();
        if (!this.model.next && this.model.entries.length > shown) {
            // The button is gone: keyboard users go on at the first entry it brought.
            this.state.focus = this.model.entries[shown].id;
        }
    }
}
