from . import test_editor_js
from . import test_editor_tour
from . import test_evidence
from . import test_map
from . import test_map_apply
from . import test_map_file
from . import test_map_template
from . import test_map_version
