from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac

WINDOW = timedelta(minutes=10)
KEEP = timedelta(hours=1)
# Within the window. Nobody types a wrong link thirty times; mail programs of one provider share few
# addresses, so pages that exist are counted by person, and by address only far above what people do.
# "at": answers on an open page (poster, link), "at_kiosk": on a tablet that a queue of people shares.
LIMITS = {"wrong": 30, "address": 600, "person": 60, "copy": 6, "at": 20, "at_kiosk": 120}


class HcContactHit(models.Model):
    """Requests to public pages, counted where all workers see it, kept for an hour.

    Addresses are kept as keyed hashes alone. Lines are only ever added: counters that everybody updates
    would make simultaneous requests wait for each other.
    """

    _name = "hc.contact.hit"
    _description = "Request to a Public Page"
    _log_access = False

    key = fields.Char(required=True)
    date = fields.Datetime(required=True)

    _key_idx = models.Index("(key, date)")
    _date_idx = models.Index("(date)")

    @api.model
    def _key(self, kind, value):
        return f"{kind}:{hmac(self.env, 'hc_crm-contact-hit', (kind, value))[:32]}"

    @api.model
    def _is_too_much(self, *subjects):
        """Tell whether one of the subjects, pairs of kind and value, used up what it may."""
        since = fields.Datetime.now() - WINDOW
        self.flush_model()
        for kind, value in subjects:
            [[count]] = self.env.execute_query(
                SQL(
                    "SELECT count(*) FROM (SELECT FROM hc_contact_hit WHERE key = %s AND date > %s LIMIT %s) h",
                    self._key(kind, value),
                    since,
                    LIMITS[kind],
                )
            )
            if count >= LIMITS[kind]:
                return True
        return False

    @api.model
    def _count(self, *subjects):
        now = fields.Datetime.now()
        self.create([{"key": self._key(kind, value), "date": now} for kind, value in subjects])

    @api.autovacuum
    def _gc_hits(self):
        self.env.cr.execute(
            SQL("DELETE FROM hc_contact_hit WHERE date < %s", fields.Datetime.now() - KEEP)
        )
