from . import hc_feedback_topic, hc_feedback
