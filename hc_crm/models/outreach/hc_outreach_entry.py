from odoo import api, models


class HcOutreachEntry(models.AbstractModel):
    """How people come into plans.

    How to add a way: a method ``_entries()`` override adds ``{key: label}``; ``_entry_<key>(plan, since)``
    returns a SELECT (``SQL``) of candidates with the columns of ``COLUMNS``; ``_entry_text_<key>(plan)`` says
    it in words. Who of the candidates is enrolled (conditions, re-entry, pilot, hold-out) is decided in one
    ``INSERT … SELECT … ON CONFLICT DO NOTHING``.

    ``partner_id``; ``occurrence`` varchar; ``res_model``; ``res_id``; ``date_occurred`` naive UTC.
    """

    _name = "hc.outreach.entry"
    _description = "Ways into Outreach Plans"

    @api.model
    def _entries(self):
        return {"manual": self.env._("By hand or by another system")}

    @api.model
    def _entry_selection(self):
        return list(self._entries().items())

    @api.model
    def _entry_text(self, plan):
        return self._entries().get(plan.entry_type, "")
