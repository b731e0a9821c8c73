from . import question, feedback, sentiment, ask, case, improvement, pulse
from . import question, feedback, ask, case, improvement, answer
from . import question, feedback, ask, letter, case, improvement
