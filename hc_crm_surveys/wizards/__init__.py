from . import hc_ask_invite, survey_invite
