"""What a library is in Milvus: four collections, their columns, and how a document is told in rows.

A version of a document is a segment: its rows in `parts`, `passages` and `sentences` bear the segment's name, and the
one row of `documents` that names the segment makes it the document's. Nothing is asked of Milvus here.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any, Literal

from index.codes import widened
from index.entry import Entry
from index.segment import Segment
from index.types import Block, BlockKind, Document, Loaded, Marker, Passage, Sentence, SourceLine

FORMAT = "1"
"""Raised with every change of the columns or of what is in them."""
DOCUMENTS, PARTS, PASSAGES, SENTENCES = "documents", "parts", "passages", "sentences"
MANIFEST = "*"
"""The row of `documents` that says what made the library; no document has this id, and its position is -1."""
COLLECTIONS = "+"
"""The row of `documents` that holds the named collections; no document has this id, and its position is -2."""
LONGEST = 65_535
"""Bytes that Milvus keeps in a VARCHAR at most."""
UNUSED = 0
"""A dimension that no word has: in a sparse vector without words, which Milvus would refuse empty."""
_DIMENSIONS = 2**32 - 2
Kind = Literal["VARCHAR", "INT64", "JSON", "FLOAT_VECTOR", "SPARSE_FLOAT_VECTOR"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a collection. The first is the primary key."""

    name: str
    kind: Kind
    size: int | None = None
    """Of a VARCHAR its most bytes, of a vector its dimension."""
    segment: bool = False
    """Whether its rows are kept together by it (Milvus' partition key) and found by it."""
    bm25_of: str | None = None
    """The column of words whose BM25 Milvus itself keeps here, with the statistics of all rows."""


def tables(dimension: int) -> dict[str, tuple[Column, ...]]:
    """The columns of each collection; `dimension` is that of the encoder."""
    segment = Column("segment", "VARCHAR", 32, segment=True)
    number = Column("number", "INT64")
    nothing = Column("nothing", "FLOAT_VECTOR", 2)  # Milvus keeps no collection without a vector
    weights = Column("weights", "SPARSE_FLOAT_VECTOR")
    vector = Column("vector", "FLOAT_VECTOR", dimension)
    key = Column("id", "VARCHAR", 48)
    return {
        PARTS: (key, segment, number, Column("until", "INT64"), Column("body", "VARCHAR", LONGEST), nothing),
        PASSAGES: (
            *(key, segment, number, vector, weights, Column("words", "VARCHAR", LONGEST)),
            Column("bm25", "SPARSE_FLOAT_VECTOR", bm25_of="words"),
        ),
        SENTENCES: (key, segment, number, Column("passage", "INT64"), vector, weights),
        DOCUMENTS: (Column("id", "VARCHAR", 1024), Column("position", "INT64"), Column("entry", "JSON"), nothing),
    }


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one document's passages, or of its sentences."""

    dimensions: Mapping[str, int]
    """Of each word its dimension in the sparse vectors, in the order of the columns of the `LexicalIndex`."""
    occurs: Mapping[str, int]
    """In how many rows each word occurs."""

    @classmethod
    def of(cls, vocabulary: Sequence[str], occurrences: Sequence[int]) -> "Words":
        """A word's dimension is its checksum, so that it is the same in nearly all documents; of two words of one
        document with the same one, the later takes the next that is free."""
        taken = {UNUSED}
        dimensions = {}
        for word in vocabulary:
            dimension = zlib.crc32(word.encode()) % _DIMENSIONS
            while dimension in taken:
                dimension = (dimension + 1) % _DIMENSIONS
            taken.add(dimension)
            dimensions[word] = dimension
        return cls(dimensions, dict(zip(vocabulary, occurrences, strict=True)))

    def query(self, terms: Sequence[str]) -> dict[int, float]:
        """The sparse vector of a query: how often it has each word that occurs."""
        known = [self.dimensions[term] for term in terms if term in self.dimensions]
        return {dimension: float(known.count(dimension)) for dimension in known}


@dataclass(frozen=True, slots=True)
class Told:
    """What the parts of a segment tell."""

    text: str
    blocks: tuple[Block, ...]
    markers: tuple[Marker, ...]
    lines: tuple[SourceLine, ...]
    passages: tuple[Passage, ...]
    passage_words: Words
    sentence_words: Words

    def document(self, entry: Entry) -> Document:
        """The document: its details are the entry's."""
        shared = {field.name for field in fields(Document)} & {field.name for field in fields(Entry)}
        details = {name: getattr(entry, name) for name in shared}
        return Document(**details, text=self.text, blocks=self.blocks, markers=self.markers, lines=self.lines)


