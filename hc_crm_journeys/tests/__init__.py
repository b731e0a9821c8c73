from . import test_map
