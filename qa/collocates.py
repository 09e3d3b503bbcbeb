"""Collocates: the words that stand near a term in one document more often than in a reference.

Near is within five words on either side in the same block; a word near two occurrences counts once. Counted are the
words that carry meaning, by their stems, without the term's own. The reference is the rest of the same document (what
the term attracts there), or the words near the term in the other documents together (what only this one joins to it).

Compared by the log-likelihood ratio G² (Dunning 1993) of two frequencies in two corpora (Rayson and Garside 2000).
Kept are the words that are relatively more frequent near the term, at least three times, with G² of 10.83 or more
(p < 0.001). Many words are tried at once and words of one passage are not independent: it is a rank, not a proof.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import NDArray

from qa.concordance import Collocate, Collocates, Reference
from qa.tokens import Numbers, Tokens

SPAN = 5
"""Words on either side, the usual span since Sinclair."""
LEAST_G2 = 10.83
"""The chi-squared value of p = 0.001 with one degree of freedom."""
LEAST_COUNT = 3
"""The approximation is poor for rarer words."""
SHOWN = 12


@dataclass(frozen=True)
class Occurring:
    """Where a term of so many words occurs in one document."""

    tokens: Tokens
    places: Numbers
    """The first word of each occurrence."""
    term: tuple[str, ...]
    """The stems of its words."""

    @cached_property
    def company(self) -> "Counter[str]":
        """How often each stem stands near the term."""
        return _counts(self.tokens, self.near() & self.counted())

    def near(self) -> NDArray[np.bool_]:
        """Of each word of the document, whether it stands near the term. Shape (words,)."""
        blocks = self.tokens.blocks
        near = np.zeros(len(blocks), bool)
        first, last = self.places, self.places + len(self.term) - 1
        for distance in range(1, SPAN + 1):
            for edge, beside in ((first, first - distance), (last, last + distance)):
                inside = (beside >= 0) & (beside < len(near))
                inside[inside] &= blocks[beside[inside]] == blocks[edge[inside]]
                near[beside[inside]] = True
        return near

    def counted(self) -> NDArray[np.bool_]:
        """Of each word of the document, whether it carries meaning and is none of the term's. Shape (words,)."""
        own = [self.tokens.vocabulary.get(stem, -1) for stem in self.term]
        return self.tokens.telling[self.tokens.spelt] & ~np.isin(self.tokens.stems, own)


def collocates(here: Occurring) -> Collocates:
    """The words near a term more often than in the rest of the document."""
    rest = _counts(here.tokens, ~here.near() & here.counted())
    return _overused(here, rest, Reference.REST)


def contrast(here: Occurring, others: "Counter[str]") -> Collocates | None:
    """The words near a term more often than near it in the other documents; None where nothing is near it there.

    `others`: how often each stem stands near it in all of them.
    """
    return _overused(here, others, Reference.OTHERS) if here.company and others else None


def _overused(here: Occurring, elsewhere: "Counter[str]", reference: Reference) -> Collocates:
    near = here.company
    totals = near.total(), elsewhere.total()
    kept = []
    for stem, count in near.items():
        score = g2((count, elsewhere[stem]), totals)
        if count >= LEAST_COUNT and score >= LEAST_G2 and count * totals[1] > elsewhere[stem] * totals[0]:
            kept.append((score, stem))
    best = sorted(kept, key=lambda one: (-one[0], one[1]))[:SHOWN]
    words = (
        Collocate(_spelling(here.tokens, stem), near[stem], elsewhere[stem], round(score, 2)) for score, stem in best
    )
    return Collocates(reference, *totals, tuple(words))


def g2(counts: tuple[int, int], totals: tuple[int, int]) -> float:
    """The log-likelihood ratio of a word's counts in two corpora of so many words; 0 where one of them is empty.

    Twice the sum of observed times log(observed / expected), as in Rayson and Garside (2000).
    """
    share = sum(counts) / sum(totals) if all(totals) else 0.0
    pairs = [(count, total * share) for count, total in zip(counts, totals, strict=True) if count and share]
    return max(2 * sum(count * log(count / expected) for count, expected in pairs), 0.0)


def _counts(tokens: Tokens, chosen: NDArray[np.bool_]) -> "Counter[str]":
    """How often each stem occurs among the chosen words."""
    counts = np.bincount(tokens.stems[chosen], minlength=len(tokens.vocabulary)).tolist()
    return Counter({stem: count for stem, count in zip(tokens.vocabulary, counts, strict=True) if count})


def _spelling(tokens: Tokens, stem: str) -> str:
    """The commonest spelling of a stem, in lower case."""
    spelt: list[int] = tokens.spelt[tokens.stems == tokens.vocabulary[stem]].tolist()
    return Counter(tokens.forms[spelling] for spelling in spelt).most_common(1)[0][0]
