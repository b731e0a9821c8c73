from . import test_map
from . import test_editor_js
