"""An inverted file on the disk: of each word the rows of many documents in which it occurs, and how much it says there.

It is merged from the documents' own word indexes, number for number, and mapped into memory, so that opening it reads
nothing and a question reads the words asked for. How rare a word is, is for who asks to count.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import arrays
from index.lexical import LexicalIndex, saturation

WORDS, STARTS, BOUNDS, ROWS, SATURATIONS = (
    f"{name}.npy" for name in ("words", "starts", "bounds", "rows", "saturations")
)
Scored = tuple[NDArray[np.integer], NDArray[np.float32]]
"""Rows, and a score of each."""
NOWHERE: Scored = (np.zeros(0, np.int32), np.zeros(0, np.float32))
"""The rows of a word that occurs in none, and what it says there."""

Written = tuple[str, Callable[[], LexicalIndex]]
"""The language of a document, whose rules cut its words, and what reads its word index."""


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted file that was opened. A word is kept under its language: other rules stemmed it."""

    words: NDArray[np.uint8]
    """All words in order, as bytes, one behind the other."""
    starts: NDArray[np.unsignedinteger]
    """Where each word starts, and where the last one ends."""
    bounds: NDArray[np.unsignedinteger]
    """The same of each word's rows."""
    rows: NDArray[np.unsignedinteger]
    saturations: NDArray[np.uint16]
    """As `index.lexical.saturation` takes them."""

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """Open what `write` wrote. Raises OSError or ValueError where files are missing or damaged."""
        files = (WORDS, STARTS, BOUNDS, ROWS, SATURATIONS)
        return cls(*(arrays.mapped(folder / name) for name in files))

    def saturation(self, language: str, term: str) -> Scored:
        """The rows in which a term occurs, in order, and in each its BM25 without its rarity: between 0 and 1."""
        key, low, high = _key(language, term), 0, len(self.starts) - 1
        while low < high:
            middle = (low + high) // 2
            if self._word(middle) < key:
                low = middle + 1
            else:
                high = middle
        if low == len(self.starts) - 1 or self._word(low) != key:
            return NOWHERE
        some = slice(self.bounds[low], self.bounds[low + 1])
        return self.rows[some].astype(np.int64), saturation(self.saturations[some])

    def _word(self, number: int) -> bytes:
        return self.words[self.starts[number] : self.starts[number + 1]].tobytes()


def _key(language: str, term: str) -> bytes:
    return f"{language} {term}".encode()


def write(folder: Path, documents: Iterable[Written], count: int) -> None:
    """Merge the word indexes of documents, of `count` rows together, into an inverted file; rows are numbered on.

    Each is read twice, so that memory holds the words of all and the rows of one. Raises OSError.
    """
    documents = list(documents)
    numbers, columns, counts = _counted(documents)
    order = sorted(numbers)
    place = np.empty(len(order), np.int64)
    place[[numbers[word] for word in order]] = np.arange(len(order))  # from a word's number to its place in order
    bounds = np.zeros(len(order) + 1, np.int64)
    np.cumsum(counts[[numbers[word] for word in order]], out=bounds[1:])
    np.save(folder / WORDS, np.frombuffer(b"".join(order), np.uint8))
    starts = np.cumsum([0, *map(len, order)], dtype=np.int64)
    np.save(folder / STARTS, starts.astype(arrays.smallest(int(starts[-1]))))
    np.save(folder / BOUNDS, bounds.astype(arrays.smallest(int(bounds[-1]))))
    rows = _new(folder / ROWS, arrays.smallest(count), int(bounds[-1]))
    saturations = _new(folder / SATURATIONS, np.dtype("<u2"), int(bounds[-1]))
    free, first = bounds[:-1].copy(), 0
    for (_, read), mine in zip(documents, columns, strict=True):
        index = read()
        occurs, (some, said) = np.array(index.occurrences(), np.int64), index.saturations()
        at = free[place[mine]]
        free[place[mine]] += occurs
        before = np.cumsum(occurs) - occurs
        targets = np.repeat(at - before, occurs) + np.arange(len(some))
        rows[targets], saturations[targets] = some + first, said
        first += index.rows
    for made in (rows, saturations):
        if isinstance(made, np.memmap):
            made.flush()


def _counted(documents: list[Written]) -> tuple[dict[bytes, int], list[NDArray[np.int32]], NDArray[np.int64]]:
    """A number for each word, the numbers of each document's words, and in how many rows each word occurs."""
    numbers: dict[bytes, int] = {}
    columns, occurring = [], []
    for language, read in documents:
        index = read()
        mine = [numbers.setdefault(_key(language, word), len(numbers)) for word in index.vocabulary()]
        columns.append(np.array(mine, np.int32))
        occurring.append(np.array(index.occurrences(), np.int64))
    counts = np.zeros(len(numbers), np.int64)
    for column, occurs in zip(columns, occurring, strict=True):
        counts[column] += occurs
    return numbers, columns, counts


def _new(file: Path, kind: np.dtype[Any], length: int) -> NDArray[Any]:
    """An array in a new file; a file of no numbers cannot be mapped."""
    if length == 0:
        np.save(file, np.zeros(0, kind))
        return np.zeros(0, kind)
    made: NDArray[Any] = np.lib.format.open_memmap(file, "w+", kind, (length,))
    return made
