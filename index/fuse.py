"""Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): rankings into one, by rank alone."""

from collections import defaultdict
from collections.abc import Sequence

from index.types import Hit, Search

RANK_CONSTANT = 60
"""The paper's k: how little the first ranks stand out from the next."""


def reciprocal_rank(rankings: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The k best passages of several rankings, best first.

    A passage scores the sum of 1 / (60 + rank) over the rankings that hold it. Such scores order hits;
    they say nothing of how good a hit is.
    """
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.passage] += 1 / (RANK_CONSTANT + rank)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
    return [Hit(passage, score, Search.FUSED) for passage, score in best]
