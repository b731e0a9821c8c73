from . import test_question, test_answer
