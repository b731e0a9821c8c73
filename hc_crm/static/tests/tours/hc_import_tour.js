import { registry } from "@web/core/registry";

const CSV = `External Reference,Customer E-mail,Date,Channel,Direction,What Happened
TOUR-1,rosa@blum.example,2026-03-02 10:15:00,Phone Call,From us,Called about the samples
TOUR-2,brandon@linden.example,2026-03-03 14:30:00,visit,From the customer,Came to see the chairs
`;
const WITH_A_BAD_ROW = `${CSV}TOUR-3,nobody@nowhere.example,2026-03-04 09:00:00,call,From us,Wrong number
`;

/** Puts a file into the upload button of the import screen, as a person choosing it would. */
function chooseFile(name, content) {
    return {
        content: `Choose ${name}`,
        trigger: ".o_control_panel .o_input_file:not(:visible)",
        run() {
            const transfer = new DataTransfer();
            transfer.items.add(new File([content], name, { type: "text/csv" }));
            this.anchor.files = transfer.files;
            this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
        },
    };
}

registry.category("web_tour.tours").add("hc_import_tour", {
    steps: () => [
        {
            content: "Open the menu beside the title",
            trigger: ".o_cp_action_menus button.dropdown-toggle",
            run: "click",
        },
        {
            content: "Import records",
            trigger: ".o_import_menu",
            run: "click",
        },
        {
            content: "A template is offered",
            trigger: "a[href='/hc_crm/static/xls/hc_interaction_import.xlsx']",
        },
        chooseFile("calls-bad.csv", WITH_A_BAD_ROW),
        {
            content: "The columns are matched",
            trigger: ".o_import_data_content:contains('Customer E-mail')",
        },
        {
            content: "Test",
            trigger: ".o_control_panel button:contains('Test')",
            run: "click",
        },
        {
            content: "The bad row is named",
            trigger: ".o_import_report:contains('Row 3'):contains('nobody@nowhere.example')",
        },
        chooseFile("calls.csv", CSV),
        {
            content: "The better file is shown",
            trigger: ".o_import_data_sidepanel:contains('calls'):not(:contains('calls-bad'))",
        },
        {
            content: "Its rows are not judged yet",
            trigger: ".o_import_action:not(:has(.o_import_report))",
        },
        {
            content: "Test again",
            trigger: ".o_control_panel button:contains('Test')",
            run: "click",
        },
        {
            content: "Everything seems valid",
            trigger: ".o_import_action .alert-info:contains('valid')",
        },
        {
            content: "Import",
            trigger: ".o_control_panel button.btn-primary:contains('Import')",
            run: "click",
        },
        {
            content: "The imported interactions are shown",
            trigger: ".o_list_view .o_data_row:contains('Came to see the chairs')",
        },
        {
            content: "Both of them",
            trigger: ".o_list_view .o_data_row:contains('Called about the samples')",
        },
    ],
});
