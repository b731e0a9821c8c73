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
        # menus first: the views below hang their actions on them
        "views/hc_crm_surveys_menus.xml",
        # ask
        "data/ask/mail_template_data.xml",
        "data/ask/ir_cron_data.xml",
        "data/ask/hc_ask_rule_data.xml",
        "wizards/hc_ask_invite_views.xml",
        "views/ask/ask_templates.xml",
        "views/ask/hc_ask_views.xml",
        "views/ask/hc_ask_rule_views.xml",
        "views/ask/hc_outreach_step_views.xml",
        # question: what it measures, and how it looks
        "views/question/survey_question_views.xml",
        "views/question/question_templates.xml",
        # answer: the page behind a mail
        "views/answer/answer_templates.xml",
    ],
    "demo": [],
    "assets": {
        "web.assets_frontend": [
            "hc_crm_surveys/static/src/question/scale.scss",
            "hc_crm_surveys/static/src/answer/answer_page.scss",
        ],
        "survey.survey_assets": [
            "hc_crm_surveys/static/src/question/scale_form.js",
        ],
    },
}
