import { Refused } from "./map_queue";

/** Errors by which the server says no; any other may pass. */
const REFUSALS = /^odoo\.exceptions\.(ValidationError|UserError|AccessError|MissingError)$/;

/** The three calls an open map makes, as `MapSession` wants them. */
export function journeyServer(orm, journeyId) {
    const call = (method, ...args) => orm.silent.call("hc.journey", method, [[journeyId], ...args]);
    return {
        read: () => call("hc_map"),
        changes: (revision) => call("hc_changes", revision),
        async apply(changes, revision, tab) {
            try {
                return await call("hc_apply", changes, revision, tab);
            } catch (error) {
                if (REFUSALS.test(error?.exceptionName)) {
                    throw new Refused(error.data?.message || error.message);
                }
                throw error;
            }
        },
    };
}
