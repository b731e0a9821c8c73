from . import map, passage
