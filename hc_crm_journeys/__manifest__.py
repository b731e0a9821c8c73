{
    "name": "Human-Centric CRM: Journeys",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Journey maps and service blueprints, fed by what really happens",
    "author": "Human-Centric CRM contributors",
    "license": "LGPL-3",
    "depends": ["hc_crm_surveys"],
    "data": [
        # security
        "security/map/ir.model.access.csv",
        "security/map/hc_journey_security.xml",
        "security/passage/ir.model.access.csv",
        "security/passage/hc_journey_passage_security.xml",
        # menus first: the views below hang their actions on them
        "views/hc_crm_journeys_menus.xml",
        # map
        "views/map/hc_journey_views.xml",
        # passage
        "data/passage/ir_cron_data.xml",
        "views/passage/hc_journey_passage_views.xml",
        "views/passage/hc_journey_rule_views.xml",
        "wizards/hc_journey_move_views.xml",
        "views/passage/res_partner_views.xml",
        "views/passage/outreach_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [],
        "web.assets_tests": [],
    },
}
