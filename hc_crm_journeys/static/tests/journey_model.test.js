import { describe, expect, test } from "@odoo/hoot";
import { parseTable, placeAt } from "@hc_crm_journeys/editor/map_things";
import { makeMap } from "./journey_data";

describe.current.tags("headless");

/** Everything that stands on the map, to compare. */
function picture(map) {
    const rows = (table) => [...table.values()].sort((a, b) => (a.uid < b.uid ? -1 : 1));
    const { name, scenario } = map.head;
    const out = {
        head: { name, scenario },
        stages: rows(map.stages),
        lanes: rows(map.lanes),
        cells: rows(map.cells).map(({ touchpoint, ...card }) => (touchpoint, card)),
        links: rows(map.links),
    };
    return JSON.parse(
        JSON.stringify(out, (key, value) => (key === "revision" ? undefined : value))
    );
}

const sorted = (value) =>
    JSON.stringify(value, (key, one) =>
        one && typeof one === "object" && !Array.isArray(one)
            ? Object.fromEntries(Object.entries(one).sort())
            : one
    );

const names = (things) => things.map((one) => one.name || one.text);

/** Does a command, looks at it, undoes and redoes it: the map is what it was, each time. */
function checkCommand(name, args, look, more) {
    const { map } = makeMap(more);
    const before = picture(map);
    const result = map.dispatch(name, args);
    look(map, result);
    const after = picture(map);
    expect(sorted(after)).not.toBe(sorted(before), { message: `${name} does something` });
    map.undo();
    expect(sorted(picture(map))).toBe(sorted(before), { message: `${name} undone` });
    map.redo();
    expect(sorted(picture(map))).toBe(sorted(after), { message: `${name} redone` });
}

