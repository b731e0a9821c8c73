from . import controllers, models, wizards
from . import controllers, models
