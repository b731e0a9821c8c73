import { registry } from "@web/core/registry";

/** From the list of customers at risk to the reason, its records, and a call that is logged. */
registry.category("web_tour.tours").add("hc_insight_risk_tour", {
    steps: () => [
        {
            content: "A valuable customer who may leave",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains(Lateson)",
            run: "click",
        },
        {
            content: "The header says so; what is behind it?",
            trigger: ".o_form_view .o_hc_chip_risk:contains(likely to stop buying)",
            run: "click",
        },
        {
            content: "Sentences first",
            trigger: ".o_notebook a[name=hc_insight].active",
        },
        {
            content: "Unusually long since the last purchase",
            trigger: ".o_hc_sentences:contains(That is unusual)",
        },
        {
            content: "Drawn, too",
            trigger: ".o_hc_rhythm:has(.o_hc_rhythm_next):has(.o_hc_rhythm_late)",
        },
        {
            content: "Why? The reasons, each with what it does",
            trigger: ".o_hc_risk .o_hc_reason_effect:contains(raises the risk)",
        },
        {
            content: "To the records behind the strongest",
            trigger: ".o_hc_risk .o_hc_reason:first-child button",
            run: "click",
        },
        {
            content: "The purchases themselves",
            trigger: ".o_list_view .o_data_row:contains(TOUR-LATE)",
        },
        {
            content: "Back to the customer",
            trigger: ".o_control_panel .o_back_button, .o_control_panel .breadcrumb-item a:last",
            run: "click",
        },
        {
            content: "The page is where it was; log the call",
            trigger: ".o_hc_insight button.o_hc_insight_log",
            run: "click",
        },
        {
            content: "By phone",
            trigger: ".modal .o_hc_channel[title='Phone Call']",
            run: "click",
        },
        {
            content: "What was said",
            trigger: ".modal .o_field_hc_log_line input",
            run: "edit Asked what we did wrong && press Enter",
        },
        {
            content: "It says so",
            trigger: ".o_notification:contains(Logged)",
        },
        {
            content: "And the header knows",
            trigger: "body:not(:has(.modal)) .o_hc_last:contains(today · Phone Call)",
        },
    ],
});

const weight = (factor) => `.o_field_widget[name=health_weight_${factor}] input`;

/** Other weights of health: real customers before and after, a mistake told in words, saved. */
registry.category("web_tour.tours").add("hc_insight_weights_tour", {
    steps: () => [
        {
            content: "Customers as they are: nothing has changed",
            trigger:
                ".o_hc_preview_table:has(.o_hc_change:contains(=)):not(:has(.o_hc_up, .o_hc_down))",
        },
        {
            content: "Rhythm counts for nothing",
            trigger: weight("rhythm"),
            run: "edit 0 && press Tab",
        },
        {
            content: "Somebody would look better or worse",
            trigger: ".o_hc_preview_table :is(.o_hc_up, .o_hc_down)",
        },
        ...["trend", "engagement", "feeling", "care"].map((factor) => ({
            content: `Nor does ${factor}`,
            trigger: weight(factor),
            run: "edit 0 && press Tab",
        })),
        {
            content: "Nothing left to weigh: told in words",
            trigger: ".o_hc_preview_error:contains(sum to zero)",
        },
        {
            content: "Only what we owe them counts",
            trigger: weight("care"),
            run: "edit 4 && press Tab",
        },
        {
            content: "The preview is back",
            trigger: ".o_hc_health_preview:not(:has(.o_hc_preview_error)) .o_hc_bands",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved",
            trigger: ".o_form_view .o_form_saved, .o_form_status_indicator_buttons.invisible",
        },
        {
            content: "The last run and its outcome stand above; begin another",
            trigger: ".o_hc_run:has(.o_hc_run_text:contains(Done)) .o_hc_run_now",
            run: "click",
        },
        {
            content: "It waits for its turn, with a bar",
            trigger: ".o_hc_run:has([role=progressbar]) .o_hc_run_now:disabled",
        },
    ],
});

/** How good is this? One sentence, the chart with its table, and which method is used. */
registry.category("web_tour.tours").add("hc_insight_accuracy_tour", {
    steps: () => [
        {
            content: "One sentence",
            trigger: ".o_hc_accuracy_sentence:contains(/Of 100 customers .* [0-9]+ did/)",
        },
        {
            content: "The method that is used, by name",
            trigger: ".o_hc_accuracy_method:contains(/(Model|One-line rule)/)",
        },
        {
            content: "Ten groups drawn",
            trigger: ".o_hc_deciles:has(rect.o_hc_predicted):has(line.o_hc_rule) rect.o_hc_actual",
        },
        {
            content: "And as a table",
            trigger: ".o_hc_decile_table tbody tr:nth-child(10)",
        },
        {
            content: "Beside the one-line rule",
            trigger: ".o_hc_compare:contains(Told apart who buys again)",
        },
        {
            content: "Do they come back?",
            trigger: ".o_menu_sections button:contains(Reporting)",
            run: "click",
        },
        {
            content: "Retention",
            trigger: ".o-dropdown--menu a:contains(Retention)",
            run: "click",
        },
        {
            content: "By month",
            trigger: ".o_hc_retention button:contains(By month)",
            run: "click",
        },
        {
            content: "The customers of one cell",
            trigger:
                ".o_hc_retention:has(button[aria-pressed=true]:contains(By month)) .o_hc_cohorts tbody tr:first-child td:nth-child(3) .o_hc_cohort_cell",
            run: "click",
        },
        {
            content: "Here they are",
            trigger: ".o_list_view .o_data_row",
        },
    ],
});
