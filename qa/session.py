"""The session: the one door through which the web page, the command line and programs ask a library."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Self

from index.embed import Encoder
from index.entry import Entry
from index.library import Added, Library
from index.migrate import migrate as migrate  # noqa: PLC0414  (the front ends know no other door)
from index.sentence_encoder import load
from index.types import Collection, Details, Document, Picture, Precision, Progress, no_progress
from qa.checks import (
    QuestionError,
    check_lines,
    check_range,
    checked,
    checked_description,
    checked_details,
    checked_name,
    checked_quotation,
    checked_term,
)
from qa.cite import around, cite
from qa.concordance import Concordance
from qa.folders import default_library, exports
from qa.languages import known
from qa.memo import Memo
from qa.perspectives import perspectives
from qa.read import Reader
from qa.readers import NONE, PACKAGED, Loader
from qa.retrieval import Asked, Retrieval, entries_of
from qa.starters import starter_questions
from qa.types import Citation, Comparison, Counterpart, Finding, Shared, Source, Verification, Voice
from qa.verify import verified


class Session:
    """A library opened for questions. Safe to share between threads; the README has an example."""

    def __init__(self, library: Library, reader: Loader, *, lexical: bool = True) -> None:
        self._library = library
        self._reader = reader
        self._retrieval = Retrieval(library, reader, lexical)
        self._memo = Memo(library)
        self._starters = lru_cache(1)(self._begin)
        self.is_warm = False
        """Whether a question need not wait for what it needs."""
        self.watch: Callable[[Comparison, Mapping[str, float]], None] = lambda comparison, seconds: None
        """Told of every question answered, and of the seconds of each of its stages."""

    @classmethod
    def open(  # noqa: PLR0913  (all but the first by keyword, each with a default)
        cls,
        library: str | Path | None = None,
        *,
        create: bool = False,
        model: str | None = None,
        reader: str | Reader = PACKAGED,
        load_encoder: Callable[[str], Encoder] = load,
        precision: Precision | None = None,
        progress: Progress = no_progress,
    ) -> Self:
        """Open a library; with `create`, make it where there is none. `progress`: of an older format's upgrade.

        `library`: its folder, `milvus://HOST:PORT/NAME` or `milvus-lite:PATH`, by default `default_library()`.
        `model`: the sentence-transformers model by name or path, and `precision` what it runs in, by default what made
        the library. `reader`: the packaged one, "none", the folder of one, or a CrossEncoder by name or path; one that
        cannot be loaded is told with answers, then from retrieval alone. Raises ParallaxError for an unusable library.
        """
        address = library if library is not None else default_library()
        kept = exports() if load_encoder is load else None  # an encoder that the caller brings is taken as it is
        opened = Library.open(address, load_encoder, model, kept, precision, create=create, progress=progress)
        return cls(opened, Loader(reader))

    def variant(self, *, reader: bool = True, lexical: bool = True) -> Self:
        """A session on the same library that answers with less, to measure what each part is worth."""
        return type(self)(self._library, self._reader if reader else Loader(NONE), lexical=lexical)

    def warm(self) -> None:
        """Load the encoder and the reader now rather than with the first question."""
        if not self.is_warm and self._library.entries():
            self._retrieval.load()
        self.is_warm = True

    def notice(self) -> str:
        """What is to be said of every answer: that the reader asked for cannot be loaded, and why; else empty."""
        return self._reader.loaded()[1]

    @property
    def address(self) -> str | Path:
        """Where the library is: its folder, or its address on Milvus."""
        return self._library.address

    def documents(self) -> tuple[Source, ...]:
        """All documents, in the order in which they were first added."""
        return tuple(map(self._memo.source, self._library.entries()))

    def languages(self) -> str:
        """The languages that the library's model knows, in words; empty where its card does not say."""
        return known(self._library.languages) if self._library.entries() else ""

    def document(self, identifier: str) -> Document:
        """One whole document. Raises ParallaxError for an unknown id."""
        return self._library.document(self._library.entry(identifier))

    def add(
        self,
        path: str | Path,
        details: Details | None = None,
        progress: Progress = no_progress,
        *,
        workers: int | str = 1,
        folder: Path | None = None,
    ) -> tuple[Source, Added]:
        """Add a file, or replace its old version; says which. Raises ParallaxError and changes nothing on bad input.

        `workers`: so many processes encode, or a Ray cluster at this address. What a run cut short has done is kept.
        `folder`: one that is added whole; the file's path below it makes its id.
        """
        details = checked_details(Path(path), details if details is not None else Details())
        entry, added = self._library.add(Path(path), details, progress, workers=workers, folder=folder)
        return self._memo.source(entry), added

    def describe(self, identifier: str, details: Details, progress: Progress = no_progress) -> None:
        """Give a document these details, all but its id; what is None is known no more, but for its language.

        In another language it is indexed anew from its text. Raises ParallaxError for an unknown id, an empty title or
        label, a year beyond reason, and what is no language code.
        """
        self._library.describe(identifier, checked_description(details), progress)

    def collections(self) -> tuple[Collection, ...]:
        """The named collections of documents, by name."""
        return self._library.collections()

    def collection(self, name: str) -> Collection:
        """One of them. Raises ParallaxError for an unknown name, telling those there are."""
        return self._library.collection(name)

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """Let a collection hold these documents and no others; without any it is gone.

        A document that is removed leaves its collections. Raises ParallaxError for an unknown id and an empty name.
        """
        self._library.collect(checked_name(name), documents)

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
        pinned: Sequence[str] = (),
    ) -> Comparison:
        """What each document has to say to a question.

        `documents`: the ids to ask, in the order of the answers, by default all; of more than 128 only those with the
        nearest passages are. `history`: the earlier questions, oldest first. `own`: answer only with what each author
        says in his own words. `pinned`: ids of those that are asked and read however many there are. Raises
        ParallaxError for a blank question, an overlong one or earlier one, an unknown id, no ids and an empty library.
        """
        began = time.perf_counter()
        asked, (reader, _) = self.read(question, documents, history, pinned), self._reader.loaded()
        said = perspectives(asked, self._library, self._memo, reader, own=own)
        took = time.perf_counter() - began
        notice = " ".join(filter(None, (self.notice(), asked.notice)))
        comparison = Comparison(asked.question, asked.follows, said, took, notice, own, ranking=asked.ranking)
        self.watch(comparison, {**asked.seconds, "answer": took - sum(asked.seconds.values())})
        return comparison

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

    def read(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        history: Sequence[str] = (),
        pinned: Sequence[str] = (),
    ) -> Asked:
        """What was found and read in each document for a question, before anything is decided. Raises as `ask` does."""
        question, entries = checked(question), entries_of(self._library, documents)
        self.warm()
        return self._retrieval.read(question, entries, history, pinned)

    def find(self, quotation: str, documents: Sequence[str] | None = None) -> Finding:
        """Where a quotation stands in the documents, best first; copied word for word, nearly so, or with omissions.

        `documents`: the ids to look in, by default all. Raises ParallaxError for a quotation without a word, an
        overlong one, an unknown id, an empty list of ids and an empty library.
        """
        from qa.quote import Quotation, occurrences

        began = time.perf_counter()
        looked_for = Quotation(checked_quotation(quotation))
        entries = entries_of(self._library, documents)
        found = [occurrence for entry in entries for occurrence in occurrences(looked_for, self._memo.searched(entry))]
        found.sort(key=lambda occurrence: -occurrence.score)  # equal ones stay in the order of the text
        return Finding(quotation, tuple(map(self._memo.source, entries)), tuple(found), time.perf_counter() - began)

    def terms(self, term: str, documents: Sequence[str] | None = None, first: int = 0, count: int = 25) -> Concordance:
        """How each document uses a word or a phrase of up to eight words, inflected forms too, side by side.

        `documents`: the ids to look in, by default all. `first`, `count`: of each document's concordance lines, which
        are in the order of the text, so many from the one numbered `first`, from 0. Raises ParallaxError for a term
        without a word, an overlong one, lines below 0, an unknown id, an empty list of ids and an empty library.
        """
        from qa.terms import nearest, usages

        began = time.perf_counter()
        term = checked_term(term)
        check_lines(first, count)
        worded = [self._memo.worded(entry) for entry in entries_of(self._library, documents)]
        found = usages(term, worded, first, count)
        near = () if any(usage.count for usage in found) else nearest(term, worded)
        return Concordance(term, found, near, time.perf_counter() - began)

    def shared(self, documents: Sequence[str] | None = None) -> tuple[Shared, ...]:
        """Where two documents say the same words: quoted from a third, or one from the other.

        `documents`: the ids to compare, by default all; pair by pair in this order, in the order of each first text.
        Remembered until one of the texts changes. Raises ParallaxError where there are not two, and for an unknown id.
        """
        entries = entries_of(self._library, documents)
        if len(entries) < 2:
            raise QuestionError("There is no other document to compare with; add or name a second one.")
        return self._memo.shared(entries)

    def cite(self, identifier: str, start: int, end: int) -> Citation:
        """The citation of a range of a document. Raises ParallaxError for an unknown id and a range of no words."""
        entry = self._library.entry(identifier)
        document = self._library.document(entry)
        check_range(document, start, end)
        return cite(document, start, end, around(self._library.passages(entry), start, end), self._memo.voices(entry))

    def pictures(self, identifier: str, start: int, end: int) -> tuple[Picture, ...]:
        """The pages of a PDF on which a range stands, at most three, with its words marked.

        Raises ParallaxError for an unknown id, what is no PDF, a range of no words, and a file that is gone.
        """
        from index.pictures import pictures  # with the reader of PDFs, which no question needs

        entry = self._library.entry(identifier)
        return pictures(self._library.document(entry), self._library.source(entry), start, end)

    def has_pages(self, identifier: str) -> bool:
        """Whether a document was read from a PDF, as far as its file's name says."""
        return self._library.source(self._library.entry(identifier)).suffix.lower() == ".pdf"

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
        quick = self.variant(reader=False)  # a page that opens should not wait for the reader
        asked = dict.fromkeys(starter_questions([self._library.document(entry) for entry in entries]))
        answered = (one for one in asked if any(side.answer for side in quick.ask(one).perspectives))
        return tuple(islice(answered, count))

    def voices(self, identifier: str) -> tuple[Voice, ...]:
        """Who speaks in a document besides its author, and where. Raises ParallaxError for an unknown id."""
        return self._memo.voices(self._library.entry(identifier))
