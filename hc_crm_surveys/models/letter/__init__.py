from . import hc_letter
