import { describe, expect, test } from "@odoo/hoot";
import { ABANDONED, MapQueue, QUIET, RETRIES, Refused } from "@hc_crm_journeys/editor/map_queue";
import { MapSession } from "@hc_crm_journeys/editor/map_session";
import { mapData } from "./journey_data";

describe.current.tags("headless");

/** A clock that is moved by hand, and a storage. */
function world() {
    let now = 0;
    let timers = [];
    const stored = new Map();
    return {
        stored,
        storage: {
            get length() {
                return stored.size;
            },
            key: (at) => [...stored.keys()][at],
            getItem: (key) => stored.get(key) ?? null,
            setItem: (key, value) => stored.set(key, value),
            removeItem: (key) => stored.delete(key),
        },
        timers: {
            now: () => now,
            setTimeout: (work, delay) => {
                const timer = { work, at: now + delay };
                timers.push(timer);
                return timer;
            },
            clearTimeout: (timer) => (timers = timers.filter((one) => one !== timer)),
        },
        async pass(ms) {
            now += ms;
            const due = timers.filter((timer) => timer.at <= now);
            timers = timers.filter((timer) => timer.at > now);
            due.forEach((timer) => timer.work());
            for (let i = 0; i < 50; i++) {
                await Promise.resolve();
            }
        },
    };
}

const write = (uid, text, base = "") => ({
    do: "write",
    what: "cell",
    uid,
    values: { text },
    base: { text: base },
});

function makeQueue(send, more = {}) {
    const around = world();
    const refused = [];
    const queue = new MapQueue({
        prefix: "map.1",
        tab: "tab",
        storage: around.storage,
        timers: around.timers,
        send,
        onRefused: (changes, error) => refused.push([changes, error.message]),
        ...more,
    });
    return { ...around, queue, refused };
}

test("letters wait a moment and go as one change, with what was there before the first", async () => {
    const sent = [];
    const { queue, pass } = makeQueue(async (changes) => sent.push(changes));
    queue.push([write("c1", "A", "old")]);
    queue.push([write("c1", "Ab", "A")]);
    expect(queue.status).toBe("saving");
    await pass(QUIET - 1);
    expect(sent).toEqual([]);
    await pass(1);
    expect(sent.length).toBe(1);
    expect(sent[0].length).toBe(1);
    expect(sent[0][0].values).toEqual({ text: "Ab" });
    expect(sent[0][0].base).toEqual({ text: "old" });
    expect(queue.status).toBe("saved");
});

test("what is typed while a request is on its way goes after it", async () => {
    const sent = [];
    let answer;
    const { queue, pass } = makeQueue((changes) => {
        sent.push(changes.map((one) => one.values.text));
        return new Promise((resolve) => (answer = resolve));
    });
    queue.push([write("c1", "A")]);
    await pass(QUIET);
    queue.push([write("c1", "Ab", "A")]);
    await pass(QUIET);
    expect(sent).toEqual([["A"]]);
    answer();
    await pass(0);
    expect(sent).toEqual([["A"], ["Ab"]]);
});

test("without a connection all stays in the browser, in order, and is tried again", async () => {
    let isBroken = true;
    const sent = [];
    const { queue, pass, stored } = makeQueue(async (changes) => {
        if (isBroken) {
            throw new Error("no connection");
        }
        sent.push(...changes.map((one) => one.values.text));
    });
    queue.push([write("c1", "A")]);
    await pass(QUIET);
    expect(queue.status).toBe("offline");
    queue.push([write("c2", "B")]);
    expect(JSON.parse(stored.get("map.1.tab")).changes.length).toBe(2);
    await pass(RETRIES[0]);
    expect(queue.status).toBe("offline");
    isBroken = false;
    await pass(RETRIES[1]);
    expect(sent).toEqual(["A", "B"]);
    expect(queue.status).toBe("saved");
    expect(stored.size).toBe(0);
});

test("one change that the server refuses does not hold up the others", async () => {
    const sent = [];
    const { queue, pass, refused } = makeQueue(async (changes) => {
        if (changes.some((one) => one.uid === "bad")) {
            throw new Refused("Too long");
        }
        sent.push(...changes.map((one) => one.uid));
    });
    queue.push([write("c1", "A")]);
    queue.push([write("bad", "B")]);
    queue.push([write("c3", "C")]);
    await pass(QUIET);
    expect(sent).toEqual(["c1", "c3"]);
    expect(refused.length).toBe(1);
    expect(refused[0][0][0].values.text).toBe("B");
    expect(refused[0][1]).toBe("Too long");
    expect(queue.status).toBe("saved");
});

