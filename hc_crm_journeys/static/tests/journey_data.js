import { JourneyMap } from "@hc_crm_journeys/editor/map_model";

/** A small map as the server gives it: three stages, three lanes, three cards, an arrow. */
export function mapData(more = {}) {
    return {
        id: 1,
        name: "Coat",
        kind: "map",
        revision: 5,
        can_write: true,
        user: false,
        personas: [
            { id: 7, name: "Brenda", color: 1 },
            { id: 8, name: "Marc", color: 2 },
        ],
        channels: [{ id: 3, key: "shop", name: "Shop", icon: "fa-home" }],
        lane_kinds: [
            { kind: "touchpoint", label: "Touchpoint" },
            { kind: "emotion", label: "How They Feel" },
            { kind: "pain", label: "Pain Points" },
            { kind: "own", label: "Own Lane" },
        ],
        lines: [{ line: "interaction", label: "Line of Interaction" }],
        stages: [
            { uid: "s1", parent: false, name: "Discover", position: 1 },
            { uid: "s2", parent: false, name: "Buy", position: 2 },
            { uid: "s3", parent: false, name: "Use", position: 3 },
        ],
        lanes: [
            { uid: "l1", kind: "touchpoint", name: false, position: 1 },
            { uid: "l2", kind: "emotion", name: false, position: 2 },
            { uid: "l3", kind: "pain", name: "Hurts", position: 3 },
        ],
        cells: [
            {
                uid: "c1",
                stage: "s1",
                lane: "l1",
                position: 1,
                text: "Ad",
                persona: false,
                feeling: null,
                feeling_other: null,
                proof: "assumed",
                touchpoint: { id: 4, mode: "automated", channel: 3, key: "ad" },
            },
            { uid: "c2", stage: "s1", lane: "l1", position: 2, text: "Poster" },
            {
                uid: "c3",
                stage: "s2",
                lane: "l2",
                position: 1,
                text: "Joy",
                feeling: 2,
                persona: 7,
            },
        ],
        links: [{ uid: "k1", from: "c1", to: "c3", is_two_way: false, name: false }],
        ...more,
    };
}

export function makeMap(more) {
    let count = 0;
    const sent = [];
    const map = new JourneyMap(mapData(more), {
        makeUid: () => `new${++count}`,
        onChanges: (changes) => sent.push(...changes),
    });
    return { map, sent };
}
