"""What of several documents a query is about: documents by their best (`ranked`), passages of all (`nearest`).

Ranks inside one document say nothing of another. What does: cosines, and BM25 with a word's rarity counted in all
documents together. Documents are ranked by their nearest sentence, nearest passage, best passage by words, and the
whole by words; passages by their own cosine and words. Rankings are fused by reciprocal rank.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import dense, fuse
from index.bm25 import K1, B, rarity
from index.codes import Codes, cosines
from index.embed import Vectors
from index.postings import NOWHERE, Scored
from index.segment import DEPTH, Query, Segment
from index.types import Hit, Search


class Part(Protocol):
    """Passages of one document or of many, searched together. Its rows are numbered from 0."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def passages(self) -> int:
        """How many of them count."""

    def nearest(self, vectors: Mapping[str, Vectors], k: int) -> Scored:
        """The k rows nearest the query, in no order, with their cosines. Each language in which the query may be
        compared has its vector."""

    def saturation(self, language: str, term: str) -> Scored:
        """The rows of a language in which a term occurs, and in each its BM25 without its rarity."""


@dataclass(frozen=True, slots=True)
class Alone:
    """The part that is one document."""

    segment: Segment
    language: str

    @property
    def rows(self) -> int:
        """As the protocol says."""
        return self.segment.passage_words.rows

    @property
    def passages(self) -> int:
        """As the protocol says."""
        return self.rows

    def nearest(self, vectors: Mapping[str, Vectors], k: int) -> Scored:
        """As the protocol says; every vector is compared."""
        if self.language not in vectors:
            return NOWHERE
        return dense.nearest(self.segment.passage_vectors, vectors[self.language], k)

    def saturation(self, language: str, term: str) -> Scored:
        """As the protocol says."""
        return self.segment.passage_words.saturation(term) if language == self.language else NOWHERE


def nearest(parts: Sequence[Part], queries: Mapping[str, Query], k: int) -> list[tuple[int, Hit]]:
    """The k best passages of all parts, best first, each with the number of its part; a language has a query."""
    depth = max(k, DEPTH)
    starts = [0, *accumulate(part.rows for part in parts)]
    words = np.zeros(starts.pop(), np.float32)
    for language, query in queries.items():
        for term in dict.fromkeys(query.terms):
            found = [part.saturation(language, term) for part in parts]
            weight = rarity(sum(part.passages for part in parts), sum(len(rows) for rows, _ in found))
            for start, (rows, saturation) in zip(starts, found, strict=True):
                words[rows + start] += weight * saturation
    vectors = {language: query.vector for language, query in queries.items() if query.vector is not None}
    near = [part.nearest(vectors, depth) for part in parts]
    rows = np.concatenate([rows + start for start, (rows, _) in zip(starts, near, strict=True)])
    scores = np.concatenate([scores for _, scores in near])
    spoken = np.flatnonzero(words)
    rankings = [dense.best(rows, scores, depth, Search.DENSE), dense.best(spoken, words[spoken], depth, Search.LEXICAL)]
    fused = fuse.reciprocal_rank(rankings, k)
    places = [bisect_right(starts, hit.passage) - 1 for hit in fused]
    return [(part, replace(hit, passage=hit.passage - starts[part])) for part, hit in zip(places, fused, strict=True)]


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


def _nearest(vectors: Codes, query: Query) -> float:
    """The cosine of the nearest of some vectors; below all others where the query has no vector."""
    return -1.0 if query.vector is None else float(np.max(cosines(vectors, query.vector), initial=-1))


def _by_words(segments: Sequence[Segment], queries: Sequence[Query]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """BM25 of each document's best passage, and of each document as a text whose words are counted by passages."""
    lengths = np.array([segment.passage_words.rows for segment in segments])
    passages = [np.zeros(length) for length in lengths]
    whole = np.zeros(len(segments))
    norms = K1 * (1 - B + B * lengths / np.mean(lengths))
    for term in dict.fromkeys(term for query in queries for term in query.terms):
        found = [
            segment.passage_words.saturation(term) if term in query.terms else NOWHERE
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
