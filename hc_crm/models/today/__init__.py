from . import hc_fact
from . import hc_today
from . import today_openers
from . import today_tasks
from . import today_promises
from . import today_milestones
