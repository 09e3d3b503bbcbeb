"""A document's parts in little room: their numbers as differences, compressed (zlib, RFC 1950).

Offsets ascend, so a number less that of the record before is small. A part is its records, so many at a time, so that
it never is in memory a second time as a whole; before those of blocks, markers and lines stands what is no number in
them, as JSON. Whether what is read is what was written is for `seals` to say.
"""

import json
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from index.packed import Packed, Passages, Record
from index.texts import streams
from index.types import Block, BlockKind, Marker, Passage, SourceLine

PARTS = ("blocks", "markers", "lines", "sentences", "passages")
"""The columns of a document's parts. Of a sentence its bounds are kept, of a passage where the bounds of its sentences
end among all."""
Parts = tuple[bytes, ...]
"""In the order of PARTS."""
_AT_ONCE = 2**16
"""So many records are compressed at once."""


def folded(
    blocks: Sequence[Block], markers: Sequence[Marker], lines: Sequence[SourceLine], passages: Sequence[Passage]
) -> Parts:
    """The parts of a document as they are kept."""
    tiles = passages
    if not isinstance(tiles, Passages):
        tiles = Passages(((s.start, s.end) for s in passage.sentences) for passage in passages)
    return (
        _folded(_packed(Block, blocks)),
        _folded(_packed(Marker, markers)),
        _folded(_packed(SourceLine, lines)),
        b"".join(_compressed(tiles.bounds, 2)),
        b"".join(_compressed(tiles.ends, 1)),
    )


def unfolded(parts: Parts) -> tuple[Sequence[Block], tuple[Marker, ...], Sequence[SourceLine], Sequence[Passage]]:
    """The parts of a document from what `folded` made of them: blocks, markers, lines, passages."""
    blocks, markers, lines, sentences, passages = parts
    return (
        _unfolded(Block, blocks, lambda other: BlockKind(other) if isinstance(other, str) else other),
        tuple(_unfolded(Marker, markers)),
        _unfolded(SourceLine, lines),
        Passages.kept(_numbers(streams(sentences), 2), _numbers(streams(passages), 1)),
    )


def _packed(record: type[Record], records: Sequence[Record]) -> Packed[Record]:
    fields = record.__slots__  # type: ignore[attr-defined]
    return records if isinstance(records, Packed) else Packed(record, len(fields), map(attrgetter(*fields), records))


def _folded(packed: Packed[Any]) -> bytes:
    return b"".join([zlib.compress(json.dumps(packed.others).encode()), *_compressed(packed.numbers, packed.width)])


def _unfolded(
    record: type[Record], part: bytes, meant: Callable[[Any], object] = lambda other: other
) -> Packed[Record]:
    """`meant`: what is no number, of what JSON makes of it."""
    pieces = streams(part)
    others = [meant(other) for other in json.loads(next(pieces))]
    width = len(record.__slots__)  # type: ignore[attr-defined]
    return Packed.kept(record, width, _numbers(pieces, width), others)


def _compressed(numbers: "array[int]", width: int) -> Iterator[bytes]:
    """Records of so many numbers, field by field, and of all of a piece's bytes the lowest first: most others are 0."""
    for at in range(0, len(numbers), width * _AT_ONCE):
        some = np.frombuffer(numbers[at : at + width * _AT_ONCE], np.int64).reshape(-1, width)
        steps = np.diff(some, axis=0, prepend=0).T.astype("<i8", order="C")
        yield zlib.compress(steps.view(np.uint8).reshape(-1, 8).T.tobytes())


def _numbers(pieces: Iterator[bytes], width: int) -> "array[int]":
    numbers = array("q")
    for piece in pieces:
        steps = np.frombuffer(piece, np.uint8).reshape(8, -1).T.copy().view("<i8")
        numbers.frombytes(np.cumsum(steps.reshape(width, -1), axis=1, dtype=np.int64).T.tobytes())
    return numbers
