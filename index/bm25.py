"""BM25 of every word in every row, reckoned a run of words at a time: what is in memory does not grow with the rows.

The numbers are bm25s' (method "lucene", Kamphuis et al., ECIR 2020), and lie as it keeps them: of one word after the
other the rows in which it occurs. Cuts no text into words, and searches nothing.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

K1, B = 1.5, 0.75
RUN = 2**18
"""So many words of the rows are looked at, and so many weights made, at once: about 15 MB."""


def rarity(rows: int, occurs: int) -> float:
    """BM25's idf of a word that occurs in so many of so many rows."""
    return math.log(1 + (rows - occurs + 0.5) / (occurs + 0.5))


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

    def occurrences(self) -> NDArray[np.int64]:
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

    def weights(self, occurrences: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
        """The BM25 of one word after the other in the rows that hold it, and these rows, a run of words at a time."""
        lengths = np.diff(self._ends)
        mean = lengths.mean() if len(lengths) else 0.0
        idfs = {many: rarity(len(self), many) for many in np.unique(occurrences).tolist()}
        before = np.concatenate([[0], np.cumsum(occurrences)])
        first = 0
        while first < len(occurrences):
            last = max(int(np.searchsorted(before, before[first] + RUN, "right")) - 1, first + 1)
            words, rows, often = self._held(first, last)
            idf = np.array([idfs[many] for many in occurrences[first:last].tolist()], np.float32)
            damped = K1 * ((1 - B) + B * lengths[rows] / mean)
            yield (idf[words] * (often / (damped + often))).astype(np.float32), rows.astype(np.int32)
            first = last

    def write(self, occurrences: NDArray[np.int64], weights: Path, rows: Path) -> None:
        """Write what `weights` gives into two .npy files. Raises OSError."""
        with weights.open("wb") as one, rows.open("wb") as other:
            for file, kind in ((one, "<f4"), (other, "<i4")):
                shape = {"descr": kind, "fortran_order": False, "shape": (int(occurrences.sum()),)}
                np.lib.format.write_array_header_1_0(file, shape)
            for made, held in self.weights(occurrences):
                one.write(made.astype("<f4", copy=False).data)
                other.write(held.astype("<i4", copy=False).data)

    def _held(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Each pair of a word in a range (counted from its beginning) and a row that holds it, and how often it does.

        In the order of the words, and of one word in that of the rows.
        """
        keys: list[NDArray[np.int64]] = []
        for start in range(0, len(self._words), RUN):
            some = self._words[start : start + RUN]
            places = np.flatnonzero((some >= first) & (some < last))
            rows = np.searchsorted(self._ends, places + start, "right") - 1
            keys.append((some[places].astype(np.int64) - first) * len(self) + rows)
        pairs, often = np.unique(np.concatenate(keys), return_counts=True)
        return pairs // len(self), pairs % len(self), often
