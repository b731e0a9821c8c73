from . import hc_feedback_topic, hc_feedback
from . import hc_feedback_record, hc_feedback_origin
from . import survey_user_input, rating_rating, hc_interaction
