import random
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .feedback_demo_words import (
    LANGUAGE_WEIGHTS,
    LANGUAGES,
    SORE_POINT,
    STORIES,
    TOPIC_WEIGHTS,
    WORDS,
)  # fmt: skip

SEED = 23
PAST_DAYS = 540
LAST_DAYS = 3  # newer answers only in the stories: not every morning begins with ten complaints
IMPROVED_DAYS = 190  # since then another carrier delivers
ASKED_SHARE = 0.4  # of the orders
ANSWER_SHARE = {"delivery": 0.34, "nps": 0.27}
COMMENT_SHARE = 0.62
NPS_EVERY_DAYS = 120
NINE_O_CLOCK = time(9)


class HcFeedbackDemo(models.AbstractModel):
    """Eighteen months of answers in the shop of the demo story.

    Only the demo data calls it (``demo/feedback/hc_feedback_demo.xml``). After a delivery customers were asked
    how satisfied they are, some of them three times a year whether they recommend the shop. Deliveries were
    slow and often late until another carrier took over, and since then recommendation rises. Nothing is sent.
    """

    _name = "hc.feedback.demo"
    _description = "Feedback in the Demo Shop"

    @api.model
    def _populate(self):
        self = self.sudo()
        self.env.flush_all()
        chance = random.Random(SEED)
        orders = self._deliver()
        asks = self._delivery_asks(orders) + self._nps_asks(orders)
        said = [(ask, *self._answer(ask, chance)) for ask in asks if self._answers(ask, chance)]
        # The people of the story say what it tells, and no score by chance that belies it.
        told = self._story_people()
        said = [one for one in said if one[0]["partner_id"] not in told]
        said += self._stories()
        self._write_story(asks, said)
        self.env["hc.feedback"]._hc_fill_facts(
            self.env["hc.feedback"]
            .search([("date_facts", "=", False), ("is_scored", "=", True)])
            .ids
        )
        self.env.registry.clear_cache()

    @property
    def _company(self):
        return self.env.ref("base.main_company")

    # -- what happened ----------------------------------------------------------------------------

    def _deliver(self):
        """Say of past orders when they were delivered; return ``[(id, partner, salesperson, ordered, days)]``."""
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, partner_id, user_id, date_order FROM sale_order
                 WHERE state = 'sale' AND company_id = %s AND date_order BETWEEN %s AND %s
              ORDER BY date_order, id
                """,
                self._company.id,
                now - timedelta(days=PAST_DAYS),
                now - timedelta(days=LAST_DAYS),
            )
        )
        chance = random.Random(f"{SEED} delivery")
        orders = []
        for order_id, partner_id, user_id, ordered in rows:
            improved = (now - ordered).days < IMPROVED_DAYS
            days = 1 + chance.expovariate(1 / (1.4 if improved else 3.2))
            orders.append((order_id, partner_id, user_id, ordered, min(days, 16)))
        if not orders:
            return orders
        self.env.cr.execute(
            SQL(
                """
                UPDATE sale_order SET commitment_date = date_order + make_interval(secs => v.days * 86400)
                  FROM (VALUES %s) AS v(id, days)
                 WHERE v.id = sale_order.id AND sale_order.commitment_date IS NULL
                """,
                SQL(", ").join(SQL("(%s, %s::float)", order[0], order[4]) for order in orders),
            )
        )
        self.env.invalidate_all()
        return orders

    def _delivery_asks(self, orders):
        chance = random.Random(f"{SEED} asks")
        now = fields.Datetime.now()
        asks = []
        for order_id, partner_id, user_id, ordered, days in orders:
            sent = datetime.combine((ordered + timedelta(days=days + 2)).date(), NINE_O_CLOCK)
            if chance.random() < ASKED_SHARE and sent < now - timedelta(days=LAST_DAYS):
                asks.append(self._ask("delivery", partner_id, user_id, sent, order_id, days))
        return asks

    def _nps_asks(self, orders):
        """Everybody who bought is asked again four months after the last time, if they bought since."""
        now = fields.Datetime.now()
        chance = random.Random(f"{SEED} nps")
        asks, last = [], {}
        for order_id, partner_id, user_id, ordered, days in orders:
            before = last.get(partner_id)
            if before and (ordered - before).days < NPS_EVERY_DAYS:
                continue
            last[partner_id] = ordered
            sent = datetime.combine((ordered + timedelta(days=20)).date(), NINE_O_CLOCK)
            if sent < now - timedelta(days=LAST_DAYS) and chance.random() < 0.85:
                asks.append(self._ask("nps", partner_id, user_id, sent, order_id, days))
        return asks

    def _ask(self, kind, partner_id, user_id, sent, order_id, days):
        return {
            "kind": kind,
            "partner_id": partner_id,
            "user_id": user_id,
            "sent": sent,
            "order_id": order_id,
            "days": days,
        }

    def _answers(self, ask, chance):
        """Tell whether they answer: regulars' mood is theirs, and who is pleased answers a bit more often."""
        mood = self._mood(ask["partner_id"])
        return chance.random() < ANSWER_SHARE[ask["kind"]] * (0.8 + 0.4 * mood)

    def _mood(self, partner_id):
        return random.Random(f"{SEED} mood {partner_id}").random()

    def _answer(self, ask, chance):
        """Return ``(score, words or None, when)``."""
        improved = (fields.Datetime.now() - ask["sent"]).days < IMPROVED_DAYS
        # from 0, as bad as can be, to 1: the customer, the delivery, the day
        pleased = 0.46 + 0.42 * self._mood(ask["partner_id"]) - 0.055 * max(ask["days"] - 2, 0)
        pleased += (0.16 if improved else 0.0) + chance.gauss(0.06, 0.16)
        pleased = min(max(pleased, 0), 1)
        score = round(10 * pleased) if ask["kind"] == "nps" else 1 + round(4 * pleased)
        words = None
        if chance.random() < COMMENT_SHARE:
            words = self._words(pleased, ask, improved, chance)
        when = ask["sent"] + timedelta(hours=chance.expovariate(1 / 20), minutes=7)
        return score, words, min(when, fields.Datetime.now() - timedelta(hours=30))

    def _words(self, pleased, ask, improved, chance):
        language = chance.choices(LANGUAGES, LANGUAGE_WEIGHTS)[0]
        weights = dict(TOPIC_WEIGHTS)
        if ask["kind"] == "delivery" or (not improved and pleased < 0.6):
            weights[SORE_POINT] *= 3
        known = WORDS[language]
        topics = [topic for topic in weights if topic in known]
        topic = chance.choices(topics, [weights[topic] for topic in topics])[0]
        is_bad = pleased < 0.62 if chance.random() < 0.93 else pleased >= 0.62
        return chance.choice(known[topic][1 if is_bad else 0])

    def _story_people(self):
        """Return the ids of those whom the demo has a story about."""
        return set(
            self.env["ir.model.data"]
            .search(
                [
                    ("module", "=", "hc_crm"),
                    ("model", "=", "res.partner"),
                    ("name", "=like", "demo_partner_%"),
                ]
            )
            .mapped("res_id")
        )

    def _stories(self):
        """Return what the people of the demo story said."""
        said = []
        now = fields.Datetime.now()
        for xmlid, days, kind, score, words in STORIES:
            partner = self.env.ref(f"hc_crm.{xmlid}", raise_if_not_found=False)
            if not partner:
                continue
            when = datetime.combine((now - timedelta(days=days)).date(), time(10, 20))
            order = self.env["sale.order"].search(
                [("partner_id", "child_of", partner.commercial_partner_id.id), ("date_order", "<", when)],
                order="date_order desc", limit=1,
            )  # fmt: skip
            ask = self._ask(
                kind, partner.id, order.user_id.id, when - timedelta(hours=25), order.id, 0
            )
            said.append((ask, score, words, when))
        return said

    # -- writing it -------------------------------------------------------------------------------

    def _write_story(self, asks, said):
        """Write requests and answers as they would have come about."""
        answered = self._write_answers(said)
        Ask = self.env["hc.ask"].with_context(tracking_disable=True)
        now = fields.Datetime.now()
        known = {id(ask): answer for (ask, *_said), answer in zip(said, answered, strict=True)}
        everybody = asks + [ask for ask, *_said in said if not any(ask is other for other in asks)]
        surveys = {
            kind: self.env.ref(f"hc_crm_surveys.survey_{kind}") for kind in ("nps", "delivery")
        }
        rules = {
            "nps": self.env.ref("hc_crm_surveys.hc_ask_rule_relationship").id,
            "delivery": self.env.ref("hc_crm_surveys.hc_ask_rule_delivery").id,
        }
        when = {id(ask): moment for ask, _score, _words, moment in said}
        vals_list = []
        for ask in everybody:
            answer = known.get(id(ask))
            expired = ask["sent"] < now - timedelta(days=30)
            vals_list.append(
                {
                    "company_id": self._company.id,
                    "rule_id": rules[ask["kind"]],
                    "survey_id": surveys[ask["kind"]].id,
                    "partner_id": ask["partner_id"],
                    "user_id": ask["user_id"],
                    "occurrence": f"{ask['kind']} {ask['order_id']} {ask['sent']:%Y-%m-%d}",
                    "res_model": "sale.order" if ask["order_id"] else False,
                    "res_id": ask["order_id"],
                    "touchpoint": "delivery" if ask["kind"] == "delivery" else "relationship",
                    "metric": "csat" if ask["kind"] == "delivery" else "nps",
                    "state": "answered" if answer else "expired" if expired else "sent",
                    "date_due": ask["sent"],
                    "date_sent": ask["sent"],
                    "date_expire": ask["sent"] + timedelta(days=30),
                    "date_answered": when.get(id(ask)),
                    "user_input_id": answer.id if answer else False,
                }
            )
        Ask.create(vals_list)
        self.env.flush_all()
        self.env["hc.feedback"]._hc_make("survey.user_input", [answer.id for answer in answered])
        self.env.cr.precommit.data.pop("hc_crm_surveys.feedback", None)

    def _write_answers(self, said):
        questions = {
            kind: (
                self.env.ref(f"hc_crm_surveys.survey_{kind}_score"),
                self.env.ref(f"hc_crm_surveys.survey_{kind}_why"),
            )
            for kind in ("nps", "delivery")
        }
        vals_list = []
        for ask, score, words, when in said:
            asked, why = questions[ask["kind"]]
            lines = [
                {"question_id": asked.id, "answer_type": "scale", "value_scale": score},
                {"question_id": why.id, "answer_type": "text_box", "value_text_box": words}
                if words
                else {"question_id": why.id, "skipped": True},
            ]
            vals_list.append(
                {
                    "survey_id": asked.survey_id.id,
                    "partner_id": ask["partner_id"],
                    "state": "done",
                    "start_datetime": when - timedelta(minutes=1),
                    "end_datetime": when,
                    "user_input_line_ids": [fields.Command.create(line) for line in lines],
                }
            )
        answers = (
            self.env["survey.user_input"].with_context(tracking_disable=True).create(vals_list)
        )
        self.env.flush_all()
        for table, link in (
            ("survey_user_input", "id"),
            ("survey_user_input_line", "user_input_id"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = a.end_datetime FROM survey_user_input AS a "
                    "WHERE a.id = %s AND a.id = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier(table, link),
                    answers.ids,
                )
            )
        self.env.invalidate_all()
        return answers
