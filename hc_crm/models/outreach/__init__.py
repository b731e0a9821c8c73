# the models first, then what extends them
from . import hc_outreach_plan
from . import hc_outreach_version
from . import hc_outreach_step
from . import hc_outreach_enrollment
from . import hc_outreach_delivery
from . import hc_outreach_entry
from . import hc_outreach_plan_life
from . import hc_outreach_plan_check
from . import hc_outreach_plan_enroll
from . import hc_outreach_step_tree
from . import hc_outreach_enrollment_ways
from . import hc_outreach_delivery_marks
from . import hc_outreach_work
from . import hc_outreach_decide
from . import step_branch
from . import step_mail
from . import step_task
