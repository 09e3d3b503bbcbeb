"""Search files of many documents gathered into one: found by approximate vectors and by an inverted file of words.

All of it is derived from segments, which stay as they are, and none of it is changed once it is sealed: what is added
later is searched by itself until it is gathered, too, and what was replaced or removed is passed over by whoever asks.
Missing or damaged, it is not used. Which documents there are, and when to gather, is `embedded`'s to know.
"""

import json
import os
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import arrays, dense, postings
from index.codes import Codes, cosines, widened
from index.dense import Lists
from index.embed import Vectors
from index.postings import NOWHERE, Postings, Scored, Written
from index.sealed import damaged, sealed
from index.segment import DEPTH, WORDS
from index.vectors import PASSAGES, SENTENCES

APPROXIMATE = 50_000
"""From so many passages on not every vector is looked at; `docs/indexing.md` has what was measured."""
PROMISE = 0.98
"""Of the ten nearest passages so many are found, in the mean of questions."""
AIM = 0.99
"""What is asked of the sample on which the lists looked at are counted, so that the promise holds beyond it."""
QUERIES = 200
AGAIN = 2
"""For each passage asked for, so many candidates are compared by their vectors."""
_ABOUT, _LISTS = "about.json", "vectors.ivf"


@dataclass(frozen=True, slots=True)
class Member:
    """A segment that is gathered."""

    segment: str
    language: str
    passages: int


class Gathered:
    """What was gathered in one folder, opened. A row is a passage, numbered on from segment to segment."""

    def __init__(self, folder: Path, segments: Path, dimension: int) -> None:
        """Raises OSError or ValueError where a file is missing or not as it was written."""
        if (file := damaged(folder)) is not None:
            raise ValueError(f"{file} is damaged")
        about = json.loads((folder / _ABOUT).read_text())
        self.folder = folder
        self.members = tuple(Member(**member) for member in about["members"])
        self.recall: float = about["recall"]
        """At 10, as measured on the sample; 1 where every vector is looked at."""
        self._probes: int = about["probes"]
        self._rows = _Rows(segments, self.members, dimension)
        self._words = Postings.load(folder)
        self._lists = Lists.load(folder / _LISTS) if self._probes else None
        copied = folder / PASSAGES
        self._vectors = arrays.mapped(copied) if copied.exists() else None

    def __len__(self) -> int:
        return self._rows.count

    def place(self, row: int) -> tuple[Member, int]:
        """The segment in which a row lies, and its number there."""
        number = self._rows.member(row)
        return self.members[number], row - self._rows.starts[number]

    def mask(self, segments: Collection[str]) -> NDArray[np.bool_]:
        """Which rows lie in some segments."""
        return np.repeat([m.segment in segments for m in self.members], [m.passages for m in self.members])

    def nearest(self, vector: NDArray[np.float32], k: int, among: NDArray[np.bool_]) -> Scored:
        """The k nearest of the rows that count, in no order: all compared where they are few, else approximately.

        Where fewer rows count, more lists are looked at, so that as many of them are met.
        """
        counted = int(np.count_nonzero(among))
        if self._vectors is not None:
            return dense.nearest(self._vectors, vector, k, among)
        if self._lists is None or counted < APPROXIMATE:
            return self._rows.exact(vector, k, among)
        probes = self._probes * len(among) // counted
        found = self._lists.candidates(vector[np.newaxis], k * AGAIN, probes, among if counted < len(among) else None)
        return self._rows.compared(vector, found[0], k)

    def saturation(self, language: str, term: str) -> Scored:
        """As `Postings.saturation`."""
        return self._words.saturation(language, term)


