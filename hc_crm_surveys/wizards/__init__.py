from . import hc_feedback_topic_suggestion
