"""The customers of the outreach benchmark, a survey that asks one score, and a rule by hand."""

import data_outreach
from data_outreach import Size, vacuum

__all__ = ["Size", "generate", "vacuum"]


def generate(env, size):
    """Fill the database and commit."""
    data_outreach.generate(env, size)
    # whenever the benchmark runs: no quiet hours, and nobody heard from us too often
    env["hc.contact.policy"]._for_company(env.company)
    env.flush_all()
    env.cr.execute(
        "UPDATE hc_contact_policy SET hour_from = 0, hour_to = 24, on_sunday = TRUE, budget_days = 0"
    )
    env.invalidate_all()
    surveys = env["survey.survey"].create(
        [
            {"title": "Benchmark ask", "access_mode": "token"},
            {"title": "Benchmark host", "access_mode": "token"},
        ]
    )
    for survey, metric in zip(surveys, ("nps", False), strict=True):
        env["survey.question"].create(
            {
                "survey_id": survey.id,
                "title": "Would you recommend us?",
                "question_type": "scale",
                "scale_min": 0,
                "scale_max": 10,
                "metric": metric,
            }
        )
    env["hc.ask.rule"].create(
        {"name": "Benchmark", "trigger": "manual", "survey_id": surveys[0].id}
    )
    env.cr.commit()
