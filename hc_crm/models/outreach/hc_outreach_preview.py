import logging

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html2plaintext, is_html_empty

from ...engine.outreach.merge_fields import MARK, mark_inline, mark_qweb
from .hc_outreach_words import moment_text, reason_label
from .simulation_walk import Walk

_logger = logging.getLogger(__name__)

CUSTOMERS = 20
FORECAST_DAYS = 30
# What is due that soon is “now”.
NOW_SECONDS = 60


class HcOutreachPlan(models.Model):
    _inherit = "hc.outreach.plan"

    @api.readonly
    def hc_get_preview_customers(self, step_id=False):
        """Return real customers to look at a step with: who waits at it or comes to it, is about to enter, any.

        Those inside for whom the step is over are not among them: nothing of it would happen any more.

        :return: ``[{id, name, why}]``, at most 20, only those the reader may see
        """
        self.ensure_one()
        self._check_previewer()
        Partner = self.env["res.partner"]
        found = {}

        def take(ids, why):
            room = CUSTOMERS - len(found)
            wanted = [one for one in dict.fromkeys(ids) if one not in found][: 5 * CUSTOMERS]
            if room > 0 and wanted:
                seen = set(Partner.search([("id", "in", wanted)]).ids)
                for one in [one for one in wanted if one in seen][:room]:
                    found[one] = why

        known = Domain("plan_id", "=", self.id)
        inside = known & Domain("state", "=", "active")
        if step_id:
            step = self._flow_step_asked(step_id)
            at_step = Domain("step_id.key", "=", step.key)
            deliveries = self.env["hc.outreach.delivery"].search(
                known & at_step & Domain("state", "in", ["due", "open"]), limit=CUSTOMERS
            )
            take(deliveries.partner_id.ids, self.env._("waits at this step"))
            inside &= ~Domain("delivery_ids", "any", at_step)
        enrollments = self.env["hc.outreach.enrollment"].search(inside, limit=CUSTOMERS)
        take(
            enrollments.partner_id.ids,
            self.env._("comes to this step later") if step_id else self.env._("is in the plan"),
        )
        if len(found) < CUSTOMERS:
            take(self._preview_entrants(), self.env._("would enter"))
        if len(found) < CUSTOMERS:
            # superuser: whoever was inside is no example, whether the reader may see it or not
            entered = self.env["hc.outreach.enrollment"].sudo()._search(known)
            take(
                Partner.search(
                    Domain(self._preview_domain())
                    & Domain("id", "not in", entered.subselect("partner_id")),
                    limit=CUSTOMERS,
                ).ids,
                self.env._("an example: is not in the plan"),
            )
        names = {one.id: one.display_name for one in Partner.browse(found)}
        return [{"id": one, "name": names[one], "why": why} for one, why in found.items()]

    def _preview_entrants(self):
        """Ids of people who would enter in the coming month, as far as anybody can know."""
        rows = self._preview_entering()
        return [partner_id for partner_id, _moment, _draw in rows[: 5 * CUSTOMERS]]

    def _preview_entering(self, partner_id=None):
        """As ``_entering`` of those who come in the month ahead: the same people as the simulation's."""
        if (
            not self.company_id
        ):  # a ready plan: it reaches nobody before somebody makes it their own
            return []
        entry, today = self.env["hc.outreach.entry"], fields.Date.today()
        try:
            with self.env.cr.savepoint(flush=False):
                select, _expected = entry._forecast(
                    self, today, fields.Date.add(today, days=FORECAST_DAYS)
                )
                if not select:
                    return []
                # of all whom the plan reaches; the caller leaves out who is not for the reader to see
                return self._entering(select, fields.Datetime.now(), partner_id)
        except UserError:
            return []  # what is missing to enter stands among the plan's problems

    def _check_previewer(self):
        if not self.env.user.has_group("hc_crm.hc_crm_group_manager"):
            raise AccessError(
                self.env._("Only managers of Customer Care may try out and simulate plans.")
            )
        self.check_access("read")

    def _preview_domain(self):
        """The conditions of the plan, if they can be asked; else every customer of the company."""
        domain = [("active", "=", True), ("is_company", "=", False), ("email", "!=", False)]
        return [*domain, ("company_id", "in", [False, self.company_id.id or self.env.company.id])]


