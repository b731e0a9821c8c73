from . import hc_channel
from . import hc_emotion
from . import hc_promise
from . import hc_interaction
from . import mail_activity
from . import res_partner
