"""Words with the customer's name in them: the text of tasks, notes and text messages.

Only fields can be named, ``{{ object.name ||| a fallback }}``, no code: steps are written by people who may
not write templates, and run as superuser.
"""

import re

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime, plaintext2html

PLACE = re.compile(
    r"\{\{\s*object\.([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\s*(?:\|\|\|(.*?))?\s*\}\}", re.S
)
# What may be said of whom; None: every field that everybody may read.
OPEN_FIELDS = {
    "res.partner": None,
    "res.country": {"name", "code"},
    "res.country.state": {"name", "code"},
    "res.company": {"name", "phone", "email", "website", "city", "street", "zip"},
    "res.users": {"name", "email", "phone"},
    "res.lang": {"name"},
    "res.partner.industry": {"name"},
    "crm.team": {"name"},
}
CLOSED_WORDS = ("token", "password", "signup", "comment")
OPEN_TYPES = {"char", "text", "selection", "date", "datetime", "integer", "float", "many2one"}
MAX_DEPTH = 3
# “Dear ,” and its like: the name is missing.
EMPTY_GREETING = re.compile(
    r"(?:^|>|\n)\s*(?:dear|hello|hi|bonjour|cher|chère|hallo|liebe|lieber|guten tag|hola|querido|querida|"
    r"estimado|estimada|beste)\s*[,!:]",
    re.I,
)
# Marks of a template that did not become words.
LEFT_OVER = ("{{", "}}", "${", "<t t-", "t-out=", "%(")


def unresolved(text):
    """Return the piece of ``text`` that shows a template did not become words, or None.

    >>> unresolved("<p>Dear Rosa,</p>"), unresolved("Dear {{object.name}}"), unresolved("<p>Dear ,</p>")
    (None, '{{', 'Dear ,')
    """
    for mark in LEFT_OVER:
        if mark in (text or ""):
            return mark
    found = EMPTY_GREETING.search((text or "").replace("&nbsp;", " "))
    return found.group(0).lstrip("> \n") if found else None


class HcOutreachStep(models.Model):
    _inherit = "hc.outreach.step"

    @api.model
    def _words_problem(self, text):
        """Return what is wrong with the places for fields in ``text``, in words, or None."""
        for path, _fallback in PLACE.findall(text or ""):
            if not self._words_path(path):
                return self.env._(
                    "“%(path)s” cannot be put into a text. Use for example "
                    "{{ object.name }} or {{ object.city }}.",
                    path=path,
                )
        if "{{" in (rest := PLACE.sub("", text or "")) or "}}" in rest:
            return self.env._(
                "what stands between {{ and }} has to be a field of the customer, "
                "for example {{ object.name }}."
            )
        return None

    @api.model
    def _words_path(self, path):
        """Return the fields along ``path``, or None if it leads to what may not be told."""
        names, model, fields = path.split("."), "res.partner", []
        if len(names) > MAX_DEPTH:
            return None
        for place, name in enumerate(names):
            field = self.env[model]._fields.get(name)
            allowed = OPEN_FIELDS.get(model, ())
            if (
                field is None
                or field.groups
                or field.type not in OPEN_TYPES
                or (allowed is not None and name not in allowed)
                or any(word in name for word in CLOSED_WORDS)
            ):
                return None
            if field.type == "many2one" and field.comodel_name not in OPEN_FIELDS:
                return None
            if place < len(names) - 1:
                if field.type != "many2one":
                    return None
                model = field.comodel_name
            fields.append(field)
        return fields

    @api.model
    def _words(self, text, partners, lang=None, strict=False):
        """Return ``{partner id: text}`` with the fields of each customer filled in.

        :param strict: refuse where a field is empty and nothing is given instead (texts that go out)
        """
        if not text or "{{" not in text:
            return dict.fromkeys(partners.ids, text or "")
        if problem := self._words_problem(text):
            raise UserError(problem)
        # sudo: which fields may be told was decided by whoever wrote the step; see OPEN_FIELDS
        partners = partners.sudo().with_context(lang=lang or self.env.lang)

        def filled(partner):
            def value(match):
                path, fallback = match.group(1), (match.group(2) or "").strip()
                found = self._word_of(partner, path) or fallback
                if strict and not found:
                    raise UserError(
                        self.env._(
                            "%(name)s: “%(path)s” is empty. Fill it in, or write in the step what "
                            "to say instead: {{ object.%(path)s ||| friend }}.",
                            name=partner.display_name,
                            path=path,
                        )
                    )
                return found

            return PLACE.sub(value, text)

        return {partner.id: filled(partner) for partner in partners}

    def _word_of(self, partner, path):
        record = partner
        *above, name = path.split(".")
        for step in above:
            record = record[step]
        field = record._fields[name]
        value = record[name]
        if field.type == "many2one":
            return value.display_name or ""
        if not value and field.type not in ("integer", "float"):
            return ""
        if field.type == "date":
            return format_date(record.env, value)
        if field.type == "datetime":
            return format_datetime(record.env, value)
        if field.type == "selection":
            return dict(field._description_selection(record.env)).get(value, "")
        return str(value)

    @api.model
    def _as_html(self, text):
        return plaintext2html(text) if text else Markup()