const COMMANDS = {
    "stage/add": [
        { name: "Think", after: "s1" },
        (map) => expect(names(map.columns())).toEqual(["Discover", "Think", "Buy", "Use"]),
    ],
    "stage/add before": [
        { name: "Think", before: "s1" },
        (map) => expect(names(map.columns())).toEqual(["Think", "Discover", "Buy", "Use"]),
    ],
    "stage/add sub-stage": [
        { name: "See", parent: "s1" },
        (map, uid) => {
            expect(names(map.columns())).toEqual(["See", "Buy", "Use"]);
            // only the innermost stages carry cards
            expect(names(map.cards(uid, "l1"))).toEqual(["Ad", "Poster"]);
            expect(map.headRows().map((row) => row.length)).toEqual([3, 1]);
            expect(map.headRows()[0][1].rowspan).toBe(2);
        },
    ],
    "stage/edit": [
        { uid: "s1", values: { name: "See", standard_days: 3 } },
        (map) => expect(map.get("stage", "s1").name).toBe("See"),
    ],
    "stage/move": [
        { uid: "s1", index: 2 },
        (map) => expect(names(map.columns())).toEqual(["Buy", "Use", "Discover"]),
    ],
    "stage/move into another": [
        { uid: "s1", parent: "s2", index: 0 },
        (map) => {
            expect(names(map.columns())).toEqual(["Discover", "Use"]);
            expect(names(map.cards("s1", "l2"))).toEqual(["Joy"]);
        },
    ],
    "stage/delete": [
        { uid: "s1" },
        (map) => {
            expect(map.cells.size).toBe(1);
            expect(map.links.size).toBe(0);
        },
    ],
    "stage/duplicate": [
        { uid: "s1" },
        (map, uid) => {
            expect(names(map.columns())).toEqual(["Discover", "Discover", "Buy", "Use"]);
            expect(names(map.cards(uid, "l1"))).toEqual(["Ad", "Poster"]);
        },
    ],
    "lane/add": [
        { kind: "own", name: "Ideas", index: 1 },
        (map) => expect(map.rows().map((one) => map.laneName(one))[1]).toBe("Ideas"),
    ],
    "lane/edit": [
        { uid: "l1", values: { line_after: "interaction", is_collapsed: true } },
        (map) => expect(map.get("lane", "l1").is_collapsed).toBe(true),
    ],
    "lane/move": [
        { uid: "l3", index: 0 },
        (map) => expect(map.rows().map((one) => one.uid)).toEqual(["l3", "l1", "l2"]),
    ],
    "lane/delete": [{ uid: "l1" }, (map) => expect(map.cells.size).toBe(1)],
    "card/add": [
        { stage: "s1", lane: "l1", index: 1, values: { text: "Flyer" } },
        (map) => expect(names(map.cards("s1", "l1"))).toEqual(["Ad", "Flyer", "Poster"]),
    ],
    "card/add among pain points": [
        { stage: "s1", lane: "l3", values: { text: "Queue" } },
        (map, uid) => expect(map.get("cell", uid).is_pain).toBe(true),
    ],
    "card/edit": [
        {
            uid: "c1",
            values: {
                text: "Spot",
                feeling: 0,
                feeling_other: -2,
                is_pain: true,
                is_truth: true,
                proof: "validated",
                mode: "human",
                channel: false,
                user: { id: 2, name: "Ann" },
            },
        },
        (map) => {
            expect(map.get("cell", "c1").feeling).toBe(0);
            expect(map.get("cell", "c1").mode).toBe("human");
            expect(map.proofs).toEqual({ count: 3, assumed: 2, some: 0, validated: 1 });
        },
    ],
    "card/move": [
        { uid: "c2", stage: "s3", lane: "l3", index: 0 },
        (map) => {
            expect(names(map.cards("s1", "l1"))).toEqual(["Ad"]);
            expect(names(map.cards("s3", "l3"))).toEqual(["Poster"]);
        },
    ],
    "card/delete": [{ uid: "c1" }, (map) => expect(map.links.size).toBe(0)],
    "card/duplicate": [
        { uid: "c1" },
        (map, uid) => {
            expect(names(map.cards("s1", "l1"))).toEqual(["Ad", "Ad", "Poster"]);
            expect(map.get("cell", uid).mode).toBe("automated");
            expect(map.get("cell", uid).key).toBe(false);
        },
    ],
    "arrow/add": [
        { from: "c2", to: "c3", isTwoWay: true },
        (map) => expect(map.linksOf("c2").length).toBe(1),
    ],
    "arrow/edit": [
        { uid: "k1", values: { is_two_way: true } },
        (map) => expect(map.get("link", "k1").is_two_way).toBe(true),
    ],
    "arrow/delete": [{ uid: "k1" }, (map) => expect(map.linksOf("c1").length).toBe(0)],
    "table/paste": [
        { stage: "s2", lane: "l3", rows: [["a", "b", "c"], ["d"]] },
        (map) => {
            expect(map.columns().length).toBe(4);
            expect(map.rows().length).toBe(4);
            expect(names(map.cards("s3", "l3"))).toEqual(["b"]);
        },
    ],
    "table/paste with headings": [
        {
            heads: true,
            rows: [
                ["", "buy", "Return"],
                ["Pain points", "x", "y"],
                ["Hurts", "z", ""],
            ],
        },
        (map) => {
            expect(names(map.columns())).toEqual(["Discover", "Buy", "Use", "Return"]);
            // a lane is found by the name it shows; a kind that no lane has yet becomes one
            expect(names(map.cards("s2", "l3"))).toEqual(["z"]);
            expect(map.rows().length).toBe(4);
            expect(map.rows()[3].kind).toBe("pain");
        },
    ],
    "map/start": [
        { kinds: ["touchpoint", "emotion"], stages: ["One", "Two"] },
        (map) => expect(map.rows().length).toBe(5),
    ],
    "journey/edit": [
        { values: { scenario: "Winter comes" } },
        (map) => expect(map.head.scenario).toBe("Winter comes"),
        { scenario: false },
    ],
};

for (const [title, [args, look, more]] of Object.entries(COMMANDS)) {
    test(`${title}, undone, redone`, () => {
        checkCommand(title.split(" ")[0], args, look, more);
    });
}

