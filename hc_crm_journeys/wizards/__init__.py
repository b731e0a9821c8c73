from . import hc_journey_move
