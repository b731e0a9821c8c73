from . import hc_journey_start
