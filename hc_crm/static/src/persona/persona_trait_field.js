import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { CharField, charField } from "@web/views/fields/char/char_field";

/**
 * A line of a persona's card with the evidence under it: how many insights from research say it is true,
 * and how many say it is not. A click on them shows what people said.
 */
export class PersonaTraitField extends CharField {
    static template = "hc_crm.PersonaTraitField";

    setup() {
        super.setup();
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get supports() {
        return this.props.record.data.support_count || 0;
    }

    get contradicts() {
        return this.props.record.data.contradict_count || 0;
    }

    get hasEvidence() {
        return Boolean(this.supports || this.contradicts);
    }

    get supportsLabel() {
        return _t("%s for it", this.supports);
    }

    get contradictsLabel() {
        return _t("%s against", this.contradicts);
    }

    async onOpenEvidence() {
        const action = await this.orm.call("hc.persona.trait", "action_open_evidence", [
            this.props.record.resId,
        ]);
        await this.action.doAction(action);
    }
}

export const personaTraitField = {
    ...charField,
    component: PersonaTraitField,
    displayName: _t("Persona trait with its evidence"),
    supportedTypes: ["char"],
    fieldDependencies: [
        { name: "support_count", type: "integer", readonly: true },
        { name: "contradict_count", type: "integer", readonly: true },
    ],
};

registry.category("fields").add("hc_persona_trait", personaTraitField);
