from odoo import api, fields, models
from odoo.tools import SQL

# Lists of the host that hold addresses nobody writes to, by our channel: model, its field, the contact's.
BLACKLISTS = {
    "email": ("mail.blacklist", "email", "email_normalized"),
    "sms": ("phone.blacklist", "number", "phone_sanitized"),
}
# Ways in which the customer themselves said yes again; what another system sends is none.
THEIR_WORDS = ("told", "form", "preferences")
NEWS = "news"
FROM_CONSENT = "hc_from_consent"


class HcConsent(models.Model):
    """The log and the host's own lists, kept in step.

    To the host: who said no to everything on a channel (every purpose but what belongs to their orders,
    to all companies) comes on Odoo's blacklist. Who says yes again comes off it, if we put them there,
    they said so themselves, and nobody else with that address still says no. Who says no to news is opted
    out of mailing lists; a later yes undoes what that no did, and no more: nobody is put on a list that
    they left by themselves.

    From the host: blacklists are asked live by the contact decision, and told in the log. Leaving all
    mailing lists is a no to news by e-mail.
    """

    _inherit = "hc.consent"

    def _hc_tell_host(self):
        lines = self.filtered(lambda line: line.how not in ("blacklist", "mailing"))
        if not lines:
            return
        # superuser: who may note what somebody said does not manage blacklists
        lines = lines.sudo()
        for channel in BLACKLISTS:
            concerned = lines.filtered(lambda line, c=channel: line.channel_id.key in (False, c))
            if concerned:
                concerned._hc_tell_blacklist(channel)
        news = lines.filtered(
            lambda line: line.purpose_id.key == NEWS and line.channel_id.key in (False, "email")
        )
        if news and "mailing.subscription" in self.env:
            news._hc_tell_mailing_lists()

    # -- blacklists -------------------------------------------------------------------------------

    def _hc_tell_blacklist(self, channel):
        model, column, attribute = BLACKLISTS[channel]
        refusing = self.partner_id.browse(self._hc_refusing(self.partner_id.ids, channel))
        blacklist = self.env[model].with_context(active_test=False, **{FROM_CONSENT: True})
        said_no = self.filtered(lambda line: line.state == "withdrawn").partner_id & refusing
        if addresses := {address for address in said_no.mapped(attribute) if address}:
            known = blacklist.search([(column, "in", list(addresses)), ("active", "=", True)])
            added = blacklist.create(
                [{column: address} for address in addresses - set(known.mapped(column))]
            )
            added.filtered(lambda entry: not entry.active).active = True
            added.hc_by_consent = True
            added._message_log_batch(
                bodies=dict.fromkeys(
                    added.ids,
                    self.env._("They said no to everything; see the customer's consents."),
                )
            )
        said_yes = self.filtered(
            lambda line: line.state == "given" and line.how in THEIR_WORDS
        ).partner_id
        if addresses := {address for address in (said_yes - refusing).mapped(attribute) if address}:
            ours = blacklist.search(
                [
                    (column, "in", list(addresses)),
                    ("active", "=", True),
                    ("hc_by_consent", "=", True),
                ]
            )
            if not ours:
                return
            others = self.env["res.partner"].with_context(active_test=False).search(
                [(attribute, "in", ours.mapped(column))]
            )  # fmt: skip
            still = others.browse(self._hc_refusing(others.ids, channel)).mapped(attribute)
            freed = ours.filtered(lambda entry: entry[column] not in still)
            freed.write({"active": False, "hc_by_consent": False})
            freed._message_log_batch(
                bodies=dict.fromkeys(
                    freed.ids, self.env._("They said yes again; see the customer's consents.")
                )
            )

    @api.model
    def _hc_refusing(self, partner_ids, channel):
        """Return those of the ids who said no to every purpose but contracts on ``channel``, to everybody."""
        purposes = self.env["hc.consent.purpose"].sudo().search([("basis", "!=", "contract")])
        if not purposes:
            return []
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id FROM (
                    SELECT DISTINCT ON (consent.partner_id, consent.purpose_id)
                           consent.partner_id, consent.state, consent.company_id
                      FROM hc_consent AS consent
                 LEFT JOIN hc_channel AS channel ON channel.id = consent.channel_id
                     WHERE consent.partner_id = ANY(%s) AND consent.purpose_id = ANY(%s)
                       AND consent.how <> 'blacklist' AND (channel.id IS NULL OR channel.key = %s)
                     ORDER BY consent.partner_id, consent.purpose_id, consent.date DESC, consent.id DESC
                ) AS latest
                 WHERE state = 'withdrawn' AND company_id IS NULL
                 GROUP BY partner_id HAVING COUNT(*) = %s
                """,
                list(partner_ids),
                purposes.ids,
                channel,
                len(purposes),
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _hc_note_blacklist(self, channel, addresses, active):
        """Tell in the log of everybody with one of these addresses that the host's blacklist changed.

        These lines do not count: the blacklist itself is asked. They are there to be read.
        """
        attribute = BLACKLISTS[channel][2]
        partners = self.env["res.partner"].sudo().with_context(active_test=False).search(
            [(attribute, "in", [address for address in addresses if address])]
        )  # fmt: skip
        if not partners:
            return
        lines = self.sudo()
        if not active:  # taken off: of interest where it was told that they came on it
            noted = lines.search([("partner_id", "in", partners.ids), ("how", "=", "blacklist")])
            partners = noted.partner_id
        purposes = self.env["hc.consent.purpose"].sudo().search([("basis", "!=", "contract")])
        for purpose in purposes:
            lines._hc_record(
                partners, purpose, "withdrawn" if active else "given", channel, how="blacklist",
                proof=self.env._("On Odoo's blacklist") if active
                else self.env._("Off Odoo's blacklist: what they said before holds again"),
            )  # fmt: skip

    # -- mailing lists ----------------------------------------------------------------------------

    def _hc_tell_mailing_lists(self):
        subscriptions = self.env["mailing.subscription"]
        for line in self.filtered(lambda line: line.state == "withdrawn"):
            address = line.partner_id.email_normalized
            if not address:
                continue
            found = subscriptions.search(
                [("contact_id.email_normalized", "=", address), ("opt_out", "=", False)]
            )
            if found:
                found.opt_out = True
                line.host_effect = {"subscription_ids": found.ids}
        for line in self.filtered(lambda line: line.state == "given" and line.how in THEIR_WORDS):
            undone = self.search(
                [("partner_id", "=", line.partner_id.id), ("purpose_id", "=", line.purpose_id.id)]
            ).filtered("host_effect")
            ids = [
                subscription_id
                for old in undone
                for subscription_id in (old.host_effect or {}).get("subscription_ids", ())
            ]
            subscriptions.browse(ids).exists().filtered("opt_out").opt_out = False
            undone.host_effect = False

    @api.model
    def _hc_list_leavers(self, addresses=None):
        """Return a SELECT (email, date) of addresses that left every mailing list they were on, or None."""
        if "mailing.subscription" not in self.env:
            return None
        where = SQL("contact.email_normalized IS NOT NULL")
        if addresses is not None:
            where = SQL("contact.email_normalized = ANY(%s)", list(addresses))
        return SQL(
            """
            SELECT contact.email_normalized AS email, MAX(subscription.opt_out_datetime) AS date
              FROM mailing_subscription AS subscription
              JOIN mailing_contact AS contact ON contact.id = subscription.contact_id
             WHERE %s
             GROUP BY contact.email_normalized HAVING BOOL_AND(COALESCE(subscription.opt_out, FALSE))
            """,
            where,
        )

    @api.model
    def _hc_sync_mailing_lists(self):
        """Note in the log who left all mailing lists, or came back to one; called by a cron."""
        leavers = self._hc_list_leavers()
        purpose = self.env["hc.consent.purpose"].sudo().search([("key", "=", NEWS)])
        if leavers is None or not purpose:
            return
        self.env.flush_all()
        email = self.env["hc.channel"]._hc_get("email")
        latest = SQL(
            """
            SELECT DISTINCT ON (partner_id) partner_id, state, date, how FROM hc_consent
             WHERE purpose_id = %s AND (channel_id IS NULL OR channel_id = %s) AND how <> 'blacklist'
             ORDER BY partner_id, date DESC, id DESC
            """,
            purpose.id,
            email.id,
        )
        now = fields.Datetime.now()
        left = self.env.execute_query(
            SQL(
                """
                SELECT person.id, COALESCE(leaver.date, %(now)s)
                  FROM (%(leavers)s) AS leaver
                  JOIN res_partner AS person ON person.email_normalized = leaver.email
             LEFT JOIN (%(latest)s) AS latest ON latest.partner_id = person.id
                 WHERE latest.partner_id IS NULL
                    OR (latest.state = 'given' AND latest.date < COALESCE(leaver.date, %(now)s))
                """,
                now=now,
                leavers=leavers,
                latest=latest,
            )
        )
        back = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT person.id
                  FROM (%(latest)s) AS latest
                  JOIN res_partner AS person ON person.id = latest.partner_id
                  JOIN mailing_contact AS contact ON contact.email_normalized = person.email_normalized
                  JOIN mailing_subscription AS subscription ON subscription.contact_id = contact.id
                 WHERE latest.how = 'mailing' AND latest.state = 'withdrawn'
                   AND subscription.opt_out IS NOT TRUE
                """,
                latest=latest,
            )
        )
        vals = {"purpose_id": purpose.id, "channel_id": email.id, "how": "mailing"}
        self.sudo().create(
            [
                {**vals, "partner_id": partner_id, "state": "withdrawn", "date": min(date, now),
                 "proof": self.env._("Left our mailing lists")}
                for partner_id, date in left
            ]
            + [
                {**vals, "partner_id": partner_id, "state": "given", "date": now,
                 "proof": self.env._("Came back to a mailing list")}
                for (partner_id,) in back
            ]
        )  # fmt: skip
