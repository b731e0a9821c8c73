from . import hc_feedback_topic_words, hc_feedback_topic, hc_tone_reader, hc_feedback
