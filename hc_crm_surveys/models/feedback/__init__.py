from . import res_company, hc_feedback_topic, hc_feedback
from . import hc_feedback_record, hc_feedback_origin
from . import survey_user_input, rating_rating, hc_interaction
from . import feedback_demo
from . import facts, results, results_words, results_details, results_export
