from . import answer, results, survey
