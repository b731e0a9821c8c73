"""Outreach: enrolling, mails and tasks for thousands, each against what Odoo does itself.

Both sides work on the same customers in the same database, in turn, each in a transaction that is rolled
back. Outreach's side holds everything it does besides: asking whether the customer may be contacted, exits
and goals, marks, the next step, the ledger of contacts.
"""

import common
import data_outreach
from common import in_turn, ratio, say, spell, stopwatch

LOOP = 500  # as many enrollments are created one by one, and the time multiplied
BATCH = 500


class Sides:
    """One round of each; the number of queries is kept."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.queries = {}

    def _timed(self, label, env, count, work):
        before = env.cr.sql_log_count
        with stopwatch() as seconds:
            work()
            env.flush_all()
        self.queries[label] = (env.cr.sql_log_count - before) / count
        env.cr.rollback()
        return seconds[0]

    def _world(self, env, plan, count):
        people = env["res.partner"].search(
            [("ref", "=", "bench outreach")], limit=count, order="id"
        )
        return env["hc.outreach.plan"].search([("name", "=", f"Benchmark {plan}")]), people

    def enroll(self, count):
        def side(_number):
            with self.bench.environment(self.name) as env:
                plan, people = self._world(env, "end", count)
                return self._timed("enroll", env, count, lambda: plan._enroll(people))

        return side

    def enroll_loop(self, count):
        def side(_number):
            with self.bench.environment(self.name) as env:
                plan, people = self._world(env, "end", min(count, LOOP))
                step = plan.live_version_id._first_step()

                def work():
                    for person in people:
                        enrollment = env["hc.outreach.enrollment"].create(
                            {
                                "plan_id": plan.id,
                                "version_id": plan.live_version_id.id,
                                "company_id": plan.company_id.id,
                                "partner_id": person.id,
                                "occurrence": "once",
                            }
                        )
                        env["hc.outreach.delivery"].create(
                            {
                                "enrollment_id": enrollment.id,
                                "step_id": step.id,
                                "plan_id": plan.id,
                                "company_id": plan.company_id.id,
                                "partner_id": person.id,
                                "type": step.type,
                                "date_due": enrollment.date_entered,
                            }
                        )
                        env.flush_all()

                return self._timed("loop", env, len(people), work) * count / len(people)

        return side

    def step(self, kind, count):
        def side(_number):
            with self.bench.environment(self.name) as env:
                plan, people = self._world(env, kind, count)
                plan._enroll(people)
                env.flush_all()
                env.cr.execute("ANALYZE hc_outreach_delivery, hc_outreach_enrollment")
                env.invalidate_all()
                Delivery = env["hc.outreach.delivery"]

                def work():
                    Delivery._work()

                seconds = self._timed_checked(kind, env, plan, count, work)
                env.cr.rollback()
                return seconds

        return side

    def _timed_checked(self, kind, env, plan, count, work):
        before = env.cr.sql_log_count
        with stopwatch() as seconds:
            work()
            env.flush_all()
        self.queries[kind] = (env.cr.sql_log_count - before) / count
        states = dict(
            env["hc.outreach.delivery"]._read_group(
                [("plan_id", "=", plan.id), ("type", "=", kind)], ["state"], ["__count"]
            )
        )
        wanted = {"mail": "sending", "task": "open"}[kind]
        if states != {wanted: count}:
            raise SystemExit(f"{kind}: not everybody was turned to: {states}")
        return seconds[0]

    def host_mail(self, count):
        def side(_number):
            with self.bench.environment(self.name) as env:
                _plan, people = self._world(env, "mail", count)
                template = env["mail.template"].search([("name", "=", "Benchmark")])
                env.invalidate_all()

                def work():
                    for start in range(0, count, BATCH):
                        template.send_mail_batch(people.ids[start : start + BATCH])

                return self._timed("host mail", env, count, work)

        return side

    def host_task(self, count):
        def side(_number):
            with self.bench.environment(self.name) as env:
                _plan, people = self._world(env, "task", count)
                env.invalidate_all()

                def work():
                    for start in range(0, count, BATCH):
                        batch = people[start : start + BATCH]
                        for user, own in batch.grouped("user_id").items():
                            own.with_context(mail_activity_quick_update=True).activity_schedule(
                                "mail.mail_activity_data_call", summary="Call them", user_id=user.id
                            )
                        env.flush_all()

                return self._timed("host task", env, count, work)

        return side


def run(bench):
    bench.start_odoo()
    tiny = bench.options.tiny
    people, mails = (20, 10) if tiny else (20_000, 5_000)
    rounds = bench.options.rounds or (1 if tiny else 3)
    name = bench.database("outreach", data_outreach.Size(people), demo=tiny, recipe=data_outreach)
    sides = Sides(bench, name)
    pairs = [
        ("enroll", people, sides.enroll(people), "loop", sides.enroll_loop(people), "create() in a loop", 30),
        ("mail", mails, sides.step("mail", mails), "host mail", sides.host_mail(mails),
         f"send_mail_batch({BATCH})", 0.9),
        ("task", people, sides.step("task", people), "host task", sides.host_task(people),
         "activity_schedule in batches", 1.5),
    ]  # fmt: skip
    rows = []
    for label, count, ours, peer_label, peer, peer_name, bar in pairs:
        say(f"· {label} …")
        times = in_turn({"ours": ours, "peer": peer}, rounds, warmup=0 if tiny else 1)
        faster = ratio(times["peer"], times["ours"])
        speed = sorted(times["ours"])[len(times["ours"]) // 2]
        peer_speed = sorted(times["peer"])[len(times["peer"]) // 2]
        bench.values[label] = {"ratio": faster, "per second": count / speed}
        rows.append(
            [
                f"{label} ({count:,})",
                f"{count / speed:,.0f}/s",
                f"{sides.queries[label]:.2f}",
                peer_name,
                f"{count / peer_speed:,.0f}/s",
                f"{sides.queries[peer_label]:.2f}",
                spell(faster),
                f"≥ {bar}",
            ]
        )
    bench.table(
        "",
        [
            "step",
            "outreach",
            "queries each",
            "peer",
            "peer's speed",
            "queries each",
            "ratio",
            "bar",
        ],
        rows,
        f"{rounds} rounds in turn; the ratio is how many times as fast as the peer.",
    )
    bench.drop(name)


if __name__ == "__main__":
    common.main("outreach", run)
