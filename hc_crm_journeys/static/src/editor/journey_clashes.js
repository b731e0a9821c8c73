import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useMapKeys } from "./map_hooks";

/** Where two people wrote the same thing: nobody's words are lost, somebody decides. */
export class JourneyClashes extends Component {
    static template = "hc_crm_journeys.Clashes";
    static props = { editor: Object };

    setup() {
        this.map = this.props.editor.map;
        useMapKeys(this.map, () => ["clashes"]);
    }

    get clashes() {
        return this.map.clashes.map((clash) => ({
            ...clash,
            title: this.title(clash),
            mineText: this.mineText(clash),
            theirsText: clash.gone ? _t("deleted") : this.text(clash, clash.theirs),
            isText: typeof clash.mine === "string" && typeof clash.theirs === "string",
        }));
    }

    title({ gone, refused, by, what, uid }) {
        if (refused) {
            return refused;
        }
        const somebody = by || _t("Somebody");
        if (gone) {
            return _t("%s deleted what you were changing.", somebody);
        }
        const thing = what !== "journey" && this.map.get(what, uid);
        const name = thing && (thing.name || thing.text);
        return name
            ? _t("%(name)s changed “%(what)s” at the same time.", {
                  name: somebody,
                  what: name.slice(0, 60),
              })
            : _t("%s changed the same at the same time.", somebody);
    }

    mineText(clash) {
        if (clash.refused) {
            return clash.changes
                .map(({ values }) => values?.text || values?.name)
                .filter(Boolean)
                .join("\n");
        }
        if (clash.gone) {
            return (clash.fall || [])
                .map(([, one]) => one.text || one.name)
                .filter(Boolean)
                .join(", ");
        }
        return this.text(clash, clash.mine);
    }

    text({ field }, value) {
        const { editor } = this.props;
        if (typeof value === "string") {
            return value;
        }
        if (field === "persona" || field === "channel") {
            return (value && editor[field](value)?.name) || _t("none");
        }
        if (typeof value === "boolean") {
            return value ? _t("yes") : _t("no");
        }
        return value === null || value === undefined ? _t("none") : value.name || `${value}`;
    }

    resolve(clash, choice) {
        this.map.resolve(clash.id, choice);
    }
}
