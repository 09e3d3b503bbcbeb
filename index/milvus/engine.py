"""A library on Milvus: the `index.engine.Engine` of `milvus://HOST:PORT/NAME` and of `milvus-lite:PATH`.

Rows of a new version are written first, under a segment of their own; then one row of `documents` names the segment.
Each writer sweeps away what its change left without a name, and what others left for longer than an hour. Writers do
not keep each other out: of two that change one document at once, the last one's version stays, whole.

A document is searched by Milvus, inside a filter on its segment. Its text, and which words it has, are read once and
kept in memory; whatever is read is counted, so that no answer comes from half a document.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from index import across, lexical
from index.across import Alone
from index.codes import eight_bits, four_bits
from index.entry import DETAILS, Entry, Origin, entry_of, listed
from index.latest import Latest
from index.manifest import LibraryError, agree
from index.milvus.address import address
from index.milvus.client import AT_HAND, STRONG, Client
from index.milvus.facts import coverage, index, scores, similarity, vectors
from index.milvus.tables import (
    COLLECTIONS,
    DOCUMENTS,
    FORMAT,
    MANIFEST,
    PARTS,
    PASSAGES,
    SENTENCES,
    Row,
    Told,
    collections_row,
    document_row,
    manifest_row,
    parts,
    passage_rows,
    sentence_rows,
    tables,
    told_by,
)
from index.segment import DEPTH, Evidence, Query, Segment, SegmentError
from index.store import StoreError
from index.types import Collection, Document, Frame, Hit, ParallaxError, Passage, Precision, Progress, Search
from index.vectors import Encode, Work, counted

Rows = TypeVar("Rows")

LEASE = 3600
"""Seconds that the rows of a change stay though nothing names them: no document takes so long to be written."""
_HELD = 256
"""So many documents stay in memory once they were asked."""


class Milvus:
    """One library on Milvus."""

    def __init__(self, text: str) -> None:
        self.address = text
        self._client = Client(address(text))
        self._made_by: dict[str, str] = {}
        self._held = Latest(_HELD, self._read)
        self._segment = Latest(_HELD, self._load)

    def manifest(self) -> dict[str, str]:
        """As the protocol says. Raises LibraryError where the collections of this name are something else's."""
        if self._made_by or not self._client.is_there():
            return self._made_by
        if not self._client.has(DOCUMENTS, tables(1)[DOCUMENTS]):
            return {}
        for table in tables(1):  # `documents` was made after the others
            self._client.load(table)
        rows = self._client.few_rows(DOCUMENTS, f'id == "{MANIFEST}"', ["entry"])
        self._made_by = dict(rows[0]["entry"]) if rows else {}  # which never changes
        return self._made_by

    def check(self, model: str | None, precision: Precision | None, progress: Progress) -> None:
        """As the protocol says."""
        agree(self.address, self.manifest(), FORMAT, model, precision)

    def create(self, manifest: Mapping[str, str]) -> None:
        """Make the collections that are not there, and last the row that says what made the library."""
        for name, columns in tables(int(manifest["dimension"])).items():
            self._client.create(name, columns)
        if not self.manifest():
            self._client.upsert(DOCUMENTS, manifest_row(manifest))

    def entries(self) -> tuple[Entry, ...]:
        """As the protocol says."""
        return tuple(entry for _, entry in self._placed()) if self.manifest() else ()

    def document(self, entry: Entry) -> Document:
        """As the protocol says."""
        return self._held(entry)[0]

    def passages(self, entry: Entry) -> tuple[Passage, ...]:
        """As the protocol says."""
        return self._held(entry)[1].passages

    def search(self, entry: Entry, query: Query, k: int) -> list[Hit]:
        """The k best passages, by Milvus' hybrid search in the document's rows: exact, with its own BM25."""
        depth = max(k, DEPTH)
        asked: list[tuple[str, object]] = [("vector", query.vector)] if query.vector is not None else []
        if sparse := self._held(entry)[1].passage_words.query(query.terms):
            asked.append(("weights", sparse))
        if not asked:
            return []
        least = min(depth, entry.passages) if query.vector is not None else 0  # words may stand nowhere

        def ask(level: str) -> list[tuple[int, float]]:
            return self._client.hybrid_search(PASSAGES, _of(entry), asked, depth, level)

        found = self._whole(entry, ask, lambda found: len(found) >= least)
        best = sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]  # equal ones as `fuse` orders them
        return [Hit(passage, score, Search.FUSED) for passage, score in best]

    def nearest(self, entries: Sequence[Entry], queries: Mapping[str, Query], k: int) -> list[tuple[Entry, Hit]]:
        """As the protocol says; the documents are read into memory for it, and every vector is compared."""
        parts = [Alone(self.segment(entry), entry.language) for entry in entries]
        return [(entries[number], hit) for number, hit in across.nearest(parts, queries, k)]

    def evidence(self, entry: Entry, query: Query, passages: Sequence[int]) -> list[Evidence]:
        """As the protocol says, from the rows of these passages and their sentences alone."""
        told = self._held(entry)[1]
        numbers = sorted(set(passages))
        expected = sum(len(told.passages[number].sentences) for number in numbers)

        def ask(table: str, column: str) -> Callable[[str], list[Row]]:
            where = f"{_of(entry)} and {column} in {numbers}"
            wanted = ["number", "weights", *(["passage", "vector"] if table == SENTENCES else [])]
            return lambda level: self._client.few_rows(table, where, wanted, level)

        sentences = self._whole(entry, ask(SENTENCES, "passage"), lambda rows: len(rows) == expected)
        wholes = self._whole(entry, ask(PASSAGES, "number"), lambda rows: len(rows) == len(numbers))
        by_number = {int(row["number"]): row["weights"] for row in wholes}
        rows_of: dict[int, list[Row]] = {number: [] for number in numbers}
        for row in sorted(sentences, key=lambda row: int(row["number"])):
            rows_of[int(row["passage"])].append(row)
        return [
            Evidence(
                similarity(rows_of[number], query),
                scores(told.sentence_words, query.terms, rows_of[number]),
                coverage(told.passage_words, query.terms, by_number[number], entry.passages),
            )
            for number in passages
        ]

    def segment(self, entry: Entry) -> Segment:
        """As the protocol says: all its rows are read once."""
        return self._segment(entry)

    def is_whole(self, entry: Entry) -> bool:
        """As the protocol says; read anew from Milvus."""
        try:
            self._read(entry)
            self._load(entry)
        except ParallaxError:
            return False
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """As the protocol says; keeps no other writer out."""
        self._sweep()
        yield

    def source(self, entry: Entry) -> Path:
        """As the protocol says; nothing is kept here."""
        return Path(entry.path)

    def keep(self, path: Path, sha256: str) -> None:
        """As the protocol says: nothing is."""

    def collections(self) -> tuple[Collection, ...]:
        """As the protocol says; a document that is there no more is in none."""
        there = [entry.id for entry in self.entries()]
        held = {name: [one for one in there if one in ids] for name, ids in self._collections().items()}
        return tuple(Collection(name, tuple(ids)) for name, ids in sorted(held.items()) if ids)

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """As the protocol says."""
        held = {**self._collections(), name: list(documents)}
        self._client.upsert(DOCUMENTS, collections_row({name: ids for name, ids in held.items() if ids}))

    def _collections(self) -> dict[str, list[str]]:
        rows = self._client.few_rows(DOCUMENTS, f'id == "{COLLECTIONS}"', ["entry"]) if self.manifest() else []
        return dict(rows[0]["entry"]) if rows else {}

    def put(self, frame: Frame, work: Work, encode: Encode, progress: Progress, origin: Origin) -> None:
        """As the protocol says. Raises LibraryError where writing took so long that another swept the rows away."""
        segment = Segment.encoded(work, counted(encode, len(work.passages), progress))
        progress("writing", 0, 1)
        name = uuid.uuid4().hex
        texts = [" ".join(work.text[s.start : s.end] for s in passage.sentences) for passage in work.passages]
        terms = lexical.terms(texts, work.language)
        self._client.insert(PARTS, parts(name, (frame, work.text), work.passages, segment, int(time.time()) + LEASE))
        self._client.insert(PASSAGES, passage_rows(name, segment, terms))
        self._client.insert(SENTENCES, sentence_rows(name, segment, work.passages))
        entry = entry_of(frame, work.text, work.passages, origin, segment=name)
        if not self._client.few_rows(PARTS, f'segment == "{name}" and number == 0', ["number"]):
            raise LibraryError(f"“{frame.id}” took longer than an hour to be written at {self.address}; try again.")
        placed = self._placed()
        old = next(((place, entry) for place, entry in placed if entry.id == frame.id), None)
        position = old[0] if old is not None else max((place for place, _ in placed), default=-1) + 1
        self._client.upsert(DOCUMENTS, document_row(entry, position))  # the commit
        if old is not None:
            self._drop(old[1].segment)
        progress("writing", 1, 1)

    def rename(self, frame: Frame) -> None:
        """As the protocol says."""
        for position, entry in self._placed():
            if entry.id == frame.id:
                details = {name: getattr(frame, name) for name in DETAILS}
                self._client.upsert(DOCUMENTS, document_row(replace(entry, **details), position))

    def remove(self, identifier: str) -> None:
        """As the protocol says."""
        for _, entry in self._placed():
            if entry.id == identifier:
                self._client.delete(DOCUMENTS, f'id == "{identifier}"')
                self._drop(entry.segment)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def _placed(self) -> list[tuple[int, Entry]]:
        """The documents with their positions, in order."""
        rows = self._client.rows(DOCUMENTS, "position >= 0", ["position", "entry"])
        placed = [(int(row["position"]), listed(row["entry"])) for row in rows]
        return sorted(placed, key=lambda one: (one[0], one[1].id))  # two writers may have taken one position

    def _sweep(self) -> None:
        """Delete the segments that no document names and that nobody is writing any more."""
        begun = self._client.rows(PARTS, "number == 0", ["segment", "until"])
        named = {entry.segment for _, entry in self._placed()}
        for row in begun:
            if row["segment"] not in named and int(row["until"]) < time.time():
                self._drop(row["segment"])

    def _drop(self, segment: str) -> None:
        """Delete a segment; last the row by which the next writer would find it."""
        where = f'segment == "{segment}"'
        for table, rest in ((SENTENCES, ""), (PASSAGES, ""), (PARTS, " and number > 0"), (PARTS, "")):
            self._client.delete(table, where + rest)

    def _whole(self, entry: Entry, ask: Callable[[str], Rows], whole: Callable[[Rows], bool]) -> Rows:
        """What Milvus has at hand of a version, else what it has after catching up with every write."""
        for level in (AT_HAND, STRONG):
            if whole(found := ask(level)):
                return found
        raise self._missing(entry)

    def _missing(self, entry: Entry) -> ParallaxError:
        """Why rows of a version are not there."""
        if any(entry.segment == named.segment for _, named in self._placed()):
            return SegmentError(f"What “{entry.id}” is searched with at {self.address} is damaged; add its file again.")
        return StoreError(f"The document “{entry.id}” was replaced or removed in the meantime; try again.")

    def _read(self, entry: Entry) -> tuple[Document, Told]:
        rows = self._client.rows(PARTS, _of(entry), ["number", "body"])
        try:
            told = told_by(rows)
        except ValueError as error:
            raise self._missing(entry) from error
        if sha256(told.text.encode()).hexdigest() != entry.sha256:
            raise StoreError(f"The text of “{entry.id}” at {self.address} is damaged; add its file again.")
        return told.document(entry), told

    def _load(self, entry: Entry) -> Segment:
        told = self._held(entry)[1]
        words, sentence_words = told.passage_words, told.sentence_words
        passages = self._all(entry, PASSAGES, len(told.passages))
        sentences = self._all(entry, SENTENCES, sum(len(passage.sentences) for passage in told.passages))
        return Segment(
            eight_bits(vectors(passages)),
            four_bits(vectors(sentences)),
            index(words, passages),
            index(sentence_words, sentences),
        )

    def _all(self, entry: Entry, table: str, expected: int) -> list[Row]:
        rows = self._client.rows(table, _of(entry), ["number", "vector", "weights"])
        if len(rows) != expected:
            raise self._missing(entry)
        return sorted(rows, key=lambda row: int(row["number"]))


def _of(entry: Entry) -> str:
    return f'segment == "{entry.segment}"'
