from . import greeting

# the models first, then what extends them
from . import hc_outreach_plan
from . import hc_outreach_version
from . import hc_outreach_step
from . import hc_outreach_enrollment
from . import hc_outreach_delivery
from . import hc_outreach_entry
from . import hc_outreach_plan_life
from . import hc_outreach_plan_versions
from . import hc_outreach_plan_check
from . import hc_outreach_plan_enroll
from . import hc_outreach_step_tree
from . import hc_outreach_enrollment_ways
from . import hc_outreach_delivery_marks

# who comes in and who leaves
from . import hc_outreach_seen
from . import hc_outreach_entry_plan
from . import entry_date
from . import entry_event
from . import entry_feedback
from . import entry_figure
from . import entry_first_purchase
from . import entry_milestone
from . import entry_record
from . import entry_segment
from . import entry_silence
from . import hc_outreach_exit
from . import hc_outreach_result
from . import mail_thread
from . import hc_outreach_work
from . import hc_outreach_ready
from . import hc_outreach_due
from . import hc_outreach_decide
from . import step_branch
from . import step_mail
from . import mail_mail
from . import hc_outreach_harvest
from . import mail_thread_bounce
from . import hc_outreach_delivery_actions
from . import hc_outreach_enrollment_explain
from . import hc_outreach_health
from . import base_partner_merge
from . import res_partner
from . import mail_activity
from . import res_users
from . import hc_contact_attempt
from . import step_words
from . import hc_outreach_workload
from . import hc_outreach_outcome
from . import step_task
from . import step_draft
from . import step_sms
from . import step_note
from . import step_tag
from . import step_field
from . import step_lead
from . import step_webhook
from . import step_action
from . import outreach_demo

# what the screens ask for
from . import hc_outreach_flow
from . import hc_outreach_kanban
from . import hc_outreach_preview
from . import hc_outreach_simulation
