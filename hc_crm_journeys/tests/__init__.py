from . import test_passage
from . import test_passage_live
from . import test_passage_life
