"""What the languages of a question and of a document mean for an answer.

Three things know languages: the encoder those that its card names, the packaged reader English, the words of a document
its own. What does not know one says nothing there, and is left out rather than believed. In English documents of a
library whose encoder knows English alone, everything is asked as ever and no question's language is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index import card
from index.entry import Entry
from index.language import ENGLISH, may_be, name
from index.library import Library
from qa.read import Reader
from qa.rules import is_fitted

_NAMED = 4
"""More languages than this are counted, not named."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What may be believed of one document for one question."""

    meaning: bool = True
    """The vectors: the encoder knows the document's language, or does not say which it knows."""
    words: bool = True
    """The words: the question may be in the document's language."""
    reading: bool = True
    """The reader: both may be in English, or the reader was named by the user, who knows what it reads."""


def trusted(library: Library, entry: Entry, question: str, reader: Reader | None) -> Trusted:
    """What may be believed of a document for a question. Of one that the encoder does not know, the words alone."""
    if card.knows(library.languages, entry.language) is False:
        return Trusted(meaning=False, reading=False)
    if is_plain(library, [entry]):
        return Trusted()
    english = entry.language == ENGLISH and may_be(question, ENGLISH)
    return Trusted(
        words=may_be(question, entry.language), reading=english or (reader is not None and not is_fitted(reader.name))
    )


def is_plain(library: Library, entries: Sequence[Entry]) -> bool:
    """Whether there is no other language than English to reckon with."""
    return library.languages == (ENGLISH,) and all(entry.language == ENGLISH for entry in entries)


def is_english(question: str, library: Library, entries: Sequence[Entry]) -> bool:
    """Whether a question may be in English, whose rules then read it."""
    return is_plain(library, entries) or may_be(question, ENGLISH)


def known(languages: Sequence[str]) -> str:
    """The languages that a model knows, in words; empty where its card does not say."""
    if len(languages) > _NAMED:
        return f"{len(languages)} languages"
    return " and ".join(filter(None, (", ".join(map(name, languages[:-1])), *map(name, languages[-1:]))))


def notice(languages: Sequence[str], language: str) -> str:
    """What is to be said of a document in a language and a model that knows some, in one sentence; else empty."""
    knows = card.knows(languages, language)
    if knows is False:
        return f"The model knows {known(languages)}; this text is {name(language)} and is searched by its words alone."
    if knows is None and language != ENGLISH:
        return f"The model does not say whether it knows {name(language)}, the language of this text."
    return ""