test("a stage cannot become part of itself", () => {
    const { map, sent } = makeMap();
    map.dispatch("stage/move", { uid: "s2", parent: "s1", index: 0 });
    sent.length = 0;
    map.dispatch("stage/move", { uid: "s1", parent: "s2", index: 0 });
    expect(sent).toEqual([]);
    expect(names(map.columns())).toEqual(["Buy", "Use"]);
});

test("letters of one text are one step of undo", () => {
    const { map } = makeMap();
    for (const text of ["A", "Ab", "Abc"]) {
        map.dispatch("card/edit", { uid: "c2", values: { text } }, { merge: "run" });
    }
    map.endRun();
    map.dispatch("card/edit", { uid: "c2", values: { text: "Other" } }, { merge: "run" });
    map.undo();
    expect(map.get("cell", "c2").text).toBe("Abc");
    map.undo();
    expect(map.get("cell", "c2").text).toBe("Poster");
    expect(map.canUndo).toBe(false);
});

test("who may only read changes nothing", () => {
    const { map, sent } = makeMap({ can_write: false });
    map.dispatch("card/delete", { uid: "c1" });
    expect(map.cells.size).toBe(3);
    expect(sent).toEqual([]);
});

test("writes say what was there before, and nothing when nothing differs", () => {
    const { map, sent } = makeMap();
    map.dispatch("card/edit", { uid: "c1", values: { text: "Spot", proof: "assumed" } });
    expect(sent).toEqual([
        { do: "write", what: "cell", uid: "c1", values: { text: "Spot" }, base: { text: "Ad" } },
    ]);
    map.dispatch("card/edit", { uid: "c1", values: { text: "Spot" } });
    expect(sent.length).toBe(1);
});

test("positions lie between their neighbours, and room is made where there is none", () => {
    expect(placeAt([], 0)).toEqual({ position: 1, moves: [] });
    const two = [
        { uid: "a", position: 1 },
        { uid: "b", position: 2 },
    ];
    expect(placeAt(two, 1).position).toBe(1.5);
    expect(placeAt(two, 0).position).toBe(0);
    expect(placeAt(two, 2).position).toBe(3);
    const tight = [
        { uid: "a", position: 1 },
        { uid: "b", position: 1 + 1e-7 },
    ];
    expect(placeAt(tight, 1)).toEqual({
        position: 2,
        moves: [
            ["a", 1],
            ["b", 3],
        ],
    });
    // as often as one likes
    const { map } = makeMap();
    for (let i = 0; i < 60; i++) {
        map.dispatch("card/add", { stage: "s1", lane: "l1", index: 1, values: { text: `${i}` } });
    }
    const cards = names(map.cards("s1", "l1"));
    expect(cards.slice(0, 3)).toEqual(["Ad", "59", "58"]);
    expect(cards.at(-1)).toBe("Poster");
});

test("what is drawn anew is told by key: one cell for a letter", () => {
    const { map } = makeMap();
    const told = [];
    for (const key of ["cell:s1|l1", "cell:s2|l2", "grid", "feelings:l2", "links"]) {
        map.on(key, () => told.push(key));
    }
    map.dispatch("card/edit", { uid: "c2", values: { text: "P" } });
    expect(told.splice(0)).toEqual(["cell:s1|l1"]);
    map.dispatch("card/edit", { uid: "c3", values: { feeling: -1 } });
    expect(told.splice(0).sort()).toEqual(["cell:s2|l2", "feelings:l2", "links"]);
    map.dispatch("stage/move", { uid: "s1", index: 2 });
    expect(told.splice(0)).toEqual(["grid", "links"]);
});

test("feelings of a stage: either/or has a range, and each persona its own", () => {
    const { map } = makeMap();
    map.dispatch("card/edit", { uid: "c3", values: { feeling_other: -1 } });
    expect(map.feelingIn("s2", "l2", 7)).toEqual({ value: 0.5, low: -1, high: 2 });
    expect(map.feelingIn("s2", "l2", 8)).toBe(null);
    expect(map.feelersOf("l2")).toEqual([7]);
});

