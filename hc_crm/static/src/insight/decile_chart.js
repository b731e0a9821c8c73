import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatShare } from "./insight_format";

/**
 * Ten groups of customers, from the least to the most likely to buy: predicted beside what happened,
 * and what the one-line rule would have said. Drawn in percent, without a library.
 */
export class DecileChart extends Component {
    static template = "hc_crm.InsightDecileChart";
    static props = {
        rows: { type: Array },
        format: { type: Function, optional: true },
        label: { type: String },
        rule: { type: Boolean, optional: true },
    };

    get most() {
        const values = this.props.rows.flatMap(({ predicted, actual, rule }) => [
            predicted,
            actual,
            (this.props.rule && rule) || 0,
        ]);
        const most = Math.max(...values.filter((value) => typeof value === "number"), 0);
        // shares get round numbers at the side; 1 is the end of the world
        return this.props.format ? most || 1 : Math.min(Math.ceil(most * 10) / 10 || 1, 1);
    }

    format(value) {
        return (this.props.format || formatShare)(value);
    }

    get scale() {
        return [1, 0.5, 0].map((part) => ({
            y: 2 + 96 * (1 - part),
            text: this.format(part * this.most),
        }));
    }

    get groups() {
        const { rows } = this.props;
        const step = 100 / Math.max(rows.length, 1);
        const bar = (value, x, width) => {
            const height = (96 * Math.max(value || 0, 0)) / this.most;
            return { x, width, height, y: 98 - height };
        };
        return rows.map((row, index) => {
            const x = index * step;
            return {
                key: row.decile,
                predicted: bar(row.predicted, x + step * 0.14, step * 0.32),
                actual: bar(row.actual, x + step * 0.54, step * 0.32),
                rule:
                    this.props.rule && typeof row.rule === "number"
                        ? {
                              x1: x + step * 0.08,
                              x2: x + step * 0.92,
                              y: bar(row.rule, 0, 0).y,
                          }
                        : false,
                title: _t("Group %(group)s: predicted %(predicted)s, happened %(actual)s", {
                    group: row.decile,
                    predicted: this.format(row.predicted),
                    actual: this.format(row.actual),
                }),
            };
        });
    }
}
