from . import hc_consent_purpose
from . import hc_consent
from . import hc_contact_policy
from . import hc_contact_pause
from . import hc_contact_attempt
from . import contact_decision
from . import res_partner
from . import partner_timezone
