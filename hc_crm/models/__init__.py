from . import timeline, persona, fact, brief
