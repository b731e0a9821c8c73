from . import (
    test_answer,
    test_feedback,
    test_feedback_engine,
    test_feedback_partner,
    test_feedback_results,
    test_question,
)
