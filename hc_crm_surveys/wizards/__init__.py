from . import (
    hc_ask_invite,
    hc_feedback_correction,
    hc_feedback_topic_suggestion,
    hc_improvement_inform,
    hc_improvement_link,
    survey_invite,
)
