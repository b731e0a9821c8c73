import { Component, useState } from "@odoo/owl";
import { LazyComponent } from "@web/core/assets";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The place of the map in a journey's form. The editor itself is a bundle of its own, loaded here and nowhere else.
 * `env.hcJourney` (of the form) keeps the editor, so that the form waits for it before it is left.
 */
export class JourneyMapWidget extends Component {
    static template = "hc_crm_journeys.MapWidget";
    static components = { LazyComponent };
    static props = { ...standardWidgetProps };

    setup() {
        this.state = useState({ resId: this.props.record.resId, personas: "", key: 0 });
        useRecordObserver((record) => {
            const personas = JSON.stringify(record.data.persona_ids?.currentIds || []);
            if (record.resId !== this.state.resId) {
                this.state.resId = record.resId;
            }
            if (record.resId && this.known !== undefined && personas !== this.known) {
                this.isChanged = true;
            }
            this.known = personas;
            if (this.isChanged && !record.dirty) {
                this.isChanged = false;
                this.editor?.session.reload();
            }
        });
    }

    get editorProps() {
        return {
            resId: this.state.resId,
            onReady: (editor) => {
                this.editor = editor;
                if (this.env.hcJourney) {
                    this.env.hcJourney.editor = editor;
                }
            },
        };
    }

    save() {
        return this.props.record.save();
    }
}

export const journeyMapWidget = {
    component: JourneyMapWidget,
    fieldDependencies: [{ name: "persona_ids", type: "many2many" }],
    additionalClasses: ["d-block", "w-100"],
};

registry.category("view_widgets").add("hc_journey_map", journeyMapWidget);
