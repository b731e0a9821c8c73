from . import question, feedback, ask, letter, case, improvement
