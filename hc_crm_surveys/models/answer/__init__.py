from . import hc_ask
