from . import hc_journey_rule
from . import hc_journey_rule_events
from . import hc_journey_sign
from . import hc_journey_passage
from . import hc_journey_refresh
from . import hc_journey_stage
from . import hc_journey_live
