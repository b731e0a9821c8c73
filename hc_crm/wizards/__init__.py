from . import hc_interaction_log
