import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { uniqueId } from "@web/core/utils/functions";
import { useSpecialData } from "@web/views/fields/relational_utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A many2one to ``hc.channel`` as one row of icons: a native radio group under the pictures. */
export class ChannelIconsField extends Component {
    static template = "hc_crm.ChannelIconsField";
    static props = { ...standardFieldProps, label: { type: String, optional: true } };

    setup() {
        this.id = uniqueId("hc_channels_");
        this.channels = useSpecialData(async (orm, { record, name }) => {
            const { records } = await orm.call(
                record.fields[name].relation,
                "web_search_read",
                [],
                {
                    domain: [],
                    specification: { display_name: {}, icon: {}, loggable: {} },
                }
            );
            return records;
        });
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get current() {
        return this.all.find((channel) => channel.id === this.value?.id);
    }

    get all() {
        return Array.isArray(this.channels.data) ? this.channels.data : [];
    }

    /** The channels offered, and the record's own even when it is no longer offered. */
    get items() {
        return this.all.filter((channel) => channel.loggable || channel.id === this.value?.id);
    }

    select({ id, display_name }) {
        this.props.record.update({ [this.props.name]: { id, display_name } });
    }
}

export const channelIconsField = {
    component: ChannelIconsField,
    displayName: _t("Channel Icons"),
    supportedTypes: ["many2one"],
    extractProps: ({ string }) => ({ label: string }),
};

registry.category("fields").add("hc_channel_icons", channelIconsField);
