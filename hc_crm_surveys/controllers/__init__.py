from . import answer, pulse, results, survey
