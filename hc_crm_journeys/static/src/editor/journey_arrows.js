import { Component, onMounted, onWillDestroy, onWillUnmount, useState } from "@odoo/owl";

/** Arrows between cards, drawn over the table. The panel of a card says the same in words. */
export class JourneyArrows extends Component {
    static template = "hc_crm_journeys.Arrows";
    static props = { editor: Object, table: Object };

    setup() {
        this.state = useState({ lines: [], width: 0, height: 0 });
        const { map } = this.props.editor;
        this.frame = null;
        const stops = ["links", "grid", "cursor"].map((key) => map.on(key, () => this.plan()));
        onMounted(() => {
            this.observer = new ResizeObserver(() => this.plan());
            this.observer.observe(this.props.table.el);
            this.plan();
        });
        onWillUnmount(() => this.observer.disconnect());
        onWillDestroy(() => {
            cancelAnimationFrame(this.frame);
            stops.forEach((stop) => stop());
        });
    }

    plan() {
        cancelAnimationFrame(this.frame);
        const { map } = this.props.editor;
        if (map.links.size || this.state.lines.length) {
            this.frame = requestAnimationFrame(() => this.measure());
        }
    }

    measure() {
        const { editor, table } = this.props;
        const el = table.el;
        if (!el) {
            return;
        }
        const zoom = editor.state.zoom / 100;
        const origin = el.getBoundingClientRect();
        const box = (uid) => {
            const card = el.querySelector(`[data-target="card:${CSS.escape(uid)}"]`);
            if (!card) {
                return null;
            }
            const rect = card.getBoundingClientRect();
            return {
                left: (rect.left - origin.left) / zoom,
                right: (rect.right - origin.left) / zoom,
                top: (rect.top - origin.top) / zoom,
                bottom: (rect.bottom - origin.top) / zoom,
                x: ((rect.left + rect.right) / 2 - origin.left) / zoom,
                y: ((rect.top + rect.bottom) / 2 - origin.top) / zoom,
            };
        };
        const lines = [];
        for (const link of editor.map.links.values()) {
            const from = box(link.from);
            const to = box(link.to);
            if (from && to) {
                const isNear =
                    editor.cursor.is("card", link.from) || editor.cursor.is("card", link.to);
                lines.push({
                    uid: link.uid,
                    isTwoWay: link.is_two_way,
                    isNear,
                    d: curve(from, to),
                });
            }
        }
        Object.assign(this.state, {
            lines,
            width: origin.width / zoom,
            height: origin.height / zoom,
        });
    }
}

/** A path from the side of one card to the side of the other that faces it. */
function curve(from, to) {
    if (to.left >= from.right) {
        const bend = Math.max(16, (to.left - from.right) / 2);
        return `M${from.right} ${from.y}C${from.right + bend} ${from.y} ${to.left - bend} ${to.y} ${to.left} ${to.y}`;
    }
    if (to.right <= from.left) {
        const bend = Math.max(16, (from.left - to.right) / 2);
        return `M${from.left} ${from.y}C${from.left - bend} ${from.y} ${to.right + bend} ${to.y} ${to.right} ${to.y}`;
    }
    const isBelow = to.top >= from.bottom;
    const start = isBelow ? from.bottom : from.top;
    const end = isBelow ? to.top : to.bottom;
    const bend = (end - start) / 2;
    return `M${from.x} ${start}C${from.x} ${start + bend} ${to.x} ${end - bend} ${to.x} ${end}`;
}
