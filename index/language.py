"""The language of a text: read from what a file says of it, else told from its letters (py3langid, a naive Bayes
classifier over byte n-grams in 139 languages; M. Lui and T. Baldwin, ACL 2012).

A language is kept as the primary subtag of its BCP 47 tag: "de" for "de-AT". A text of which too little can be told
counts as English, whose rules harm other languages least: its stop words and endings mostly do not occur there.
"""

import re
import threading
from functools import cache
from typing import Any

from index.types import ParallaxError, Text

ENGLISH = "en"
_SURE = 0.7
"""Less likely than this, no language is told. Texts of a hundred words in one language reach 0.95 and more; lists of
names, tables and texts of a few words stay below."""
_FOREIGN = 0.005
"""A few words are in another language only where this one is less likely: names alone say little for any language."""
_PIECES, _PIECE = 8, 500
"""So many pieces of so many characters, evenly spaced, speak for a whole text: a page in another language is no more
than one of them."""
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Kana and Han, in which no space parts the words."""
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "br": "Breton", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian",
    "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "fy": "Frisian", "ga": "Irish",
    "gd": "Scottish Gaelic", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "la": "Latin",
    "lb": "Luxembourgish", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam",
    "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese", "my": "Burmese", "nb": "Norwegian Bokmål",
    "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian Nynorsk", "no": "Norwegian", "oc": "Occitan", "pa": "Punjabi",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala", "sk": "Slovak",
    "sl": "Slovene", "sq": "Albanian", "sr": "Serbian", "st": "Sesotho", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek",
    "vi": "Vietnamese", "yi": "Yiddish", "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
_LONG = {
    "ara": "ar", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh", "dan": "da", "deu": "de", "ger": "de", "dut": "nl",
    "nld": "nl", "eng": "en", "fin": "fi", "fra": "fr", "fre": "fr", "gre": "el", "ell": "el", "heb": "he", "hun": "hu",
    "ita": "it", "jpn": "ja", "kor": "ko", "lat": "la", "nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro",
    "rus": "ru", "spa": "es", "swe": "sv", "tur": "tr", "ukr": "uk",
}  # fmt: skip
"""Codes of ISO 639-2, which books from library catalogues carry in place of the two letters that BCP 47 asks for."""


class LanguageError(ParallaxError):
    """The classifier cannot be loaded."""


def code(tag: str) -> str | None:
    """The code under which the language of a tag is kept: "de" for "de-AT", "en" for "eng"; None where it is no tag."""
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        return None
    primary = match[1].lower()
    return _LONG.get(primary, primary)


def told(tag: str | None) -> str | None:
    """The language that a file says it is in; None where it says none, or one that is no language ("und", "mul")."""
    found = code(tag) if tag is not None else None
    return found if found in _NAMES else None


def name(language: str) -> str:
    """A language in English words; its code in quotation marks where it has no name here."""
    return _NAMES.get(language, f"“{language}”")


def detect(text: Text) -> str:
    """The language of a text, English where none is told: see `_SURE`. Loads the classifier, which takes seconds.

    Raises LanguageError where it cannot be unpacked.
    """
    found, probability = _identifier().classify(_excerpt(text))
    return found if probability >= _SURE and found != "zxx" else ENGLISH  # zxx: no language at all


def may_be(text: str, language: str) -> bool:
    """Whether a few words, such as a question, may be in a language; False only where that is all but ruled out.

    Raises LanguageError as `detect` does.
    """
    identifier = _identifier()
    return language not in identifier.labels or dict(identifier.rank(text))[language] >= _FOREIGN


def is_unspaced(text: str) -> bool:
    """Whether a text holds words that no space parts, so that counting them says nothing."""
    return UNSPACED.search(text) is not None


def _excerpt(text: Text) -> str:
    step = max(len(text) // _PIECES, _PIECE)
    return "\n".join(text[start : start + _PIECE] for start in range(0, len(text), step))


@cache
def _loaded() -> Any:  # noqa: ANN401  (py3langid ships no types)
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as error:
        raise LanguageError(
            f"What tells the language of a text cannot be unpacked into a temporary file ({error.strerror}): make room "
            "in the folder for temporary files, or name another with TMPDIR."
        ) from error


_loading = threading.Lock()


def _identifier() -> Any:  # noqa: ANN401
    with _loading:  # several files may be added, and asked, at once: it is loaded once
        return _loaded()
