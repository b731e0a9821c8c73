from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.sentiment import learned
from ...engine.sentiment.tone import UNKNOWN

RELEARN_DAYS = 7


class HcToneReader(models.Model):
    """What was learned from a company's own scored comments, in one language.

    It tells the tone of comments without a score, wherever the lexicon says nothing: other languages above
    all. It is used only if it was right often enough on comments it had not seen; else the row says why not.
    """

    _name = "hc.tone.reader"
    _description = "Tone Learned from Own Answers"
    _order = "company_id, count desc"
    _rec_name = "lang"

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    lang = fields.Char(string="Language", required=True)
    count = fields.Integer(string="Learned From", help="Comments with a good or a bad score.")
    state = fields.Selection(
        [("used", "In use"), ("few", "Too few comments"), ("unsure", "Not right often enough")],
        required=True,
    )
    right_share = fields.Float(
        string="Right", help="Of comments it had not seen and was sure about, so many it got right."
    )
    decided_share = fields.Float(
        string="Sure", help="Of comments it had not seen, so many it was sure about."
    )
    learned = fields.Json(prefetch=False)
    computed_at = fields.Datetime(string="Learned On")

    _company_lang_unique = models.Constraint(
        "unique(company_id, lang)", "There is one of each language and company."
    )

    @api.model
    def _cron_learn(self):
        """Learn anew from what came in, each company and language for itself."""
        Feedback = self.env["hc.feedback"].sudo()
        groups = Feedback._read_group(
            [
                ("is_counted", "=", True),
                ("band", "in", ("good", "bad")),
                ("lang", "!=", False),
                ("comment", "not in", (False, "")),
            ],
            ["company_id", "lang"],
            ["__count"],
        )
        due = fields.Datetime.subtract(fields.Datetime.now(), days=RELEARN_DAYS)
        known = {
            (reader.company_id, reader.lang): reader for reader in self.sudo().search(Domain.TRUE)
        }
        left = len(groups)
        for company, lang, count in groups:
            left -= 1
            reader = known.get((company, lang))
            if reader and reader.computed_at > due and count < 2 * reader.count:
                continue
            self.sudo()._learn(company, lang)
            if self.env["ir.cron"]._commit_progress(1, remaining=left) <= 0:
                break

    def _learn(self, company, lang):
        """Learn one language of one company, and keep what came of it."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT comment, band = 'good'
                  FROM hc_feedback
                 WHERE company_id = %s AND lang = %s AND is_counted AND band IN ('good', 'bad')
                   AND COALESCE(comment, '') <> ''
                 ORDER BY date DESC, id DESC
                 LIMIT %s
                """,
                company.id,
                lang,
                learned.MAX_COMMENTS,
            )
        )
        reader, why = learned.learn([text for text, _good in rows], [good for _text, good in rows])
        values = {
            "company_id": company.id,
            "lang": lang,
            "count": len(rows),
            "state": why or "used",
            "right_share": reader.right if reader else 0,
            "decided_share": reader.decided if reader else 0,
            "learned": reader.to_json() if reader else False,
            "computed_at": fields.Datetime.now(),
        }
        own = self.search([("company_id", "=", company.id), ("lang", "=", lang)], limit=1)
        if own:
            own.write(values)
        else:
            own = self.create(values)
        return own

    @api.model
    def _tones(self, rows):
        """Return ``{key: tone}`` of comments, as far as something was learned.

        :param rows: ``[(key, company id, language, text)]``
        """
        wanted = {(company_id, lang) for _key, company_id, lang, _text in rows if lang}
        if not wanted:
            return {}
        readers = {
            (reader.company_id.id, reader.lang): learned.Reader(**reader.learned)
            for reader in self.sudo().search(
                [
                    ("company_id", "in", [company_id for company_id, _lang in wanted]),
                    ("lang", "in", [lang for _company_id, lang in wanted]),
                    ("state", "=", "used"),
                ]
            )
        }
        found = {}
        for key, company_id, lang, text in rows:
            reader = readers.get((company_id, lang))
            tone = learned.read(reader, text) if reader else UNKNOWN
            if tone != UNKNOWN:
                found[key] = tone
        return found
