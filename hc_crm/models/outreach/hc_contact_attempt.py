from odoo import api, models


class HcContactAttempt(models.Model):
    _inherit = "hc.contact.attempt"

    @api.model
    def _reason_texts(self):
        return super()._reason_texts() | {
            "workload": self._said(lambda env, name: env._("%s has as much to do as fits.", name)),
            "away": self._said(lambda env, name: env._("%s is away.", name)),
            "draft_dropped": lambda env, args: env._("A colleague left the message out."),
            "draft_done": lambda env, args: env._("A colleague did it another way."),
            "draft_expired": lambda env, args: env._(
                "Nobody found the time to make the message personal."
            ),
            "record_gone": lambda env, args: env._("What it was about was deleted."),
            "too_late": lambda env, args: env._("It would have come too late."),
            "left": lambda env, args: env._("The plan had ended for them."),
            "not_sent": lambda env, args: env._("The mail could not be sent."),
            "doubt": lambda env, args: env._(
                "The server stopped just then: it may have arrived, or not."
            ),
        }

    @api.model
    def _said(self, sentence):
        """A sentence with the name of a colleague, if the reader may see it."""

        def words(env, args):
            user = env["res.users"].browse(args.get("user_id") or []).exists()
            name = user._filtered_access("read").name or env._("The colleague")
            return sentence(env, name)

        return words
