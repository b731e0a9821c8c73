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
        # question: ready surveys
        "data/question/survey_data.xml",
        # data
        "data/feedback/ir_cron_data.xml",
        "data/feedback/hc_segment_data.xml",
        # menus first: the views below hang their actions on them
        "views/hc_crm_surveys_menus.xml",
        # question: what it measures, and how it looks
        "views/question/survey_question_views.xml",
        "views/question/question_templates.xml",
        # answer: the page behind a mail
        "views/answer/answer_templates.xml",
        # feedback
        "views/feedback/hc_feedback_views.xml",
        "views/feedback/res_partner_views.xml",
        "views/feedback/res_config_settings_views.xml",
    ],
    "demo": [
        "demo/feedback/hc_feedback_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "hc_crm_surveys/static/src/feedback/**/*",
        ],
        "web.assets_frontend": [
            "hc_crm_surveys/static/src/question/scale.scss",
            "hc_crm_surveys/static/src/answer/answer_page.scss",
        ],
        "web.assets_tests": [
            "hc_crm_surveys/static/tests/tours/**/*",
        ],
        "survey.survey_assets": [
            "hc_crm_surveys/static/src/question/scale_form.js",
        ],
    },
}
