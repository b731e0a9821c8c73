from . import hc_journey
from . import hc_journey_stage
from . import hc_journey_lane
from . import hc_journey_touchpoint
from . import hc_journey_cell
from . import hc_journey_link
