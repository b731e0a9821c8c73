import { patch } from "@web/core/utils/patch";
import { SurveyForm } from "@survey/interactions/survey_form";

const KEY_MS = 250; // between the press of a key and the choice it makes

/**
 * The host goes on to the next page as soon as something is chosen, where people can go back. Arrow keys
 * choose each point they pass: with them it waits for the button.
 */
patch(SurveyForm.prototype, {
    onKeyDown(ev) {
        if (ev.key.startsWith("Arrow") && ev.target.matches?.(".o_hc_point_input")) {
            this.hcKeyTime = ev.timeStamp;
        }
        return super.onKeyDown(...arguments);
    },

    async onChoiceItemChange(ev) {
        const byKey = ev.timeStamp - this.hcKeyTime < KEY_MS;
        if (!byKey || !ev.currentTarget.matches(".o_hc_point_input")) {
            return super.onChoiceItemChange(...arguments);
        }
        const canGoBack = this.options.usersCanGoBack;
        this.options.usersCanGoBack = false;
        try {
            return await super.onChoiceItemChange(...arguments);
        } finally {
            this.options.usersCanGoBack = canGoBack;
        }
    },
});
