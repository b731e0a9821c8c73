from . import pulse
