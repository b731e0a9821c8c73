from . import hc_journey_evidence
from . import hc_journey
from . import res_partner
