from odoo import api, models
from odoo.exceptions import AccessError, ValidationError


def is_id(vals):
    return type(vals.get("partner_id")) is int and 0 < vals["partner_id"] < 2**31


class HcLinked(models.AbstractModel):
    """What points at a record tells of it: its name stands next to the link.

    So nobody may point at what they may not read. The host checks neither for a many2one.
    """

    _name = "hc.linked"
    _description = "Links Only to What Its Author May Read"

    # Fields whose records have to be readable for whoever sets them.
    _hc_linked_fields = ()

    def _check_company(self, fnames=None):
        """Ask for rights first: the host's message about companies tells names."""
        self._hc_check_linked(fnames)
        return super()._check_company(fnames)

    @api.model_create_multi
    def create(self, vals_list):
        """What is about a customer of one of the user's companies belongs to that company."""
        ids = {vals["partner_id"] for vals in vals_list if "company_id" not in vals and is_id(vals)}
        # sudo: only to choose the company; whether the customer is readable is asked on saving
        partners = self.env["res.partner"].sudo().browse(ids).exists()
        company_of = {
            partner.id: partner.company_id.id
            for partner in partners
            if partner.company_id in self.env.companies - self.env.company
        }
        if company_of:
            vals_list = [
                {"company_id": company_of[vals["partner_id"]], **vals}
                if is_id(vals) and vals["partner_id"] in company_of
                else vals
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        res = super().write(vals)
        if "company_id" in vals and not self.env.su:
            # What went to another company is not the writer's to change any more.
            self.check_access("write")
        return res

    def _hc_check_linked(self, fnames=None):
        """Check all records and fields together: one query for each model they lead to."""
        if fnames is None or "company_id" in fnames:
            fnames = self._fields
        if not self.env.su:
            linked = {}
            for name in self._hc_linked_fields:
                if name in fnames:
                    # sudo: only to learn the ids; who may read them is asked as the user
                    found = self.sudo()[name].with_env(self.env)
                    field = self._fields[name].string
                    linked.setdefault(found._name, []).append((field, found))
            for model, links in linked.items():
                records = self.env[model].union(*(found for _field, found in links))
                hidden = records - records._filtered_access("read")
                for field, found in links:
                    if found & hidden:
                        raise AccessError(
                            self.env._(
                                "%(field)s: what is chosen here is not open to you. "
                                "Choose another, or ask who looks after it.",
                                field=field,
                            )
                        )
        if "res_model" in self._fields and {"res_model", "res_id"} & set(fnames):
            self._hc_check_document()

    def _hc_check_document(self):
        field = self._fields["res_model"].string
        by_model = {}
        for record in self:
            if record.res_model and record.res_id:
                by_model.setdefault(record.res_model, set()).add(record.res_id)
            elif record.res_model and record.res_model not in self.env:
                by_model.setdefault(record.res_model, set())
        for model, ids in by_model.items():
            if model not in self.env or self.env[model]._abstract:
                raise ValidationError(
                    self.env._(
                        "%(field)s: there are no documents “%(model)s”.",
                        field=field,
                        model=model[:60],
                    )
                )
            if self.env.su:
                continue
            documents = self.env[model].browse(ids)
            if len(documents.exists()._filtered_access("read")) < len(documents):
                raise AccessError(
                    self.env._(
                        "%(field)s: the document is not open to you, or is gone.",
                        field=self._fields["res_id"].string,
                    )
                )
