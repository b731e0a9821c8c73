/**
 * What is done and not yet on the server. Kept in the browser's storage until the server has it, so that neither a
 * lost connection nor a closed tab loses what was typed. Sends one request at a time, tries again by itself.
 */

/** Milliseconds without a change before what was done is sent. */
export const QUIET = 500;
/** Waits between two tries without a connection, in milliseconds; the last one repeats. */
export const RETRIES = [1000, 2000, 5000, 10000, 30000];
/** What another tab left behind is taken over when it has not been touched for so long (ms). */
export const ABANDONED = 15000;
/** Most changes of one request. */
const BATCH = 2000;

/** Thrown by `send`: the server said no, trying again is of no use. */
export class Refused extends Error {}

export class MapQueue {
    /**
     * @param {Object} params
     * @param {string} params.prefix of the storage keys: one map and one user
     * @param {string} params.tab random text of this tab
     * @param {(changes: Object[]) => Promise} params.send throws `Refused`, or anything else when it may work later
     * @param {(changes: Object[], error: Error) => any} params.onRefused
     * @param {() => any} params.onState
     */
    constructor({ prefix, tab, storage, send, onRefused, onState = () => {}, timers }) {
        Object.assign(this, { prefix, storage, send, onRefused, onState, timers });
        this.key = `${prefix}.${tab}`;
        this.waiting = [];
        this.inFlight = [];
        this.failures = 0;
        this.oneByOne = false;
        this.timer = null;
        this.group = 0;
        this.closed = false;
    }

    /** "saved", "saving" or "offline". */
    get status() {
        if (this.failures) {
            return "offline";
        }
        return this.pending.length ? "saving" : "saved";
    }

    /** All the server does not have for certain. */
    get pending() {
        return [...this.inFlight, ...this.waiting];
    }

    push(changes) {
        if (!changes.length) {
            return;
        }
        this.group++;
        for (const change of changes) {
            if (!this.joined(change)) {
                this.waiting.push({ ...change, group: this.group });
            }
        }
        this.store();
        this.onState();
        if (!this.failures) {
            this.plan(QUIET);
        }
    }

    /** Letters of one text are one change, as long as it has not been sent. */
    joined(change) {
        const last = this.waiting.at(-1);
        if (
            change.do !== "write" ||
            !last ||
            last.what !== change.what ||
            last.uid !== change.uid ||
            last.do === "delete"
        ) {
            return false;
        }
        last.values = { ...last.values, ...change.values };
        if (last.do === "write") {
            last.base = { ...change.base, ...last.base };
        }
        return true;
    }

    plan(delay) {
        this.timers.clearTimeout(this.timer);
        if (!this.closed) {
            this.timer = this.timers.setTimeout(() => this.flush(), delay);
        }
    }

    /** Sends what waits; resolves when nothing waits any more, or a try failed. */
    async flush() {
        if (this.sending) {
            await this.sending;
            return this.waiting.length && !this.failures ? this.flush() : undefined;
        }
        this.timers.clearTimeout(this.timer);
        this.sending = this.work();
        await this.sending;
        this.sending = null;
    }

    async work() {
        while (this.waiting.length && !this.closed) {
            const count = this.oneByOne
                ? this.waiting.filter((one) => one.group === this.waiting[0].group).length
                : Math.min(this.waiting.length, BATCH);
            this.inFlight = this.waiting.splice(0, count);
            this.onState();
            const changes = this.inFlight;
            try {
                await this.send(changes);
                this.failures = 0;
                this.inFlight = [];
            } catch (error) {
                const several = this.inFlight.some((one) => one.group !== this.inFlight[0].group);
                if (!(error instanceof Refused)) {
                    this.waiting = [...this.inFlight, ...this.waiting];
                    this.inFlight = [];
                    this.failures++;
                    this.store();
                    this.plan(RETRIES[Math.min(this.failures, RETRIES.length) - 1]);
                    break;
                }
                this.failures = 0;
                if (several) {
                    // one of them is to blame: find it, so that the others are stored
                    this.oneByOne = true;
                    this.waiting = [...this.inFlight, ...this.waiting];
                    this.inFlight = [];
                } else {
                    this.inFlight = [];
                    this.store();
                    await this.onRefused(changes, error);
                }
            }
            this.store();
        }
        if (!this.waiting.length) {
            this.oneByOne = false;
        }
        this.onState();
    }

    // -- the browser's storage ----------------------------------------------------------------------------

    store() {
        try {
            const changes = this.pending;
            if (changes.length) {
                const at = this.timers.now();
                this.storage.setItem(this.key, JSON.stringify({ at, changes }));
            } else {
                this.storage.removeItem(this.key);
            }
        } catch {
            // the storage is full or forbidden: then only this tab has it
        }
    }

    /** Says that this tab lives, so that no other takes over what waits here. */
    touch() {
        if (this.pending.length) {
            this.store();
        }
    }

    /** What tabs that are gone left behind, oldest first; it is ours from now on. */
    adopt() {
        const left = [];
        try {
            for (let at = this.storage.length - 1; at >= 0; at--) {
                const key = this.storage.key(at);
                if (!key.startsWith(`${this.prefix}.`) || key === this.key) {
                    continue;
                }
                const stored = JSON.parse(this.storage.getItem(key));
                if (!(this.timers.now() - stored.at < ABANDONED)) {
                    left.push(stored);
                    this.storage.removeItem(key);
                }
            }
        } catch {
            // not readable: nothing to take over
        }
        left.sort((a, b) => a.at - b.at);
        const changes = left.flatMap((one) => one.changes || []);
        this.waiting = [...changes, ...this.waiting];
        this.group = Math.max(this.group, ...changes.map((one) => one.group || 0), 0);
        if (changes.length) {
            this.store();
            this.plan(0);
        }
        return changes;
    }

    close() {
        this.closed = true;
        this.timers.clearTimeout(this.timer);
        this.store();
    }
}
