from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .batch import Batch
from .batch_save import BatchSave

MAX_SESSION = 100


class HcJourneyApply(models.Model):
    """What the editor writes: batches of commands, each all or nothing but for what two people changed at once."""

    _inherit = "hc.journey"

    def hc_apply(self, commands, revision, session=None):
        """Do what the editor says; return ``{"revision", "clashes", "missed"}``.

        :param commands: see ``batch.Batch``
        :param revision: the one the editor knows; ``missed`` says that others changed something since
        :param session: text of the tab, handed on so that it knows its own change
        :raises ValidationError: naming what is wrong in which command; then nothing is stored
        """
        self._hc_one()
        self.check_access("write")
        if type(revision) is not int:
            raise ValidationError(self.env._("Revision: give the number that the map had."))
        if session is not None and not (isinstance(session, str) and len(session) <= MAX_SESSION):
            raise ValidationError(
                self.env._("Session: a text of at most %(max)s characters.", max=MAX_SESSION)
            )
        before = self._hc_lock()
        batch = Batch(self, commands).run()
        if batch.takes_words_since(revision):
            # who deletes has not seen what another wrote meanwhile: it stays in a version
            self._hc_keep_version(
                self.env._("Before %(user)s deleted what had just changed", user=self.env.user.name)
            )
        if BatchSave(batch).save():
            self._hc_tell_change(session)
        return {
            "revision": self.revision,
            "clashes": batch.clashes,
            "missed": revision != before or batch.is_settled,
        }

    def _hc_lock(self):
        """Wait until nobody else changes the map; return its revision.

        Who waited for somebody's change is begun anew by the host, and then sees it.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT revision FROM hc_journey WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        if not rows:
            raise UserError(self.env._("Somebody deleted this map. Go back to the list of maps."))
        return rows[0][0] or 0

    def _hc_next_revision(self):
        """Count one change of what stands on the map; return the number."""
        self.ensure_one()
        self.check_access("write")
        revision = self._hc_lock() + 1
        # no write(): it is no change of the journey's own fields, and thousands of keystrokes are no messages
        self.env.cr.execute(
            SQL(
                """
                UPDATE hc_journey
                   SET revision = %s, write_uid = %s, write_date = NOW() AT TIME ZONE 'UTC'
                 WHERE id = %s
                """,
                revision,
                self.env.uid,
                self.id,
            )
        )
        self.invalidate_recordset(["revision", "write_uid", "write_date"], flush=False)
        return revision

    def _hc_forget_changes(self):
        """Things are deleted for good: who has an older map open loads it again."""
        for journey in self:
            revision = journey._hc_next_revision()
            journey.env.cr.execute(
                SQL(
                    "UPDATE hc_journey SET forgot_revision = %s WHERE id = %s", revision, journey.id
                )
            )
            journey.invalidate_recordset(["forgot_revision"], flush=False)
            journey._hc_tell_change()

    def _hc_tell_change(self, session=None):
        """Tell everybody who has the map open, when this is committed."""
        for journey in self:
            journey._bus_send(
                "hc_crm_journeys.map/changed",
                {
                    "journey": journey.id,
                    "revision": journey.revision,
                    "by": self.env.uid,
                    "session": session,
                },
            )

    @api.model
    def _hc_bus_channel(self, channel):
        """Return the map whose changes the name of a channel asks for, if the current user may read it."""
        prefix, _dot, number = channel.rpartition("_")
        if prefix != self._name or not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        journey = self.browse(int(number)).exists()
        return journey._filtered_access("read")
