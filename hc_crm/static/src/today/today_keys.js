/** One key per act, and none while somebody types. */

// What the page itself does; acts get the letters that are left.
export const PAGE_KEYS = {
    j: "next",
    k: "previous",
    m: "note",
    u: "undo",
    "?": "help",
    Escape: "back",
};
// Only while the list or nothing has the focus: elsewhere they scroll, press and move the cursor.
export const LIST_KEYS = {
    ArrowDown: "next",
    ArrowUp: "previous",
    Home: "first",
    End: "last",
    Enter: "open",
};

function isTyping(target) {
    return Boolean(
        target.isContentEditable ||
        target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select")
    );
}

/**
 * Say what a key stands for: the name of something the page does, ``{ act }``, ``{ choice }`` (from 0)
 * while a choice is open, or nothing. With a modifier a key belongs to Odoo or the browser.
 */
export function meaningOf(ev, { acts = [], isChoosing = false } = {}) {
    if (ev.defaultPrevented || ev.ctrlKey || ev.altKey || ev.metaKey || ev.isComposing) {
        return false;
    }
    const target = ev.target;
    if (isTyping(target)) {
        return ev.key === "Escape" ? "leave" : false;
    }
    if (isChoosing && /^[1-9]$/.test(ev.key)) {
        return { choice: Number(ev.key) - 1 };
    }
    const key = ev.key.length === 1 ? ev.key.toLowerCase() : ev.key;
    const isFree = target === document.body || Boolean(target.closest?.(".o_hc_today_list"));
    if (isFree && LIST_KEYS[key]) {
        return LIST_KEYS[key];
    }
    if (PAGE_KEYS[key]) {
        return PAGE_KEYS[key];
    }
    const act = acts.find(({ hotkey }) => hotkey === key);
    return act && !ev.repeat ? { act } : false;
}
