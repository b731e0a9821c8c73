from datetime import timedelta

from odoo import api, fields, models

# who, metric, score, words, days ago
CASES = [
    {
        "who": "camille", "said": ("nps", 2, ("Nine days late, and the boxes were wet. Half of the linen has to be "
        "washed again before anybody can sleep in it."), 21), "stage": "doing", "owner": "admin",
        "answered": 3, "topics": ("delivery",), "urgent": True, "late": True,
    },
    {
        "who": "priya", "said": ("csat", 2, ("This is the third time I ask: the bill still has the wrong company on "
        "it. I cannot pay it like that."), 6), "stage": "new", "owner": "demo", "topics": ("billing",),
    },
    {
        "who": "margaret", "said": (None, None, ("I do not blame the girl. But nobody called, and I had told my "
        "sister the dress would be ready."), 9), "stage": "waiting", "owner": "lena", "answered": 4,
        "topics": ("staff",), "goodwill": "The next hem is on us",
    },
    {
        "who": "nadia", "said": ("csat", 2, "The website took my discount away when I paid.", 12),
        "stage": "solved", "owner": "demo", "answered": 5, "solved": 20, "topics": ("website",),
        "cause": "website", "solution": "Refunded the difference the same day and told the people who look after "
        "the web shop how it happens.", "goodwill": "Discount given back", "amount": 18.5,
    },
    {
        "who": "dot", "said": ("nps", 1, "Stains on the shirts, two days before the première.", 23),
        "stage": "closed", "owner": "admin", "answered": 1, "solved": 14, "topics": ("quality",),
        "cause": "damaged", "solution": "Washed and pressed all shirts overnight, brought them to the theatre "
        "ourselves.", "goodwill": "Two tickets' worth of flowers for the première", "amount": 60.0,
        "after": (10, "You saved our première. I tell everybody about it.", 12),
    },
    {
        "who": "jonas", "said": ("csat", 2, "Four aprons came a week after the others. My people had to share.", 84),
        "stage": "closed", "owner": "demo", "answered": 2, "solved": 30, "topics": ("delivery",),
        "cause": "late", "solution": "Sent the missing aprons by courier. We count what leaves the house now.",
        "after": (5, "Came the next morning. Fine again.", 70),
    },
    {
        "who": "walter", "said": ("nps", 4, ("A buttonhole came undone after one washing. That was not so in former "
        "times."), 40), "stage": "doing", "owner": "lena", "answered": 6, "topics": ("quality",),
        "cause": "quality", "solution": "Sewed the buttonhole again by hand.", "urgent": True,
        "after": (4, "Now the one beside it.", 3), "reopened": True,
    },
]  # fmt: skip
OWNERS = {"admin": "base.user_admin", "demo": "base.user_demo", "lena": "hc_crm.demo_user_lena"}
CARRIER_DAYS = 190  # another carrier delivers since then: see feedback_demo


