from . import hc_journey_rule
from . import hc_journey_passage
