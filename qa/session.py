"""The session: the one door through which the web page, the command line and programs ask a library."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Self

from index.embed import Encoder
from index.library import Added, Library, no_progress
from index.pictures import picture
from index.segment import Query
from index.sentence_encoder import load
from index.store import Entry
from index.types import Details, Document, Progress
from qa.answer import Read, perspective
from qa.checks import (
    QuestionError,
    check_description,
    check_details,
    check_lines,
    checked,
    checked_quotation,
    checked_term,
    one_line,
)
from qa.cite import around, cite
from qa.concordance import Concordance
from qa.folders import default_library, exports
from qa.follow import follows
from qa.memo import Memo, source
from qa.quote import Quotation, occurrences
from qa.read import Reader
from qa.readers import NONE, PACKAGED, Loader
from qa.retrieval import candidates, read_each
from qa.rules import rule
from qa.starters import starter_questions
from qa.subject import subject
from qa.terms import nearest, usages
from qa.types import Citation, Comparison, Counterpart, Finding, Shared, Source, Verification, Voice
from qa.verify import verified


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
        self._memo = Memo(library)
        self._starters = lru_cache(1)(self._begin)

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
        kept = exports() if load_encoder is load else None  # an encoder that the caller brings is taken as it is
        opened = (Library.create if create else Library.open)(folder, load_encoder, model, kept)
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
        return tuple(source(entry) for entry in self._library.entries())

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
        return source(self._library.entry(document.id)), added

    def describe(self, identifier: str, details: Details) -> None:
        """Give a document a title, an author, a year and a label; what is None is known no more.

        Raises ParallaxError for an unknown id, an empty title or label, and a year beyond reason.
        """
        check_description(details)
        self._library.describe(identifier, details)

    def export_notice(self) -> str:
        """What is to be said once after `add`: that the encoder could not be exported, and why; else empty."""
        return self._library.encoders.notice

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
                source(entry),
                self._library.document(entry),
                replace(read, voices=self._memo.voices(entry), own=own),
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

    def counterparts(self, identifier: str, start: int, end: int) -> tuple[Counterpart, ...]:
        """What all other documents say to the points of a range of one, best first; where nothing is near, nothing.

        At most three for each passage of which the range holds something. Raises ParallaxError for an unknown id.
        """
        return self._memo.counterparts.of(self._library.entry(identifier), start, end)

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
        found = [occurrence for entry in entries for occurrence in occurrences(looked_for, self._memo.searched(entry))]
        found.sort(key=lambda occurrence: -occurrence.score)  # equal ones stay in the order of the text
        sources = tuple(map(source, entries))
        return Finding(quotation, sources, tuple(found), time.perf_counter() - began)

    def terms(self, term: str, documents: Sequence[str] | None = None, first: int = 0, count: int = 25) -> Concordance:
        """How each document uses a word or a phrase of up to eight words, inflected forms too, side by side.

        `documents`: the ids to look in, by default all. `first`, `count`: of each document's concordance lines, which
        are in the order of the text, so many from the one numbered `first`, from 0. Raises ParallaxError for a term
        without a word, an overlong one, lines below 0, an unknown id, an empty list of ids and an empty library.
        """
        began = time.perf_counter()
        term = checked_term(term)
        check_lines(first, count)
        worded = [self._memo.worded(entry) for entry in self._entries(documents)]
        found = usages(term, worded, first, count)
        near = () if any(usage.count for usage in found) else nearest(term, [one.tokens for one in worded])
        return Concordance(term, found, near, time.perf_counter() - began)

    def shared(self, documents: Sequence[str] | None = None) -> tuple[Shared, ...]:
        """Where two documents say the same words: quoted from a third, or one from the other.

        `documents`: the ids to compare, by default all; pair by pair in this order, in the order of each first text.
        Remembered until one of the texts changes. Raises ParallaxError where there are not two, and for an unknown id.
        """
        entries = self._entries(documents)
        if len(entries) < 2:
            raise QuestionError("There is no other document to compare with; add or name a second one.")
        return self._memo.shared(entries)

    def cite(self, identifier: str, start: int, end: int) -> Citation:
        """The citation of a range of a document. Raises ParallaxError for an unknown id and a range of no words."""
        entry = self._library.entry(identifier)
        document = self._library.document(entry)
        if not (0 <= start < end <= len(document.text) and document.text[start:end].strip()):
            raise QuestionError(
                f"{document.label} has no words from {start} to {end}; its text runs from 0 to {len(document.text):,}."
            )
        passage = around(self._library.passages(entry), start, end)
        return cite(document, start, end, passage, self._memo.voices(entry))

    def picture(self, identifier: str, start: int, end: int) -> bytes:
        """The page of a PDF on which a range begins, as PNG with its words marked.

        Raises ParallaxError for an unknown id, a document that is no PDF, and a file that is gone or has changed.
        """
        entry = self._library.entry(identifier)
        return picture(self._library.document(entry), Path(entry.path), start, end)

    def verify(self, record: object) -> Verification:
        """Check every citation in a record read from JSON: the same text, the same range, the same words."""
        known = {entry.id: entry for entry in self._library.entries()}

        def document_of(identifier: str) -> Document | None:
            return self._library.document(known[identifier]) if identifier in known else None

        return verified(record, document_of)

    def starters(self, count: int = 4) -> tuple[str, ...]:
        """Questions to begin with, made from the documents' own headings, that at least one document answers."""
        return self._starters(self._library.entries(), count)

    def _begin(self, entries: tuple[Entry, ...], count: int) -> tuple[str, ...]:
        found: list[str] = []
        quick = self.variant(reader=False)  # a page that opens should not wait for the reader
        for question in starter_questions([self._library.document(entry) for entry in entries]):
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
        return self._memo.voices(self._library.entry(identifier))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found and read for it."""

    question: str
    follows: tuple[str, ...]
    """The earlier questions that it was read together with."""
    documents: tuple[tuple[Entry, Read], ...]
