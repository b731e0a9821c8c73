from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools.mail import html2plaintext

from ...engine.outreach.merge_fields import mark_inline, mark_qweb, missing

# Customers on whom a template is tried before the plan runs.
SAMPLE = 20
# So soon after it was handed over, a machine opened the mail: people need the time until it is delivered.
SCAN_SECONDS = 20


class HcOutreachStep(models.Model):
    """Mails: rendered for many at once, queued on the customer's timeline, marked in one transaction.

    The host's queue sends them; see ``mail_mail`` for what a crash may and may not do.
    """

    _inherit = "hc.outreach.step"

    @api.model
    def _step_types(self):
        return super()._step_types() | {
            "mail": {
                "label": self.env._("E-mail"),
                "icon": "fa-envelope",
                "channel": "email",
                "human": False,
                "lanes": [],
            }
        }

    # -- before it runs -------------------------------------------------------------------------------

    def _problems_mail(self):
        return self._template_problems()

    def _template_problems(self):
        """What is wrong with the template, tried on real customers who may come in."""
        template = self.mail_template_id.sudo()
        if not template:
            return [self.env._("choose the template of the mail.")]
        if template.model != "res.partner" and template.model != self.plan_id.entry_model:
            return [
                self.env._(
                    "the template “%(template)s” is about “%(model)s”. Choose one about contacts, or about "
                    "the records that let the plan begin.",
                    template=template.name,
                    model=template.model_id.name or template.model,
                )
            ]
        records = self._sample(template.model)
        if not records:
            return []
        texts = []
        try:
            with self.env.cr.savepoint():
                rendered = (
                    self._render_mails(template, {one.id: one.lang or False for one in records})
                    if template.model == "res.partner"
                    else self._render_mails(template, dict.fromkeys(records.ids, False))
                )
        except Exception as error:
            # expressions of templates raise whatever they like
            return [
                self.env._(
                    "the template “%(template)s” does not work: %(error)s",
                    template=template.name,
                    error=str(error).strip()[:300],
                )
            ]
        for record in records:
            lacks = rendered[record.id]["missing"]
            if lacks:
                texts.append(
                    self.env._(
                        "for %(customer)s the text would have a gap where it says %(field)s. Give it "
                        "something to say instead, for example “%(field)s or …”.",
                        customer=record.display_name,
                        field=lacks[0],
                    )
                )
                break
        return texts

    def _sample(self, model):
        """Real records to try a template on: the newest, and some who lack what most have."""
        if model != "res.partner":
            plan = self.plan_id
            if not plan.entry_author_id:
                return self.env[model]  # said where it is entered
            seen = plan._as_author(model, of="entry_domain")
            return seen.search([], limit=SAMPLE, order="id desc").sudo()
        Partner = self.env["res.partner"].sudo()
        query = self.plan_id._eligible_query()
        some = Partner.search(
            [("id", "in", query), ("email", "!=", False)], limit=SAMPLE, order="id desc"
        )
        bare = Partner.search(
            [("id", "in", query), ("email", "!=", False), ("user_id", "=", False)],
            limit=SAMPLE,
            order="id",
        )
        return some | bare

    # -- rendering ------------------------------------------------------------------------------------

    def _render_mails(self, template, langs):
        """Render subject and body for many records, each in its customer's language.

        :param langs: ``{record id: language code or False}``
        :return: ``{record id: {"subject", "body", "email_from", "missing": [what is empty]}}``
        """
        result = {}
        by_lang = {}
        for record_id, lang in langs.items():
            by_lang.setdefault(lang, []).append(record_id)
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for lang, ids in by_lang.items():
            own = template.with_context(lang=lang) if lang in installed else template
            subjects = own._render_template(
                mark_inline(own.subject or ""), own.render_model, ids, engine="inline_template"
            )
            bodies = own._render_template(
                mark_qweb(own.body_html),
                own.render_model,
                ids,
                engine="qweb",
                options={"post_process": True},
            )
            senders = own._render_field("email_from", ids) if own.email_from else {}
            for record_id in ids:
                subject, body = subjects[record_id], bodies[record_id]
                result[record_id] = {
                    "subject": subject,
                    "body": body,
                    "email_from": senders.get(record_id),
                    "missing": missing(subject)
                    or missing(body, html2plaintext(str(body)[:1000]) if body else None),
                }
        return result

    # -- running --------------------------------------------------------------------------------------

    def _run_mail(self, deliveries):
        """Queue the mails; the plan goes on when they are sent."""
        self.ensure_one()
        template = self.mail_template_id.sudo()
        if not template:
            raise UserError(self.env._("The template of the mail was deleted. Choose another one."))
        without = deliveries.filtered(lambda row: not row.partner_id.email_normalized)
        without._set_skipped("no_address")
        deliveries -= without
        records = deliveries._template_records(template)
        lost = deliveries.filtered(lambda row: row.id not in records)
        lost._set_skipped("record_gone")
        deliveries -= lost
        rendered = self._render_mails(
            template, {records[row.id]: row.partner_id.lang or False for row in deliveries}
        )
        contents = {row.id: rendered[records[row.id]] for row in deliveries}
        gaps = deliveries.filtered(lambda row: contents[row.id]["missing"])
        if gaps:
            gaps._set_failed(
                {
                    row.id: self.env._(
                        "The text has a gap: “%(field)s” is empty for this customer. Fill it in on the "
                        "contact, or give the template something to say instead, and retry.",
                        field=contents[row.id]["missing"][0],
                    )
                    for row in gaps
                }
            )
            deliveries -= gaps
        deliveries._queue_mails(self, template, contents)


