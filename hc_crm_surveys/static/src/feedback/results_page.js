import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ResultsBody } from "./results_body";

/** Layout and search of the host around the figures. */
export class ResultsLayout extends Component {
    static template = "hc_crm_surveys.ResultsLayout";
    static components = { Layout, ResultsBody, SearchBar };
    static props = { domain: { type: Array } };

    setup() {
        this.searchBarToggler = useSearchBarToggler();
        this.display = { controlPanel: {} };
    }
}

/** Results: what customers say, in figures that tell how sure one can be of them. */
export class ResultsPage extends Component {
    static template = "hc_crm_surveys.ResultsPage";
    static components = { ResultsLayout, WithSearch };
    static props = { ...standardActionServiceProps };

    get searchProps() {
        const { context } = this.props.action;
        return {
            resModel: "hc.feedback",
            searchViewId: context.search_view_id || false,
            context,
            loadIrFilters: true,
            searchMenuTypes: ["filter", "favorite"],
            ...(this.props.globalState && { globalState: this.props.globalState }),
        };
    }
}

registry.category("actions").add("hc_feedback.results", ResultsPage);
