from . import (
    test_answer,
    test_feedback,
    test_feedback_engine,
    test_question,
    test_question_translations,
)
