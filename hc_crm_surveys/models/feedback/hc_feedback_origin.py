import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

PENDING = "hc_crm_surveys.feedback"
BATCH = 2000  # answers made into rows between two commits


class HcFeedback(models.Model):
    """Following origins: what is answered, rated or logged becomes a row, what is corrected corrects it.

    How it works: the models of the origins call ``_hc_later`` when something of theirs changes. Once per
    transaction, just before it ends, everything noted is read by one query per kind of origin and recorded.
    So a page with five questions costs as much as one with one question, and the comment comes with its
    score. A scheduled action looks for what nobody noted: answers older than this addon, and imports.
    """

    _inherit = "hc.feedback"

    @api.model
    def _hc_origins(self):
        """Return ``{model that is noted: method}``; add yours.

        ``method(ids)`` returns ``(values for _hc_record, domain of the rows that these can have)``: rows in
        the domain that are not among the values are deleted, as their origin says nothing any more.
        """
        return {}

    @api.model
    def _hc_later(self, model, ids):
        """Note that ``ids`` of ``model``, a key of ``_hc_origins``, may have become feedback, or other."""
        pending = self.env.cr.precommit.data.setdefault(PENDING, {})
        if not pending:
            # superuser, and as nobody in particular: who answers is not noted as who made the row
            self.env.cr.precommit.add(self.with_user(SUPERUSER_ID)._hc_make_pending)
        pending.setdefault(model, set()).update(ids)

    @api.model
    def _hc_make_pending(self):
        """Make rows of what was noted in this transaction. Tests call it; else the cursor does."""
        pending = self.env.cr.precommit.data.pop(PENDING, {})
        for model, ids in pending.items():
            try:
                with self.env.cr.savepoint():
                    self.with_user(SUPERUSER_ID)._hc_make(model, sorted(ids))
            except OperationalError:
                raise  # two at once: the request is tried again as a whole
            except Exception:
                # The answer is worth more than our row of it, which the scheduled action will make.
                self.env.invalidate_all(flush=False)
                _logger.exception("No feedback could be made of %s %s", model, sorted(ids))

    @api.model
    def _hc_make(self, model, ids):
        """Make, correct or delete the rows of these origins, now.

        :return: the rows
        """
        self.env.flush_all()
        values_list, domain = getattr(self, self._hc_origins()[model])(ids)
        kept = {(values["origin_model"], values["origin_id"]) for values in values_list}
        rows = self.sudo().search_fetch(domain, ["origin_model", "origin_id"])
        rows.filtered(lambda row: (row.origin_model, row.origin_id) not in kept).unlink()
        return self._hc_record(values_list)

    # ------------------------------------------------------------
    # catching up
    # ------------------------------------------------------------

    @api.model
    def _hc_missing(self, model, after, limit):
        """Return ids of origins above ``after`` that should have a row and have none. Extend per model."""
        return []

    @api.model
    def _cron_catch_up(self):
        """Make rows of what was answered before this addon, by imports, or while something failed."""
        progress = self.env["ir.cron"]
        for model in self._hc_origins():
            after = 0
            while ids := self._hc_missing(model, after, BATCH):
                after = ids[-1]
                try:
                    with self.env.cr.savepoint():
                        self._hc_make(model, ids)
                except OperationalError:
                    raise
                except Exception:
                    self.env.invalidate_all(flush=False)
                    self._hc_make_one_by_one(model, ids)
                if not progress._commit_progress(len(ids), remaining=1):
                    return
        progress._commit_progress(remaining=0)

    def _hc_make_one_by_one(self, model, ids):
        """One that cannot be read must not keep the others waiting."""
        for origin_id in ids:
            try:
                with self.env.cr.savepoint():
                    self._hc_make(model, [origin_id])
            except OperationalError:
                raise
            except Exception:
                self.env.invalidate_all(flush=False)
                _logger.exception("No feedback could be made of %s %s", model, origin_id)

    @api.model
    def _hc_missing_query(self, table, alias, origin_model, after, limit, where, row_origin=None):
        """SQL of the ids in ``table`` that satisfy ``where`` and have no row."""
        return SQL(
            """
            SELECT %(alias)s.id FROM %(table)s AS %(alias)s
             WHERE %(alias)s.id > %(after)s AND %(where)s AND NOT EXISTS (
                   SELECT FROM hc_feedback AS f
                    WHERE f.origin_model = %(origin_model)s AND f.origin_id = %(alias)s.id)
          ORDER BY %(alias)s.id LIMIT %(limit)s
            """,
            alias=SQL.identifier(alias),
            table=SQL.identifier(table),
            after=after,
            where=where,
            origin_model=origin_model,
            limit=limit,
        )

    @api.model
    def _hc_of(self, model, ids):
        """Return the domain of rows made straight from records of ``model``."""
        return Domain("origin_model", "=", model) & Domain("origin_id", "in", ids)
