import { deserializeDate, deserializeDateTime } from "@web/core/l10n/dates";
import { formatPercentage } from "@web/views/fields/formatters";

/** A day as people write it; the year only where it is not this one. */
export function formatDay(date) {
    if (!date) {
        return "";
    }
    const day = date.length > 10 ? deserializeDateTime(date) : deserializeDate(date);
    const format = { day: "numeric", month: "short" };
    return day.toLocaleString(
        day.hasSame(luxon.DateTime.now(), "year") ? format : { ...format, year: "numeric" }
    );
}

/** A month (``YYYY-MM``) as people write it. */
export function formatMonth(month) {
    return deserializeDate(`${month}-01`).toLocaleString({ month: "short", year: "numeric" });
}

/** A share of 1 as whole percent. */
export function formatShare(share) {
    return formatPercentage(share, { digits: [16, 0] });
}

/** The window action for ``{res_model, res_id}`` or ``{res_model, name, domain}`` of a payload. */
export function recordsAction({ res_model, res_id, name, domain, context }) {
    return {
        type: "ir.actions.act_window",
        target: "current",
        res_model,
        ...(res_id
            ? { res_id, views: [[false, "form"]] }
            : {
                  name,
                  domain: domain || [],
                  context: context || {},
                  views: [
                      [false, "list"],
                      [false, "form"],
                  ],
              }),
    };
}
