from . import hc_feedback_cause, hc_feedback_case_stage, hc_feedback_case_rule, hc_feedback_case