def parts(segment: str, loaded: Loaded, passages: Sequence[Passage], searched: Segment, until: int) -> list[Row]:
    """The rows of `parts`. The first is written before all else: until so many seconds since 1970 nobody sweeps the
    segment away; it tells how many follow. The rest are the document and its words as compressed JSON."""
    frame, text = loaded
    told = {
        "text": text[:],
        "blocks": [astuple(block) for block in frame.blocks],
        "markers": [astuple(marker) for marker in frame.markers],
        "lines": [astuple(line) for line in frame.lines],
        "passages": [[(s.start, s.end) for s in passage.sentences] for passage in passages],
        "passage_words": [searched.passage_words.vocabulary(), searched.passage_words.occurrences()],
        "sentence_words": [searched.sentence_words.vocabulary(), searched.sentence_words.occurrences()],
    }
    packed = base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()
    bodies = [packed[at : at + LONGEST] for at in range(0, len(packed), LONGEST)]
    return [
        {"id": _key(segment, n), "segment": segment, "number": n, "until": until, "body": body, "nothing": [0.0, 0.0]}
        for n, body in enumerate([str(len(bodies)), *bodies])
    ]


def told_by(rows: Sequence[Row]) -> Told:
    """What the rows of `parts` tell, in any order. Raises ValueError where they are not whole."""
    bodies = {int(row["number"]): row["body"] for row in rows}
    count = bodies.pop(0, "")
    if count != str(len(bodies)):
        raise ValueError("not all parts are there")
    packed = "".join(body for _, body in sorted(bodies.items()))
    try:
        told = json.loads(zlib.decompress(base64.b64decode(packed, validate=True)))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return Told(
        text=told["text"],
        blocks=tuple(Block(BlockKind(kind), *block) for kind, *block in told["blocks"]),
        markers=tuple(Marker(*marker) for marker in told["markers"]),
        lines=tuple(SourceLine(*line) for line in told["lines"]),
        passages=tuple(map(_passage, told["passages"])),
        passage_words=Words.of(*told["passage_words"]),
        sentence_words=Words.of(*told["sentence_words"]),
    )


def _passage(spans: Sequence[tuple[int, int]]) -> Passage:
    return Passage(spans[0][0], spans[-1][1], tuple(Sentence(*span) for span in spans))


def passage_rows(segment: str, searched: Segment, terms: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The rows of `passages`; `terms` are the stemmed words of each."""
    vectors = widened(searched.passage_vectors, searched.dimension)
    weights = _sparse(searched.passage_words.vocabulary(), searched.passage_words.weights())
    for n, (vector, sparse, words) in enumerate(zip(vectors, weights, terms, strict=True)):
        row = {"id": _key(segment, n), "segment": segment, "number": n, "vector": vector, "weights": sparse}
        yield {**row, "words": " ".join(words)}


def sentence_rows(segment: str, searched: Segment, passages: Sequence[Passage]) -> Iterator[Row]:
    """The rows of `sentences`, in the order of the text."""
    vectors = widened(searched.sentence_vectors, searched.dimension)
    weights = _sparse(searched.sentence_words.vocabulary(), searched.sentence_words.weights())
    numbers = [n for n, passage in enumerate(passages) for _ in passage.sentences]
    for n, (vector, sparse, passage) in enumerate(zip(vectors, weights, numbers, strict=True)):
        row = {"id": _key(segment, n), "segment": segment, "number": n, "vector": vector, "weights": sparse}
        yield {**row, "passage": passage}


def document_row(entry: Entry, position: int) -> Row:
    """The row of `documents` that makes a segment the document's."""
    return {"id": entry.id, "position": position, "entry": asdict(entry), "nothing": [0.0, 0.0]}


def manifest_row(manifest: Mapping[str, str]) -> Row:
    """The row of `documents` that says what made the library."""
    return {"id": MANIFEST, "position": -1, "entry": {"format": FORMAT, **manifest}, "nothing": [0.0, 0.0]}


def collections_row(collections: Mapping[str, Sequence[str]]) -> Row:
    """The row of `documents` that holds the ids of each collection."""
    return {"id": COLLECTIONS, "position": -2, "entry": dict(collections), "nothing": [0.0, 0.0]}


def _sparse(vocabulary: Sequence[str], weights: Sequence[Mapping[int, float]]) -> Iterator[dict[int, float]]:
    dimensions = list(Words.of(vocabulary, [0] * len(vocabulary)).dimensions.values())
    for row in weights:
        yield {dimensions[column]: weight for column, weight in row.items()} or {UNUSED: 1.0}


def _key(segment: str, number: int) -> str:
    return f"{segment}-{number}"
