from . import question, feedback, sentiment, ask, case, improvement, pulse
