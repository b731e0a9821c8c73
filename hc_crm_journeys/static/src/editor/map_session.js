import { JourneyMap } from "./map_model";
import { MapQueue } from "./map_queue";
import { forServer } from "./map_things";

/**
 * One map opened in one tab: the model, what is still to be sent, and what comes from others.
 *
 * `server` has `read()` → `hc_map`, `apply(changes, revision, tab)` → `hc_apply`, `changes(revision)` →
 * `hc_changes`; its `apply` throws `Refused` where trying again is of no use.
 */
export class MapSession {
    constructor({ server, storage, prefix, timers, onStatus = () => {} }) {
        this.server = server;
        this.tab = Math.random().toString(36).slice(2);
        this.map = null;
        this.revision = 0;
        this.queue = new MapQueue({
            prefix,
            tab: this.tab,
            storage,
            timers,
            send: (changes) => this.send(changes),
            onRefused: (changes, error) => this.refused(changes, error),
            onState: () => onStatus(this.queue.status),
        });
    }

    async open() {
        const data = await this.server.read();
        this.revision = data.revision;
        this.map = new JourneyMap(data, { onChanges: (changes) => this.queue.push(changes) });
        const left = data.can_write ? this.queue.adopt() : [];
        if (left.length) {
            this.map.reload(data, left);
        }
        return this.map;
    }

    async send(changes) {
        const { revision, clashes, missed } = await this.server.apply(
            changes.map(forServer),
            this.revision,
            this.tab
        );
        this.queue.inFlight = [];
        if (missed) {
            await this.catchUp();
        } else {
            this.revision = revision;
        }
        for (const clash of clashes || []) {
            // where we went on typing meanwhile, the later text is sent and judged itself
            const later = this.queue.waiting.some(
                (one) => one.uid === clash.uid && clash.field in (one.values || {})
            );
            if (!later || clash.gone) {
                this.map.addClash({ ...clash, theirs: this.known(clash) });
            }
        }
    }

    /** Their value as the map has it: people with their names. */
    known({ field, theirs }) {
        if (field !== "user" || !theirs) {
            return theirs;
        }
        const people = [this.map.head.user, ...[...this.map.cells.values()].map((one) => one.user)];
        return people.find((one) => one && one.id === theirs) || { id: theirs, name: `${theirs}` };
    }

    async catchUp() {
        const changes = await this.server.changes(this.revision);
        if (changes.reload) {
            return this.reload();
        }
        this.revision = changes.revision;
        this.map.merge(changes, this.queue.pending);
    }

    async reload() {
        const data = await this.server.read();
        this.revision = data.revision;
        this.map.reload(data, this.queue.pending);
    }

    async refused(changes, error) {
        await this.reload();
        this.map.addClash({ refused: error.message, changes });
    }

    /** Somebody changed this map (`hc_crm_journeys.map/changed`). */
    async heard({ revision, session }) {
        if (this.map && session !== this.tab && revision > this.revision && !this.queue.sending) {
            await this.catchUp();
        }
    }

    /** Before leaving the page: true if everything is on the server. */
    async settle() {
        await this.queue.flush();
        return this.queue.status === "saved";
    }

    close() {
        this.queue.close();
    }
}
