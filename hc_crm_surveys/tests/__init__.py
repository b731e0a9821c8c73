from . import test_feedback, test_feedback_engine, test_feedback_results
