from . import hc_journey_move
from . import hc_journey_start
