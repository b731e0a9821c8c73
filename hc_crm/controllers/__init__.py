from . import outreach
from . import preferences
