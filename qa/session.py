"""The session: the one door through which the web page, the command line and programs ask a library."""

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from platformdirs import user_data_path

from index.embed import Encoder, load
from index.library import Added, Library, no_progress
from index.segment import Query
from index.split import WORD
from index.store import Entry
from index.types import Details, Document, ParallaxError, Progress
from qa.answer import Rule, perspective
from qa.confidence import calibration
from qa.follow import follows
from qa.read import Candidate, Reader, RetrievalReader
from qa.starters import starter_questions
from qa.subject import subject
from qa.types import Comparison, Perspective, Source

CANDIDATES = 12
"""So many passages of each document are read."""
LAST_YEAR = 9999
LONGEST_QUESTION = 1000
"""Characters: about what the encoder reads."""


class QuestionError(ParallaxError):
    """A question cannot be asked as it stands."""


class DetailsError(ParallaxError):
    """A document cannot be named or dated so."""


def default_library() -> Path:
    """Where the library is when none is named: PARALLAX_LIBRARY, else the user's data folder."""
    named = os.environ.get("PARALLAX_LIBRARY")
    return Path(named) if named else user_data_path("parallax", appauthor=False) / "library"


class Session:
    """A library opened for questions. Safe to share between threads.

    >>> session = Session.open("my-library", create=True)               # doctest: +SKIP
    >>> session.add("essay.txt")                                        # doctest: +SKIP
    >>> for side in session.ask("Who gained by it?").perspectives:      # doctest: +SKIP
    ...     print(side.source.label, side.answer and side.answer.citations[0].quote)
    """

    def __init__(self, library: Library, reader: Reader) -> None:
        self._library = library
        self._reader = reader

    @classmethod
    def open(
        cls,
        library: str | Path | None = None,
        *,
        create: bool = False,
        model: str | None = None,
        reader: Reader | None = None,
        load_encoder: Callable[[str], Encoder] = load,
    ) -> Self:
        """Open a library; with `create`, make it where there is none.

        `library`: its folder, by default `default_library()`. `model`: the sentence-transformers model by name or
        path, by default the one that made the library. Raises ParallaxError when the library cannot be used.
        """
        folder = Path(library) if library is not None else default_library()
        opened = (Library.create if create else Library.open)(folder, load_encoder, model)
        return cls(opened, reader if reader is not None else RetrievalReader())

    def warm(self) -> None:
        """Load the encoder now rather than with the first question."""
        if self._library.entries():
            self._library.encoder()

    def documents(self) -> tuple[Source, ...]:
        """All documents, in the order in which they were first added."""
        return tuple(_source(entry) for entry in self._library.entries())

    def document(self, identifier: str) -> Document:
        """One whole document. Raises ParallaxError for an unknown id."""
        return self._library.document(self._library.entry(identifier))

    def add(
        self, path: str | Path, details: Details | None = None, progress: Progress = no_progress
    ) -> tuple[Source, Added]:
        """Add a file, or replace its old version; says which. Raises ParallaxError and changes nothing on bad input."""
        details = details if details is not None else Details()
        _check_details(Path(path), details)
        document, added = self._library.add(Path(path), details, progress)
        return _source(self._library.entry(document.id)), added

    def remove(self, identifier: str) -> None:
        """Take a document out. Raises ParallaxError for an unknown id."""
        self._library.remove(identifier)

    def ask(self, question: str, documents: Sequence[str] | None = None, history: Sequence[str] = ()) -> Comparison:
        """What each document has to say to a question.

        `documents`: the ids to ask, in the order of the answers, by default all. `history`: the earlier questions
        of the same chat, oldest first. Raises ParallaxError for a blank or overlong question, an unknown id, an
        empty list of ids and an empty library.
        """
        began = time.perf_counter()
        question = _checked(question)
        entries = self._entries(documents)
        earlier = follows(question, [text for text in map(_one_line, history) if text])
        text = " ".join([question, *earlier])  # the question first: an encoder reads only so far
        query = self._library.query(subject(text))
        rule = Rule(calibration(), self._library.encoder_name)
        perspectives = tuple(self._perspective(entry, text, query, rule) for entry in entries)
        return Comparison(question, earlier, perspectives, time.perf_counter() - began)

    def starters(self, count: int = 4) -> tuple[str, ...]:
        """Questions to begin with, made from the documents' own headings, that at least one document answers."""
        found: list[str] = []
        for question in starter_questions([self.document(source.id) for source in self.documents()]):
            if len(found) == count:
                break
            if question not in found and any(side.answer for side in self.ask(question).perspectives):
                found.append(question)
        return tuple(found)

    def _entries(self, documents: Sequence[str] | None) -> tuple[Entry, ...]:
        if documents is not None:
            if not documents:
                raise QuestionError("No document is asked; name at least one, or leave the list out to ask all.")
            return tuple(self._library.entry(identifier) for identifier in dict.fromkeys(documents))
        entries = self._library.entries()
        if not entries:
            raise QuestionError(f"The library at {self._library.folder} is empty; add a document first.")
        return entries

    def _perspective(self, entry: Entry, text: str, query: Query, rule: Rule) -> Perspective:
        document, passages = self._library.document(entry), self._library.passages(entry)
        hits = self._library.search(entry, query, CANDIDATES)
        evidence = self._library.evidence(entry, query, [hit.passage for hit in hits])
        candidates = [
            Candidate(hit, passage, tuple(document.text[s.start : s.end] for s in passage.sentences), known)
            for hit, known in zip(hits, evidence, strict=True)
            for passage in [passages[hit.passage]]
        ]
        return perspective(_source(entry), document, candidates, self._reader.read(text, candidates), rule)


def _check_details(path: Path, details: Details) -> None:
    """Raise DetailsError for what a library cannot keep: no text, an empty id, a year beyond reason."""
    for text in (str(path), details.id, details.title, details.author, details.label):
        try:
            (text or "").encode()
        except UnicodeEncodeError as error:
            shown = str(text).encode(errors="backslashreplace").decode()
            raise DetailsError(f"“{shown}” is not written in UTF-8; rename it.") from error
    if details.id is not None and not re.fullmatch(r"[\w.-]+", details.id):
        raise DetailsError(f"The id “{details.id}” cannot be named; use letters, digits, hyphens, or leave it out.")
    if details.year is not None and abs(details.year) > LAST_YEAR:
        raise DetailsError(f"The year {details.year} is none; give one up to {LAST_YEAR}.")


def _one_line(question: str) -> str:
    """The question with single spaces. Raises QuestionError where it is no text: half a surrogate pair."""
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(f"Character {error.start + 1:,} of the question is damaged; ask it in UTF-8.") from error
    return " ".join(question.split())


def _checked(question: str) -> str:
    question = _one_line(question)
    if not WORD.search(question):
        raise QuestionError("The question is empty; ask it in words.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(question):,} characters and may have {LONGEST_QUESTION:,}; ask it in fewer words."
        )
    return question


def _source(entry: Entry) -> Source:
    return Source(
        entry.id, entry.title, entry.author, entry.year, entry.label,
        entry.sha256, entry.source, entry.words, entry.passages,
    )  # fmt: skip
