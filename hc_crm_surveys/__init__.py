from . import controllers, models, wizards
from . import controllers, models
from . import models, wizards
