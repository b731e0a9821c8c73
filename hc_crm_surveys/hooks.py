from odoo.tools import SQL


def uninstall_hook(env):
    """Take away what would keep Odoo from deleting our records."""
    # Stages and causes cannot be deleted while cases have them; the cases are about to be dropped.
    cases = env["hc.feedback.case"].with_context(active_test=False).search([])
    env["mail.activity"].with_context(active_test=False).search(
        [("res_model", "=", cases._name)]
    ).unlink()
    env.flush_all()
    env.cr.execute(SQL("DELETE FROM hc_feedback_case"))
    env.invalidate_all()
