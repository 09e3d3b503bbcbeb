"""How often each word of a document stands in each of its sentences, and so in each of its passages, in a file.

The file is a row of zlib streams (RFC 1950): how many sentences each passage has; how many words each sentence; and
then, for one run of words after the other, the words, a line for each; in how many sentences each stands; the steps
from one of these to the next; and how often it stands there. Numbers are in LEB128. A word's first step is from the
first sentence of the word before, in a run's first word from sentence 0. Any runs may be read; those that are written
are of `index.bm25.RUN`.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.bm25 import Counts, Words
from index.language import ENGLISH
from index.lexical import LexicalIndex, cut
from index.texts import streams

_BITS, _MORE = 7, 128
"""So many bits of a number are in a byte; the eighth says that there are more."""
_AT_ONCE = 2**16
"""So many numbers are shortened at once."""
_Numbers = NDArray[np.int64]


def build(sizes: Sequence[int], sentences: Iterable[str], language: str = ENGLISH) -> tuple[LexicalIndex, LexicalIndex]:
    """Index passages of so many sentences each, and their sentences, in a language; a passage has the words of its own.

    The same sentences make the same indexes, number for number.
    """
    words = Words(cut(sentences, language))
    return _indexes(words.vocabulary, np.array(sizes, np.int64), [words.counts()])


def write(path: Path, sizes: Sequence[int], sentences: Iterable[str], language: str = ENGLISH) -> None:
    """Write what `build` makes into a file, of which little is ever in memory. Raises OSError."""
    words = Words(cut(sentences, language))
    vocabulary = iter(words.vocabulary)
    with path.open("wb") as file:
        file.write(_folded(np.array(sizes, np.int64)) + _folded(words.lengths))
        for run in words.runs():
            file.write(zlib.compress("\n".join(islice(vocabulary, len(run.occurrences))).encode()))
            for numbers in (run.occurrences, _steps(run), run.often):
                file.write(_folded(numbers))


def read(path: Path) -> tuple[LexicalIndex, LexicalIndex]:
    """What `build` gives, from a file. Raises OSError or ValueError where it is missing or damaged."""
    words, sizes, counts = zip(*_runs(path), strict=True)
    return _indexes(_numbered(chain(*words)), sizes[0], counts)


def passages(path: Path) -> Iterator[LexicalIndex]:
    """The index of passages, a run of words at a time: of all passages by these words alone. Raises as `read`."""
    for words, sizes, counts in _runs(path):
        yield LexicalIndex.counted(_numbered(words), counts.grouped(sizes))


def occurring(path: Path) -> Iterator[tuple[str, int]]:
    """Each word, and in how many passages it stands. Raises as `read`."""
    for words, sizes, counts in _runs(path):
        yield from zip(words, counts.grouped(sizes).occurrences.tolist(), strict=True)


def _indexes(columns: Mapping[str, int], sizes: _Numbers, runs: Sequence[Counts]) -> tuple[LexicalIndex, LexicalIndex]:
    of_passages = Counts.joined(counts.grouped(sizes) for counts in runs)
    return LexicalIndex.counted(columns, of_passages), LexicalIndex.counted(columns, Counts.joined(runs))


def _numbered(words: Iterable[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


def _runs(path: Path) -> Iterator[tuple[list[str], _Numbers, Counts]]:
    """The words of each run, of each passage its sentences, and the counts of the run's words."""
    pieces = streams(path.read_bytes())
    try:
        sizes, lengths = map(_unfolded, islice(pieces, 2))
        for data, *parts in zip(*[pieces] * 4, strict=True):
            words = data.decode().split("\n") if data else []
            occurrences, steps, often = map(_unfolded, parts)
            counts = Counts(lengths, occurrences, _rows(occurrences, steps), often.astype(np.int32))
            whole = len(words) == len(occurrences) and sizes.all() and sizes.sum() == len(lengths)
            if not (whole and len(counts.rows) == len(often) and (counts.rows < len(lengths)).all()):
                raise ValueError(f"{path} holds parts of several files.")
            yield words, sizes, counts
    except (zlib.error, IndexError) as error:
        raise ValueError(f"{path}: {error}") from error


def _steps(counts: Counts) -> _Numbers:
    """From each row to the next; none is negative, for words are numbered by where they stand first."""
    first = np.cumsum(counts.occurrences) - counts.occurrences
    steps = np.diff(counts.rows, prepend=0)
    steps[first] = np.diff(counts.rows[first], prepend=0)
    return steps


def _rows(occurrences: _Numbers, steps: _Numbers) -> NDArray[np.int32]:
    first = np.cumsum(occurrences) - occurrences
    rows = np.cumsum(steps)
    rows += np.repeat(np.cumsum(steps[first]) - rows[first], occurrences)
    return rows.astype(np.int32)


def _folded(numbers: NDArray[np.integer]) -> bytes:
    """Numbers, none of them negative, compressed."""
    made = zlib.compressobj()
    parts = [made.compress(_varints(numbers[at : at + _AT_ONCE])) for at in range(0, len(numbers), _AT_ONCE)]
    return b"".join([*parts, made.flush()])


def _varints(numbers: NDArray[np.integer]) -> bytes:
    bits = int(numbers.max(initial=0)).bit_length()
    parts = numbers.astype(np.int64)[:, np.newaxis] >> np.arange(0, max(bits, 1), _BITS)
    kept = parts > 0
    kept[:, 0] = True
    return np.where(parts < _MORE, parts, parts % _MORE + _MORE).astype(np.uint8)[kept].tobytes()


def _unfolded(data: bytes) -> _Numbers:
    parts = np.frombuffer(data, np.uint8)
    ends = parts < _MORE
    first = np.flatnonzero(np.concatenate([[True], ends[:-1]])[: len(parts)])
    numbers = (parts[first] % _MORE).astype(np.int64)
    longer = np.flatnonzero(~ends[first])
    at, bits = first[longer] + 1, _BITS
    while len(at):
        numbers[longer] += (parts[at] % _MORE).astype(np.int64) << bits
        longer, at, bits = longer[~ends[at]], at[~ends[at]] + 1, bits + _BITS
    return numbers
