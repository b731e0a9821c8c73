from . import test_feedback
from . import test_case
from . import test_case_care
from . import test_improvement
