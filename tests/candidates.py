"""Candidates for readers: passages of any sentences, known to the searches as told."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from index.segment import Evidence
from index.types import Hit, Passage, Search, Sentence
from qa.read import Candidate


def candidate(
    *sentences: str,
    score: float = 0.0,
    similarity: Sequence[float] | None = None,
    words: Sequence[float] | None = None,
    coverage: float = 0.5,
) -> Candidate:
    """A passage of these sentences, with its fused score and each sentence's cosine and BM25, by default 0."""
    starts = np.cumsum([0, *(len(sentence) for sentence in sentences)]).tolist()
    spans = tuple(Sentence(start, end) for start, end in pairwise(starts))
    known = [np.array([0.0] * len(sentences) if given is None else given, np.float32) for given in (similarity, words)]
    evidence = Evidence(known[0], known[1], coverage)
    return Candidate(Hit(0, score, Search.FUSED), Passage(0, starts[-1], spans), sentences, evidence)
