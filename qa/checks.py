"""What may be asked and what a document may be called: each refusal is one sentence."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.language import code
from index.split import WORD
from index.types import Details, Document, ParallaxError

LAST_YEAR = 9999
LONGEST_QUESTION = 1000
"""Characters: about what the encoder reads."""
LONGEST_QUOTATION = 100_000
"""Characters."""
LONGEST_NAME = 80
"""Characters, of a collection."""
LONGEST_TERM, TERM_WORDS = 200, 8
"""Characters, words."""


class QuestionError(ParallaxError):
    """A question cannot be asked as it stands."""


class DetailsError(ParallaxError):
    """A document or a collection cannot be named or dated so."""


def checked_details(path: Path, details: Details) -> Details:
    """The details, the language by its code. Raises DetailsError for what a library cannot keep.

    That is what is no text, an empty id, a year beyond reason, and what is no language code.
    """
    said = (details.id, details.title, details.author, details.label, details.publisher, details.language)
    for text in (str(path), *said):
        try:
            (text or "").encode()
        except UnicodeEncodeError as error:
            shown = str(text).encode(errors="backslashreplace").decode()
            raise DetailsError(f"“{shown}” is not written in UTF-8; rename it.") from error
    for text in (details.title, details.author, details.label, details.publisher):
        if re.search("[\x00-\x1f\x7f-\x9f]", text or ""):
            raise DetailsError(f"“{text}” has a line break or another control character in it; leave it out.")
    if details.id is not None and not re.fullmatch(r"[\w.-]+", details.id):
        raise DetailsError(f"The id “{details.id}” cannot be named; use letters, digits, hyphens, or leave it out.")
    if details.year is not None and abs(details.year) > LAST_YEAR:
        raise DetailsError(f"The year {details.year} is none; give one up to {LAST_YEAR}.")
    language = code(details.language) if details.language is not None else None
    if details.language is not None and language is None:
        raise DetailsError(f"“{details.language}” is no language code; give one such as en, de or ru.")
    return replace(details, language=language)


def checked_description(details: Details) -> Details:
    """The same for a document that is in a library; raises DetailsError also where it would have no name."""
    details = checked_details(Path(), details)
    if not (details.title or "").strip() or not (details.label or "").strip():
        raise DetailsError("A document needs a title and a label; give it both.")
    return details


def checked_name(name: str) -> str:
    """The name of a collection on one line. Raises DetailsError where it is none, or too long for a list."""
    name = one_line(name, "name")
    if not WORD.search(name) or len(name) > LONGEST_NAME:
        raise DetailsError(f"A collection needs a name of words, {LONGEST_NAME} characters at most; give it one.")
    return name


def checked_quotation(quotation: str) -> str:
    """A quotation as it was pasted. Raises QuestionError where there is nothing to look for, or too much."""
    one_line(quotation, "quotation")
    if not WORD.search(quotation):
        raise QuestionError("The quotation has no words; paste some of it.")
    if len(quotation) > LONGEST_QUOTATION:
        raise QuestionError(
            f"The quotation has {len(quotation):,} characters and may have {LONGEST_QUOTATION:,}; paste less of it."
        )
    return quotation


def checked_term(term: str) -> str:
    """A word or a phrase on one line. Raises QuestionError where it has no word, or too many."""
    from qa.stretch import words  # which no question needs

    term = one_line(term, "term")
    if len(term) > LONGEST_TERM:
        raise QuestionError(f"The term has {len(term):,} characters and may have {LONGEST_TERM}; name fewer words.")
    asked = len(words(term))
    if not asked:
        raise QuestionError("The term has no word; name a word or a phrase.")
    if asked > TERM_WORDS:
        raise QuestionError(
            f"The term has {asked} words and may have {TERM_WORDS}; look a longer one up as a quotation."
        )
    return term


def check_lines(first: int, count: int) -> None:
    """Raise QuestionError for lines of a concordance that cannot be counted."""
    if min(first, count) < 0:
        raise QuestionError(f"There are no {count} lines from {first} on; count both from 0.")


def check_range(document: Document, start: int, end: int) -> None:
    """Raise QuestionError where a range holds no words of a document."""
    if not (0 <= start < end <= len(document.text) and document.text[start:end].strip()):
        raise QuestionError(
            f"{document.label} has no words from {start} to {end}; its text runs from 0 to {len(document.text):,}."
        )


def one_line(text: str, what: str = "question") -> str:
    """What is asked with single spaces. Raises QuestionError where it is no text: half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(f"Character {error.start + 1:,} of the {what} is damaged; give it in UTF-8.") from error
    return " ".join(text.split())


def checked(question: str) -> str:
    """A question on one line. Raises QuestionError for a blank or overlong one."""
    question = one_line(question)
    if not WORD.search(question):
        raise QuestionError("The question is empty; ask it in words.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(question):,} characters and may have {LONGEST_QUESTION:,}; ask it in fewer words."
        )
    return question


def checked_history(history: Sequence[str]) -> list[str]:
    """Earlier questions, each on one line, without blank ones. Raises QuestionError for an overlong one."""
    earlier = [text for text in map(one_line, history) if text]
    longest = max(map(len, earlier), default=0)
    if longest > LONGEST_QUESTION:
        raise QuestionError(
            f"An earlier question has {longest:,} characters and may have {LONGEST_QUESTION:,}; leave it out."
        )
    return earlier
