from . import question, feedback, sentiment, ask, letter, case, improvement, answer, pulse, card
