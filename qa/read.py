"""Readers: question and passages in, a score for every sentence out.

Here is the protocol between retrieval and answer, and the reader that needs no model of its own: it ranks
sentences by what the searches already know of them. A reader reads; which sentences are shown, and whether
the document is silent, is `qa.answer`'s to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.fuse import RANK_CONSTANT
from index.segment import Evidence
from index.types import Hit, Passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that retrieval found, ready to be read."""

    hit: Hit
    passage: Passage
    sentences: tuple[str, ...]
    """The words of each of the passage's sentences."""
    evidence: Evidence
    """What the searches know of it."""


Reading = NDArray[np.float32]
"""A score for each sentence of one candidate, shape (sentences,); from 0 on, higher is better, comparable across
the candidates that were read together."""


class Reader(Protocol):
    """Reads question and passages together."""

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order."""


class RetrievalReader:
    """Ranks sentences by reciprocal rank of meaning (cosine) and words (BM25), beside their passage's own score."""

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order. The question's words are in the evidence already."""
        if not candidates:
            return []
        counts = [len(candidate.sentences) for candidate in candidates]
        passages = np.repeat([candidate.hit.score for candidate in candidates], counts)
        meaning = _reciprocal_ranks(np.concatenate([candidate.evidence.similarity for candidate in candidates]))
        words = _reciprocal_ranks(np.concatenate([candidate.evidence.words for candidate in candidates]))
        scores = (passages + meaning + words).astype(np.float32)
        return np.split(scores, np.cumsum(counts)[:-1])


def _reciprocal_ranks(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 / (60 + rank) of each score, best rank 1; equal scores rank in the order of the text."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (RANK_CONSTANT + ranks)
