"""Which language a text is in.

How to use it: :func:`language_of`. Short texts ("ok", "Super!") say little; then the language the person was
asked in decides, and without that the answer is ``None``.

How it works: naive Bayes on byte n-grams (Lui & Baldwin 2012, "langid.py"), by the library ``py3langid``,
limited to the languages customers of a small shop are likely to write.
"""

from functools import cache

LANGUAGES = (
    "en", "fr", "de", "es", "nl", "it", "pt", "pl", "cs", "sk", "hu", "ro", "bg", "el", "sv", "da", "no",
    "fi", "et", "lv", "lt", "sl", "hr", "uk", "ru", "tr", "ar", "he", "fa", "hi", "zh", "ja", "ko", "vi",
)  # fmt: skip
# Below this probability the text alone does not say.
SURE = 0.6
# Then the language someone was asked in is taken, if it is not far less likely than the likeliest.
NEARLY = 0.25
MAX_LENGTH = 2000  # characters: more of the same text does not change the answer


@cache
def _identifier():
    from py3langid.langid import (
        MODEL_FILE,
        LanguageIdentifier,
    )  # a second and 60 MB: only when needed

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


def language_of(text, expected=None):
    """Return the ISO 639-1 code of the language of a text, or None.

    :param expected: code of the language the person was asked in, or speaks with us

    >>> language_of("The parcel came two days late and nobody answered")
    'en'
    >>> language_of("Le colis est arrivé en retard"), language_of("Der Stoff ist leider kratzig")
    ('fr', 'de')
    >>> language_of("ok") is None, language_of("Top!", "de"), language_of("10/10") is None
    (True, 'de', True)
    >>> language_of("Der Stoff ist leider kratzig und viel zu teuer", "en")
    'de'
    """
    text = (text or "").strip()[:MAX_LENGTH]
    if not any(character.isalpha() for character in text):
        return None
    ranked = _identifier().rank(text)
    likeliest, chance = ranked[0]
    if chance >= SURE:
        return likeliest
    return expected if dict(ranked).get(expected, 0) >= NEARLY * chance else None
