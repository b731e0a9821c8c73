from odoo import fields, models


class HcOutreachSeen(models.Model):
    """What a plan has seen already, for ways to enter that ask whether something *became* true.

    Records that fitted when the plan started, or whose turn it was, do not count again; customers whose
    figure is beyond the limit do not count again until it has recovered. Written in set-based SQL by the
    entry's own code and nobody else.
    """

    _name = "hc.outreach.seen"
    _description = "Seen by an Outreach Plan"
    _rec_name = "res_id"
    _log_access = False

    plan_id = fields.Many2one("hc.outreach.plan", required=True, ondelete="cascade", readonly=True)
    # of the model that the plan's entry is about
    res_id = fields.Integer(string="Record", required=True, readonly=True, aggregator=None)

    _once = models.UniqueIndex("(plan_id, res_id)")