test("a table from a spreadsheet: quotes, line breaks, tabs; script stays the text it is", () => {
    expect(parseTable('a\tb\r\n"one\ntwo ""q"""\t<script>x</script>\r\n')).toEqual([
        ["a", "b"],
        ['one\ntwo "q"', "<script>x</script>"],
    ]);
    expect(parseTable('"just said" so\tx')).toEqual([['"just said" so', "x"]]);
});

// -- others -------------------------------------------------------------------------------------------

test("changes of others come in; what is not sent yet stays ours", () => {
    const { map, sent } = makeMap();
    map.dispatch("card/edit", { uid: "c1", values: { text: "Mine" } });
    map.merge(
        {
            revision: 6,
            set: {
                stages: [{ uid: "s9", parent: false, name: "Return", position: 9 }],
                cells: [
                    { uid: "c1", stage: "s2", lane: "l1", position: 1, text: "Theirs" },
                    { uid: "c9", stage: "s9", lane: "l1", position: 1, text: "Hello" },
                ],
            },
            gone: [["cell", "c2"]],
            journey: { name: "Coats" },
        },
        sent
    );
    expect(map.get("cell", "c1").text).toBe("Mine");
    expect(map.get("cell", "c1").stage).toBe("s2");
    expect(names(map.cards("s9", "l1"))).toEqual(["Hello"]);
    expect(map.get("cell", "c2")).toBe(undefined);
    expect(map.head.name).toBe("Coats");
});

test("undo leaves out what others deleted", () => {
    const { map } = makeMap();
    map.dispatch("card/edit", { uid: "c1", values: { text: "One" } });
    map.dispatch("card/edit", { uid: "c2", values: { text: "Two" } });
    map.merge({ gone: [["cell", "c2"]] });
    map.undo();
    expect(map.get("cell", "c1").text).toBe("Ad");
    expect(map.canUndo).toBe(false);
});

test("something we made again is not taken away by an old deletion", () => {
    const { map, sent } = makeMap();
    map.dispatch("card/delete", { uid: "c2" });
    map.undo();
    map.merge({ gone: [["cell", "c2"]] }, sent);
    expect(map.get("cell", "c2").text).toBe("Poster");
});

test("a clash shows theirs and keeps ours until somebody decides", () => {
    for (const [choice, text] of [
        ["theirs", "Theirs"],
        ["mine", "Mine"],
        ["both", "Theirs\nMine"],
    ]) {
        const { map, sent } = makeMap();
        map.dispatch("card/edit", { uid: "c1", values: { text: "Mine" } });
        map.addClash({
            what: "cell",
            uid: "c1",
            field: "text",
            theirs: "Theirs",
            mine: "Mine",
            by: "Ann",
        });
        expect(map.get("cell", "c1").text).toBe("Theirs");
        expect(map.clashes.length).toBe(1);
        sent.length = 0;
        map.resolve(map.clashes[0].id, choice);
        expect(map.get("cell", "c1").text).toBe(text);
        expect(map.clashes).toEqual([]);
        if (choice !== "theirs") {
            // based on what they wrote: it is no clash any more
            expect(sent[0].base).toEqual({ text: "Theirs" });
        }
    }
});

test("what somebody deleted while we wrote can be put back, with our words", () => {
    const { map } = makeMap();
    map.dispatch("card/edit", { uid: "c1", values: { text: "Mine" } });
    map.addClash({ what: "cell", uid: "c1", gone: true, mine: { text: "Mine" } });
    expect(map.get("cell", "c1")).toBe(undefined);
    expect(map.links.size).toBe(0);
    map.resolve(map.clashes[0].id, "mine");
    expect(map.get("cell", "c1").text).toBe("Mine");
    expect(map.get("cell", "c1").mode).toBe("automated");
    expect(map.links.size).toBe(1);
});
