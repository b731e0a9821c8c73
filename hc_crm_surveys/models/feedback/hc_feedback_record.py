import json
import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.feedback.metric import band, scale_of

_logger = logging.getLogger(__name__)

# What was said longer ago opens no case and sends no thanks: nobody would understand it any more.
FOLLOW_UP_DAYS = 14
MAX_COMMENT = 20_000  # characters; the answer itself keeps the rest

# key of the values → type of the column
GIVEN = {
    "company_id": "int",
    "partner_id": "int",
    "date": "timestamp",
    "source": "varchar",
    "origin_model": "varchar",
    "origin_id": "int",
    "survey_id": "int",
    "question_id": "int",
    "user_input_id": "int",
    "ask_id": "int",
    "metric": "varchar",
    "is_scored": "boolean",
    "score": "int",
    "scale_min": "int",
    "scale_max": "int",
    "band": "varchar",
    "comment": "text",
    "lang": "varchar",
    "sentiment": "varchar",
    "sentiment_by": "varchar",
    "touchpoint": "varchar",
    "res_model": "varchar",
    "res_id": "int",
    "user_id": "int",
    "product_id": "int",
    "persona_id": "int",
    "is_test": "boolean",
    "is_suspect": "boolean",
}
# What a correction of the origin corrects. The rest stays as it was first noted, or is a colleague's.
FOLLOWED = (
    "survey_id", "question_id", "user_input_id", "metric", "is_scored", "score", "scale_min", "scale_max",
    "band", "comment", "is_test",
)  # fmt: skip
FILLED = ("partner_id", "commercial_partner_id", "ask_id", "touchpoint", "res_model", "res_id")


