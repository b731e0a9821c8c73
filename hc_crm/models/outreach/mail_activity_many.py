from odoo import api, fields, models
from odoo.tools import SQL

from ..consent.contact_decision import array

# Whose ways of creating activities and followers are known here, and done by statements; see _hc_known_ways.
KNOWN_MODULES = {None, "base", "mail", "hc_crm"}
WAYS = {
    "mail.activity": ("create", "_create", "_prepare_create_values", "_compute_res_name"),
    "mail.followers": (
        "create",
        "_create",
        "_insert_followers",
        "_add_default_followers",
        "_add_followers",
    ),
    "res.partner": ("message_subscribe", "_message_subscribe"),
}
# What is worked out when an activity is stored; ``res_name`` and ``user_tz`` are given by us, too.
COMPUTED = {"res_model", "res_name", "user_tz", "date_done"}
# What differs from one task to the next; all else is alike in one call.
BY_ROW = (
    "res_id", "res_name", "user_id", "user_tz", "date_deadline", "summary", "note", "hc_company_id",
)  # fmt: skip


class MailActivity(models.Model):
    """Thousands of tasks on customers in two statements.

    To create them record by record takes most of the time of a task step: values are prepared, cached and
    computed for each, followers added for each colleague. What is stored in the end is the same, a test
    compares it column by column.
    """

    _inherit = "mail.activity"

    @api.model
    def _hc_create_many(self, vals_list):
        """As ``create`` with ``mail_activity_quick_update``, for many activities on contacts.

        Where another app has a hand in creating activities or followers, ``create`` does it.

        :param vals_list: each with the same keys, without ``res_model_id``: they are on ``res.partner``;
            alike in all but ``BY_ROW``
        :return: ids, in the order of ``vals_list``
        """
        if not vals_list:
            return []
        Activity = self.with_context(mail_activity_quick_update=True)
        whole = {"res_model_id": self.env["ir.model"]._get_id("res.partner")}
        if not self._hc_known_ways():
            return Activity.create([{**vals, **whole} for vals in vals_list]).ids
        ids = Activity._hc_insert(
            Activity._add_missing_default_values({**vals_list[0], **whole}), vals_list
        )
        followed = {}
        for vals in vals_list:
            followed.setdefault(vals["user_id"], []).append(vals["res_id"])
        Activity._hc_follow(followed)
        Activity._hc_forget()
        Activity._hc_tell_counters(vals_list)
        return ids

    @api.model
    def _hc_known_ways(self):
        """Return whether nobody but the host and us takes part in creating activities and followers.

        No override of the methods that do it, no automation rule (which is one, too), no constraint, no
        stored field that hangs on theirs.
        """
        for name, methods in WAYS.items():
            for cls in type(self.env[name]).mro():
                # what is put on the class of the registry itself is an automation rule
                module = "rule" if cls is type(self.env[name]) else getattr(cls, "_module", None)
                if module not in KNOWN_MODULES and not vars(cls).keys().isdisjoint(methods):
                    return False
        for model in (self, self.env["mail.followers"]):
            if model._constraint_methods or any(
                field.store and field.compute and field.name not in COMPUTED
                for field in model._fields.values()
            ):
                return False
        return not any(field.store and field.column_type for field in self._hc_hanging_on())

    @api.model
    def _hc_hanging_on(self):
        """Return the fields that change with new activities and followers of contacts."""
        found = set()
        for model in (self, self.env["mail.followers"]):
            for field in model._fields.values():
                for other in self.pool.field_inverses[field] if field.column_type else ():
                    if field.name != "res_id" or other.model_name == "res.partner":
                        found |= {other, *self.pool.get_dependent_fields(other)}
        return found

    @api.model
    def _hc_insert(self, common, vals_list):
        """Write the rows of ``mail_activity``.

        :param common: all values of one of them
        """
        # names are those that the host would note: of the contact, as the superuser sees them
        partners = self.env["res.partner"].sudo().browse({vals["res_id"] for vals in vals_list})
        names = {partner.id: partner.display_name for partner in partners}
        users = self.env["res.users"].sudo().browse({vals["user_id"] for vals in vals_list})
        zones = {user.id: user.tz for user in users}
        now = self.env.cr.now()
        common = {
            "res_model": "res.partner",
            "date_done": False,
            **common,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        columns, sources, arrays = [], [], []
        for name, value in common.items():
            field = self._fields[name]
            if name not in BY_ROW and field.store and field.column_type:
                columns.append(SQL.identifier(name))
                value = field.convert_to_column_insert(value, self)
                sources.append(SQL("%s::%s", value, SQL(field.column_type[0])))
        rows = [
            {**vals, "res_name": names[vals["res_id"]], "user_tz": zones[vals["user_id"]]}
            for vals in vals_list
        ]
        for name in BY_ROW:
            field = self._fields[name]
            # a few texts and days for thousands: each is cleaned and converted once
            known = {value: field.convert_to_column_insert(value, self) for value in {
                row.get(name) for row in rows
            }}  # fmt: skip
            columns.append(SQL.identifier(name))
            sources.append(SQL("given.%s", SQL.identifier(name)))
            arrays.append(
                SQL(
                    "%s::%s[]",
                    [known[row.get(name)] for row in rows],
                    SQL(field.column_type[0]),
                )
            )
        self.env["res.partner"].flush_model(["complete_name"])
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_activity (%s)
                SELECT %s FROM unnest(%s) WITH ORDINALITY AS given(%s, place) ORDER BY place
                RETURNING id
                """,
                SQL(", ").join(columns),
                SQL(", ").join(sources),
                SQL(", ").join(arrays),
                SQL(", ").join(SQL.identifier(name) for name in BY_ROW),
            )
        )
        # numbered in the order of the rows
        return sorted(row for [row] in found)

    @api.model
    def _hc_follow(self, followed):
        """Let colleagues follow contacts, as ``message_subscribe`` does; who follows already stays as is.

        :param followed: ``{user id: [contact id]}``
        """
        me = self.env.user.partner_id
        kinds, _internal, outside = self.env["mail.message.subtype"].default_subtypes("res.partner")
        partner_ids, contact_ids, subtypes = [], [], ([], [])
        for user in self.env["res.users"].sudo().browse(followed):
            partner = user.partner_id
            if not partner.active and partner != me:
                continue
            partner_ids += [partner.id] * len(followed[user.id])
            contact_ids += followed[user.id]
            own = outside if partner.partner_share and partner != me else kinds
            subtypes[0].extend([partner.id] * len(own))
            subtypes[1].extend(own.ids)
        Followers = self.env["mail.followers"]
        relation = Followers._fields["subtype_ids"]
        Followers.flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH follower AS (
                    INSERT INTO mail_followers (res_model, res_id, partner_id)
                    SELECT 'res.partner', contact_id, partner_id
                      FROM unnest(%(contacts)s, %(partners)s) AS given(contact_id, partner_id)
                    ON CONFLICT (res_model, res_id, partner_id) DO NOTHING
                    RETURNING id, partner_id
                )
                INSERT INTO %(relation)s (%(follower)s, %(subtype)s)
                SELECT follower.id, chosen.subtype_id
                  FROM follower
                  JOIN unnest(%(whose)s, %(subtypes)s) AS chosen(partner_id, subtype_id)
                 USING (partner_id)
                """,
                contacts=array(contact_ids),
                partners=array(partner_ids),
                whose=array(subtypes[0]),
                subtypes=array(subtypes[1]),
                relation=SQL.identifier(relation.relation),
                follower=SQL.identifier(relation.column1),
                subtype=SQL.identifier(relation.column2),
            )
        )

    @api.model
    def _hc_forget(self):
        """Let everybody who knew the activities and followers of contacts ask again."""
        for field in self._hc_hanging_on():
            self.env[field.model_name].invalidate_model([field.name], flush=False)

    @api.model
    def _hc_tell_counters(self, vals_list):
        """The clock in the corner of each colleague's screen counts what is due."""
        today, counts = fields.Date.today(), {}
        for vals in vals_list:
            if vals["date_deadline"] <= today:
                counts[vals["user_id"]] = counts.get(vals["user_id"], 0) + 1
        for user in self.env["res.users"].browse(counts):
            user._bus_send(
                "mail.activity/updated", {"activity_created": True, "count_diff": counts[user.id]}
            )
