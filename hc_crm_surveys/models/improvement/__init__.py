from . import (
    hc_improvement,
    improvement_inform,
    improvement_measure,
    hc_improvement_notice,
    hc_feedback,
    res_partner,
    base_partner_merge,
)
