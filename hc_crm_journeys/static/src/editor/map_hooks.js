import { batched, onPatched, onWillDestroy, status, useComponent, useEffect } from "@odoo/owl";

// measuring a text costs a layout of the whole table, so it is done only where the browser cannot do it itself
const growsByItself = CSS.supports("field-sizing", "content");

/** Draws a component anew when the map tells one of its keys. `keys()` is asked once. */
export function useMapKeys(map, keys) {
    const render = useBatchedRender();
    const stops = keys().map((key) => map.on(key, render));
    onWillDestroy(() => stops.forEach((stop) => stop()));
}

/** Draws the component once, however much is told at once; never in the middle of drawing. */
export function useBatchedRender() {
    const component = useComponent();
    return batched(() => {
        if (status(component) !== "destroyed") {
            component.render();
        }
    });
}

/**
 * Puts the browser's focus where the cursor is, once that is drawn, if the cursor asks for it and stands in here.
 * @param {() => boolean} isHere
 */
export function useCursorFocus(cursor, ref, isHere) {
    const place = () => {
        if (cursor.wantsFocus && cursor.target && !cursor.editing && isHere()) {
            const name = targetName(cursor.target);
            const el =
                ref.el?.dataset.target === name
                    ? ref.el
                    : ref.el?.querySelector(`[data-target="${name}"]`);
            if (el) {
                cursor.wantsFocus = false;
                el.focus({ preventScroll: false });
            }
        }
    };
    onPatched(place);
    useEffect(place, () => []);
}

export function targetName({ what, uid, stage, lane }) {
    return what === "cell" ? `cell:${stage}|${lane}` : `${what}:${uid}`;
}

/** `{what, uid}` or `{what: "cell", stage, lane}` of an element's `data-target`. */
export function targetOf(name) {
    const at = name.indexOf(":");
    const what = name.slice(0, at);
    const rest = name.slice(at + 1);
    if (what === "cell") {
        const [stage, lane] = rest.split("|");
        return { what, stage, lane };
    }
    return { what, uid: rest };
}

/**
 * A text field that is as high as its text and has the focus as soon as it is there.
 * @param {() => string|false} run which writing it belongs to; of the next one the field is another
 */
export function useWriting(ref, { run, isName = false }) {
    let last = false;
    const look = () => {
        const el = ref.el;
        const now = run();
        if (el && now && now !== last) {
            el.focus();
            isName ? el.select() : el.setSelectionRange(el.value.length, el.value.length);
        }
        last = el && now;
        if (last && el.tagName === "TEXTAREA" && !growsByItself) {
            el.style.height = "auto";
            el.style.height = `${el.scrollHeight}px`;
        }
    };
    onPatched(look);
    useEffect(look, () => []);
}
