from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.hc_crm.models.outreach.hc_outreach_harvest import WIRE_MINUTES

# Stands in the buttons for each person's own address, so that they are rendered once for thousands.
PLACE = "https://ask.invalid/"


class HcAsk(models.Model):
    """The mail: in the person's language, from whom they know, with the score as buttons.

    It is queued on the customer's timeline; the host's queue sends it, once at most (see ``mail_mail``).
    """

    _inherit = "hc.ask"

    # for letters; they hold the key to the answer, so nobody but the sender reads them
    buttons_html = fields.Html(
        compute="_compute_buttons_html", sanitize=False, groups="base.group_system"
    )
    answer_url = fields.Char(compute="_compute_answer_url", groups="base.group_system")
    greeting_name = fields.Char(
        related="partner_id.hc_greeting_name", string="Name in the Greeting"
    )
    question_text = fields.Char(
        compute="_compute_question_text", help="The question that the buttons answer."
    )

    @api.depends_context("lang")
    @api.depends("survey_id")
    def _compute_buttons_html(self):
        for survey, asks in self.grouped("survey_id").items():
            html = asks._render_buttons(survey)
            for ask in asks:
                ask.buttons_html = html.replace(PLACE, ask._url()) if html else False

    def _render_buttons(self, survey):
        """Return the buttons with ``PLACE`` instead of an address; "" without a metric."""
        question = survey.sudo()._metric_question().with_context(lang=self.env.lang)
        if not question:
            return ""
        low, _mid, high = question._metric_end_labels()
        return self.env["ir.qweb"]._render(
            "hc_crm_surveys.ask_buttons",
            {
                "points": [dict(point, url=f"{PLACE}?score={point['value']}")
                           for point in question._metric_points()],
                "question": question.title,
                "low": low,
                "high": high,
                "is_stars": question.metric_display == "stars",
            },
        )  # fmt: skip

    @api.depends("token")
    def _compute_answer_url(self):
        for ask in self:
            ask.answer_url = ask._url()

    @api.depends_context("lang")
    @api.depends("survey_id")
    def _compute_question_text(self):
        for ask in self:
            # superuser: colleagues have no rights on surveys
            survey = ask.sudo().survey_id.with_context(lang=self.env.lang)
            ask.question_text = survey._metric_question().title or survey.title

    about_text = fields.Char(
        compute="_compute_about_text",
        help="For letters: “your order S00012”; empty if there is nothing to name.",
    )

    @api.depends_context("lang")
    @api.depends("res_model", "res_id")
    def _compute_about_text(self):
        words = self._about_words()
        for model, asks in self.grouped("res_model").items():
            names = {}
            if model in words and model in self.env:
                # superuser: the customer knows the number of their own order
                records = self.env[model].sudo().browse(asks.mapped("res_id")).exists()
                names = {record.id: words[model](record.display_name) for record in records}
            for ask in asks:
                ask.about_text = names.get(ask.res_id, False)

    @api.model
    def _about_words(self):
        """Return ``{model: function of a name}`` of documents that customers know by their number."""
        return {
            "sale.order": lambda name: self.env._("your order %s", name),
            "account.move": lambda name: self.env._("your invoice %s", name),
            "helpdesk.ticket": lambda name: self.env._("your request %s", name),
        }

    # -- queueing -------------------------------------------------------------------------------

    def _queue_mails(self, is_reminder=False):
        """Queue one mail for each of these rows and mark them as on their way.

        :return: ``mail.mail``
        """
        Mail = self.env["mail.mail"].sudo()
        if not self:
            return Mail
        self._queue_marks(is_reminder)
        contents = self._render_mails()
        links = self._hc_links()
        senders = self._senders()
        reply_to = self._reply_to(senders)
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        vals_list = []
        for row in self:
            content, link = contents[row.id], links[row.id]
            author, email_from = senders[row.id]
            body = tools.mail.append_content_to_html(
                content["body"] or "", row._footer(link), plaintext=False
            )
            vals_list.append(
                {
                    "model": "res.partner",
                    "res_id": row.partner_id.id,
                    "subject": content["subject"],
                    "body_html": body,
                    "body": row._message_body(content["body"]),
                    "author_id": author.id,
                    "email_from": email_from,
                    "reply_to": reply_to.get(row.partner_id.id) or email_from,
                    "recipient_ids": [(4, row.partner_id.id)],
                    "mail_server_id": content["mail_server_id"],
                    "message_type": "email_outgoing",
                    "message_id": f"<ask-{row.id}-{row.reminders}@{uuid}.hc-crm>",
                    "headers": repr(row._mail_headers(link)),
                    "auto_delete": False,
                    "is_notification": False,
                    "hc_ask_id": row.id,
                }
            )
        mails = Mail.create(vals_list)
        for row, mail in zip(self, mails, strict=True):
            row.message_id = mail.mail_message_id
        self._log({row.id: contents[row.id]["subject"] for row in self})
        mails._hc_trigger_queue()
        return mails

    def _message_body(self, body):
        """Return the letter as colleagues see it on the timeline: the question, and none of its keys.

        The buttons would also be sanitized one by one, which takes as long as all the rest of the message.
        """
        question = Markup("<p><strong>%s</strong></p>") % (self.question_text or "")
        return (
            (body or Markup())
            .replace(self.buttons_html or "\0", question)
            .replace(self._url(), "#")
        )

    def _queue_marks(self, is_reminder):
        """Mark rows as on their way; what the letter says may depend on it (first mail, or a reminder)."""
        now = fields.Datetime.now()
        for rule, rows in self.grouped("rule_id").items():
            again = now + timedelta(days=rule.reminder_days or 1)
            if is_reminder:
                for reminders, some in rows.grouped("reminders").items():
                    more = reminders + 1 < rule.reminder_count
                    some.write(
                        {
                            "reminders": reminders + 1,
                            "date_reminder": again if more else False,
                            "reason_code": False,
                            "reason_args": False,
                            "error": False,
                        }
                    )
                continue
            expire = now + timedelta(days=rule.expire_days or 30)
            rows.write(
                {
                    "state": "sending",
                    "date_sent": now,
                    "date_expire": expire,
                    "date_reminder": again if rule.reminder_count and again < expire else False,
                    "reason_code": False,
                    "reason_args": False,
                    "error": False,
                }
            )

    def _letter(self):
        """Return the template of one request's mail.

        :raise UserError: there is none any more
        """
        letter = self.rule_id.template_id or self.env.ref(
            "hc_crm_surveys.mail_template_ask", raise_if_not_found=False
        )
        if not letter:
            raise UserError(self.env._("The letter was deleted. Choose another one in the rule."))
        return letter.sudo()

    def _language(self):
        """Return the language this person is asked in: theirs, else their company's, else ours."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        partner = self.partner_id
        for lang in (
            partner.lang,
            partner.commercial_partner_id.lang,
            self.company_id.partner_id.lang,
        ):
            if lang in installed:
                return lang
        return False

    def _render_mails(self):
        """Return ``{ask id: {"subject", "body", "mail_server_id"}}``, each in its person's language."""
        result = {}
        for (letter, lang), rows in self.grouped(
            lambda row: (row._letter(), row._language())
        ).items():
            rows.write({"lang": lang})
            own = letter.with_context(lang=lang) if lang else letter
            subjects = own._render_template(
                own.subject or "", "hc.ask", rows.ids, engine="inline_template"
            )
            bodies = own._render_template(
                own.body_html, "hc.ask", rows.ids, engine="qweb", options={"post_process": True}
            )
            for row in rows:
                result[row.id] = {
                    "subject": subjects[row.id],
                    "body": bodies[row.id],
                    "mail_server_id": letter.mail_server_id.id,
                }
        return result

    # -- who writes -----------------------------------------------------------------------------

    def _senders(self):
        """Return ``{ask id: (partner, address)}`` of who writes: whom they know, else the company.

        Whom they know: their salesperson, that of their company, or whoever talked to them last.
        """
        known = self.filtered(lambda row: row.rule_id.sender in ("known", False))
        talked = self.env["hc.outreach.step"].sudo()._known_users(known.partner_id)
        Users = self.env["res.users"].sudo()
        last = Users.browse(set(talked.values())).exists()
        result, by_user = {}, {}
        for row in self:
            partner = row.partner_id
            if row.rule_id.sender == "user":
                users = row.rule_id.user_id
            elif row.rule_id.sender == "company":
                users = Users
            else:
                users = partner.user_id + partner.commercial_partner_id.user_id
                users += last.filtered(
                    lambda user, row=row: user.id == talked.get(row.partner_id.id)
                )
            user = next(
                (
                    user
                    for user in users
                    if user.active and user.email and not user.share
                    and row.company_id in user.company_ids
                ),
                Users,
            )  # fmt: skip
            by_user.setdefault(user.id, []).append(row.id)
            if user:
                result[row.id] = user.partner_id, user.email_formatted
            else:
                company = row.company_id
                result[row.id] = company.partner_id, company.email_formatted
                if not company.email_formatted:
                    raise UserError(
                        self.env._(
                            "Nobody to write in whose name: “%s” has no e-mail address. Enter one in its "
                            "settings.",
                            company.name,
                        )
                    )
        for user_id, ids in by_user.items():
            self.browse(ids).write({"user_id": user_id})
        return result

    def _reply_to(self, senders):
        """Where answers by mail go: as the host says for contacts, so that they come back to the timeline."""
        return self.partner_id._notify_get_reply_to_batch(
            defaults={row.partner_id.id: senders[row.id][1] for row in self},
            author_ids={row.partner_id.id: senders[row.id][0].id for row in self},
        )

    def _mail_headers(self, link):
        headers = {"X-Auto-Response-Suppress": "OOF"}
        if url := link.get("one_click"):
            headers |= {
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        return headers

    def _footer(self, link):
        """Below each mail, in the person's language: what to get, and how to be asked no more."""
        reader = self.with_context(lang=self.lang or self.env.lang)
        parts = []
        if url := link.get("preferences"):
            parts.append(
                Markup('<a href="%s">%s</a>')
                % (url, reader.env._("What would you like to hear from us?"))
            )
        if url := link.get("unsubscribe"):
            parts.append(
                Markup('<a href="%s">%s</a>') % (url, reader.env._("Do not ask me for my opinion"))
            )
        if not parts:
            return ""
        return Markup(
            '<p style="font-size: 12px; color: #666666; margin-top: 24px">%s</p>'
        ) % Markup(" · ").join(parts)

    # -- what became of it ----------------------------------------------------------------------

    def _harvest(self, mails=None):
        """Mark requests on their way whose mail was sent, failed, or may have been sent.

        :param mails: look at these only
        """
        self.env["mail.mail"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ask.id, ask.state, mail.id, mail.state, mail.hc_wire_date, mail.failure_reason
                  FROM hc_ask AS ask
             LEFT JOIN mail_mail AS mail ON mail.hc_ask_id = ask.id
                 WHERE (ask.state = 'sending'
                        OR mail.state = 'outgoing' AND mail.hc_wire_date < %(stuck)s) AND %(which)s
                   AND (mail.id IS NULL OR mail.state <> 'outgoing' OR mail.hc_wire_date < %(stuck)s)
                   FOR UPDATE OF ask SKIP LOCKED
                """,
                which=SQL("mail.id = ANY(%s)", list(mails.ids))
                if mails is not None
                else SQL("TRUE"),
                stuck=fields.Datetime.subtract(fields.Datetime.now(), minutes=WIRE_MINUTES),
            )
        )
        sent, doubt, stuck, cancelled = {}, [], [], []
        for ask_id, state, mail_id, mail_state, wire, failure in rows:
            if mail_state == "outgoing":
                stuck.append(mail_id)
            if state != "sending":
                continue  # a reminder
            if mail_state == "sent":
                sent[ask_id] = wire or fields.Datetime.now()
            elif mail_state == "exception":
                self.browse(ask_id)._set_failed(
                    failure or self.env._("The mail could not be sent.")
                )
            elif mail_state == "cancel":
                cancelled.append(ask_id)
            else:
                # left on the wire, or nothing is left to tell
                doubt.append(ask_id)
        for date, ids in _by_value(sent).items():
            self.browse(ids).write({"state": "sent", "date_sent": date})
        self.browse(cancelled)._set_skipped("by_hand")
        unsure = self.browse(doubt)
        unsure.write({"state": "sent", "reason_code": "doubt", "reason_args": False})
        unsure._log(outcome="doubt")
        self.env["mail.mail"].sudo().browse(stuck).write(
            {
                "state": "exception",
                "failure_reason": self.env._(
                    "It may have been sent: the server stopped while it was on the wire."
                ),
            }
        )


def _by_value(values):
    """Return ``{value: [keys]}``.

    >>> _by_value({1: "a", 2: "b", 3: "a"})
    {'a': [1, 3], 'b': [2]}
    """
    groups = {}
    for key, value in values.items():
        groups.setdefault(value, []).append(key)
    return groups
