import { onMounted, onWillUnmount } from "@odoo/owl";
import { targetOf } from "./map_hooks";

/** Pixels the pointer moves before a press is a drag. */
const START = 6;
/** Pixels from the edge of the scrolled area at which it scrolls, and how far each time. */
const EDGE = 40;
const STEP = 14;

/**
 * Dragging cards, stages and lanes with a mouse or pen. (A finger scrolls; the panel has buttons to move, the
 * keyboard Alt and arrows.) The host's sortable is one-dimensional, a map is not: a line shows where it will go.
 */
export function useMapDrag(ref, { isAllowed, onDrop }) {
    let press = null;
    let drag = null;

    const onDown = (ev) => {
        const el = ev.target.closest?.("[data-drag]");
        const isField = ev.target.closest?.("input,textarea,select,button,a");
        if (!el || isField || ev.button !== 0 || ev.pointerType === "touch" || !isAllowed()) {
            return;
        }
        press = { el, x: ev.clientX, y: ev.clientY };
        window.addEventListener("pointermove", onMove);
        window.addEventListener("pointerup", onUp);
        window.addEventListener("pointercancel", stop);
        window.addEventListener("keydown", onKey, true);
    };

    const onMove = (ev) => {
        if (!drag) {
            if (Math.hypot(ev.clientX - press.x, ev.clientY - press.y) < START) {
                return;
            }
            begin();
        }
        ev.preventDefault();
        drag.ghost.style.transform = `translate(${ev.clientX + 8}px, ${ev.clientY + 8}px)`;
        scroll(ev);
        drag.place = placeUnder(ev);
        show(drag.place);
    };

    const begin = () => {
        const { el } = press;
        const ghost = document.createElement("div");
        ghost.className = "o_hc_jm_ghost";
        ghost.textContent = el.innerText.trim().split("\n")[0];
        const line = document.createElement("div");
        line.className = "o_hc_jm_drop";
        document.body.append(ghost, line);
        el.classList.add("o_hc_jm_dragged");
        document.body.classList.add("user-select-none");
        ref.el.classList.add("o_hc_jm_dragging");
        drag = { el, ghost, line, target: targetOf(el.dataset.target), place: null };
    };

    const scroll = (ev) => {
        const area = ref.el.querySelector(".o_hc_jm_scroll");
        const box = area.getBoundingClientRect();
        const way = (at, low, high) => (at > high - EDGE ? STEP : at < low + EDGE ? -STEP : 0);
        area.scrollBy(way(ev.clientX, box.left, box.right), way(ev.clientY, box.top, box.bottom));
    };

    /** Where it would go: `{el, side, …}` with what `onDrop` wants. */
    const placeUnder = (ev) => {
        const { what, uid } = drag.target;
        const under = document.elementFromPoint(ev.clientX, ev.clientY) || ev.target;
        if (!ref.el.contains(under)) {
            return null;
        }
        if (what === "card") {
            const cell = under.closest("[data-target^='cell:']");
            if (!cell) {
                return null;
            }
            const { stage, lane } = targetOf(cell.dataset.target);
            const cards = [...cell.querySelectorAll("[data-target^='card:']")].filter(
                (one) => one !== drag.el
            );
            const next = cards.find((one) => ev.clientY < middle(one, "y"));
            const before = next && targetOf(next.dataset.target).uid;
            const last = cards.at(-1);
            return next
                ? { el: next, side: "top", stage, lane, before }
                : { el: last || cell, side: last ? "bottom" : "top", stage, lane, before: null };
        }
        if (what === "stage") {
            const head = under.closest("[data-target^='stage:']");
            const beside = head && targetOf(head.dataset.target).uid;
            return beside && beside !== uid
                ? {
                      el: head,
                      beside,
                      side: ev.clientX < middle(head, "x") ? "left" : "right",
                  }
                : null;
        }
        const row = under.closest("tr.o_hc_jm_row");
        const head = row?.querySelector("[data-target^='lane:']");
        const beside = head && targetOf(head.dataset.target).uid;
        return beside && beside !== uid
            ? { el: row, beside, side: ev.clientY < middle(row, "y") ? "top" : "bottom" }
            : null;
    };

    const show = (place) => {
        const { style } = drag.line;
        style.display = place ? "block" : "none";
        if (!place) {
            return;
        }
        const box = place.el.getBoundingClientRect();
        const isUpright = place.side === "left" || place.side === "right";
        style.left = `${place.side === "right" ? box.right : box.left}px`;
        style.top = `${place.side === "bottom" ? box.bottom : box.top}px`;
        style.width = isUpright ? "3px" : `${box.width}px`;
        style.height = isUpright ? `${box.height}px` : "3px";
    };

    const onUp = () => {
        const done = drag;
        stop();
        if (done) {
            // the click that follows a drag is no click
            window.addEventListener("click", swallow, true);
            setTimeout(() => window.removeEventListener("click", swallow, true), 0);
            if (done.place) {
                onDrop(done.target, done.place);
            }
        }
    };

    const swallow = (ev) => ev.stopPropagation();

    const onKey = (ev) => {
        if (ev.key === "Escape" && drag) {
            ev.stopPropagation();
            stop();
        }
    };

    const stop = () => {
        window.removeEventListener("pointermove", onMove);
        window.removeEventListener("pointerup", onUp);
        window.removeEventListener("pointercancel", stop);
        window.removeEventListener("keydown", onKey, true);
        if (drag) {
            drag.ghost.remove();
            drag.line.remove();
            drag.el.classList.remove("o_hc_jm_dragged");
            document.body.classList.remove("user-select-none");
            ref.el?.classList.remove("o_hc_jm_dragging");
        }
        press = null;
        drag = null;
    };

    onMounted(() => ref.el.addEventListener("pointerdown", onDown));
    onWillUnmount(() => {
        stop();
        ref.el?.removeEventListener("pointerdown", onDown);
    });
}

function middle(el, axis) {
    const box = el.getBoundingClientRect();
    return axis === "x" ? (box.left + box.right) / 2 : (box.top + box.bottom) / 2;
}