class HcOutreachDelivery(models.Model):
    _inherit = "hc.outreach.delivery"

    def _template_records(self, template):
        """Return on which record a template is rendered: ``{delivery id: record id}``."""
        if template.model == "res.partner":
            return {row.id: row.partner_id.id for row in self}
        ids = {
            row.id: row.enrollment_id.res_id
            for row in self
            if row.enrollment_id.res_model == template.model and row.enrollment_id.res_id
        }
        there = set(self.env[template.model].sudo().browse(set(ids.values())).exists().ids)
        return {row: record for row, record in ids.items() if record in there}

    def _queue_mails(self, step, template, contents, send=True):
        """Queue one mail for each of these rows, and mark them as on their way.

        :param contents: ``{delivery id: {"subject", "body", "email_from"}}``
        :return: ``mail.mail``
        """
        if not self:
            return self.env["mail.mail"]
        plan = step.plan_id
        purpose = step.purpose_id or plan.purpose_id
        partners = self.partner_id
        senders = {row.id: row._sender(contents[row.id].get("email_from")) for row in self}
        links = partners._hc_contact_links(purpose, company=plan.company_id)
        reply_to = self._reply_to(senders)
        attachments = template.attachment_ids.ids if template else []
        reports = {}
        if template and template.report_template_ids:
            reports = template._generate_template(
                list(set(self._template_records(template).values())), ("report_template_ids",)
            )
        counts_opened = any(
            one.type == "branch" and one.branch_type == "opened" for one in step.version_id.step_ids
        )
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        vals_list = []
        for row in self:
            content, (author, email_from) = contents[row.id], senders[row.id]
            link = links.get(row.partner_id.id) or {}
            footer = row._footer(link) + (row._pixel() if counts_opened else "")
            body = tools.mail.append_content_to_html(content["body"] or "", footer, plaintext=False)
            vals_list.append(
                {
                    "model": "res.partner",
                    "res_id": row.partner_id.id,
                    "subject": content["subject"],
                    "body_html": body,
                    "body": content["body"],
                    "author_id": author.id,
                    "email_from": email_from,
                    "reply_to": reply_to.get(row.partner_id.id) or email_from,
                    "recipient_ids": [(4, row.partner_id.id)],
                    "attachment_ids": [(4, one) for one in attachments],
                    "mail_server_id": template.mail_server_id.id if template else False,
                    "message_type": "email_outgoing",
                    "message_id": f"<outreach-{row.id}@{uuid}.hc-crm>",
                    "headers": repr(row._mail_headers(link)),
                    "auto_delete": False,
                    "is_notification": False,
                    "hc_delivery_id": row.id,
                }
            )
        mails = self.env["mail.mail"].sudo().create(vals_list)
        self._set_sending(
            mail_id={row.id: mail.id for row, mail in zip(self, mails, strict=True)},
            message_id={
                row.id: mail.mail_message_id.id for row, mail in zip(self, mails, strict=True)
            },
            subject={row.id: contents[row.id]["subject"] for row in self},
        )
        self._log_attempts(
            "sent",
            subject={row.id: contents[row.id]["subject"] for row in self},
            message={
                row.id: mail.mail_message_id.id for row, mail in zip(self, mails, strict=True)
            },
        )
        if reports:
            records = self._template_records(template)
            for row, mail in zip(self, mails, strict=True):
                mail.attachment_ids = [
                    (
                        0,
                        0,
                        {
                            "name": name,
                            "datas": data,
                            "res_model": "mail.message",
                            "res_id": mail.mail_message_id.id,
                        },
                    )
                    for name, data in reports[records[row.id]].get("attachments", [])
                ]
        mails._hc_trigger_queue()
        return mails

    def _sender(self, rendered=None):
        """Who writes: the customer's salesperson, else whom the template says, else the responsible.

        :return: ``(partner, address)``
        """
        self.ensure_one()
        partner = self.partner_id
        for user in (partner.user_id, partner.commercial_partner_id.user_id):
            if user.active and user.email and self.company_id in user.company_ids:
                return user.partner_id, user.email_formatted
        user = self.plan_id.user_id
        if rendered:
            return user.partner_id or self.company_id.partner_id, rendered
        if user.active and user.email:
            return user.partner_id, user.email_formatted
        return self.company_id.partner_id, self.company_id.email_formatted

    def _reply_to(self, senders):
        """Where answers go: as the host says for contacts, so that they come back to the timeline."""
        partners = self.partner_id
        return partners._notify_get_reply_to_batch(
            defaults={row.partner_id.id: senders[row.id][1] for row in self},
            author_ids={row.partner_id.id: senders[row.id][0].id for row in self},
        )

    def _mail_headers(self, link):
        headers = {"X-Auto-Response-Suppress": "OOF"}
        if not (self.is_approved and self.user_id):
            # RFC 3834: no person wrote or sent it, so nobody's mail program answers by itself
            headers["Auto-Submitted"] = "auto-generated"
        if url := link.get("one_click"):
            headers |= {
                "List-Unsubscribe": f"<{url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        return headers

    def _footer(self, link):
        """Below each mail, in the customer's language: what to get, and how to get no more of it."""
        reader = self.with_context(lang=self.partner_id.lang or self.env.lang)
        parts = []
        if url := link.get("preferences"):
            parts.append(
                Markup('<a href="%s">%s</a>')
                % (url, reader.env._("What would you like to hear from us?"))
            )
        if url := link.get("unsubscribe"):
            parts.append(
                Markup('<a href="%s">%s</a>') % (url, reader.env._("No more of these mails"))
            )
        if not parts:
            return ""
        return Markup(
            '<p style="font-size: 12px; color: #666666; margin-top: 24px">%s</p>'
        ) % Markup(" · ").join(parts)

    # -- opened ---------------------------------------------------------------------------------------

    def _pixel(self):
        """A picture that tells when the mail is opened; only in plans that ask for it."""
        url = (
            f"{self.company_id.get_base_url()}/outreach/opened/{self.id}/{self._opened_token()}.gif"
        )
        return Markup('<img src="%s" width="1" height="1" alt=""/>') % url

    def _opened_token(self):
        self.ensure_one()
        return tools.hmac(self.env(su=True), "hc_outreach_opened", self.id)

    def _note_opened(self):
        """Note when they first opened the mail; not what a machine on its way did.

        Mail servers that look for viruses fetch pictures as soon as the mail is there.
        """
        now = self._now()
        opened = self.filtered(
            lambda row: (
                not row.date_opened
                and row.state in ("sending", "done", "doubt")
                and (left := row.mail_id.hc_wire_date or row.date_done)
                and now >= fields.Datetime.add(left, seconds=SCAN_SECONDS)
            )
        )
        opened._mark({"date_opened": now})
