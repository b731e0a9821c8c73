import json

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.tools import file_open

FOLDER = "data/template"
TEMPLATES = (
    "online_retail", "online_clothing", "bakery", "coffee_shop", "restaurant", "bookstore", "accounting",
    "saas_onboarding", "b2b_service",
)  # fmt: skip


class HcJourneyTemplate(models.Model):
    """Maps to begin with: files in ``data/template``, in the order of ``_hc_template_files``."""

    _inherit = "hc.journey"

    @api.model
    def _hc_template_files(self):
        """Return ``{key: path of a document}``; an addon with templates of its own adds them."""
        return {key: f"hc_crm_journeys/{FOLDER}/{key}.json" for key in TEMPLATES}

    @api.model
    @tools.ormcache()
    def _hc_template_documents(self):
        documents = {}
        for key, path in self._hc_template_files().items():
            with file_open(path) as file:
                documents[key] = json.load(file)
        return documents

    @api.model
    def hc_templates(self):
        """Return what there is to begin with: ``[{"key", "name", "description", "kind", "stages", "cards"}]``."""
        self.check_access("read")
        found = []
        for key, document in self._hc_template_documents().items():
            commands = self._hc_document_commands(document)
            count = {
                what: sum(command["what"] == what for command in commands)
                for what in ("stage", "cell")
            }
            found.append(
                {
                    "key": key,
                    "name": document["name"],
                    "description": document["description"],
                    "kind": document["kind"],
                    "stages": count["stage"],
                    "cards": count["cell"],
                }
            )
        return found

    @api.model
    def hc_new_from_template(self, key):
        """Make a map of a template, the user's own; return its id."""
        self.check_access("create")
        documents = self._hc_template_documents()
        if not isinstance(key, str) or key not in documents:
            raise UserError(self.env._("This template does not exist. Choose one from the list."))
        # a copy: the one of the cache serves everybody
        return self._hc_new_from(json.loads(json.dumps(documents[key]))).id
