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
        # menus first: the views below hang their actions on them
        "views/hc_crm_surveys_menus.xml",
    ],
    "demo": [],
}
