from . import test_passage
