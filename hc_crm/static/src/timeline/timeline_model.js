import { KeepLast } from "@web/core/utils/concurrency";
import { buildSections } from "./timeline_rows";

export const PAGE_SIZE = 30;

const NO_FILTERS = {
    channels: [],
    direction: false,
    user_ids: [],
    people_only: false,
    text: "",
    until: false,
};

/**
 * What a timeline knows, without a component: whose it is, the filters, the entries read so far.
 *
 * Commands (``open``, ``filter``, ``loadOlder``, ``reload``) ask the server and change the state; an
 * answer that was overtaken by a newer question is dropped.
 */
export class TimelineModel {
    /**
     * @param {{call: Function}} orm
     */
    constructor(orm) {
        this.orm = orm;
        this.keepLast = new KeepLast();
        this.keepLastOptions = new KeepLast();
        this.partnerId = false;
        this.scope = "company";
        this.filters = { ...NO_FILTERS };
        this.options = { channels: [], users: [], partners_count: 1, first_date: false };
        this.entries = [];
        this.next = false;
        this.status = "empty"; // empty | loading | ready | error
        this.older = "ready"; // ready | loading | error
        this.error = "";
    }

    get isFiltered() {
        return this.isPartial || Boolean(this.filters.people_only || this.filters.until);
    }

    /** Filters that leave out some contacts; gaps between the rest are no silence. */
    get isPartial() {
        const { channels, direction, user_ids, text } = this.filters;
        return Boolean(channels.length || direction || user_ids.length || text);
    }

    get sections() {
        return buildSections(this.entries, {
            sinceLast: !this.isPartial && !this.filters.until,
        });
    }

    /** Show a customer. Opening the one already shown reads again and keeps the filters. */
    async open(partnerId, scope = "company") {
        if (partnerId !== this.partnerId) {
            this.filters = { ...NO_FILTERS };
            this.entries = [];
            this.partnerId = partnerId;
            this.scope = scope;
        }
        await this.reload({ options: true });
    }

    async setScope(scope) {
        this.scope = scope;
        await this.reload({ options: true });
    }

    async filter(changes) {
        Object.assign(this.filters, changes);
        await this.reload();
    }

    async clearFilters() {
        await this.filter(NO_FILTERS);
    }

    async reload({ options = false } = {}) {
        if (!this.partnerId) {
            this.status = "empty";
            return;
        }
        this.status = "loading";
        this.older = "ready";
        try {
            const page = await this.keepLast.add(this.fetchPage(false));
            this.entries = page.entries;
            this.next = page.next;
            this.status = "ready";
        } catch (error) {
            this.error = messageOf(error);
            this.status = "error";
        }
        if (options) {
            // After the page: what there is to filter by is counted over the whole history.
            this.loadOptions();
        }
    }

    async loadOlder() {
        if (!this.next || this.older === "loading" || this.status !== "ready") {
            return;
        }
        this.older = "loading";
        try {
            const page = await this.keepLast.add(this.fetchPage(this.next));
            this.entries.push(...page.entries);
            this.next = page.next;
            this.older = "ready";
        } catch (error) {
            this.error = messageOf(error);
            this.older = "error";
        }
    }

    async loadOptions() {
        try {
            this.options = await this.keepLastOptions.add(
                this.orm.call("hc.timeline", "hc_get_options", [this.partnerId, this.scope])
            );
        } catch {
            // Without them there is less to filter by; the page itself reports what is wrong.
        }
    }

    fetchPage(before) {
        return this.orm.call("hc.timeline", "hc_get_page", [
            this.partnerId,
            {
                ...this.filters,
                channels: [...this.filters.channels],
                user_ids: [...this.filters.user_ids],
                scope: this.scope,
                before,
                limit: PAGE_SIZE,
            },
        ]);
    }
}

function messageOf(error) {
    return error?.data?.message || "";
}
