from . import hc_insight_config
from . import hc_insight_run
from . import hc_customer_insight
from . import hc_customer_insight_history
from . import res_partner
from . import insight_demo
