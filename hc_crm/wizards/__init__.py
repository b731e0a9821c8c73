from . import hc_interaction_log
from . import hc_outreach_double
from . import hc_preference_share
from . import hc_privacy_erase
