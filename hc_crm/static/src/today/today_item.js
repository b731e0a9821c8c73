import { Wysiwyg } from "@html_editor/wysiwyg";
import { MAIN_PLUGINS, NO_EMBEDDED_COMPONENTS_FALLBACK_PLUGINS } from "@html_editor/plugin_sets";
import { Component, markup, useEffect, useRef } from "@odoo/owl";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { localization } from "@web/core/l10n/localization";
import { BriefWidget } from "../brief/brief";

const { DateTime } = luxon;

/** One thing owed: who, why, what to know before, how to begin, and what came of it. */
export class TodayItem extends Component {
    static template = "hc_crm.TodayItem";
    static components = { BriefWidget, DateTimeInput, Wysiwyg };
    static props = {
        item: Object,
        dueText: String,
        note: String,
        draft: { type: Object, optional: true },
        asking: [Object, Boolean],
        isEditing: Boolean,
        isBusy: Boolean,
        choose: Function,
        act: Function,
        setNote: Function,
        setDraft: Function,
        open: Function,
        back: Function,
    };

    setup() {
        this.subject = useRef("subject");
        this.ask = useRef("ask");
        useEffect(
            (isEditing) => {
                if (isEditing) {
                    this.subject.el?.focus();
                }
            },
            () => [this.props.isEditing]
        );
        useEffect(
            (asking) => {
                if (asking) {
                    this.ask.el?.querySelector("textarea, button")?.focus();
                }
            },
            () => [this.props.asking]
        );
    }

    get item() {
        return this.props.item;
    }

    /** The customer as the brief wants it: the record of a form. */
    get briefRecord() {
        const { key, partner } = this.item;
        if (this.lastBrief?.id !== key) {
            this.lastBrief = {
                id: key,
                resModel: "res.partner",
                resId: partner.id,
                data: {},
                context: {},
            };
        }
        return this.lastBrief;
    }

    get usualActs() {
        return this.item.acts;
    }

    get subjectText() {
        return this.props.draft?.subject ?? this.item.draft.subject;
    }

    get bodyHtml() {
        return this.props.draft?.body ?? this.item.draft.body;
    }

    /** Sanitized when it was stored, and while it is edited never shown anywhere but in the editor. */
    get body() {
        return markup(this.bodyHtml);
    }

    get editorConfig() {
        return {
            content: this.body,
            Plugins: [...MAIN_PLUGINS, ...NO_EMBEDDED_COMPONENTS_FALLBACK_PLUGINS],
            baseContainers: ["DIV", "P"],
            classList: ["o_hc_today_editor"],
            direction: localization.direction || "ltr",
            allowVideo: false,
            onChange: () => this.props.setDraft({ body: this.editor.getContent() }),
            getRecordInfo: () => ({ resModel: "res.partner", resId: this.item.partner.id }),
        };
    }

    onLoadEditor(editor) {
        this.editor = editor;
    }

    get laterChoices() {
        const today = DateTime.local().startOf("day");
        const monday = today.plus({ days: 8 - today.weekday });
        return [
            { label: _t("Tomorrow"), day: today.plus({ days: 1 }) },
            { label: _t("In three days"), day: today.plus({ days: 3 }) },
            { label: _t("Next Monday"), day: monday },
            { label: _t("In two weeks"), day: today.plus({ weeks: 2 }) },
        ].map(({ label, day }) => ({
            label,
            text: day.toLocaleString({ weekday: "short", day: "numeric", month: "short" }),
            day,
        }));
    }

    get firstLater() {
        return DateTime.local().startOf("day").plus({ days: 1 });
    }

    later(day) {
        if (day) {
            return this.props.act(this.props.asking, { date: serializeDate(day) });
        }
    }

    decide(choice) {
        return this.props.act(this.props.asking, { choice: choice.key });
    }

    /** In the field of a reason Enter is enough; a reason has no lines. */
    onReasonKeydown(ev) {
        if (ev.key === "Enter" && !ev.shiftKey && !ev.isComposing) {
            ev.preventDefault();
            this.props.choose(this.props.asking);
        }
    }

    telLink(number) {
        return `tel:${number.replace(/[^0-9+*#]/g, "")}`;
    }
}