test("what a closed tab left behind is taken over; a living tab keeps its own", async () => {
    const sent = [];
    const { queue, pass, stored } = makeQueue(async (changes) =>
        sent.push(...changes.map((one) => one.values.text))
    );
    stored.set("map.1.dead", JSON.stringify({ at: -ABANDONED, changes: [write("c1", "Left")] }));
    stored.set("map.1.alive", JSON.stringify({ at: -1, changes: [write("c2", "Theirs")] }));
    stored.set("map.2.dead", JSON.stringify({ at: -ABANDONED, changes: [write("c3", "Other")] }));
    expect(queue.adopt().length).toBe(1);
    expect([...stored.keys()].sort()).toEqual(["map.1.alive", "map.1.tab", "map.2.dead"]);
    await pass(0);
    expect(sent).toEqual(["Left"]);
});

test("a storage that is full or broken stops nobody", async () => {
    const sent = [];
    const broken = () => {
        throw new Error("quota");
    };
    const { queue, pass } = makeQueue(async (changes) => sent.push(...changes), {
        storage: { length: 1, key: broken, getItem: broken, setItem: broken, removeItem: broken },
    });
    queue.adopt();
    queue.push([write("c1", "A")]);
    await pass(QUIET);
    expect(sent.length).toBe(1);
});

// -- the whole session ------------------------------------------------------------------------------------

async function openSession(server) {
    const around = world();
    const session = new MapSession({
        server: {
            read: async () => mapData(),
            apply: async () => ({ revision: 6, clashes: [], missed: false }),
            changes: async () => ({ revision: 6, set: {}, gone: [] }),
            ...server,
        },
        storage: around.storage,
        timers: around.timers,
        prefix: "map.1",
    });
    await session.open();
    return { ...around, session, map: session.map };
}

test("others' changes that we missed are fetched after ours are stored", async () => {
    const asked = [];
    const { session, map, pass } = await openSession({
        apply: async (changes, revision) => {
            asked.push(["apply", changes[0].values, revision]);
            return { revision: 8, clashes: [], missed: true };
        },
        changes: async (revision) => {
            asked.push(["changes", revision]);
            return {
                revision: 8,
                set: {
                    cells: [{ uid: "c2", stage: "s3", lane: "l1", position: 1, text: "Moved" }],
                },
                gone: [],
            };
        },
    });
    map.dispatch("card/edit", { uid: "c1", values: { text: "Mine", user: { id: 2, name: "A" } } });
    await pass(QUIET);
    expect(asked).toEqual([
        ["apply", { text: "Mine", user: 2 }, 5],
        ["changes", 5],
    ]);
    expect(session.revision).toBe(8);
    expect(map.get("cell", "c2").text).toBe("Moved");
    expect(map.get("cell", "c1").text).toBe("Mine");
});

test("a clash is shown; one that we typed over meanwhile is not", async () => {
    let answer;
    const { map, pass } = await openSession({
        apply: () => new Promise((resolve) => (answer = resolve)),
    });
    const clash = (uid) => ({
        what: "cell",
        uid,
        field: "text",
        theirs: "T",
        mine: "M",
        by: "Ann",
    });
    map.dispatch("card/edit", { uid: "c1", values: { text: "M" } });
    map.dispatch("card/edit", { uid: "c2", values: { text: "M" } });
    await pass(QUIET);
    map.dispatch("card/edit", { uid: "c2", values: { text: "More" } });
    answer({ revision: 6, clashes: [clash("c1"), clash("c2")], missed: false });
    await pass(0);
    expect(map.clashes.map((one) => one.uid)).toEqual(["c1"]);
    expect(map.get("cell", "c1").text).toBe("T");
    expect(map.get("cell", "c2").text).toBe("More");
});

test("what the server refuses is taken back on the map and kept to read", async () => {
    const { map, pass } = await openSession({
        apply: async () => {
            throw new Refused("Text: at most 10,000 characters.");
        },
    });
    map.dispatch("card/edit", { uid: "c1", values: { text: "Long" } });
    await pass(QUIET);
    expect(map.get("cell", "c1").text).toBe("Ad");
    expect(map.clashes[0].refused).toBe("Text: at most 10,000 characters.");
    expect(map.clashes[0].changes[0].values.text).toBe("Long");
});

test("a tab does not hear itself; from another it hears what is newer", async () => {
    let count = 0;
    const { session } = await openSession({
        changes: async () => {
            count++;
            return { revision: 7, set: {}, gone: [] };
        },
    });
    await session.heard({ revision: 7, session: session.tab });
    await session.heard({ revision: 5, session: "other" });
    expect(count).toBe(0);
    await session.heard({ revision: 7, session: "other" });
    expect(count).toBe(1);
    expect(session.revision).toBe(7);
});

test("too old to be told: the map is read anew, what waits stays on it", async () => {
    const { session, map } = await openSession({ changes: async () => ({ reload: true }) });
    map.dispatch("card/edit", { uid: "c1", values: { text: "Mine" } });
    await session.heard({ revision: 9, session: "other" });
    expect(map.get("cell", "c1").text).toBe("Mine");
    expect(session.queue.status).toBe("saving");
});
