from . import hc_contact_event
from . import hc_channel_score
from . import hc_channel_preference
from . import res_partner
from . import base_partner_merge
