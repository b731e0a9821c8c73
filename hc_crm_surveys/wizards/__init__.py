from . import hc_improvement_inform, hc_improvement_link
