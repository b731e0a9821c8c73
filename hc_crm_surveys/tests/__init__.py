from . import test_sentiment
from . import test_feedback, test_feedback_engine
from . import test_pulse
from . import (
    test_answer,
    test_ask,
    test_ask_life,
    test_ask_rule,
    test_feedback,
    test_feedback_engine,
    test_feedback_results,
    test_question,
)
from . import test_feedback
from . import test_case
from . import test_case_care
from . import test_improvement
