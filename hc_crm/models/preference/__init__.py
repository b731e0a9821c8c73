from . import hc_contact_event