class HcFeedback(models.Model):
    """Making rows: one way for every origin, set-based, the same result however often it is done."""

    _inherit = "hc.feedback"

    @api.model
    def _hc_record(self, values_list):
        """Make or update rows of feedback, one for each origin, then let everything follow that has to.

        Called by whatever receives feedback: survey answers, ratings, comment cards, conversations.
        Idempotent: the same origin again corrects its row, and nothing follows if nothing changed.

        :param values_list: dicts of fields of ``hc.feedback``, complete each time. ``source`` and ``date``
            should be there, ``emotion_ids`` (ids) may; ``origin_model`` and ``origin_id`` make it idempotent. A scored answer has
            ``metric`` and ``score``, with ``scale_min``, ``scale_max`` where the metric leaves them open and
            ``good_from``, ``bad_to`` for an own scale. Left out, these are worked out here: band, company
            (document's, customer's, else ``company_fallback_id``, else the current), household, persona
            then, colleague (document's, else ``user_fallback_id``, else the customer's), product
        :return: the rows, in the order given
        :raises ValueError: a score that is not on its scale, or a metric that does not exist
        """
        if not values_list:
            return self.browse()
        values_list = [self._hc_complete(values) for values in values_list]
        self._hc_complete_documents(values_list)
        self.env.flush_all()
        rows = self.env.execute_query(self._hc_upsert(values_list))
        self._hc_forget_cached()
        feedback = self.sudo().browse([row_id for row_id, _changed in rows])
        if any("emotion_ids" in values for values in values_list):
            for row, values in zip(feedback, values_list, strict=True):
                row.emotion_ids = values.get("emotion_ids") or row.emotion_ids
        changed = feedback.browse([row_id for row_id, is_changed in rows if is_changed])
        if changed:
            changed._hc_follow_up_safely()
        return feedback.with_env(self.env)

    @api.model
    def _hc_forget_cached(self):
        """SQL wrote behind the back of the cache: forget these rows, and who has them, and nothing else.

        What was read for the answer itself (the customer, the survey) is needed again at once.
        """
        self.invalidate_model(flush=False)
        for field in self._fields.values():
            for inverse in self.pool.field_inverses[field]:
                self.env[inverse.model_name].invalidate_model([inverse.name], flush=False)

    def _hc_complete(self, values):
        """Return the values of one row with what follows from themselves alone."""
        values = dict(values)
        comment = (values.get("comment") or "").replace("\0", "").strip()
        values["comment"] = comment[:MAX_COMMENT] or None
        metric, score = values.get("metric"), values.get("score")
        values["is_scored"] = bool(metric) and score is not None and score is not False
        if values["is_scored"]:
            scale = scale_of(
                metric,
                *(values.get(key) for key in ("scale_min", "scale_max", "good_from", "bad_to")),
            )
            values["band"] = band(scale, score)
            values["scale_min"], values["scale_max"] = scale.low, scale.high
        else:
            for key in ("metric", "score", "scale_min", "scale_max", "band"):
                values[key] = None
        values["date"] = fields.Datetime.to_string(values.get("date") or fields.Datetime.now())
        return values

    def _hc_complete_documents(self, values_list):
        """Fill company, colleague and product from the documents that the rows are about."""
        wanted = {}
        for values in values_list:
            if values.get("res_model") and values.get("res_id"):
                wanted.setdefault(values["res_model"], set()).add(values["res_id"])
        known = {}
        for name, ids in wanted.items():
            if name not in self.env or not self.env[name]._auto or self.env[name]._abstract:
                continue
            model = self.env[name]
            columns = [
                column
                for column in ("company_id", "user_id")
                if column in model._fields and model._fields[column].store
            ]
            self.env.flush_all()
            for row_id, *cells in self.env.execute_query(
                SQL(
                    "SELECT %s FROM %s WHERE id = ANY(%s)",
                    SQL(", ").join(SQL.identifier(column) for column in ("id", *columns)),
                    SQL.identifier(model._table),
                    list(ids),
                )
            ):
                known[name, row_id] = dict(zip(columns, cells, strict=True))
        if orders := wanted.get("sale.order"):
            for order_id, product_id in self._hc_only_products(orders):
                known["sale.order", order_id]["product_id"] = product_id
        for values in values_list:
            for key, value in known.get(
                (values.get("res_model"), values.get("res_id")), {}
            ).items():
                values[key] = values.get(key) or value

    def _hc_only_products(self, order_ids):
        """Return ``[(order id, product id)]`` of the orders on which one product stands."""
        return self.env.execute_query(
            SQL(
                """
                SELECT line.order_id, MIN(line.product_id)
                  FROM sale_order_line AS line
                  JOIN product_product AS product ON product.id = line.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE line.order_id = ANY(%s) AND template.type != 'service'
                 GROUP BY line.order_id
                HAVING COUNT(DISTINCT line.product_id) = 1
                """,
                list(order_ids),
            )
        )

    def _hc_upsert(self, values_list):
        """Return the one statement that writes everything: ``(id, whether what was said is new)``."""
        rows = [
            {"n": n, **{key: values.get(key) or None for key in GIVEN if key != "score"},
             "score": values.get("score"),
             "company_fallback_id": values.get("company_fallback_id") or None,
             "user_fallback_id": values.get("user_fallback_id") or None}
            for n, values in enumerate(values_list)
        ]  # fmt: skip
        # false is a value of the scale's ends and of flags
        for row, values in zip(rows, values_list, strict=True):
            for key in ("scale_min", "is_scored", "is_test", "is_suspect"):
                row[key] = values.get(key) if key == "scale_min" else bool(values.get(key))
        columns = SQL(", ").join(
            SQL("%s %s", SQL.identifier(key), SQL(kind))
            for key, kind in (
                ("n", "int"), *GIVEN.items(), ("company_fallback_id", "int"), ("user_fallback_id", "int"),
            )
        )  # fmt: skip
        inserted = [*GIVEN, "commercial_partner_id", "is_counted"]
        worked_out = {
            "company_id": SQL(
                "COALESCE(v.company_id, partner.company_id, household.company_id, v.company_fallback_id, %s)",
                self.env.company.id,
            ),
            "user_id": SQL(
                "COALESCE(v.user_id, v.user_fallback_id, partner.user_id, household.user_id)"
            ),
            "commercial_partner_id": SQL("partner.commercial_partner_id"),
            "persona_id": SQL("COALESCE(v.persona_id, persona.persona_id)"),
            "sentiment": SQL("COALESCE(v.sentiment, 'unknown')"),
            "is_counted": SQL("NOT v.is_test AND NOT v.is_suspect"),
        }
        select = SQL(", ").join(
            worked_out.get(key) or SQL("v.%s", SQL.identifier(key)) for key in inserted
        )
        updated = {name: SQL("EXCLUDED.%s", SQL.identifier(name)) for name in FOLLOWED}
        for name in FILLED:
            column = SQL.identifier(name)
            updated[name] = SQL("COALESCE(EXCLUDED.%s, f.%s)", column, column)
        for name in ("sentiment", "sentiment_by"):
            # what a colleague said of it where it was logged
            column = SQL.identifier(name)
            updated[name] = SQL(
                "CASE WHEN EXCLUDED.sentiment_by = 'person' THEN EXCLUDED.%s ELSE f.%s END",
                column,
                column,
            )
        # a person's act clears the doubt, whenever it comes; a machine's click never raises it again
        updated["is_suspect"] = SQL("f.is_suspect AND EXCLUDED.is_suspect")
        updated["is_counted"] = SQL(
            "NOT EXCLUDED.is_test AND NOT (f.is_suspect AND EXCLUDED.is_suspect)"
        )
        return SQL(
            """
            WITH given AS (SELECT * FROM jsonb_to_recordset(%(rows)s) AS v(%(columns)s)),
            old AS (
                SELECT f.id, f.origin_model, f.origin_id, f.score, f.is_scored, f.comment, f.is_counted
                  FROM hc_feedback AS f
                  JOIN given AS g ON g.origin_model = f.origin_model AND g.origin_id = f.origin_id
            ),
            saved AS (
                INSERT INTO hc_feedback AS f (%(inserted)s, create_uid, write_uid, create_date, write_date)
                SELECT %(select)s, %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM given AS v
             LEFT JOIN res_partner AS partner ON partner.id = v.partner_id
             LEFT JOIN res_partner AS household ON household.id = partner.commercial_partner_id
             LEFT JOIN LATERAL (
                    SELECT m.persona_id
                      FROM hc_persona_membership AS m
                     WHERE m.partner_id IN (partner.id, household.id)
                  ORDER BY m.partner_id != partner.id, m.date_entered > v.date,
                           ABS(EXTRACT(EPOCH FROM m.date_entered - v.date))
                     LIMIT 1
                  ) AS persona ON v.partner_id IS NOT NULL
                 ORDER BY v.n
                ON CONFLICT (origin_model, origin_id) WHERE origin_id IS NOT NULL
                DO UPDATE SET %(updates)s, write_date = EXCLUDED.write_date
                 WHERE (%(before)s) IS DISTINCT FROM (%(after)s)
                RETURNING f.id, f.origin_model, f.origin_id, f.score, f.is_scored, f.comment, f.is_counted
            ),
            matched AS (
                SELECT COALESCE(saved.id, old.id) AS id, COALESCE(saved.origin_model, old.origin_model) AS m,
                       COALESCE(saved.origin_id, old.origin_id) AS o,
                       saved.id IS NOT NULL AND (
                           old.id IS NULL
                           OR (saved.score, saved.is_scored, saved.comment, saved.is_counted)
                              IS DISTINCT FROM (old.score, old.is_scored, old.comment, old.is_counted)
                       ) AS is_changed
                  FROM saved FULL JOIN old ON old.id = saved.id
            )
            SELECT matched.id, matched.is_changed
              FROM matched LEFT JOIN given AS g ON g.origin_model = matched.m AND g.origin_id = matched.o
          ORDER BY g.n, matched.id
            """,
            rows=json.dumps(rows),
            columns=columns,
            inserted=SQL(", ").join(map(SQL.identifier, inserted)),
            select=select,
            uid=self.env.uid,
            now=self.env.cr.now(),
            updates=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), value) for name, value in updated.items()
            ),
            before=SQL(", ").join(SQL("f.%s", SQL.identifier(name)) for name in updated),
            after=SQL(", ").join(updated.values()),
        )  # fmt: skip

    # ------------------------------------------------------------
    # what follows
    # ------------------------------------------------------------

    def _hc_follow_up_safely(self):
        """Run the follow-ups; whatever goes wrong in them, the customer's answer is not lost."""
        since = fields.Datetime.now() - timedelta(days=FOLLOW_UP_DAYS)
        counted = self.filtered("is_counted")
        recent = counted.filtered(lambda feedback: feedback.date >= since)
        for records, follow in (
            (counted - recent, "_read_texts"),
            (recent, "_follow_up"),
        ):
            if not records:
                continue
            try:
                with self.env.cr.savepoint():
                    getattr(records, follow)()
            except OperationalError:
                raise  # two at once: the request is tried again as a whole
            except Exception:
                self.env.invalidate_all(flush=False)
                _logger.exception("Feedback %s is kept, but what should follow failed", records.ids)

    def _follow_up(self):
        """Do what has to follow when somebody said something: once for rows that are new or changed.

        Runs as superuser, on rows that count and are not old. Extend it, ``super()`` first: the words have
        been read then. It may be called again for a row whose score or comment was corrected.
        """
        self._read_texts()

    def _read_texts(self):
        """Read the comments: language, tone, topics. Here nothing can read; see the topic “sentiment”."""
