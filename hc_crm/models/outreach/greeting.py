import re

from odoo import api, fields, models

# Written before a name, in the languages our texts come in; nobody is greeted “Hello Dr.”.
TITLES = re.compile(
    r"^(?:(?:dr|prof|mr|mrs|ms|miss|mx|sir|madam|m|mme|mlle|monsieur|madame|herr|frau|fr|hr|"
    r"sr|sra|srta|don|doña|señor|señora|ing|dipl|mag|rev)\b\.?[\s-]*)+",
    re.IGNORECASE,
)


def greeting_name(name, is_company):
    """Return what to call somebody in a greeting: a company by its name, a person by the first one.

    Somebody of whom only a title and a family name are known is greeted with both.

    >>> greeting_name("Rosa Blum", False)
    'Rosa'
    >>> greeting_name("Dr. Elena Reyes", False)
    'Elena'
    >>> greeting_name("Mrs. Osei", False)
    'Mrs. Osei'
    >>> greeting_name("Blum, Rosa", False)
    'Rosa'
    >>> greeting_name("Hotel Aurora", True)
    'Hotel Aurora'
    """
    name = " ".join((name or "").split())
    if is_company or not name:
        return name
    if name.count(",") == 1:
        family, _comma, first = name.partition(",")
        name = f"{first.strip()} {family.strip()}".strip()
    bare = TITLES.sub("", name).strip()
    if bare != name and " " not in bare:
        return name
    return bare.split()[0] if bare else name


class ResPartner(models.Model):
    _inherit = "res.partner"

    hc_greeting_name = fields.Char(
        string="How to Call Them",
        compute="_compute_hc_greeting_name",
        help="For templates: “Thank you, Rosa”, “Thank you, Hotel Aurora”.",
    )
    hc_greeting_words = fields.Char(
        string="Name behind a Greeting",
        compute="_compute_hc_greeting_words",
        help="For templates, right behind the word: “Hello Rosa”. For a company the name of its contact, if "
        "it has only one, else nothing: “Hello,”.",
    )

    @api.depends("name", "is_company", "parent_id.name", "parent_id.is_company")
    def _compute_hc_greeting_name(self):
        for partner in self:
            # an address without a name is greeted as the company it belongs to
            named = partner if partner.name else partner.parent_id
            partner.hc_greeting_name = greeting_name(named.name, named.is_company)

    @api.depends(
        "name", "is_company", "parent_id.name", "parent_id.is_company", "child_ids.name", "child_ids.type",
        "child_ids.is_company",
    )  # fmt: skip
    def _compute_hc_greeting_words(self):
        """A company is nobody to say hello to; with one contact we know whom we mean."""
        for partner in self:
            named = partner if partner.name else partner.parent_id
            if named.is_company:
                people = named.child_ids.filtered(
                    lambda one: one.type == "contact" and not one.is_company and one.name
                )
                named = people if len(people) == 1 else named.browse()
            name = greeting_name(named.name, False)
            partner.hc_greeting_words = f" {name}" if name else ""
