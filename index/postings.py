"""An inverted file on the disk: of each word the rows of many documents in which it occurs, and how much it says there.

It is merged from the documents' own word indexes, number for number, and mapped into memory, so that opening it reads
nothing and a question reads the words asked for. How rare a word is, is for who asks to count.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from index import arrays, frequencies
from index.bm25 import saturation

WORDS, STARTS, BOUNDS, ROWS, SATURATIONS = (
    f"{name}.npy" for name in ("words", "starts", "bounds", "rows", "saturations")
)
Scored = tuple[NDArray[np.integer], NDArray[np.float32]]
"""Rows, and a score of each."""
NOWHERE: Scored = (np.zeros(0, np.int32), np.zeros(0, np.float32))
"""The rows of a word that occurs in none, and what it says there."""

_Numbers = Mapping[str, Mapping[str, int]]
"""The numbers of words in their order, by language."""
_Entries = tuple[NDArray[np.int64], NDArray[np.integer], NDArray[np.uint16]]
"""Rows in which words occur: the place of each in the inverted file, the row, and what the word says there."""
SPAN = 2**19
"""So many places of rows are filled at once: about 15 MB."""


@dataclass(frozen=True, slots=True)
class Written:
    """A document whose words are merged."""

    language: str
    """Whose rules cut its words."""
    rows: int
    words: Path
    """The file that `frequencies.write` wrote."""


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
    """As `index.bm25.saturation` takes them."""

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

    Each is read twice, a run of words at a time, and what is read then comes into its place by way of a file, so that
    memory holds the words of all, of one document its compressed file, and little else. Raises OSError.
    """
    documents = list(documents)
    numbers, bounds = _numbered(folder, documents)
    entry = np.dtype([("place", "<u4"), (ROWS, arrays.smallest(count)), (SATURATIONS, "<u2")])
    with TemporaryFile(dir=folder) as file:
        _spread(file, entry, _entries(documents, numbers, bounds[:-1]), int(bounds[-1]))
        for name in (ROWS, SATURATIONS):
            arrays.write(folder / name, entry[name], (int(bounds[-1]),), _sorted(file, entry, name))


def _numbered(folder: Path, documents: Sequence[Written]) -> tuple[_Numbers, NDArray[np.int64]]:
    """Write the words of all, and where the rows of each are; the number of each word in order, and those bounds."""
    found: dict[str, dict[str, int]] = {}  # in how many rows, then the number
    for document in documents:
        mine = found.setdefault(document.language, {})
        for word, occurs in frequencies.occurring(document.words):
            mine[word] = mine.get(word, 0) + occurs
    words, starts, bounds = bytearray(), array("q", [0]), array("q", [0])
    for language in sorted(found, key=lambda language: _key(language, "")):
        mine = found[language]
        for word in sorted(mine):  # as their bytes are
            words += _key(language, word)
            starts.append(len(words))
            bounds.append(bounds[-1] + mine[word])
            mine[word] = len(starts) - 2
    np.save(folder / WORDS, np.frombuffer(words, np.uint8))
    for name, ends in ((STARTS, starts), (BOUNDS, bounds)):
        np.save(folder / name, np.array(ends, arrays.smallest(ends[-1])))
    return found, np.array(bounds, np.int64)


def _entries(documents: Sequence[Written], numbers: _Numbers, starts: NDArray[np.int64]) -> Iterator[_Entries]:
    """All rows of all words, a run at a time."""
    free, first = starts.copy(), 0
    for document in documents:
        for part in frequencies.passages(document.words):
            mine = [*map(numbers[document.language].__getitem__, part.vocabulary())]
            occurs, (rows, said) = np.array(part.occurrences(), np.int64), part.saturations()
            before = np.cumsum(occurs) - occurs
            yield np.repeat(free[mine] - before, occurs) + np.arange(len(rows)), rows + first, said
            free[mine] += occurs
        first += document.rows


def _spread(file: IO[bytes], entry: np.dtype[Any], entries: Iterable[_Entries], count: int) -> None:
    """Write `count` entries into a file, each within its span; there they lie as they come."""
    ends = np.arange(0, count, SPAN)  # of what is written of each span
    for places, rows, said in entries:
        made = np.empty(len(places), entry)
        made["place"], made[ROWS], made[SATURATIONS] = places % SPAN, rows, said
        spans = places // SPAN
        order = np.argsort(spans, kind="stable")
        cuts = np.searchsorted(spans[order], np.arange(len(ends) + 1))
        for span in np.flatnonzero(np.diff(cuts)):
            some = made[order[cuts[span] : cuts[span + 1]]]
            file.seek(int(ends[span]) * entry.itemsize)
            file.write(some.data)
            ends[span] += len(some)


def _sorted(file: IO[bytes], entry: np.dtype[Any], name: str) -> Iterator[NDArray[Any]]:
    """One field of all entries that `_spread` wrote, by their places, a span at a time."""
    file.seek(0)
    while read := file.read(SPAN * entry.itemsize):
        entries = np.frombuffer(read, entry)
        made = np.empty(len(entries), entry[name])
        made[entries["place"]] = entries[name]
        yield made
