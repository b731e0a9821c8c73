from odoo.tests import TransactionCase, new_test_user

from odoo.addons.mail.tests.common import mail_new_test_user


class HcCommon(TransactionCase):
    """One small world for all tests: a shop, its people, and two customers.

    Users: ``salesman`` (own documents only), ``seller_all`` (all documents), ``manager`` (Customer Care
    administrator, no more sales rights than an own-documents salesperson), ``stranger`` (salesperson of
    another company), ``portal``, ``public``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})

        def user(login, groups, **kwargs):
            return mail_new_test_user(cls.env, login=login, groups=groups, **kwargs)

        cls.salesman = user("hc_salesman", "sales_team.group_sale_salesman", name="Sam Salesman")
        cls.seller_all = user(
            "hc_seller_all", "sales_team.group_sale_salesman_all_leads", name="Ada Alldocs"
        )
        cls.manager = user(
            "hc_manager",
            "sales_team.group_sale_salesman,hc_crm.hc_crm_group_manager",
            name="Mara Manager",
        )
        cls.stranger = user(
            "hc_stranger",
            "sales_team.group_sale_salesman_all_leads",
            name="Otto Othercompany",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )
        cls.portal = new_test_user(cls.env, login="hc_portal", groups="base.group_portal")
        cls.public = cls.env.ref("base.public_user")

        cls.company_customer, cls.person = cls.env["res.partner"].create(
            [
                {
                    "name": "Linden Boutique Ltd",
                    "is_company": True,
                    "email": "office@linden.example",
                },
                {"name": "Rosa Testblum", "email": "rosa@blum.example", "phone": "+32 2 555 01 01"},
            ]
        )
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Brandon Linden",
                "parent_id": cls.company_customer.id,
                "email": "brandon@linden.example",
            }
        )
