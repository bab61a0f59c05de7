"""The language of a text, so that scores of what is not English are not taken at their word."""

from functools import cache

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

ENGLISH = "en"
"""The one language that checkpoints are trained on."""
_NO_LANGUAGE = "zxx"
_PIDGIN = "pcm"
_TWINS = ({"bs", "hr", "sr"}, {"id", "ms"}, {"nn", "no"})
"""Hardly told from each other, surely from English: their probabilities are taken together."""
_STRETCHES = 4
_CHARACTERS_PER_STRETCH = 100
_FEWEST_BYTES = 40
_LEAST_PROBABILITY = 0.9


def language_of(text: str) -> str | None:
    """Tell the language that a text as a whole is written in.

    Parameters
    ----------
    text
        Any string. Of one beyond 400 characters four stretches of 100 are read, evenly spread from its beginning to
        its end, so that a huge one takes no longer.

    Returns
    -------
    str or None
        ISO 639-1 code, or ``"pcm"`` (Nigerian Pidgin, the nearest to English). ``None`` where it is undecided: less
        than 40 bytes of letters in UTF-8, a probability under 0.9, figures or code. The probability is that of
        ``py3langid``, naive Bayes over byte n-grams, tempered by length.

    Examples
    --------
    >>> language_of("The harbour was closed on Tuesday, the mayor of Halmstede said.")
    'en'
    >>> language_of("Der Hafen blieb am Dienstag geschlossen, sagte die Bürgermeisterin.")
    'de'
    >>> language_of("Bundesrat meets")
    """
    sample = _sample(text)
    letters = "".join(filter(str.isalpha, sample))
    if len(letters.encode()) < _FEWEST_BYTES:
        return None
    language, probability = _identifier().classify(sample)
    for twins in _TWINS:
        if language in twins:
            probability = sum(other for name, other in _identifier().rank(sample) if name in twins)
    return language if probability >= _LEAST_PROBABILITY and language != _NO_LANGUAGE else None


def is_foreign(language: str | None) -> bool:
    """Whether a text in that language is surely not in English, so that its scores mean nothing."""
    return language not in (ENGLISH, None)


def _sample(text: str) -> str:
    if len(text) <= _STRETCHES * _CHARACTERS_PER_STRETCH:
        return text
    last = len(text) - _CHARACTERS_PER_STRETCH
    starts = [last * number // (_STRETCHES - 1) for number in range(_STRETCHES)]
    return "\n".join(text[start : start + _CHARACTERS_PER_STRETCH] for start in starts)


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # without regional varieties, which would share the probability of Arabic, Chinese and others among them
    identifier.set_languages([name for name in identifier.labels if len(name) == 2 or name in (_PIDGIN, _NO_LANGUAGE)])
    # the same numbers in the order and format that are read fastest: four tenths less time a text
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc, dtype=np.float32)
    return identifier
