import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";
import { formatDay } from "./insight_format";

// More dots than this on one line are a smear, and old ones say little about the rhythm of today.
const MAX_DOTS = 36;
const RADIUS = { min: 4, max: 9 };

/**
 * Purchases as dots on a line of time: the bigger the more money, the next one expected as a hollow dot.
 *
 * Everything is placed in percent, so that neither dots nor letters are stretched on any screen.
 */
export class RhythmStrip extends Component {
    static template = "hc_crm.InsightRhythmStrip";
    static props = {
        rhythm: { type: Object },
        currencyId: { type: [Number, Boolean], optional: true },
    };

    setup() {
        this.formatDay = formatDay;
    }

    get days() {
        return this.props.rhythm.days.slice(-MAX_DOTS);
    }

    get hidden() {
        return this.props.rhythm.days.length - this.days.length;
    }

    get strip() {
        const { days } = this;
        const { next_date, overdue } = this.props.rhythm;
        const time = (date) => deserializeDate(date).toMillis();
        const now = luxon.DateTime.now().startOf("day").toMillis();
        const next = next_date ? time(next_date) : false;
        const start = days.length ? time(days[0].date) : now;
        const end = Math.max(now, next || 0, days.length ? time(days.at(-1).date) : 0);
        // room at both ends for the words below the dots
        const place = (at) => 4 + (92 * (at - start)) / Math.max(end - start, 1);
        const most = Math.max(...days.map(({ amount }) => amount || 0), 0);
        const dots = days.map(({ date, amount }, index) => ({
            key: index,
            x: place(time(date)),
            r: most
                ? RADIUS.min +
                  (RADIUS.max - RADIUS.min) * Math.sqrt(Math.max(amount || 0, 0) / most)
                : RADIUS.min + 1,
            text: this.purchaseText(date, amount),
        }));
        return {
            dots,
            today: place(now),
            next: next && place(next),
            late: overdue && dots.length ? { x: dots.at(-1).x, to: place(now) } : false,
            years: this.years(start, end, place),
        };
    }

    /** A short line at each new year; at each new month where it all happened within one. */
    years(start, end, place) {
        const unit = end - start > 400 * 24 * 3600 * 1000 ? "year" : "month";
        const ticks = [];
        let tick = luxon.DateTime.fromMillis(start).endOf(unit).plus(1).startOf("day");
        while (tick.toMillis() < end && ticks.length < 40) {
            ticks.push({ key: tick.toISODate(), x: place(tick.toMillis()) });
            tick = tick.plus({ [`${unit}s`]: 1 });
        }
        return ticks;
    }

    purchaseText(date, amount) {
        const day = formatDay(date);
        return typeof amount === "number"
            ? `${day}: ${formatMonetary(amount, { currencyId: this.props.currencyId || undefined })}`
            : day;
    }

    get purchases() {
        return this.days.map(({ date, amount }) => this.purchaseText(date, amount)).reverse();
    }

    /** What the picture shows, for whom it is read to. */
    get description() {
        const { rhythm } = this.props;
        const parts = [
            _t("Purchases on a line of time: %(count)s, from %(first)s to %(last)s.", {
                count: this.days.length,
                first: formatDay(this.days[0]?.date),
                last: formatDay(this.days.at(-1)?.date),
            }),
        ];
        if (rhythm.next_date) {
            parts.push(_t("The next one was or is expected on %s.", formatDay(rhythm.next_date)));
        }
        return parts.join(" ");
    }

    /** Keep the words inside the picture: at its ends they hang inwards. */
    anchor(x) {
        return x < 12 ? "start" : x > 88 ? "end" : "middle";
    }
}
