import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";

/** A number with a minus, not a hyphen. */
export function withMinus(number) {
    return `${number}`.replace("-", "−");
}

/**
 * A figure over time with its interval as a band. The same figures stand in a table below: the chart is for
 * those who like to see it.
 */
export class TrendChart extends Component {
    static template = "hc_crm_surveys.TrendChart";
    static props = {
        points: { type: Array },
        range: { type: Array },
        label: { type: String },
        onPoint: { type: Function },
    };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.points)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const scheme = cookie.get("color_scheme");
        const color = scheme === "dark" ? "#b8a9e0" : "#5b4a8a"; // 3:1 against the card and more
        const grid = scheme === "dark" ? "rgba(255, 255, 255, 0.15)" : "rgba(0, 0, 0, 0.1)";
        const text = scheme === "dark" ? "rgba(255, 255, 255, 0.76)" : "#374151";
        const of = (key) =>
            this.props.points.map((point) => (point[key] === false ? null : point[key]));
        const line = { borderColor: "transparent", pointRadius: 0, pointHitRadius: 0 };
        const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
        this.chart = new window.Chart(this.canvas.el, {
            type: "line",
            data: {
                labels: of("label"),
                datasets: [
                    { ...line, data: of("low") },
                    { ...line, data: of("high"), fill: "-1", backgroundColor: `${color}33` },
                    {
                        data: of("value"),
                        borderColor: color,
                        backgroundColor: color,
                        borderWidth: 2,
                        pointRadius: 4,
                        pointHoverRadius: 6,
                        spanGaps: true,
                        // across months without a figure: no line that claims to know
                        segment: {
                            borderDash: ({ p0, p1 }) => (p0.skip || p1.skip ? [4, 4] : undefined),
                        },
                    },
                ],
            },
            options: {
                animation: calm ? false : { duration: 250 },
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                onClick: (ev, elements) => {
                    if (elements.length) {
                        this.props.onPoint(this.props.points[elements[0].index]);
                    }
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        filter: (item) => item.datasetIndex === 2,
                        callbacks: { label: (item) => this.props.points[item.dataIndex].text },
                    },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { color: text, maxRotation: 0 } },
                    y: {
                        grid: { color: grid },
                        ticks: { color: text, maxTicksLimit: 6, callback: withMinus },
                        suggestedMin: this.floor,
                        suggestedMax: this.props.range[1],
                    },
                },
            },
        });
    }

    /** NPS is seldom below zero: half of the height would be empty. */
    get floor() {
        return Math.max(this.props.range[0], 0);
    }
}
