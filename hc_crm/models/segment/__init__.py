from . import hc_customer_insight
from . import hc_segment
from . import hc_segment_membership
from . import hc_segment_lines
from . import hc_segment_refresh
from . import hc_segment_preview
from . import res_partner
from . import base_partner_merge
