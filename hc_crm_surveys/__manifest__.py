{
    "name": "Human-Centric CRM: Feedback",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Ask at the right moment, trust the figures, and close the loop",
    "author": "Human-Centric CRM contributors",
    "license": "LGPL-3",
    "depends": ["hc_crm", "survey", "rating"],
    "external_dependencies": {"python": ["vaderSentiment", "py3langid", "stop_words"]},
    "data": [
        # security
        "security/feedback/ir.model.access.csv",
        "security/feedback/hc_feedback_security.xml",
        "security/sentiment/ir.model.access.csv",
        "security/sentiment/hc_tone_reader_security.xml",
        "security/ask/ir.model.access.csv",
        "security/ask/hc_ask_security.xml",
        "security/case/ir.model.access.csv",
        "security/case/hc_feedback_case_security.xml",
        "security/improvement/ir.model.access.csv",
        "security/improvement/hc_improvement_security.xml",
        "security/pulse/ir.model.access.csv",
        "security/pulse/hc_pulse_security.xml",
        "security/card/ir.model.access.csv",
        "security/card/hc_card_security.xml",
        # menus first: the views below hang their actions on them
        "views/hc_crm_surveys_menus.xml",
        # question
        "data/question/survey_data.xml",
        "views/question/question_templates.xml",
        "views/question/survey_question_views.xml",
        # answer
        "views/answer/answer_templates.xml",
        # feedback
        "data/feedback/ir_cron_data.xml",
        "data/feedback/hc_segment_data.xml",
        "views/feedback/hc_feedback_views.xml",
        "views/feedback/res_partner_views.xml",
        "views/feedback/res_config_settings_views.xml",
        # sentiment
        "views/sentiment/hc_feedback_topic_views.xml",
        "views/sentiment/hc_tone_reader_views.xml",
        "wizards/hc_feedback_topic_suggestion_views.xml",
        "wizards/hc_feedback_correction_views.xml",
        "views/sentiment/hc_feedback_views.xml",
        "data/sentiment/hc_feedback_topic_data.xml",
        "data/sentiment/ir_cron_data.xml",
        # ask
        # the letter is rendered when it is loaded, and uses this
        "views/ask/ask_templates.xml",
        "data/ask/mail_template_data.xml",
        "data/ask/hc_ask_rule_data.xml",
        "data/ask/ir_cron_data.xml",
        "wizards/hc_ask_invite_views.xml",
        "views/ask/hc_ask_views.xml",
        "views/ask/hc_ask_rule_views.xml",
        "views/ask/hc_outreach_step_views.xml",
        # case
        "data/case/hc_feedback_case_stage_data.xml",
        "data/case/hc_feedback_cause_data.xml",
        "data/case/mail_template_data.xml",
        "data/case/hc_feedback_case_rule_data.xml",
        "data/case/ir_cron_data.xml",
        "views/case/hc_feedback_case_views.xml",
        "views/case/hc_feedback_case_rule_views.xml",
        "views/case/res_partner_views.xml",
        "views/case/hc_feedback_views.xml",
        # improvement
        "data/improvement/mail_template_data.xml",
        "data/improvement/ir_cron_data.xml",
        "views/improvement/hc_improvement_views.xml",
        # pulse
        "data/pulse/hc_pulse_question_data.xml",
        "data/pulse/ir_cron_data.xml",
        "views/pulse/pulse_templates.xml",
        "views/pulse/hc_pulse_views.xml",
        # card
        "reports/card_poster_templates.xml",
        "views/card/card_templates.xml",
        "views/card/hc_card_place_views.xml",
        "views/card/hc_card_views.xml",
        "views/card/res_partner_views.xml",
    ],
    "demo": [
        "demo/feedback/hc_feedback_demo.xml",
        "demo/case/hc_feedback_case_demo.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "assets": {
        "web.assets_backend": [
            "hc_crm_surveys/static/src/pulse/pulse_result.*",
            "hc_crm_surveys/static/src/feedback/**/*",
            "hc_crm_surveys/static/src/case/**/*",
        ],
        "web.assets_frontend": [
            "hc_crm_surveys/static/src/pulse/pulse_start.js",
            "hc_crm_surveys/static/src/pulse/pulse.scss",
            "hc_crm_surveys/static/src/card/**/*",
            "hc_crm_surveys/static/src/question/scale.scss",
            "hc_crm_surveys/static/src/answer/answer_page.scss",
        ],
        "survey.survey_assets": [
            "hc_crm_surveys/static/src/question/scale_form.js",
        ],
        "web.assets_tests": [
            "hc_crm_surveys/static/tests/tours/**/*",
        ],
    },
}
