import uuid
from datetime import datetime, timedelta

from markupsafe import Markup

from odoo import Command

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import HcCommon

# Apps of the host that are sources of the timeline without being dependencies of this addon.
OPTIONAL_MODELS = {
    "account": "account.move",
    "survey": "survey.user_input",
    "rating": "rating.rating",
    "livechat": "discuss.channel",
    "mailing": "mailing.trace",
    "event": "event.registration",
}
OPTIONAL_GROUPS = (
    "account.group_account_invoice",
    "survey.group_survey_manager",
    "im_livechat.im_livechat_group_manager",
    "mass_mailing.group_mass_mailing_user",
    "event.group_event_manager",
    "base.group_allow_export",
)


def mark(name):
    """Return words that stand nowhere else: finding them anywhere means this very record shows."""
    return f"{name}zq{uuid.uuid4().hex}"


class TimelineCommon(HcCommon):
    """A customer with one record of every kind, each carrying words of its own (``self.marks``).

    To the people of ``HcCommon`` comes ``auditor``: all documents and every app, but no administrator of
    ours. What nobody else may open is there for the auditor, so no test passes for want of data.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = ["sales_team.group_sale_salesman_all_leads"]
        groups += [name for name in OPTIONAL_GROUPS if cls.env.ref(name, raise_if_not_found=False)]
        cls.auditor = mail_new_test_user(
            cls.env, login="hc_auditor", groups=",".join(groups), name="Aude Auditor"
        )
        cls.now = datetime.now().replace(microsecond=0)
        cls.records, cls.marks = {}, {}

    # -- making one of each -----------------------------------------------------------------------

    @classmethod
    def days_ago(cls, days, **kwargs):
        return cls.now - timedelta(days=days, **kwargs)

    @classmethod
    def has(cls, app):
        model = OPTIONAL_MODELS[app]
        if app == "livechat":
            return "im_livechat.channel.member.history" in cls.env
        return model in cls.env

    @classmethod
    def keep(cls, name, record, text):
        cls.records[name], cls.marks[name] = record, text
        return record

    @classmethod
    def post(
        cls, name, record, days=1, author=None, message_type="email", internal=False, **kwargs
    ):
        """Write a message on ``record``; a name keeps it with words of its own."""
        text = mark(name)
        # sudo: the world is made by the system; who may read is what the tests ask.
        message = record.sudo().message_post(
            body=kwargs.pop("body", None) or Markup("<p>Dear all, %s</p>") % text,
            author_id=(author or cls.person).id,
            message_type=message_type,
            subtype_xmlid="mail.mt_note" if internal else "mail.mt_comment",
            **kwargs,
        )
        message.date = cls.days_ago(days)
        return cls.keep(name, message, text)

    @classmethod
    def make_order(cls, name, partner=None, user=None, days=2, **vals):
        text = mark(name)
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.person).id,
                "user_id": (user or cls.seller_all).id,
                "client_order_ref": text,
                "date_order": cls.days_ago(days),
                **vals,
            }
        )
        # The number is what the timeline shows.
        order.name = text
        return cls.keep(name, order, text)

    @classmethod
    def make_lead(cls, name, partner=None, user=None, text=None, **vals):
        text = text or mark(name)
        lead = cls.env["crm.lead"].create(
            {
                "name": text,
                "type": "opportunity",
                "partner_id": (partner or cls.person).id,
                "user_id": (user or cls.seller_all).id,
                **vals,
            }
        )
        return cls.keep(name, lead, text)

    @classmethod
    def make_meeting(cls, name, partners=None, user=None, days=3, **vals):
        text = mark(name)
        user = user or cls.seller_all
        meeting = (
            cls.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": text,
                    "location": mark("place"),
                    "start": cls.days_ago(days),
                    "stop": cls.days_ago(days, hours=-1),
                    "user_id": user.id,
                    "partner_ids": [Command.set(((partners or cls.person) | user.partner_id).ids)],
                    **vals,
                }
            )
        )
        return cls.keep(name, meeting, text)

    @classmethod
    def make_interaction(cls, name, partner=None, days=4, channel="call", **vals):
        text = mark(name)
        interaction = cls.env["hc.interaction"].create(
            {
                "partner_id": (partner or cls.person).id,
                "date": cls.days_ago(days),
                "channel_id": cls.env.ref(f"hc_crm.hc_channel_{channel}").id,
                "summary": text,
                "user_id": cls.salesman.id,
                **vals,
            }
        )
        return cls.keep(name, interaction, text)

    @classmethod
    def make_invoice(cls, name, partner=None, user=None, **vals):
        text = mark(name)
        # Straight to "posted": what is tested is who sees it, not the bookkeeping.
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.person).id,
                "invoice_date": cls.days_ago(5).date(),
                "invoice_user_id": (user or cls.seller_all).id,
                "ref": text,
                "invoice_line_ids": [
                    Command.create({"name": "Chair", "price_unit": 100, "tax_ids": []})
                ],
                **vals,
            }
        )
        invoice.action_post()
        # The number is what the timeline shows; the ORM would insist on a sequence.
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE account_move SET name = %s WHERE id = %s", [text, invoice.id])
        invoice.invalidate_recordset(["name"])
        return cls.keep(name, invoice, text)

    @classmethod
    def make_livechat(cls, name, partner=None):
        text = mark(name)
        livechat = cls.env["im_livechat.channel"].create({"name": "Shop window"})
        channel = cls.env["discuss.channel"].create(
            {
                "name": text,
                "channel_type": "livechat",
                "livechat_channel_id": livechat.id,
                "livechat_operator_id": cls.seller_all.partner_id.id,
                "channel_member_ids": [
                    Command.create(
                        {
                            "partner_id": (partner or cls.person).id,
                            "livechat_member_type": "visitor",
                        }
                    ),
                ],
            }
        )
        cls.keep(name, channel, text)
        channel.message_post(
            body=Markup("<p>%s</p>") % text,
            author_id=(partner or cls.person).id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        return channel

    @classmethod
    def make_answer(cls, name, partner=None):
        text = mark(name)
        survey = cls.env["survey.survey"].create({"title": text})
        answer = cls.env["survey.user_input"].create(
            {
                "survey_id": survey.id,
                "partner_id": (partner or cls.person).id,
                "state": "done",
                "end_datetime": cls.days_ago(6),
            }
        )
        return cls.keep(name, answer, text)

    @classmethod
    def make_rating(cls, name, record, value=2, partner=None):
        text = mark(name)
        rating = cls.env["rating.rating"].create(
            {
                "res_model_id": cls.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "partner_id": (partner or cls.person).id,
                "rating": value,
                "consumed": True,
                "feedback": text,
            }
        )
        return cls.keep(name, rating, text)

    @classmethod
    def make_mailing(cls, name, partner=None):
        text = mark(name)
        mailing = cls.env["mailing.mailing"].create(
            {"subject": text, "mailing_model_id": cls.env["ir.model"]._get_id("res.partner")}
        )
        trace = cls.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": (partner or cls.person).id,
                "trace_status": "open",
                "sent_datetime": cls.days_ago(7),
            }
        )
        return cls.keep(name, trace, text)

    @classmethod
    def make_registration(cls, name, partner=None):
        text = mark(name)
        event = cls.env["event.event"].create(
            {
                "name": text,
                "date_begin": cls.days_ago(-10),
                "date_end": cls.days_ago(-11),
                "company_id": cls.company.id,
            }
        )
        registration = cls.env["event.registration"].create(
            {"event_id": event.id, "partner_id": (partner or cls.person).id}
        )
        return cls.keep(name, registration, text)

    # -- reading ----------------------------------------------------------------------------------

    def timeline(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["hc.timeline"].with_user(user or self.auditor)

    def page(self, user=None, partner=None, **options):
        return self.timeline(user).hc_get_page((partner or self.person).id, options)

    def entries(self, user=None, partner=None, **options):
        return self.page(user, partner, limit=200, **options)["entries"]

    def entry(self, record, user=None, partner=None, **options):
        """Return the one entry of ``record``, or None."""
        found = [
            entry
            for entry in self.entries(user, partner, **options)
            if (entry["res_model"], entry["res_id"]) == (record._name, record.id)
        ]
        self.assertLessEqual(len(found), 1, "one record, one entry")
        return found[0] if found else None
