from . import map, evidence, passage
