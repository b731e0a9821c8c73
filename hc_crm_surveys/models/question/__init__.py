from . import survey_question
