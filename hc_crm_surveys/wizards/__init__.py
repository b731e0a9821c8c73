from . import hc_feedback_topic_suggestion
from . import hc_ask_invite, survey_invite