class _Rows:
    """The vectors of all members, in their own files: each is mapped while it is looked at, for a process may have only
    so many files open."""

    def __init__(self, segments: Path, members: Sequence[Member], dimension: int) -> None:
        self.starts = [0, *accumulate(member.passages for member in members)]
        self.count = self.starts.pop()
        self._folders = [segments / member.segment for member in members]
        self._files = [str(folder / PASSAGES) for folder in self._folders]
        self._sizes = [member.passages for member in members]
        self.dimension = dimension

    def member(self, row: int) -> int:
        """The number of the member in which a row lies."""
        return bisect_right(self.starts, row) - 1

    def vectors(self, number: int, start: int = 0, most: int | None = None) -> Codes:
        """The vectors of a member, from one on and not more than some.

        Raises OSError, and ValueError where the file holds too few.
        """
        file, size = self._files[number], self._sizes[number] - start
        head = Path(file).stat().st_size - size * self.dimension  # bytes before the numbers
        shape = (size if most is None else min(most, size), self.dimension)
        return np.asarray(np.memmap(file, np.int8, "r", head, shape))

    def of(self, rows: NDArray[np.int64]) -> Codes:
        """The vectors of some rows, in their order, read from the files: of each so few that mapping it costs more.

        Raises OSError, and ValueError where a file holds too few.
        """
        found = np.empty((len(rows), self.dimension), np.int8)
        members = np.searchsorted(self.starts, rows, "right") - 1
        order = np.argsort(members, kind="stable")
        for number, places in groupby(order.tolist(), members.__getitem__):
            with open(self._files[number], "rb", buffering=0) as file:  # noqa: PTH123  (a Path would cost as much again)
                first = os.fstat(file.fileno()).st_size - self._sizes[number] * self.dimension
                for place in places:
                    at = first + int(rows[place] - self.starts[number]) * self.dimension
                    found[place] = np.frombuffer(os.pread(file.fileno(), self.dimension, at), np.int8)
        return found

    def pieces(self) -> Iterator[tuple[int, Codes]]:
        """The vectors of all rows in order, as many at a time as are widened at once, and the number of their first.

        Each piece is mapped by itself: what was looked at of a file would stay in memory as long as it is.
        """
        for number, (first, size) in enumerate(zip(self.starts, self._sizes, strict=True)):
            for start in range(0, size, dense.AT_ONCE):
                yield first + start, self.vectors(number, start, dense.AT_ONCE)

    def sample(self, count: int, chance: "np.random.Generator") -> Vectors:
        """The vectors of so many rows, drawn, in their order."""
        rows = np.sort(chance.choice(self.count, count, replace=False))
        drawn = np.empty((count, self.dimension), np.float32)
        for start in range(0, count, dense.AT_ONCE):
            some = slice(start, start + dense.AT_ONCE)
            drawn[some] = widened(self.of(rows[some]), self.dimension)
        return drawn

    def sentences(self, count: int, chance: "np.random.Generator") -> Vectors:
        """Vectors of so many sentences, each of a member drawn by its size."""
        drawn = (self.member(int(row)) for row in chance.choice(self.count, count))
        each = (arrays.mapped(self._folders[member] / SENTENCES) for member in drawn)
        return widened(np.stack([vectors[chance.integers(len(vectors))] for vectors in each]), self.dimension)

    def exact(self, vector: NDArray[np.float32], k: int, among: NDArray[np.bool_]) -> Scored:
        """The k nearest of the rows that count, in no order; of a member all count or none."""
        asked = [number for number, start in enumerate(self.starts) if among[start]]
        near = [dense.nearest(self.vectors(number), vector, k) for number in asked]
        if not near:
            return NOWHERE
        rows = np.concatenate([rows + self.starts[number] for number, (rows, _) in zip(asked, near, strict=True)])
        return _first(rows, np.concatenate([scores for _, scores in near]), k)

    def exactly(self, queries: Vectors, k: int) -> NDArray[np.int64]:
        """The k nearest of all rows to each of many queries, in no order, shape (queries, k)."""
        scores = np.zeros((len(queries), 0), np.float32)
        rows = np.zeros((len(queries), 0), np.int64)
        for start, vectors in self.pieces():
            new = np.broadcast_to(np.arange(start, start + len(vectors)), (len(queries), len(vectors)))
            scores, rows = np.hstack([scores, cosines(vectors, queries)]), np.hstack([rows, new])
            best = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
            scores, rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)
        return rows

    def compared(self, vector: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> Scored:
        """The k nearest of some rows, by their own vectors, in no order."""
        rows = rows[rows >= 0]
        return _first(rows, cosines(self.of(rows), vector), k)


def _first(rows: NDArray[np.integer], scores: NDArray[np.float32], k: int) -> Scored:
    best = np.argsort(-scores)[:k]
    return rows[best], scores[best]


def gather(folder: Path, segments: Path, members: Sequence[Member], dimension: int) -> None:
    """Gather some whole segments, none without a passage, in a new folder. Raises OSError."""
    with sealed(folder) as beside:
        words = [Written(m.language, m.passages, segments / m.segment / WORDS) for m in members]
        rows = _Rows(segments, members, dimension)
        postings.write(beside, words, rows.count)
        probes, recall = 0, 1.0
        if rows.count < APPROXIMATE:
            shape = rows.count, dimension
            arrays.write(beside / PASSAGES, np.dtype(np.int8), shape, (vectors for _, vectors in rows.pieces()))
        else:
            probes, recall = _approximate(beside / _LISTS, rows)
        about = {"members": [asdict(member) for member in members], "probes": probes, "recall": recall}
        (beside / _ABOUT).write_text(json.dumps(about))


def _approximate(file: Path, rows: _Rows) -> tuple[int, float]:
    """Write lists of all vectors; how many of them are to be looked at for the promise, and the recall then.

    Asked are sentences of the documents, which are no passages themselves and as short as questions. What is found is
    right that is as near as the tenth: of equal passages any. Where not even all lists together keep the promise, which
    four bits a number may cause, none are written: 0, and 1.
    """
    chance = np.random.default_rng(0)  # the same segments make the same file
    count = Lists.fitting(rows.count)
    lists = Lists.trained(rows.sample(min(count * dense.TRAINED, rows.count), chance), count)
    lists.fill(widened(vectors, rows.dimension) for _, vectors in rows.pieces())
    queries = rows.sentences(QUERIES, chance)
    nearest = zip(queries, rows.exactly(queries, 10), strict=True)
    tenth = [np.min(rows.compared(query, near, 10)[1]) for query, near in nearest]
    probes = 1
    while True:
        found = lists.candidates(queries, AGAIN * DEPTH, probes)
        right = [
            np.count_nonzero(rows.compared(query, candidates, 10)[1] >= least)
            for query, candidates, least in zip(queries, found, tenth, strict=True)
        ]
        recall = float(np.mean(right)) / 10
        if recall >= AIM or probes >= count:
            break
        probes *= 2
    if recall < PROMISE:
        return 0, 1.0
    lists.save(file)
    return min(probes, count), recall
