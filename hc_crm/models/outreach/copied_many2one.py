from odoo import fields


class CopiedMany2one(fields.Many2one):
    """A link copied from another row that cannot go away before this one.

    That other row holds the foreign key, and this row goes with it: to check the same link once more for
    each of thousands of rows costs more than to write them. Whoever changes the link there (a merge of
    contacts) changes it here.
    """

    def update_db_foreign_key(self, model, column):
        """The other row has it."""
