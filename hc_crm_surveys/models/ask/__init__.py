from . import hc_ask_rule, hc_ask
