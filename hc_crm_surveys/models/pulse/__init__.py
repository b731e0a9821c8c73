from . import hc_pulse_question, hc_pulse_invitation, hc_pulse_answer, hc_pulse, pulse_demo
