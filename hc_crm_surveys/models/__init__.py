from . import question, feedback, ask, case, improvement, answer
