from . import (
    test_answer,
    test_answer_parallel,
    test_answer_tour,
    test_ask,
    test_ask_life,
    test_ask_rule,
    test_feedback,
    test_feedback_engine,
    test_public_hardening,
    test_question,
    test_question_translations,
)
