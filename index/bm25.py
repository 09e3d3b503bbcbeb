"""How often each word stands in each row, counted a run of words at a time so that what is in memory does not grow with
the rows, and the BM25 that is made of it.

The weights are bm25s' (method "lucene", Kamphuis et al., ECIR 2020). Only counts are kept on the disk, in the smallest
numbers that hold them; weights are reckoned when they are read. Cuts no text into words, and searches nothing.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import arrays

K1, B = 1.5, 0.75
RUN = 2**18
"""So many words of the rows are looked at, and so many weights made, at once: about 15 MB."""
_FULL = 2**16 - 1
"""The parts of a saturation of 1. Rounded to them, a word says the same in rows of two documents that are as long and
hold it as often, though its rarity, which is divided out, is another there."""
_LENGTHS, _OCCURRENCES, _ROWS, _OFTEN = (f"{name}.npy" for name in ("lengths", "occurrences", "rows", "often"))


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
    def read(cls, folder: Path) -> "Counts":
        """What `Words.write` wrote. Raises OSError or ValueError where files are missing or damaged."""
        return cls(*(arrays.read(folder / name) for name in (_LENGTHS, _OCCURRENCES, _ROWS, _OFTEN)))

    @staticmethod
    def occurring(folder: Path) -> NDArray[np.integer]:
        """The occurrences alone. Raises as `read`."""
        return arrays.read(folder / _OCCURRENCES)

    @classmethod
    def runs(cls, folder: Path) -> Iterator["Counts"]:
        """The same, a run of words at a time: of all rows, but as if there were no other words. Raises as `read`."""
        lengths, occurrences = (arrays.read(folder / name) for name in (_LENGTHS, _OCCURRENCES))
        for words, some in _runs(occurrences):  # mapped anew for each: what was looked at would stay in memory
            rows, often = (np.array(arrays.mapped(folder / name)[some]) for name in (_ROWS, _OFTEN))
            yield cls(lengths, occurrences[words], rows, often)

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


def _runs(occurrences: NDArray[np.integer]) -> Iterator[tuple[slice, slice]]:
    """Words that together occur in as many rows as a run has, or one alone; and where these rows lie."""
    before = np.zeros(len(occurrences) + 1, np.int64)
    np.cumsum(occurrences, out=before[1:])
    first = 0
    while first < len(occurrences):
        last = max(int(np.searchsorted(before, before[first] + RUN, "right")) - 1, first + 1)
        yield slice(first, last), slice(before[first], before[last])
        first = last


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

    def counts(self) -> Counts:
        """All of them, in memory."""
        lengths, occurrences = np.diff(self._ends), self._occurrences()
        nothing = np.zeros(0, np.int64)
        runs = zip((nothing, nothing), *self._runs(occurrences), strict=True)
        rows, often = (np.concatenate(parts) for parts in runs)
        return Counts(lengths, occurrences, rows, often)

    def write(self, folder: Path) -> None:
        """Write what `counts` gives into a folder; none of it stays in memory. Raises OSError."""
        lengths, occurrences = np.diff(self._ends), self._occurrences()
        longest = int(lengths.max(initial=0))  # no word is more often in a row
        np.save(folder / _LENGTHS, lengths.astype(arrays.smallest(longest)))
        np.save(folder / _OCCURRENCES, occurrences.astype(arrays.smallest(len(self))))
        kinds = arrays.smallest(len(self)), arrays.smallest(longest)
        with (folder / _ROWS).open("wb") as one, (folder / _OFTEN).open("wb") as other:
            for file, kind in zip((one, other), kinds, strict=True):
                shape = {"descr": kind.str, "fortran_order": False, "shape": (int(occurrences.sum()),)}
                np.lib.format.write_array_header_1_0(file, shape)
            for run in self._runs(occurrences):
                for file, kind, part in zip((one, other), kinds, run, strict=True):
                    file.write(part.astype(kind).data)

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

    def _runs(self, occurrences: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The rows that hold one word after the other, and how often each does, a run of words at a time."""
        for words, _ in _runs(occurrences):
            yield self._held(words.start, words.stop)

    def _held(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows that hold each word in a range, one word after the other, and how often they do."""
        keys: list[NDArray[np.int64]] = []
        for start in range(0, len(self._words), RUN):
            some = self._words[start : start + RUN]
            places = np.flatnonzero((some >= first) & (some < last))
            rows = np.searchsorted(self._ends, places + start, "right") - 1
            keys.append((some[places].astype(np.int64) - first) * len(self) + rows)
        pairs, often = np.unique(np.concatenate(keys), return_counts=True)
        return pairs % len(self), often
