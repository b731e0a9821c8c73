from . import survey_question, survey_question_answer_check, survey_survey, survey_user_input
