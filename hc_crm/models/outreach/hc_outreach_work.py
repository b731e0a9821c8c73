"""The worker: see ``hc.outreach.delivery``."""
