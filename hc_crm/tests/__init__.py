from . import test_persona_rules
from . import test_persona_research
from . import test_persona_security
