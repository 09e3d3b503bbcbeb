"""What is found in each document for a question, and read by the reader, before anything is decided."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice

from index import dense
from index.entry import Entry
from index.library import Library
from index.segment import Query
from qa.answer import Read
from qa.checks import QuestionError, checked_history
from qa.follow import follows
from qa.languages import Trusted, is_english, trusted
from qa.read import Candidate, Reader
from qa.readers import Loader
from qa.rules import rule
from qa.subject import names_none, subject

CANDIDATES = 12
"""So many passages of each document are ranked at most."""
READ = 16
"""So many passages are read with the reader for a question, shared among the documents that are read. Of two documents
twelve of each answered no better than eight (`docs/reader.md`), and take longer."""
FEWEST = 2
"""So many passages of a document are read at least; where the documents are too many for that, the searches choose."""
MANY = 128
"""Of more documents than this only those are asked that hold one of the passages nearest the question."""
NEAREST = 50
"""So many passages are nearest."""
NEUTRAL = 0.5
"""What a passage counts to hold of a question in another language, whose words say neither that it answers nor that it
does not: half of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found and read for it."""

    question: str
    follows: tuple[str, ...]
    """The earlier questions that it was read together with."""
    documents: tuple[tuple[Entry, Read], ...]
    ranking: tuple[str, ...]
    """Their ids by how much the question is about them, most first."""
    seconds: Mapping[str, float]
    """How long searching and reading took."""
    passed: int = 0
    """So many documents more were there to ask, and hold none of the passages nearest the question."""

    @property
    def notice(self) -> str:
        """What is to be said of who was asked, and about what; empty where all were, and about something."""
        said = []
        if self.passed:
            asked, there = len(self.documents), len(self.documents) + self.passed
            said.append(f"Of {there:,} documents the {asked} were asked that hold the passages nearest the question.")
        if not self.follows and names_none(self.question):
            said.append("The question names no subject; ask about something of which the documents speak.")
        return " ".join(said)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a question goes through in one library. `lexical`: whether words are searched, too."""

    library: Library
    reader: Loader
    lexical: bool = True

    def load(self) -> None:
        """Load the encoder and, side by side, the reader and FAISS: most of it is not Python's work."""

        def others() -> None:
            self.reader.loaded()
            dense.ready()

        with ThreadPoolExecutor() as pool:
            for loaded in (pool.submit(self.library.encoder), pool.submit(others)):
                loaded.result()

    def read(self, question: str, entries: Sequence[Entry], history: Sequence[str], pinned: Sequence[str]) -> Asked:
        """What was found and read in each document. `pinned`: the ids of those to be read whatever the searches say."""
        began, told = time.perf_counter(), checked_history(history)
        english = is_english(question, self.library, entries)  # the rules for follow-ups and subjects know no other
        earlier = follows(question, told) if english else ()
        text = " ".join([question, *reversed(earlier)])  # the newest first: an encoder reads only so far
        text = subject(text) if english else text
        reader, _ = self.reader.loaded()
        spoken = {entry.language: entry for entry in entries}  # which is all that trust goes by
        trust_in = {language: trusted(self.library, entry, text, reader) for language, entry in spoken.items()}
        queries_in = self._queries(text, trust_in)
        there, entries = len(entries), self._about(entries, queries_in, pinned)
        trust = {entry.id: trust_in[entry.language] for entry in entries}
        queries = {entry.id: queries_in[entry.language] for entry in entries}
        found = {entry.id: candidates(self.library, entry, queries[entry.id], trust[entry.id]) for entry in entries}
        ranking = tuple(entry.id for entry in self.library.ranked(entries, [queries[entry.id] for entry in entries]))
        likeliest = [name for name in (*pinned, *ranking) if name in found and trust[name].reading]
        searched = time.perf_counter()
        read = read_each(text, found, reader, likeliest)
        seconds = {"search": searched - began, "read": time.perf_counter() - searched}
        documents = tuple(
            (entry, replace(read[entry.id], passages=self.library.passages(entry), meaning=trust[entry.id].meaning))
            for entry in entries
        )
        return Asked(question, earlier, documents, ranking, seconds, there - len(entries))

    def _queries(self, text: str, trust: Mapping[str, Trusted]) -> dict[str, Query]:
        """What is searched for in documents of each language: what may be believed of it there."""
        return {
            language: Query(
                query.vector if trust[language].meaning else None,
                query.terms if self.lexical and trust[language].words else (),
            )
            for language, query in self.library.queries(text, trust).items()
        }

    def _about(self, entries: Sequence[Entry], queries: Mapping[str, Query], pinned: Sequence[str]) -> Sequence[Entry]:
        """The documents to be asked, in their order; of many those with the nearest passages, and the pinned."""
        if len(entries) <= MANY:
            return entries
        near = {entry.id for entry, _ in self.library.nearest(entries, queries, NEAREST)}
        return [entry for entry in entries if entry.id in near or entry.id in pinned]


def entries_of(library: Library, documents: Sequence[str] | None) -> tuple[Entry, ...]:
    """The documents with these ids, in their order; None: all. Raises ParallaxError for an unknown id, and for none."""
    if documents is not None:
        if not documents:
            raise QuestionError("No document is asked; name at least one, or leave the list out to ask all.")
        return tuple(library.entry(identifier) for identifier in dict.fromkeys(documents))
    entries = library.entries()
    if not entries:
        raise QuestionError(f"The library at {library.address} is empty; add a document first.")
    return entries


def candidates(library: Library, entry: Entry, query: Query, trust: Trusted) -> list[Candidate]:
    """The passages of a document that the searches put first, each with what they know of its sentences."""
    document, passages = library.document(entry), library.passages(entry)
    hits = library.search(entry, query, CANDIDATES)
    evidence = library.evidence(entry, query, [hit.passage for hit in hits])
    if not trust.words:
        evidence = [replace(known, coverage=NEUTRAL) for known in evidence]
    return [
        Candidate(hit, passage, tuple(document.text[s.start : s.end] for s in passage.sentences), known)
        for hit, known in zip(hits, evidence, strict=True)
        for passage in [passages[hit.passage]]
    ]


def read_each(
    text: str, found: Mapping[str, Sequence[Candidate]], reader: Reader | None, likeliest: Sequence[str]
) -> dict[str, Read]:
    """The candidates of each document by its id as the reader read them; of many documents the likeliest, named first.

    Of each of these the passages are read in which the searches see the best sentences; the others are not ranked.
    """
    read = {name: Read(text, passages, ()) for name, passages in found.items()}
    if reader is None:
        return read
    ranking = rule(reader.name, "").ranking
    chosen = list(dict.fromkeys(likeliest))[: READ // FEWEST]
    each = min(READ // max(len(chosen), 1), CANDIDATES)
    passages = {name: ranking.likeliest(text, found[name], each) for name in chosen}
    readings = iter(reader.read(text, list(chain.from_iterable(passages.values()))))
    return read | {name: Read(text, some, tuple(islice(readings, len(some)))) for name, some in passages.items()}
