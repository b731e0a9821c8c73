import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMonth } from "./insight_format";

/** Health month by month, 0 to 100, as a line in the size of a word. */
export class Sparkline extends Component {
    static template = "hc_crm.InsightSparkline";
    static props = { history: { type: Array } };

    get months() {
        return this.props.history.filter(({ health }) => typeof health === "number");
    }

    /** Percent of width and height; SVG counts from the top. */
    get points() {
        const { months } = this;
        return months.map(({ health }, index) => ({
            x: months.length > 1 ? 2 + (96 * index) / (months.length - 1) : 50,
            y: 95 - Math.min(Math.max(health, 0), 100) * 0.9,
        }));
    }

    get line() {
        return this.points.map(({ x, y }) => `${x},${y}`).join(" ");
    }

    get last() {
        return this.points.at(-1);
    }

    get description() {
        return _t(
            "Health by month: %s",
            this.months
                .map(({ month, health }) => `${formatMonth(month)} ${Math.round(health)}`)
                .join(", ")
        );
    }
}
