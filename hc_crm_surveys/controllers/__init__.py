from . import pulse
from . import answer, results, survey
