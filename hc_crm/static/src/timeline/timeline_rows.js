import { deserializeDateTime } from "@web/core/l10n/dates";

export const SILENCE_DAYS = 30;

const { DateTime } = luxon;

/**
 * Turn a flat list of entries, newest first, into what is drawn: sections ("upcoming", "now" when it
 * has been quiet lately, then one per month) of rows. A row is an entry, a silence between two entries, or a fold of record changes.
 *
 * @param {Object[]} entries as sent by ``hc.timeline.hc_get_page``
 * @param {Object} [options]
 * @param {boolean} [options.sinceLast] also show the silence from the newest entry until now
 * @param {luxon.DateTime} [options.now]
 * @returns {{key: string, month: luxon.DateTime|null, rows: Object[]}[]}
 */
export function buildSections(entries, { sinceLast = false, now = DateTime.now() } = {}) {
    const sections = [];
    let previous = sinceLast ? now : null;
    for (const entry of entries) {
        const date = deserializeDateTime(entry.date);
        const upcoming = date > now;
        const key = upcoming ? "upcoming" : date.toFormat("yyyy-MM");
        if (previous && !upcoming) {
            const days = daysBetween(date, previous);
            if (days >= SILENCE_DAYS) {
                // Above the heading of the month it reaches back to, and under that of the other end.
                if (!sections.length || sections.at(-1).key === "upcoming") {
                    sections.push({ key: "now", month: null, rows: [] });
                }
                sections.at(-1).rows.push({ type: "silence", key: `s${entry.id}`, days });
            }
        }
        if (!upcoming) {
            previous = date;
        }
        let section = sections.at(-1);
        if (section?.key !== key) {
            section = { key, month: upcoming ? null : date.startOf("month"), rows: [] };
            sections.push(section);
        }
        const row = { type: "entry", key: `e${entry.id}`, entry, date };
        const last = section.rows.at(-1);
        if (entry.channel !== "log") {
            section.rows.push(row);
        } else if (last?.type === "fold") {
            last.rows.push(row);
        } else {
            section.rows.push({ type: "fold", key: `f${entry.id}`, rows: [row] });
        }
    }
    // A single record change says more than "1 record change".
    for (const section of sections) {
        section.rows = section.rows.map((row) =>
            row.type === "fold" && row.rows.length === 1 ? row.rows[0] : row
        );
    }
    return sections;
}

function daysBetween(from, to) {
    return Math.round(to.startOf("day").diff(from.startOf("day"), "days").days);
}
