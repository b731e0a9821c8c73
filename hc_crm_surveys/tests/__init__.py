from . import test_feedback
from . import test_sentiment
from . import test_feedback, test_feedback_engine
