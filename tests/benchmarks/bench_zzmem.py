import common, bench_ask, data_ask, gc, os, cProfile, pstats, time
from bench_ask import people_of, resident
import bench_feedback, io
def run(bench):
    bench.start_odoo()
    name = bench.database("zzsave", data_ask.Size(100), demo=True, recipe=data_ask)
    sid = bench_feedback.survey_of(bench, name, True)
    total=[]
    for n in range(40):
        with bench.environment(name) as env:
            survey = env["survey.survey"].browse(sid)
            asked, why = survey.question_ids
            partner = env["res.partner"].search([("ref","=","bench outreach")], limit=1, offset=n)
            survey.mapped("question_ids.title")
            t0=time.perf_counter(); q0=env.cr.sql_log_count
            if n==20: pr=cProfile.Profile()
            answer = survey._create_answer(partner=partner, check_attempts=False)
            answer._mark_in_progress(); answer._save_lines(asked, "9"); answer._save_lines(why, "All well, thank you"); answer._mark_done()
            t1=time.perf_counter(); q1=env.cr.sql_log_count
            if n>20: pr.enable()
            env.cr.flush()
            if n>20: pr.disable()
            t2=time.perf_counter(); q2=env.cr.sql_log_count
            total.append((t1-t0,q1-q0,t2-t1,q2-q1))
            env.cr.rollback()
    total=total[20:]
    print("host part ms", sorted(x[0] for x in total)[10]*1000, total[0][1], "flush ms", sorted(x[2] for x in total)[10]*1000, total[0][3])
    s=io.StringIO(); pstats.Stats(pr,stream=s).sort_stats("cumulative").print_stats(70); print(s.getvalue()[:9000], flush=True)
    count=20000
    name = bench.database("ask", data_ask.Size(count), demo=False, recipe=data_ask)
    with bench.environment(name) as env:
        rule = env["hc.ask.rule"].search([("name", "=", "Benchmark")])
        asks = env["hc.ask"]._hc_ask(rule, people_of(env, count), occurrence="one run")
        env.cr.commit(); env.invalidate_all()
        n=0
        while True:
            done, _left = env["hc.ask"]._work_batch(commit=True)
            if not done: break
            n+=1
            print(n, done, int(resident()), gc.get_count(), len(gc.get_objects()), flush=True)
common.main("zzmem", run)
