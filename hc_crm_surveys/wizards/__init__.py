from . import hc_feedback_topic_suggestion
from . import hc_ask_invite, survey_invite
from . import hc_improvement_inform, hc_improvement_link
