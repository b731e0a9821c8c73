{
    "name": "Human-Centric CRM: Feedback",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Ask at the right moment, trust the figures, and close the loop",
    "author": "Human-Centric CRM contributors",
    "license": "LGPL-3",
    "depends": ["hc_crm", "survey", "rating"],
    "data": [
        # security
        "security/feedback/ir.model.access.csv",
        "security/feedback/hc_feedback_security.xml",
        "security/ask/ir.model.access.csv",
        "security/ask/hc_ask_security.xml",
        "security/case/ir.model.access.csv",
        "security/case/hc_feedback_case_security.xml",
        "security/improvement/ir.model.access.csv",
        "security/improvement/hc_improvement_security.xml",
        # data
        "data/feedback/ir_cron_data.xml",
        "data/case/hc_feedback_case_stage_data.xml",
        "data/case/hc_feedback_cause_data.xml",
        "data/case/mail_template_data.xml",
        "data/case/hc_feedback_case_rule_data.xml",
        "data/case/ir_cron_data.xml",
        "data/improvement/mail_template_data.xml",
        "data/improvement/ir_cron_data.xml",
        # menus first: the views below hang their actions on them
        "views/hc_crm_surveys_menus.xml",
        "views/case/hc_feedback_case_views.xml",
        "views/case/hc_feedback_case_rule_views.xml",
        "views/case/res_partner_views.xml",
        "views/improvement/hc_improvement_views.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_backend": [
            "hc_crm_surveys/static/src/case/**/*",
        ],
        "web.assets_tests": [
            "hc_crm_surveys/static/tests/tours/**/*",
        ],
    },
}
