"""How often each word stands in each row, counted a run of words at a time so that what is in memory does not grow with
the rows, and the BM25 that is made of it.

The weights are bm25s' (method "lucene", Kamphuis et al., ECIR 2020). Cuts no text into words, searches nothing and
keeps nothing on the disk.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1, B = 1.5, 0.75
RUN = 2**18
"""So many words of the rows are looked at, and so many weights made, at once: about 15 MB."""
_FULL = 2**16 - 1
"""The parts of a saturation of 1. Rounded to them, a word says the same in rows of two documents that are as long and
hold it as often, though its rarity, which is divided out, is another there."""


def rarity(rows: int, occurs: int) -> float:
    """BM25's idf of a word that occurs in so many of so many rows."""
    return math.log(1 + (rows - occurs + 0.5) / (occurs + 0.5))


def saturation(parts: NDArray[np.uint16]) -> NDArray[np.float32]:
    """What is kept of saturations in two bytes each, between 0 and 1."""
    said: NDArray[np.float32] = parts.astype(np.float32) / np.float32(_FULL)
    return said


def in_parts(said: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Saturations as they are kept."""
    parts: NDArray[np.uint16] = np.rint(said * np.float32(_FULL)).astype(np.uint16)
    return parts


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each word stands in each row, by the words' numbers."""

    lengths: NDArray[np.integer]
    """Of each row, how many words it has."""
    occurrences: NDArray[np.integer]
    """Of each word, in how many rows it occurs."""
    rows: NDArray[np.integer]
    """Of one word after the other the rows in which it occurs, in order."""
    often: NDArray[np.integer]
    """In each of these rows, how often it does."""

    @classmethod
    def joined(cls, runs: Iterable["Counts"]) -> "Counts":
        """The counts of the words of all runs, of which there is one at least."""
        lengths, *parts = zip(*((run.lengths, run.occurrences, run.rows, run.often) for run in runs), strict=True)
        return cls(lengths[0], *map(np.concatenate, parts))

    def grouped(self, sizes: NDArray[np.integer]) -> "Counts":
        """The same of rows that are taken together: the first `sizes[0]` of them, at least one, and so on."""
        groups = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[self.rows]
        words = np.repeat(np.arange(len(self.occurrences)), self.occurrences)
        first = np.flatnonzero((np.diff(groups, prepend=-1) != 0) | (np.diff(words, prepend=-1) != 0))
        occurrences = np.bincount(words[first], minlength=len(self.occurrences))
        lengths, often = _sums(self.lengths, np.cumsum(sizes) - sizes), _sums(self.often, first)
        return Counts(lengths, occurrences, groups[first], often)

    def weights(self) -> NDArray[np.float32]:
        """The BM25 of each word in each row in which it occurs, in the order of `rows`."""
        many, lengths = len(self.lengths), self.lengths.astype(np.int64)
        occurrences = self.occurrences.tolist()
        idfs = {occurs: rarity(many, occurs) for occurs in set(occurrences)}
        idf = np.array([idfs[occurs] for occurs in occurrences], np.float32)
        damped = K1 * ((1 - B) + B * lengths / (lengths.mean() if lengths.any() else 1))
        weights: NDArray[np.float32] = np.repeat(idf, self.occurrences)
        for start in range(0, len(weights), RUN):
            some = slice(start, start + RUN)
            often = self.often[some].astype(np.int64)
            weights[some] *= often / (damped[self.rows[some]] + often)
        return weights


def _sums(numbers: NDArray[np.integer], starts: NDArray[np.integer]) -> NDArray[np.int32]:
    """The sum from each start to the next."""
    sums: NDArray[np.int32] = np.zeros(0, np.int32)
    return np.add.reduceat(numbers, starts, dtype=np.int32) if len(starts) else sums


class Words:
    """The words of each row as numbers, four bytes a word. Numbered by first occurrence."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        self.vocabulary: dict[str, int] = {}
        words, ends = array("i"), array("q", [0])
        number = self.vocabulary.setdefault
        for row in rows:
            words.extend([number(word, len(self.vocabulary)) for word in row])
            ends.append(len(words))
        self._words, self._ends = np.frombuffer(words, np.int32), np.frombuffer(ends, np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Of each row, how many words it has."""
        return np.diff(self._ends)

    def counts(self) -> Counts:
        """Those of all words."""
        return Counts.joined(self.runs())

    def runs(self) -> Iterator[Counts]:
        """The same a run of words at a time, in the order of the vocabulary: of all rows, but as if there were no other
        words. At least one run, and of each at least one word, if there are any."""
        lengths, occurrences = self.lengths, self._occurrences()
        ends = np.cumsum(occurrences)
        first = before = 0
        while True:
            last = max(int(np.searchsorted(ends, before + RUN, "right")), min(first + 1, len(ends)))
            yield Counts(lengths, occurrences[first:last], *self._held(first, last))
            if last == len(ends):
                break
            first, before = last, int(ends[last - 1])

    def _occurrences(self) -> NDArray[np.int64]:
        """In how many rows each word occurs, shape (words,)."""
        many = len(self.vocabulary)
        counts = np.zeros(many, np.int64)
        row = 0
        while row < len(self):
            start = self._ends[row]
            end = max(int(np.searchsorted(self._ends, start + RUN, "right")) - 1, row + 1)  # whole rows
            rows = np.repeat(np.arange(end - row), np.diff(self._ends[row : end + 1]))
            pairs = np.unique(rows * many + self._words[start : self._ends[end]])
            counts += np.bincount(pairs % many, minlength=many)
            row = end
        return counts

    def _held(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows that hold each word in a range, one word after the other, and how often they do."""
        keys = [np.zeros(0, np.int64)]
        for start in range(0, len(self._words), RUN):
            some = self._words[start : start + RUN]
            places = np.flatnonzero((some >= first) & (some < last))
            rows = np.searchsorted(self._ends, places + start, "right") - 1
            keys.append((some[places].astype(np.int64) - first) * len(self) + rows)
        pairs, often = np.unique(np.concatenate(keys), return_counts=True)
        return pairs % len(self), often
