from . import answer, card, pulse, results, survey
