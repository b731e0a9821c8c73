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
        "security/evidence/ir.model.access.csv",
        "security/evidence/hc_journey_evidence_security.xml",
        "security/passage/ir.model.access.csv",
        "security/passage/hc_journey_passage_security.xml",
        # menus first: the views below hang their actions on them
        "views/hc_crm_journeys_menus.xml",
        # map
        "wizards/hc_journey_start_views.xml",
        "views/map/hc_journey_views.xml",
        "views/map/hc_journey_version_views.xml",
        # passage
        "data/passage/ir_cron_data.xml",
        "views/passage/hc_journey_passage_views.xml",
        "views/passage/hc_journey_rule_views.xml",
        "wizards/hc_journey_move_views.xml",
        "views/passage/res_partner_views.xml",
        "views/passage/outreach_views.xml",
    ],
    "demo": [
        "demo/map/hc_journey_demo.xml",
    ],
    "assets": {
        # the editor is a bundle of its own: only who opens a map loads it
        "web.assets_backend": [
            "hc_crm_journeys/static/src/**/*",
            ("remove", "hc_crm_journeys/static/src/editor/**/*"),
        ],
        "hc_crm_journeys.assets_editor": [
            "hc_crm_journeys/static/src/editor/**/*",
        ],
        "web.assets_tests": [
            "hc_crm_journeys/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests_setup": [
            "hc_crm_journeys/static/src/editor/**/*",
        ],
        "web.assets_unit_tests": [
            "hc_crm_journeys/static/tests/*.js",
        ],
    },
}
