from . import test_map
from . import test_editor_js
from . import test_map_apply
from . import test_map_template
from . import test_editor_tour
