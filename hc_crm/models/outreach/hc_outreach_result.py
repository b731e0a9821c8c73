from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...engine.outreach.lift import Sample, difference, difference_of_means
from .hc_outreach_words import reason_label

ARMS = ("treated", "held")


class HcOutreachPlan(models.Model):
    """What a plan was good for, and what became of each step.

    Compared are people, not events: of each only the first time they entered, once the days within which the
    goal is to be reached are over. Everybody who was to be turned to counts as treated, also those who left
    early or could not be reached; else the plan would be compared with the wrong people. Who waits for the
    pilot to expand is in neither group.
    """

    _inherit = "hc.outreach.plan"

    @api.readonly
    def hc_get_results(self):
        """Return what came of the plan, as far as the reader may see the customers in it.

        Somebody who sees own customers only gets counts of those, and no amounts.

        :return: ``{"entered", "active", "waiting", "running" (the days for the goal are not over), "days",
            "goal" (label or False), "is_partial" (own customers only), "currency_id", "treated", "held",
            "measures", "sentence", "funnel"}``

            ``treated``, ``held``: ``{"count": people, "goals": how many of them reached the goal}``

            ``measures``: ``[{"key" (goal, bought, orders, revenue, feedback), "label", "treated", "held"
            (share or mean, None if unknown), "treated_text", "held_text", "value", "low", "high" (the
            difference and its 95 % interval, or None), "verdict" (few, chance, better, worse), "sentence"}]``

            ``funnel``: ``[{"step_id", "version_id", "name", "type", "due", "open", "sending", "done",
            "skipped", "failed", "doubt", "reasons": [{"code", "label", "count"}], "outcomes": [{"key",
            "count"}]}]``, in the order of the steps
        """
        self.ensure_one()
        self.check_access("read")
        sees_all = self.env.user.has_group(
            "sales_team.group_sale_salesman_all_leads"
        ) or self.env.user.has_group("hc_crm.hc_crm_group_manager")
        self.env.flush_all()
        counts = self._result_counts()
        arms = {arm: {"count": 0, "goals": 0} for arm in ARMS}
        for arm, people, goals in self.env.execute_query(
            SQL(
                "SELECT arm, COUNT(*), COUNT(date_goal) FROM (%s) AS person WHERE is_over GROUP BY arm",
                self._result_people(),
            )
        ):
            arms[arm] = {"count": people, "goals": goals}
        measures = []
        if self.goal_type != "none":
            measures.append(self._measure_goal(arms))
        if sees_all:
            measures += self._measure_purchases()
            measures += self._measure_feedback()
        return {
            **counts,
            "days": self.goal_days,
            "goal": dict(self._fields["goal_type"]._description_selection(self.env))[self.goal_type]
            if self.goal_type != "none"
            else False,
            "is_partial": not sees_all,
            "currency_id": self.company_id.currency_id.id,
            **arms,
            "measures": measures,
            "sentence": measures[0]["sentence"]
            if self.goal_type != "none"
            else self.env._("The plan has no goal, so there is nothing to compare it by."),
            "funnel": self._funnel(),
        }

    def _result_entered(self):
        """Return the query of the enrollments whose customers the reader may see."""
        return self.env["hc.outreach.enrollment"]._search([("plan_id", "=", self.id)])

    def _result_counts(self):
        [[entered, active, waiting, held, running]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE state = 'active'),
                       COUNT(*) FILTER (WHERE state = 'waiting'),
                       COUNT(*) FILTER (WHERE state = 'holdout'),
                       COUNT(*) FILTER (WHERE state <> 'waiting' AND date_goal IS NULL
                           AND date_entered + make_interval(days => %s) > %s)
                  FROM hc_outreach_enrollment WHERE id IN %s
                """,
                self.goal_days,
                fields.Datetime.now(),
                self._result_entered().subselect(),
            )
        )
        return {
            "entered": entered,
            "active": active,
            "waiting": waiting,
            "holdout": held,
            "running": running,
        }

    def _result_people(self):
        """Return the SELECT of people: the first time each entered, in which group, and whether it is over."""
        return SQL(
            """
            SELECT DISTINCT ON (partner_id) partner_id, date_entered, date_goal,
                   CASE WHEN state = 'holdout' THEN 'held' ELSE 'treated' END AS arm,
                   date_entered + make_interval(days => %s) <= %s AS is_over
              FROM hc_outreach_enrollment WHERE state <> 'waiting' AND id IN %s
             ORDER BY partner_id, date_entered, id
            """,
            self.goal_days,
            fields.Datetime.now(),
            self._result_entered().subselect(),
        )

    # -- measures -------------------------------------------------------------------------------

    def _measure_goal(self, arms):
        sides = [(arms[arm]["goals"], arms[arm]["count"]) for arm in ARMS]
        measure = self._measure_share("goal", self.env._("Reached the goal"), sides)
        measure["sentence"] = self._goal_sentence(sides, measure["verdict"])
        return measure

    def _goal_sentence(self, sides, verdict):
        (hits, count), (held_hits, held) = sides
        if not count:
            return self.env._(
                "The %(days)s days within which they are to reach the goal are not over for anybody yet.",
                days=self.goal_days,
            )
        values = {"hits": hits, "count": count, "days": self.goal_days}
        said = {
            "order": self.env._("%(hits)s of %(count)s bought within %(days)s days", **values),
            "reply": self.env._("%(hits)s of %(count)s answered within %(days)s days", **values),
        }.get(self.goal_type) or self.env._(
            "%(hits)s of %(count)s reached the goal within %(days)s days", **values
        )
        if not held:
            return self.env._(
                "%(said)s. Nobody was held out, so it is not known how many would have done so anyway.",
                said=said,
            )
        return self.env._(
            "%(said)s; of %(held)s held out, %(hits)s did: %(verdict)s.",
            said=said,
            held=held,
            hits=held_hits,
            verdict=self._verdict_text(verdict),
        )

    def _verdict_text(self, verdict):
        return {
            "few": self.env._("too few yet to compare"),
            "chance": self.env._("the difference may be chance"),
            "better": self.env._("the plan made a difference"),
            "worse": self.env._("those left alone did better"),
        }[verdict]

    def _measure_share(self, key, label, sides):
        (hits, count), (held_hits, held) = sides
        lift = difference(hits, count, held_hits, held)
        shares = [part / whole if whole else None for part, whole in sides]
        return self._measure(
            key, label, shares, lift,
            [self.env._("%(hits)s of %(count)s", hits=part, count=whole) for part, whole in sides],
        )  # fmt: skip

    def _measure_mean(self, key, label, samples, text):
        lift = difference_of_means(*samples)
        means = [sample.mean if sample.count else None for sample in samples]
        return self._measure(
            key, label, means, lift, ["" if mean is None else text(mean) for mean in means]
        )

    def _measure(self, key, label, sides, lift, texts):
        compared = self.env._(
            "%(label)s: %(treated)s; held out: %(held)s – %(verdict)s",
            label=label,
            treated=texts[0] or "–",
            held=texts[1] or "–",
            verdict=self._verdict_text(lift.verdict),
        )
        return {
            "key": key,
            "label": label,
            "treated": sides[0],
            "held": sides[1],
            "treated_text": texts[0],
            "held_text": texts[1],
            "value": lift.value,
            "low": lift.low,
            "high": lift.high,
            "verdict": lift.verdict,
            "sentence": compared,
        }

    def _measure_purchases(self):
        """Compare purchases after the day of entering: whether any, how many, for how much."""
        # superuser: which documents count does not depend on the reader, who sees all customers here
        config = self.env["hc.insight.config"].sudo()._for_company(self.company_id)
        source = self.env["hc.insight.purchase"].sudo()
        people = self._result_people()
        customers = SQL(
            "SELECT buyer.commercial_partner_id FROM (%s) AS entered "
            "JOIN res_partner AS buyer ON buyer.id = entered.partner_id WHERE entered.is_over",
            people,
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH purchase AS (
                    SELECT customer, day, amount FROM (%(purchases)s) AS document WHERE left_out IS NOT TRUE
                ), person AS (
                    SELECT entered.arm, entered.partner_id, buyer.commercial_partner_id AS customer,
                           (entered.date_entered AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
                      FROM (%(people)s) AS entered
                      JOIN res_partner AS buyer ON buyer.id = entered.partner_id
                     WHERE entered.is_over
                ), bought AS (
                    SELECT person.arm, person.partner_id, COUNT(purchase.customer) AS orders,
                           COALESCE(SUM(purchase.amount), 0)::float8 AS revenue
                      FROM person LEFT JOIN purchase ON purchase.customer = person.customer
                       AND purchase.day > person.day AND purchase.day <= person.day + %(days)s
                     GROUP BY person.arm, person.partner_id
                )
                SELECT arm, COUNT(*), COUNT(*) FILTER (WHERE orders > 0), SUM(orders)::float8,
                       SUM(orders * orders)::float8, SUM(revenue), SUM(revenue * revenue)
                  FROM bought GROUP BY arm
                """,
                purchases=source._documents_query(config, customers),
                people=people,
                tz=source._timezone(self.company_id),
                days=self.goal_days,
            )
        )
        found = dict.fromkeys(ARMS, (0, 0, 0.0, 0.0, 0.0, 0.0)) | {row[0]: row[1:] for row in rows}
        if not any(found[arm][0] for arm in ARMS):
            return []
        currency = self.company_id.currency_id
        days = self.goal_days
        return [
            self._measure_share(
                "bought",
                self.env._("Bought within %(days)s days", days=days),
                [(found[arm][1], found[arm][0]) for arm in ARMS],
            ),
            self._measure_mean(
                "orders",
                self.env._("Purchases per person"),
                [Sample(found[arm][0], found[arm][2], found[arm][3]) for arm in ARMS],
                lambda mean: formatLang(self.env, mean, digits=2),
            ),
            self._measure_mean(
                "revenue",
                self.env._("Spent per person"),
                [Sample(found[arm][0], found[arm][4], found[arm][5]) for arm in ARMS],
                lambda mean: formatLang(self.env, mean, currency_obj=currency),
            ),
        ]

    def _measure_feedback(self):
        """Compare how they rated us; nothing where nobody did, or no app collects ratings."""
        if "rating.rating" not in self.env:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT person.arm, COUNT(*), SUM(r.rating)::float8, SUM(r.rating * r.rating)::float8
                  FROM (%s) AS person
                  JOIN rating_rating AS r ON r.partner_id = person.partner_id
                 WHERE r.consumed AND r.rating >= 1
                   AND COALESCE(r.rated_on, r.write_date) > person.date_entered
                   AND COALESCE(r.rated_on, r.write_date)
                       <= person.date_entered + make_interval(days => %s)
                 GROUP BY person.arm
                """,
                self._result_people(),
                self.goal_days,
            )
        )
        if not rows:
            return []
        found = {arm: Sample(*numbers) for arm, *numbers in rows}
        return [
            self._measure_mean(
                "feedback",
                self.env._("Ratings (1 to 5)"),
                [found.get(arm, Sample(0, 0, 0)) for arm in ARMS],
                lambda mean: formatLang(self.env, mean, digits=1),
            )
        ]

    # -- steps ----------------------------------------------------------------------------------

    def _funnel(self):
        """Return what became of each step, with the reasons why it was left out."""
        Delivery = self.env["hc.outreach.delivery"]
        found = {}
        for step, state, code, outcome, count in Delivery._read_group(
            [("plan_id", "=", self.id)],
            ["step_id", "state", "reason_code", "outcome"],
            ["__count"],
        ):
            numbers = found.setdefault(step, {"states": {}, "reasons": {}, "outcomes": {}})
            numbers["states"][state] = numbers["states"].get(state, 0) + count
            if state == "skipped" and code:
                numbers["reasons"][code] = numbers["reasons"].get(code, 0) + count
            if state == "done" and outcome:
                numbers["outcomes"][outcome] = numbers["outcomes"].get(outcome, 0) + count
        states = [key for key, _label in Delivery._fields["state"].selection]
        steps = self.env["hc.outreach.step"].union(*found) | self.live_version_id.step_ids
        nothing = {"states": {}, "reasons": {}, "outcomes": {}}
        return [
            {
                "step_id": step.id,
                "version_id": step.version_id.id,
                "name": step._title(),
                "type": step.type,
                **{state: found.get(step, nothing)["states"].get(state, 0) for state in states},
                "reasons": [
                    {"code": code, "label": reason_label(self.env, code), "count": count}
                    for code, count in sorted(
                        found.get(step, nothing)["reasons"].items(), key=lambda item: -item[1]
                    )
                ],
                "outcomes": [
                    {"key": key, "count": count}
                    for key, count in sorted(found.get(step, nothing)["outcomes"].items())
                ],
            }
            for step in steps.sorted(lambda step: (-step.version_id.number, step.sequence, step.id))
        ]
