from . import test_sentiment
from . import test_feedback, test_feedback_engine
from . import test_pulse
