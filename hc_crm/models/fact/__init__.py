from . import hc_fact
from . import hc_partner_email
from . import res_partner
from . import res_config_settings
from . import base_partner_merge