class HcFeedbackCaseDemo(models.AbstractModel):
    """What went wrong in the shop of the demo story, and what became of it. Nothing is sent."""

    _name = "hc.feedback.case.demo"
    _description = "Cases in the Demo Shop"

    @api.model
    def _populate(self):
        self = self.sudo().with_context(
            tracking_disable=True,
            mail_create_nosubscribe=True,
            mail_activity_quick_update=True,
            mail_notify_force_send=False,
        )
        company = self.env.ref("base.main_company")
        company.hc_case_user_id = self.env.ref("base.user_admin")
        for story in CASES:
            self._case(story, company)
        self._improvements(company)

    def _partner(self, key):
        return self.env.ref(f"hc_crm.demo_partner_{key}")

    def _topics(self, keys):
        return self.env["hc.feedback.topic"].search([("key", "in", keys)])

    def _at(self, days, hour=9):
        """Some time of a past working day; what is of today is of an hour ago."""
        now = fields.Datetime.now()
        moment = (now - timedelta(days=days)).replace(hour=hour, minute=12, second=0, microsecond=0)
        while moment.weekday() > 4:
            moment -= timedelta(days=1)
        return min(moment, now - timedelta(hours=1))

    def _say(self, partner, company, metric, score, words, days, topics, survey=None):
        values = {
            "source": "told" if metric is None else "survey",
            "date": self._at(days),
            "partner_id": partner.id,
            "company_id": company.id,
            "comment": words,
            "touchpoint": "delivery" if "delivery" in topics else None,
        }
        if metric:
            values |= {"metric": metric, "score": score}
            if metric == "csat":
                values |= {"scale_min": 1, "scale_max": 5}
        feedback = self.env["hc.feedback"]._hc_record([values]).sudo()
        feedback.topic_ids |= self._topics(topics)
        if metric is None:
            # a colleague heard how it was meant; the lexicon takes her politeness for praise
            feedback.write({"sentiment": "negative", "sentiment_by": "person"})
        return feedback

    def _known(self, partner, band, days):
        """What they said around that day, as far as it stands in no case yet."""
        return self.env["hc.feedback"].search(
            [
                ("partner_id", "=", partner.id),
                ("is_scored", "=", True),
                ("band", "=", band),
                ("comment", "!=", False),
                ("case_id", "=", False),
                ("date", ">", fields.Datetime.now() - timedelta(days=days + 2)),
                ("date", "<", fields.Datetime.now() - timedelta(days=days - 2)),
            ],
            limit=1,
        )

    def _case(self, story, company):
        partner = self._partner(story["who"])
        metric, score, words, days = story["said"]
        # what the other demo data let them say already is not said twice
        feedback = self._known(partner, "bad", days) if metric else None
        feedback = feedback or self._say(
            partner, company, metric, score, words, days, story["topics"]
        )
        case = feedback._to_case().with_env(self.env)
        opened = feedback.date
        case.write(
            {
                "user_id": self.env.ref(OWNERS[story["owner"]]).id,
                "priority": "1" if story.get("urgent") else "0",
                "topic_ids": [fields.Command.set(self._topics(story["topics"]).ids)],
                "solution": story.get("solution"),
                "cause_id": self.env.ref(f"hc_crm_surveys.hc_feedback_cause_{story['cause']}").id
                if "cause" in story
                else False,
                "goodwill": story.get("goodwill"),
                "goodwill_amount": story.get("amount", 0),
                "date_open": opened,
            }
        )
        if story["stage"] != "new":
            case.stage_id = self.env.ref(f"hc_crm_surveys.hc_feedback_case_stage_{story['stage']}")
        vals = {
            "date_due_answer": case._plan_hours(8, opened),
            "date_due": case._plan_hours(24 if story.get("late") else 80, opened),
            # past cases were late or not; nobody has to hear of it now
            "date_escalated": case._plan_hours(24, opened) if story.get("late") else False,
        }
        if "answered" in story:
            answered = case._plan_hours(story["answered"], opened)
            vals |= {"date_answered": answered, "hours_to_answer": story["answered"]}
        if "solved" in story:
            solved = case._plan_hours(story["solved"], opened)
            vals |= {
                "date_solved": solved,
                "hours_to_solve": story["solved"],
                "date_ask": solved + timedelta(days=7) if story["stage"] == "solved" else False,
            }
        if "after" in story:
            score, words, days = story["after"]
            # known as the answer to this case before anything follows from it
            band = "bad" if story.get("reopened") else "good"
            after = self._known(partner, band, days) or self.env["hc.feedback"].create(
                {
                    "source": "survey",
                    "date": self._at(days),
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "metric": metric,
                    "is_scored": True,
                    "score": score,
                    "scale_min": feedback.scale_min,
                    "scale_max": feedback.scale_max,
                    "band": band,
                    "comment": words,
                    "lang": "en",
                    "topic_ids": [fields.Command.set(feedback.topic_ids.ids)],
                }
            )
            better = not story.get("reopened")
            vals |= {
                "verdict": "better" if better else "same",
                "verdict_feedback_id": after.id,
                "score_before": feedback._case_percent(),
                "score_after": after._case_percent(),
                "recovered": 100 if better else 0,
                "date_asked": self._at(days + 2),
                "date_ask": False,
                "reopen_count": 0 if better else 1,
            }
            if not better:
                vals["date_due"] = case._plan_hours(24, after.date)
        case.write(vals)
        case._remind_owner()

    # -- you said, we did ---------------------------------------------------------------------------

    def _improvements(self, company):
        Improvement = self.env["hc.improvement"]
        today = fields.Date.today()
        asked = self._asked(company, ("delivery",), today - timedelta(days=CARRIER_DAYS))
        carrier = Improvement.create(
            {
                "name": "Another carrier brings the parcels",
                "description": "<p>Parcels took too long and some arrived wet. Since this spring another "
                "carrier brings them: most arrive within two days, and you get a message the evening "
                "before.</p>",
                "company_id": company.id,
                "user_id": self.env.ref("base.user_admin").id,
                "topic_ids": [fields.Command.set(self._topics(["delivery"]).ids)],
                "words": "late, slow, parcel, wet",
                "touchpoint": "delivery",
                "feedback_ids": [fields.Command.set(asked.ids)],
                "state": "done",
                "date_done": today - timedelta(days=CARRIER_DAYS),
            }
        )
        self._told(carrier, CARRIER_DAYS - 12)
        billing = self._asked(company, ("billing",), today)
        Improvement.create(
            {
                "name": "A second pair of eyes on every bill",
                "description": "<p>Before a bill leaves us, somebody else compares it with what was ordered, "
                "and who it goes to.</p>",
                "company_id": company.id,
                "user_id": self.env.ref("base.user_demo").id,
                "topic_ids": [fields.Command.set(self._topics(["billing"]).ids)],
                "words": "bill, invoice, wrong company",
                "feedback_ids": [fields.Command.set(billing.ids)],
                "state": "doing",
            }
        )
        chair = self._say(
            self._partner("hannah"), company, None, None,
            "The fitting room is too narrow to turn round in with my chair.", 150, ("staff",),
        )  # fmt: skip
        hooks = self._say(
            self._partner("rosa"), company, None, None,
            "A hook at the height of my granddaughter would be nice, and a seat.", 88, ("staff",),
        )  # fmt: skip
        Improvement.create(
            {
                "name": "A fitting room one can turn round in",
                "description": "<p>The last fitting room is twice as wide now. There is a seat in it, and "
                "hooks at two heights.</p>",
                "company_id": company.id,
                "user_id": self.env.ref("base.user_admin").id,
                "words": "fitting room, hook",
                "feedback_ids": [fields.Command.set((chair | hooks).ids)],
                "state": "done",
                "date_done": today - timedelta(days=4),
            }
        )

    def _asked(self, company, topics, before, limit=12):
        return self.env["hc.feedback"].search(
            [
                ("company_id", "=", company.id),
                ("topic_ids.key", "in", topics),
                ("band", "=", "bad"),
                ("partner_id", "!=", False),
                ("comment", "!=", False),
                ("is_counted", "=", True),
                ("date", "<", before),
            ],
            limit=limit,
        )

    def _told(self, improvement, days):
        """They heard of it back then: on their timelines, without a letter that could go out again."""
        people = improvement._people_waiting()
        sent = self._at(days)
        notices = self.env["hc.improvement.notice"].create(
            [
                {
                    "improvement_id": improvement.id,
                    "company_id": improvement.company_id.id,
                    "partner_id": partner_id,
                    "feedback_id": feedback_id,
                    "state": "sent",
                    "date_sent": sent,
                }
                for partner_id, feedback_id in people.items()
            ]
        )
        self.env["hc.contact.attempt"]._hc_log(
            [
                {
                    "partner_id": notice.partner_id.id,
                    "company_id": notice.company_id.id,
                    "channel_id": self.env.ref("hc_crm.hc_channel_email").id,
                    "purpose_id": self.env.ref("hc_crm.hc_consent_purpose_feedback").id,
                    "date": sent,
                    "outcome": "sent",
                    "is_budgeted": True,
                    "subject": improvement.name,
                    "res_model": notice._name,
                    "res_id": notice.id,
                }
                for notice in notices
            ]
        )
        improvement.state = "told"
