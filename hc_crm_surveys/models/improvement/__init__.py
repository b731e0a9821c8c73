from . import hc_improvement
