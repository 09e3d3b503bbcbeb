"""The session: the one door through which the web page, the command line and programs ask a library."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

from platformdirs import user_data_path

from index.embed import Encoder, load
from index.library import Added, Library, no_progress
from index.segment import Query
from index.store import Entry
from index.types import Details, Document, Progress
from qa.answer import Read, perspective
from qa.checks import (
    QuestionError,
    check_details,
    checked,
    checked_quotation,
    one_line,
)
from qa.cite import around, cite
from qa.follow import follows
from qa.quote import Quotation, Searched, occurrences
from qa.read import Reader
from qa.readers import NONE, PACKAGED, Loader
from qa.retrieval import candidates, read_each
from qa.rules import rule
from qa.sharing import Opened, shared
from qa.starters import starter_questions
from qa.subject import subject
from qa.types import Citation, Comparison, Finding, Shared, Source, Voice
from qa.verify import Verification, verified
from qa.voice import voices

HEARD = 256
"""Of so many documents it is remembered who speaks in them."""
COMPARED = 16
"""Of so many lists of documents it is remembered what they share."""


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

    def __init__(self, library: Library, reader: Loader, *, lexical: bool = True) -> None:
        self._library = library
        self._reader = reader
        self._lexical = lexical
        self._voices = lru_cache(HEARD)(self._listen)
        self._shared = lru_cache(COMPARED)(self._compare)

    @classmethod
    def open(
        cls,
        library: str | Path | None = None,
        *,
        create: bool = False,
        model: str | None = None,
        reader: str | Reader = PACKAGED,
        load_encoder: Callable[[str], Encoder] = load,
    ) -> Self:
        """Open a library; with `create`, make it where there is none.

        `library`: its folder, by default `default_library()`. `model`: the sentence-transformers model by name or
        path, by default the one that made the library. `reader`: the packaged one, "none", the folder of one, or a
        sentence-transformers CrossEncoder by name or path; one that cannot be loaded is told with each answer, which
        then comes from retrieval alone. Raises ParallaxError when the library cannot be used.
        """
        folder = Path(library) if library is not None else default_library()
        opened = (Library.create if create else Library.open)(folder, load_encoder, model)
        return cls(opened, Loader(reader))

    def variant(self, *, reader: bool = True, lexical: bool = True) -> Self:
        """A session on the same library that answers with less, to measure what each part is worth."""
        return type(self)(self._library, self._reader if reader else Loader(NONE), lexical=lexical)

    def warm(self) -> None:
        """Load the encoder and the reader now rather than with the first question."""
        if self._library.entries():
            self._library.encoder()
            self._reader.loaded()

    def notice(self) -> str:
        """What is to be said of every answer: that the reader asked for cannot be loaded, and why; else empty."""
        return self._reader.loaded()[1]

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
        check_details(Path(path), details)
        document, added = self._library.add(Path(path), details, progress)
        return _source(self._library.entry(document.id)), added

    def remove(self, identifier: str) -> None:
        """Take a document out. Raises ParallaxError for an unknown id."""
        self._library.remove(identifier)

    def ask(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        history: Sequence[str] = (),
        *,
        own: bool = False,
    ) -> Comparison:
        """What each document has to say to a question.

        `documents`: the ids to ask, in the order of the answers, by default all. `history`: the earlier questions
        of the same chat, oldest first. `own`: answer only with what each author says in his own words. Raises
        ParallaxError for a blank or overlong question, an unknown id, an empty list of ids and an empty library.
        """
        began = time.perf_counter()
        asked = self.read(question, documents, history)
        reader, _ = self._reader.loaded()
        unread = rule(NONE, self._library.encoder_name)
        how = unread if reader is None else rule(reader.name, self._library.encoder_name)
        perspectives = tuple(
            perspective(
                _source(entry),
                self._library.document(entry),
                replace(read, voices=self._voices(entry), own=own),
                how if read.readings else unread,
            )
            for entry, read in asked.documents
        )
        return Comparison(asked.question, asked.follows, perspectives, time.perf_counter() - began, self.notice(), own)

    def beside(self, identifier: str, start: int, end: int, *, own: bool = False) -> Comparison:
        """What all other documents have to say to a range of one, asked with its words.

        Raises ParallaxError for an unknown id, a range of no words or too many, and where there is no other document.
        """
        citation = self.cite(identifier, start, end)
        others = [source.id for source in self.documents() if source.id != identifier]
        if not others:
            raise QuestionError("There is no other document in this library; add one to read beside it.")
        return replace(self.ask(citation.quote, others, own=own), beside=citation)

    def read(self, question: str, documents: Sequence[str] | None = None, history: Sequence[str] = ()) -> "Asked":
        """What was found and read in each document for a question, before anything is decided. Raises as `ask` does."""
        question = checked(question)
        entries = self._entries(documents)
        earlier = follows(question, [text for text in map(one_line, history) if text])
        text = subject(" ".join([question, *reversed(earlier)]))  # the newest first: an encoder reads only so far
        query = self._library.query(text)
        if not self._lexical:
            query = Query(query.vector, ())
        found = [candidates(self._library, entry, query) for entry in entries]
        reader, _ = self._reader.loaded()
        read = read_each(text, found, reader, self._library.encoder_name)
        return Asked(question, earlier, tuple(zip(entries, read, strict=True)))

    def find(self, quotation: str, documents: Sequence[str] | None = None) -> Finding:
        """Where a quotation stands in the documents, best first; copied word for word, nearly so, or with omissions.

        `documents`: the ids to look in, by default all. Raises ParallaxError for a quotation without a word, an
        overlong one, an unknown id, an empty list of ids and an empty library.
        """
        began = time.perf_counter()
        looked_for = Quotation(checked_quotation(quotation))
        entries = self._entries(documents)
        found = [occurrence for entry in entries for occurrence in occurrences(looked_for, self._searched(entry))]
        found.sort(key=lambda occurrence: -occurrence.score)  # equal ones stay in the order of the text
        sources = tuple(map(_source, entries))
        return Finding(quotation, sources, tuple(found), time.perf_counter() - began)

    def shared(self, documents: Sequence[str] | None = None) -> tuple[Shared, ...]:
        """Where two documents say the same words: quoted from a third, or one from the other.

        `documents`: the ids to compare, by default all; pair by pair in this order, in the order of each first text.
        Remembered until one of the texts changes. Raises ParallaxError where there are not two, and for an unknown id.
        """
        entries = self._entries(documents)
        if len(entries) < 2:
            raise QuestionError("There is no other document to compare with; add or name a second one.")
        return self._shared(entries)

    def cite(self, identifier: str, start: int, end: int) -> Citation:
        """The citation of a range of a document. Raises ParallaxError for an unknown id and a range of no words."""
        entry = self._library.entry(identifier)
        document = self._library.document(entry)
        if not (0 <= start < end <= len(document.text) and document.text[start:end].strip()):
            raise QuestionError(
                f"{document.label} has no words from {start} to {end}; its text runs from 0 to {len(document.text):,}."
            )
        passage = around(self._library.passages(entry), start, end)
        return cite(document, start, end, passage, self._voices(entry))

    def verify(self, record: object) -> Verification:
        """Check every citation in a record read from JSON: the same text, the same range, the same words."""
        known = {entry.id: entry for entry in self._library.entries()}

        def document_of(identifier: str) -> Document | None:
            return self._library.document(known[identifier]) if identifier in known else None

        return verified(record, document_of)

    def starters(self, count: int = 4) -> tuple[str, ...]:
        """Questions to begin with, made from the documents' own headings, that at least one document answers."""
        found: list[str] = []
        quick = self.variant(reader=False)  # a page that opens should not wait for the reader
        for question in starter_questions([self.document(source.id) for source in self.documents()]):
            if len(found) == count:
                break
            if question not in found and any(side.answer for side in quick.ask(question).perspectives):
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

    def voices(self, identifier: str) -> tuple[Voice, ...]:
        """Who speaks in a document besides its author, and where. Raises ParallaxError for an unknown id."""
        return self._voices(self._library.entry(identifier))

    def _listen(self, entry: Entry) -> tuple[Voice, ...]:
        return voices(self._library.document(entry))

    def _compare(self, entries: tuple[Entry, ...]) -> tuple[Shared, ...]:
        library = self._library
        return shared([Opened(library.document(e), library.passages(e), self._voices(e)) for e in entries])

    def _searched(self, entry: Entry) -> Searched:
        library = self._library
        return Searched(library.document(entry), library.passages(entry), library.words(entry), self._voices(entry))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found and read for it."""

    question: str
    follows: tuple[str, ...]
    """The earlier questions that it was read together with."""
    documents: tuple[tuple[Entry, Read], ...]


def _source(entry: Entry) -> Source:
    return Source(
        entry.id, entry.title, entry.author, entry.year, entry.label,
        entry.sha256, entry.source, entry.words, entry.passages,
    )  # fmt: skip
