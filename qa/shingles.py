"""The words of a text with its rare shingles (every four words in a row): what two texts can be found to share by.

Words are cut as `qa.stretch` cuts them. A shingle is rare where one text does not repeat it, and tells something where
it is not all function words. Only where texts meet is said here; what they share is `qa.reuse`'s.
"""

from collections.abc import Sequence
from itertools import accumulate, combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from index.language import ENGLISH, is_unspaced
from index.lexical import terms
from qa.stretch import words

SHINGLE = 4
"""Words. Where at most every fifth word is changed, so many in a row are left somewhere."""
REPEATED = 4
"""A shingle that one text has more often is its formula and no sign of another text."""
TELLING = 1
"""So many words of a shingle are more than function words."""

Numbers = NDArray[np.int64]


class Text:
    """A text as its words. Takes about a hundred bytes a word."""

    def __init__(self, text: str, language: str = ENGLISH) -> None:
        cut = words(text)
        known: dict[str, str] = {}
        self.spans = [(start, end) for start, end, _ in cut]
        """Where each word begins and ends, in characters."""
        self.words = [known.setdefault(word, word) for _, _, word in cut]
        found = terms(list(known), language) if known else []
        telling = {word: bool(term) or is_unspaced(word) for word, term in zip(known, found, strict=True)}
        self.telling = [0, *accumulate(telling[word] for word in self.words)]
        """How many of the words before each are more than function words; one longer than `words`."""
        self.shingles, self.at = self._rare()

    def _rare(self) -> tuple[Numbers, Numbers]:
        """The rare shingles that tell something, as hashes in order, and the number of each one's first word."""
        hashes = np.array([hash(word) for word in self.words], np.int64)
        count = max(len(hashes) - SHINGLE + 1, 0)
        mixed = np.zeros(count, np.int64)
        for offset in range(SHINGLE):
            mixed = mixed * 1_000_003 + hashes[offset : offset + count]
        before = np.array(self.telling)
        at = np.flatnonzero(before[SHINGLE : SHINGLE + count] - before[:count] >= TELLING)
        _, number, counts = np.unique(mixed[at], return_inverse=True, return_counts=True)
        at = at[counts[number] <= REPEATED]
        order = np.argsort(mixed[at], kind="stable")
        return mixed[at][order], at[order]


def meeting(texts: Sequence[Text]) -> list[tuple[int, int]]:
    """The pairs of texts that have a rare shingle in common, by their numbers, in order.

    One inverted index of all texts, so that texts with nothing in common cost nothing together.
    """
    if not texts:
        return []
    own = [np.unique(text.shingles) for text in texts]
    shingles = np.concatenate(own)
    order = np.argsort(shingles, kind="stable")
    holders = np.repeat(np.arange(len(own)), [len(each) for each in own])[order]
    changes = np.flatnonzero(np.diff(shingles[order])) + 1
    pairs: set[tuple[int, int]] = set()
    for start, end in pairwise([0, *changes.tolist(), len(shingles)]):
        if end - start > 1:
            pairs.update(combinations(holders[start:end].tolist(), 2))
    return sorted(pairs)


def matches(one: Text, other: Text) -> list[tuple[int, int]]:
    """Where both texts have the same rare shingle: the numbers of its first word in each, along the diagonals.

    A diagonal holds the pairs of words that lie equally far apart, so words that both texts have in a row follow here.
    """
    left = np.searchsorted(other.shingles, one.shingles, "left")
    counts = np.searchsorted(other.shingles, one.shingles, "right") - left
    ours = np.repeat(one.at, counts)
    theirs = other.at[np.repeat(left - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())]
    order = np.lexsort((ours, ours - theirs))
    return list(zip(ours[order].tolist(), theirs[order].tolist(), strict=True))
