from . import test_map
from . import test_map_apply
from . import test_map_template
from . import test_map_file
from . import test_passage
from . import test_passage_live
from . import test_passage_life
