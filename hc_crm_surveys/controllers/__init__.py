from . import answer, survey
