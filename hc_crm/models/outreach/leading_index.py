from odoo import models
from odoo.tools.sql import drop_index, index_definition, make_index_name


class LeadingIndex(models.Index):
    """An index over several columns that is the index of its first column as well.

    The inverse of a One2many has to be a field with an index (``index=True``), and the host makes one for
    it alone, unless there is one of that name. This one has that name: an index less to be kept up with
    each of thousands of rows.
    """

    def __init__(self, column, *others):
        super().__init__(f"({', '.join((column, *others))})")
        self._column = column

    def full_name(self, model):
        return make_index_name(model._table, self._column)

    def apply_to_database(self, model):
        name = self.full_name(model)
        definition, comment = index_definition(model.env.cr, name)
        if definition and not comment:
            # made by the host, for the column alone
            drop_index(model.env.cr, name, model._table)
        return super().apply_to_database(model)


class LeadingUniqueIndex(LeadingIndex, models.UniqueIndex):
    """The same, and no two rows are alike in these columns."""

    def __init__(self, column, *others, message=""):
        super().__init__(column, *others)
        if message:
            self.message = message
