import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { download } from "@web/core/network/download";
import { formatDate, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { TrendChart, withMinus } from "./trend_chart";

const MODEL = "hc.feedback";
const VERBATIMS = 20;

/** The figures themselves; where they come from and which answers they count, the search above says. */
export class ResultsBody extends Component {
    static template = "hc_crm_surveys.ResultsBody";
    static components = { TrendChart };
    static props = { domain: { type: Array } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.firsts = new KeepLast();
        this.seconds = new KeepLast();
        this.state = useState({
            data: null,
            details: null,
            verbatims: [],
            more: false,
            failed: false,
            loading: false,
            period: 90,
            from: "",
            to: "",
            measure: null,
            group: "persona_id",
            compare: [null, null],
            said: "",
        });
        this.formatInteger = formatInteger;
        this.withMinus = withMinus;
        this.load = this.load.bind(this);
        this.open = this.open.bind(this);
        onWillStart(async () => {
            this.mayExport = await user.hasGroup("base.group_allow_export");
        });
        onWillStart(() => this.load());
        onWillUpdateProps((next) => {
            if (JSON.stringify(next.domain) !== JSON.stringify(this.props.domain)) {
                return this.load(next.domain);
            }
        });
    }

    get periods() {
        return [
            { key: 30, label: _t("30 days") },
            { key: 90, label: _t("90 days") },
            { key: 365, label: _t("12 months") },
            { key: "all", label: _t("All") },
        ];
    }

    get groups() {
        return [
            { key: "persona_id", label: _t("Persona") },
            { key: "segment_id", label: _t("Segment") },
            { key: "user_id", label: _t("Colleague") },
            { key: "product_id", label: _t("Product") },
            { key: "touchpoint", label: _t("Moment") },
            { key: "source", label: _t("How it came") },
        ];
    }

    get tones() {
        return [
            { key: "", label: _t("All") },
            { key: "good", label: _t("Good") },
            { key: "neutral", label: _t("Neutral") },
            { key: "bad", label: _t("Bad") },
        ];
    }

    options(domain = this.props.domain) {
        const { period, from, to, measure, group, compare, said } = this.state;
        return {
            domain,
            ...(period === "days" ? { from, to } : { period }),
            measure: measure || undefined,
            group,
            ...(said && { band: said }),
            ...(compare.every((key) => key !== null) && { compare: [...compare] }),
        };
    }

    async load(domain = this.props.domain) {
        this.state.failed = false;
        this.state.loading = true;
        try {
            const data = await this.firsts.add(
                this.orm.silent.call(MODEL, "hc_get_results", [this.options(domain)])
            );
            this.state.data = data;
            this.state.measure = data.selected || null;
            this.state.said = "";
            this.setVerbatims(data.verbatims);
            if (data.measures.length) {
                this.loadDetails(domain);
            }
        } catch (error) {
            this.state.failed = error?.data?.message || true;
        }
        this.state.loading = false;
    }

    /** What takes longer is read when the figures stand already. */
    async loadDetails(domain = this.props.domain) {
        try {
            this.state.details = await this.seconds.add(
                this.orm.silent.call(MODEL, "hc_get_results_details", [this.options(domain)])
            );
        } catch (error) {
            this.state.failed = error?.data?.message || true;
        }
    }

    get data() {
        return this.state.data;
    }

    get measure() {
        return this.data.measures.find(({ key }) => key === this.data.selected);
    }

    get chartLabel() {
        return _t(
            "%s over time, with its interval. The same figures stand in the table below.",
            this.measure.label
        );
    }

    setPeriod(period) {
        this.state.period = period;
        if (period !== "days") {
            this.load();
        } else if (!this.state.from) {
            const today = luxon.DateTime.now();
            this.state.from = today.startOf("quarter").toISODate();
            this.state.to = today.toISODate();
            this.load();
        }
    }

    setDay(name, value) {
        if (value) {
            this.state[name] = value;
            if (this.state.from <= this.state.to) {
                this.load();
            }
        }
    }

    select(measure) {
        if (measure !== this.data.selected) {
            this.state.measure = measure;
            this.state.details = null;
            this.load();
        }
    }

    setGroup(group) {
        this.state.group = group;
        this.state.compare = [null, null];
        this.loadDetails();
    }

    setCompare(place, index) {
        const groups = this.state.details.groups;
        this.state.compare[place] = index === "" ? null : groups[Number(index)].key;
        if (this.state.compare.every((key) => key !== null)) {
            this.loadDetails();
        } else {
            this.state.details.compared = "";
        }
    }

    isCompared(place, key) {
        return this.state.compare[place] === key;
    }

    // -- comments -----------------------------------------------------------------------------

    setVerbatims(rows) {
        this.state.more = rows.length > VERBATIMS;
        this.state.verbatims = rows.slice(0, VERBATIMS);
    }

    async say(band) {
        this.state.said = band;
        this.setVerbatims(await this.fetchVerbatims(0));
    }

    async loadMore() {
        const rows = await this.fetchVerbatims(this.state.verbatims.length);
        this.state.more = rows.length > VERBATIMS;
        this.state.verbatims.push(...rows.slice(0, VERBATIMS));
    }

    fetchVerbatims(offset) {
        return this.orm.silent.call(MODEL, "hc_get_verbatims", [this.options(), offset]);
    }

    day(date) {
        return formatDate(deserializeDateTime(date));
    }

    scoreLabel(line) {
        return _t("%(score)s of %(of)s", line);
    }

    // -- drilling down ------------------------------------------------------------------------

    /** The answers behind a figure: the same domain that was counted. */
    open(name, domain, model = MODEL) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    openRecord(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPoint(point) {
        return this.open(`${this.measure.label} · ${point.label}`, point.domain);
    }

    // -- taking it along ----------------------------------------------------------------------

    exportTo(format) {
        return download({
            url: "/hc_crm_surveys/results/export",
            data: {
                format,
                options: JSON.stringify(this.options()),
                context: JSON.stringify(user.context),
            },
        });
    }

    print() {
        window.print();
    }
}
