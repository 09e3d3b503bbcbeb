"""Ranking: the searches' evidence and the reader's log-odds of each sentence joined into one score, by a fitted rule.

A score is a weighted sum of a few features; `scripts/calibrate.py` fits the weights to put a right sentence first most
often. Without a reader the reader's features have no weight. Nothing here decides what is shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.fuse import RANK_CONSTANT
from qa.read import Candidate, Reading

FEATURES = ("passage", "meaning", "words", "likeness", "reader", "order")
"""passage    reciprocal ranks of the passage by meaning and words, fused
meaning    reciprocal rank of the sentence by meaning (cosine)
words      reciprocal rank of the sentence by words (BM25)
likeness   share of the question's runs of five letters (of its longest quotation's, if any) that the sentence holds,
           squared: finds what is quoted with slips
reader     the sentence's log-odds against "not here"
order      reciprocal rank of the sentence by the reader: for readers whose scores have no known scale"""
Scores = NDArray[np.float32]
"""Of each sentence of one candidate, shape (sentences,); higher is better, comparable within a document."""
RUN = 5
KEPT = 4096
"""So many sentences' words are remembered: with a reader a question looks at them twice, and the next at some again."""
_QUOTED = re.compile(r"[“„«\"]([^”“»\"]+)[”“»\"]")
_LEAST_QUOTED = 20
"""Characters between marks from which a quotation stands for the question."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The fitted rule for one reader, or for none."""

    weights: tuple[float, ...]
    """One for each of FEATURES."""
    margin: float
    """A neighbour joins the best sentence when its score is at most so much lower."""

    def scores(self, question: str, candidates: Sequence[Candidate], readings: Sequence[Reading]) -> list[Scores]:
        """The scores of one document's candidates. `readings`: one for each, or none at all without a reader."""
        if not candidates:
            return []
        table = features(question, candidates, readings)
        cuts = np.cumsum([len(candidate.sentences) for candidate in candidates])[:-1]
        return np.split((table @ np.array(self.weights)).astype(np.float32), cuts)

    def likeliest(self, question: str, candidates: Sequence[Candidate], count: int) -> list[Candidate]:
        """So many of one document's candidates, in their order: those whose best sentence scores best unread."""
        best = [-float(np.max(scores)) for scores in self.scores(question, candidates, ())]
        return [candidates[i] for i in sorted(np.argsort(best, kind="stable")[:count])]


def features(question: str, candidates: Sequence[Candidate], readings: Sequence[Reading]) -> NDArray[np.float64]:
    """One row a sentence, in order of the candidates: shape (sentences, FEATURES)."""
    counts = [len(candidate.sentences) for candidate in candidates]
    passages = np.repeat([candidate.hit.score for candidate in candidates], counts)
    cosine = np.concatenate([candidate.evidence.similarity for candidate in candidates])
    meaning = _reciprocal_ranks(cosine) if cosine.any() else np.zeros(len(cosine))  # no vector: meaning found nothing
    bm25 = np.concatenate([candidate.evidence.words for candidate in candidates])
    words = np.where(bm25 > 0, _reciprocal_ranks(bm25), 0)  # where no term occurs, words found nothing
    sentences = [sentence for candidate in candidates for sentence in candidate.sentences]
    known = [passages, meaning, words, _likeness(question, sentences)]
    if not readings:
        return np.column_stack([*known, *np.zeros((2, len(sentences)))])
    odds = np.concatenate(readings).astype(np.float64)
    return np.column_stack([*known, odds, _reciprocal_ranks(odds)])


def _reciprocal_ranks(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """1 / (60 + rank) of each score, best rank 1; equal scores rank in the order of the text."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return 1 / (RANK_CONSTANT + ranks)


def _likeness(question: str, sentences: Sequence[str]) -> NDArray[np.float64]:
    quoted = max(_QUOTED.findall(question), key=len, default="")
    words = _words(quoted if len(quoted) >= _LEAST_QUOTED else question)
    asked = {words[at : at + RUN] for at in range(len(words) - RUN + 1)}
    shares = [sum(map(held.__contains__, asked)) / max(len(asked), 1) for held in map(_words, sentences)]
    return np.square(shares)


@lru_cache(KEPT)
def _words(text: str) -> str:
    """A text's letters and digits in small letters, words parted by one space."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
