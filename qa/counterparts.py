"""What other documents say to the point of a passage: mutual nearest passages, and the sentences in them that meet.

Two passages are counterparts when neither has a nearer one in the other's document, and they are more alike than all
but one in a hundred pairs of passages of one and the same document. So the floor is made by the library's own texts and
by whatever encoder it was made with. No question is asked and no model is run: everything is reckoned from what the
search files hold. Documents in a language that the encoder does not know have none: it finds all of them alike.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from index import card
from index.codes import widened
from index.entry import Entry
from index.latest import Latest
from index.library import Library
from index.split import TINY_WORDS, length_in_words
from index.types import BlockKind, Document, Passage
from qa.cite import cite, extract
from qa.types import Counterpart, Voice

RARE = 0.99
"""Of the pairs of passages within one document so many are less alike than counterparts are. Chosen on the Federalist
papers (`scripts/counterparts.py`)."""
SAMPLE = 256
"""Passages of a document, evenly spaced, whose pairs count for the floor."""
SHOWN = 3
"""So many counterparts of a passage are given at most."""
SHORT = 6
"""A sentence of fewer words says too little to meet another."""
_RUN = 32
"""So many passages are compared at once, and remembered together."""
_PROSE = (BlockKind.PARAGRAPH, BlockKind.QUOTATION)
_Rows = NDArray[np.intp]
_Met = tuple[tuple[int, Counterpart], ...]
_Compare = Callable[[Entry, int, Entry], _Met]


class Counterparts:
    """The counterparts in one library. What was reckoned is remembered as long as the texts stay as they are."""

    def __init__(self, library: Library, voices: Callable[[Entry], tuple[Voice, ...]]) -> None:
        self._library = library
        self._voices = voices
        self.prose = Latest(256, self._prose)
        self._within = Latest(256, self._compare_within)
        self._comparing = lru_cache(1)(self._begin)  # with the next change of the library all of it is another's

    def of(self, entry: Entry, start: int, end: int, among: Sequence[Entry] | None = None) -> tuple[Counterpart, ...]:
        """Those of the passages of which a range holds something, best first, at most SHOWN a passage.

        `among`: the documents in which they are looked for, by default all others.
        """
        languages = self._library.languages
        entries = tuple(e for e in self._library.entries() if card.knows(languages, e.language) is not False)
        if entry not in entries:
            return ()
        compared = self._comparing(entries)
        others = [o for o in (entries if among is None else among) if o.id != entry.id and o in entries]
        numbers = {n for n, p in enumerate(self._library.passages(entry)) if p.start < end and start < p.end}
        runs = sorted({number // _RUN for number in numbers})
        met = [pair for run in runs for other in others for pair in compared(entry, run, other)]
        met.sort(key=lambda pair: -pair[1].score)
        taken = Counter[int]()
        found = []
        for number, counterpart in met:
            taken[number] += 1
            if number in numbers and taken[number] <= SHOWN:
                found.append(counterpart)
        return tuple(found)

    def _begin(self, entries: Sequence[Entry]) -> _Compare:
        """How two of a library's documents are compared, remembered for so many runs of passages."""
        return lru_cache(4096)(partial(self._compare, self._reckon_floor(entries)))

    def _compare(self, floor: float, entry: Entry, run: int, other: Entry) -> _Met:
        """The counterparts in another document of one run of passages, each with the number of its passage."""
        mine, theirs = self.prose(entry), self.prose(other)
        rows = mine[mine // _RUN == run]
        there = self._nearest(entry, rows, other, theirs)
        near = [(int(one), two, score) for one, (two, score) in zip(rows, there, strict=True) if score >= floor]
        back = self._nearest(other, np.array([two for _, two, _ in near], np.intp), entry, mine)
        return tuple(
            (one, self._meeting(entry, one, other, two, score))
            for (one, two, score), (nearest, _) in zip(near, back, strict=True)
            if nearest == one
        )

    def _nearest(self, entry: Entry, rows: _Rows, other: Entry, among: _Rows) -> list[tuple[int, float]]:
        """Of each row of one document the most alike of some passages of another, and how alike it is."""
        if not len(rows) or not len(among):
            return [(-1, -np.inf)] * len(rows)
        likeness = self._library.segment(entry).likeness(rows, self._library.segment(other))[:, among]
        best = likeness.argmax(axis=1)
        return [(int(among[column]), float(row[column])) for row, column in zip(likeness, best, strict=True)]

    def _meeting(self, entry: Entry, here: int, other: Entry, there: int, score: float) -> Counterpart:
        """The nearest two sentences of two passages."""
        library = self._library
        mine, theirs = library.document(entry), library.document(other)
        one, two = library.passages(entry)[here], library.passages(other)[there]
        said, answered = list(_telling(mine, one)), list(_telling(theirs, two))
        likeness = self._vectors(entry, here)[said] @ self._vectors(other, there)[answered].T
        i, j = np.unravel_index(np.argmax(likeness), likeness.shape)
        read, cited = one.sentences[said[i]], two.sentences[answered[j]]
        citation = cite(theirs, cited.start, cited.end, two, self._voices(other))
        return Counterpart(extract(mine, read.start, read.end), citation, round(score, 3))

    def _vectors(self, entry: Entry, passage: int) -> NDArray[np.float32]:
        """Unit vectors of the sentences of one passage, shape (sentences, dimension)."""
        passages = self._library.passages(entry)
        first = sum(len(before.sentences) for before in passages[:passage])
        last = first + len(passages[passage].sentences)
        segment = self._library.segment(entry)
        return widened(segment.sentence_vectors[first:last], segment.dimension)

    def _prose(self, entry: Entry) -> _Rows:
        """The numbers of the passages that say something: TINY_WORDS of text that is no heading, caption or note."""
        document = self._library.document(entry)
        words = [sum(_telling(document, passage).values()) for passage in self._library.passages(entry)]
        return np.flatnonzero(np.array(words, np.intp) >= TINY_WORDS)

    def _compare_within(self, entry: Entry) -> NDArray[np.float32]:
        """How alike the passages of one document are to each other, of every pair in the sample."""
        prose = self.prose(entry)
        step = max(-(-len(prose) // SAMPLE), 1)
        sample = prose[::step]
        segment = self._library.segment(entry)
        likeness = segment.likeness(sample, segment)[:, sample]
        pairs: NDArray[np.float32] = likeness[np.triu_indices(len(sample), 1)]
        return pairs

    def _reckon_floor(self, entries: Sequence[Entry]) -> float:
        """How alike two passages must be; infinitely, where no document has two."""
        pairs = np.concatenate([np.zeros(0, np.float32), *map(self._within, entries)])
        return float(np.quantile(pairs, RARE)) if len(pairs) else float("inf")


def _telling(document: Document, passage: Passage) -> dict[int, int]:
    """The sentences of a passage that are part of the running text and long enough, by number, with their words."""
    found = {}
    for number, sentence in enumerate(passage.sentences):
        kind = document.blocks[document.block_at(sentence.start)].kind
        words = length_in_words(document.text[sentence.start : sentence.end]) if kind in _PROSE else 0
        if words >= SHORT:
            found[number] = words
    return found