class HcOutreachStep(models.Model):
    """How a step looks for a real customer, and what becomes of it today."""

    _inherit = "hc.outreach.step"

    def hc_preview(self, partner_id):
        """Render this step for one customer, in their language, and ask whether they may be contacted today.

        Nothing is sent or written. What the customer's record leaves empty is marked.

        :return: ``{"kind": "mail" | "text" | "none", "subject", "body" (HTML), "to", "lang", "missing":
            [{expression, help}], "error": text | False, "decision": {answer, text} | False}``
        """
        self.ensure_one()
        self.plan_id._check_previewer()
        self.check_access("read")
        partner = self._preview_partner(partner_id)
        answer = {
            "kind": "none",
            "subject": "",
            "body": "",
            "to": "",
            "lang": self._preview_lang(partner),
            "missing": [],
            "error": False,
            "decision": self._preview_decision(partner),
        }
        try:
            with self.env.cr.savepoint(flush=False):
                answer |= self._preview_content(partner)
        except AccessError as error:
            answer["error"] = str(error)
        except Exception as error:
            # an expression of a template raises whatever it likes; the host wraps it with its traceback
            while error.__cause__:
                error = error.__cause__
            _logger.info("Preview of step %s failed: %s", self.id, error)
            answer["error"] = self.env._(
                "The text cannot be made for this customer: %(error)s", error=str(error)[:300]
            )
        return answer

    def _preview_partner(self, partner_id):
        if type(partner_id) is not int:
            raise ValidationError(self.env._("Customer: choose one from the list."))
        partner = self.env["res.partner"].browse(partner_id).exists()
        if not partner:
            raise UserError(self.env._("This customer is not there any more."))
        partner.check_access("read")
        return partner

    def _preview_lang(self, partner):
        code = partner.lang or self.env.lang
        return self.env["res.lang"]._get_data(code=code).name or code

    def _preview_content(self, partner):
        """What the customer or the colleague gets to read; other kinds of steps extend it."""
        lang = partner.lang or self.env.lang
        step = self.with_context(lang=lang)
        template = step.mail_template_id
        if template and self.type in ("mail", "draft"):
            return step._preview_template(template, partner)
        if self.type in ("mail", "draft"):
            return {
                "error": self.env._(
                    "No e-mail template is chosen yet: select the step and choose one."
                )
            }
        text, missing = step._preview_text(step.text or "", partner)
        subject, missing_too = step._preview_text(step.summary or "", partner)
        if not text and not subject:
            return {}
        to = partner.phone or "" if self.type == "sms" else ""
        return {
            "kind": "text",
            "subject": subject,
            "body": Markup("<p>%s</p>") % Markup("<br/>").join(text.split("\n")) if text else "",
            "to": to,
            "missing": self._preview_missing(missing + missing_too),
        }

    def _preview_template(self, template, partner):
        record = self._preview_record(template, partner)
        if not record:
            return {
                "error": self.env._(
                    "The template “%(template)s” is about %(model)s, and the plan knows of none of this "
                    "customer. Choose a customer who is in the plan, or a template about contacts.",
                    template=template.name,
                    model=template.model_id.sudo().name or template.model or "",  # sudo: its label
                )
            }
        lang = partner.lang or self.env.lang
        if template.lang:
            lang = template._render_lang(record.ids).get(record.id) or lang
        template = template.with_context(lang=lang)
        subject = template._render_template(
            mark_inline(template.subject or ""), record._name, record.ids
        )[record.id]
        body = template._render_template(
            mark_qweb(template.body_html or ""),
            record._name,
            record.ids,
            engine="qweb",
            options={"post_process": True},
        )[record.id]
        missing = MARK.findall(f"{subject}{body}")
        return {
            "kind": "mail",
            "subject": show_marks(escape(subject or "")),
            "body": "" if is_html_empty(body) else show_marks(Markup(body)),
            "to": partner.email_formatted or "",
            "missing": self._preview_missing(missing),
        }

    def _preview_record(self, template, partner):
        """What the text is about: the customer, or the record with which the plan began for them."""
        if template.model == "res.partner":
            return partner
        Record = self.env.get(template.model, partner.browse())
        began = self.env["hc.outreach.enrollment"].search(
            [
                ("plan_id", "=", self.plan_id.id),
                ("partner_id", "=", partner.id),
                ("res_model", "=", template.model),
            ],
            order="date_entered desc, id desc",
            limit=1,
        )
        record = Record.browse(began.res_id or []).exists()
        record.check_access("read")
        return record if began else Record.browse()

    def _preview_text(self, text, partner):
        """Return ``(markup, [what is empty])`` of a text with ``{{ }}`` in it."""
        if "{{" not in text:
            return escape(text), []
        rendered = self.env["mail.render.mixin"]._render_template(
            mark_inline(text), "res.partner", partner.ids
        )[partner.id]
        return show_marks(escape(rendered)), MARK.findall(rendered)

    def _preview_missing(self, expressions):
        return [
            {
                "expression": expression,
                "help": self.env._(
                    "is empty for this customer: fill it in on the contact, or give the text something "
                    "to say instead."
                ),
            }
            for expression in dict.fromkeys(expressions)
        ]

    # -- what the contact decision says today ----------------------------------------------------------

    def _preview_decision(self, partner):
        """Return ``{"answer": "yes" | "later" | "never", "text"}``, or False where nobody is contacted."""
        info = self._step_types().get(self.type, {})
        channel = self._contact_channel()
        if not channel:
            return False
        plan = self.plan_id
        now = fields.Datetime.now()
        due = max(self._preview_due(partner) or now, now)
        is_now = (due - now).total_seconds() < NOW_SECONDS
        moment = self._preview_moment(due, partner)
        decision = partner.sudo()._hc_contact_decision(
            channel,
            (self.purpose_id or plan.purpose_id).sudo().key,
            due,
            company=plan.company_id or self.env.company,
            human=bool(info.get("human")),
            profiled=plan._rests_on_figures(),
            human_days=None if plan.human_days < 0 else plan.human_days,
        )
        reason = decision_text(self.env, decision)
        if decision.answer == "yes" and not is_now:
            text = (
                self.env._("Would be given to a colleague on %(until)s, their time.", until=moment)
                if info.get("human")
                else self.env._("Would be sent on %(until)s, their time.", until=moment)
            )
        elif decision.answer == "yes":
            text = (
                self.env._("Would be given to a colleague now.")
                if info.get("human")
                else self.env._("Would be sent now.")
            )
        elif decision.answer == "later" and decision.until and not info.get("human"):
            text = self.env._(
                "Would be sent at %(until)s, their time: %(reason)s",
                until=self._preview_moment(decision.until, partner),
                reason=reason,
            )
        elif decision.answer == "later" and decision.until:
            text = self.env._(
                "Would wait until %(until)s, their time: %(reason)s",
                until=self._preview_moment(decision.until, partner),
                reason=reason,
            )
        elif decision.answer == "later":
            text = self.env._("Would wait: %(reason)s", reason=reason)
        else:
            text = self.env._("Would be left out: %(reason)s", reason=reason)
        return {"answer": decision.answer, "code": decision.code, "text": text}

    def _preview_due(self, partner):
        """When this step would come for them: as it stands in the plan, else as the simulation walks there.

        :return: naive UTC, or None where nobody can say
        """
        step = self.sudo()
        plan, now = step.plan_id, fields.Datetime.now()
        rows = step.env["hc.outreach.delivery"].search(
            [
                ("plan_id", "=", plan.id),
                ("partner_id", "=", partner.id),
                ("state", "in", ("due", "open")),
                ("enrollment_id.state", "=", "active"),
            ],
            order="date_due",
        )
        here = rows.filtered(lambda row: row.step_id.key == step.key)
        if here:
            return here[0].date_due if here[0].state == "due" else now
        walk = Walk(plan, is_tried=True)
        target = walk.step(step.id)
        zones = partner.sudo()._hc_timezones(plan.company_id or self.env.company)
        by_key = {
            one.key: one for one in walk.steps.values() if one.record.version_id == step.version_id
        }
        for row in rows:
            start = by_key.get(row.step_id.key)
            if not start or not target:
                continue
            outcome = target.lane if target.parent_id == start.id else None
            moment = walk.over(start, max(row.date_due, now), outcome)
            following = walk.next(start, outcome)
            occurred = row.enrollment_id.date_occurred or moment
            found = following and walk.moment_of(
                target, partner.id, following, moment, occurred, zones
            )
            if found:
                return found
        entering = plan._preview_entering(partner.id)[:1]
        moment = max((entering[0][1] if entering else now) or now, now)
        if not target or not walk.first:
            return None
        return walk.moment_of(target, partner.id, walk.first, moment, moment, zones)

    def _preview_moment(self, moment, partner):
        """Day and hour on the customer's own clock, in the reader's language."""
        tz = partner._hc_timezones(self.plan_id.company_id or self.env.company)[partner.id]
        return moment_text(self.env, moment, tz)

    # -- test to me --------------------------------------------------------------------------------------

    def hc_send_test(self, partner_id):
        """Send this mail, as it is for one customer, to the current user: no contact with anybody.

        :return: text that says where it went
        """
        self.ensure_one()
        self.plan_id._check_previewer()
        self.check_access("read")
        if not self.env.user.email:
            raise UserError(
                self.env._("You have no e-mail address: add one under your preferences.")
            )
        partner = self._preview_partner(partner_id)
        content = self._preview_content(partner)
        if content.get("error"):
            raise UserError(content["error"])
        if content.get("kind") not in ("mail", "text"):
            raise UserError(self.env._("This step sends nothing that could be tried."))
        subject = html2plaintext(content["subject"]).strip() or self._flow_name()
        note = Markup("<p><em>%s</em></p>") % self.env._(
            "This is a test. It is what %(customer)s would get; nothing was sent to them.",
            customer=partner.display_name,
        )
        # A mail of no record: nothing lands on the customer's page, nothing counts as a contact.
        mail = (
            self.env["mail.mail"]
            .sudo()
            .create(
                {
                    "subject": self.env._("[Test] %(subject)s", subject=subject),
                    "body_html": note + content["body"],
                    "email_to": self.env.user.email_formatted,
                    "email_from": self.env.user.email_formatted,
                    "auto_delete": True,
                }
            )
        )
        mail.send()
        if mail.exists() and mail.state == "exception":
            raise UserError(
                self.env._(
                    "The test could not be sent: %(reason)s", reason=mail.failure_reason or "?"
                )
            )
        return self.env._("Sent to %(address)s", address=self.env.user.email)


def decision_text(env, decision):
    """The reason of a contact decision as a sentence, without a full stop."""
    text = env["hc.contact.attempt"]._reason_text(decision.code, decision.args)
    return (text or reason_label(env, decision.code)).rstrip(".")


def show_marks(markup):
    """Turn the marks into something red that says what is missing."""
    return Markup(
        MARK.sub(
            lambda match: f'<mark class="o_hc_flow_missing">{escape(match[1])}</mark>', str(markup)
        )
    )
