"""Which documents of several a query is about: their searches fused by reciprocal rank, document by document.

Ranks inside one document say nothing of another. What does: the cosine of its nearest sentence and of its nearest
passage, and BM25 with a word's rarity counted in all documents together, of its best passage and of the whole.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index import fuse
from index.bm25 import K1, B
from index.embed import Vectors
from index.lexical import rarity
from index.segment import Query, Segment
from index.types import Hit, Search

_NOWHERE = (np.zeros(0, np.int32), np.zeros(0, np.float32))
"""The rows of a term that is not asked for in a document, and their scores."""


def ranked(segments: Sequence[Segment], queries: Sequence[Query]) -> list[int]:
    """The numbers of all documents, the one that the question is most about first; each has a query of its own."""
    asked = list(zip(segments, queries, strict=True))
    sentences = np.array([_nearest(segment.sentence_vectors, query) for segment, query in asked])
    passages = np.array([_nearest(segment.passage_vectors, query) for segment, query in asked])
    best, whole = _by_words(segments, queries)
    rankings = [_order(sentences, Search.DENSE), _order(passages, Search.DENSE)]
    for scores in (best, whole):
        rankings.append([hit for hit in _order(scores, Search.LEXICAL) if hit.score > 0])
    return [hit.passage for hit in fuse.reciprocal_rank(rankings, len(segments))]


def _nearest(vectors: Vectors, query: Query) -> float:
    """The cosine of the nearest of some vectors; below all others where the query has no vector."""
    return -1.0 if query.vector is None else float(np.max(vectors @ query.vector, initial=-1))


def _by_words(segments: Sequence[Segment], queries: Sequence[Query]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """BM25 of each document's best passage, and of each document as a text whose words are counted by passages."""
    lengths = np.array([segment.passage_words.rows for segment in segments])
    passages = [np.zeros(length) for length in lengths]
    whole = np.zeros(len(segments))
    norms = K1 * (1 - B + B * lengths / np.mean(lengths))
    for term in dict.fromkeys(term for query in queries for term in query.terms):
        found = [
            segment.passage_words.saturation(term) if term in query.terms else _NOWHERE
            for segment, query in zip(segments, queries, strict=True)
        ]
        counts = np.array([len(rows) for rows, _ in found])
        weight = rarity(int(lengths.sum()), int(counts.sum()))
        for scores, (rows, saturation) in zip(passages, found, strict=True):
            scores[rows] += weight * saturation
        whole += rarity(len(segments), int(np.count_nonzero(counts))) * counts / (counts + norms)
    return np.array([np.max(scores, initial=0) for scores in passages]), whole


def _order(scores: NDArray[np.floating], search: Search) -> list[Hit]:
    """Documents by their scores, best first; a hit's number is the document's."""
    return [Hit(int(number), float(scores[number]), search) for number in np.argsort(-scores, kind="stable")]
