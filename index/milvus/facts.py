"""What the searches know of passages and sentences, out of their rows in Milvus: vectors, weights and scores."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index import bm25, lexical
from index.codes import cosines, four_bits
from index.embed import Vectors
from index.lexical import LexicalIndex
from index.milvus.tables import Row, Words
from index.segment import Query


def vectors(rows: Sequence[Row]) -> Vectors:
    """The vector of each row, shape (rows, dimension), as it was written."""
    return np.array([row["vector"] for row in rows], np.float32)


def similarity(rows: Sequence[Row], query: Query) -> NDArray[np.float32]:
    """The cosine of each sentence's vector, rounded as in a folder, with the query's; 0 where the query has none."""
    return np.zeros(len(rows), np.float32) if query.vector is None else cosines(four_bits(vectors(rows)), query.vector)


def index(words: Words, rows: Sequence[Row]) -> LexicalIndex:
    """The word index whose rows these are."""
    column = {dimension: place for place, dimension in enumerate(words.dimensions.values())}
    found = [{column[d]: weight for d, weight in row["weights"].items() if d in column} for row in rows]
    return LexicalIndex.restore(list(words.dimensions), found)


def scores(words: Words, terms: Sequence[str], rows: Sequence[Row]) -> NDArray[np.float32]:
    """BM25 of some sentences for a query's terms, added up in single precision as bm25s does."""
    scores = np.zeros(len(rows), np.float32)
    for term in terms:
        if term in words.dimensions:
            scores += np.array([row["weights"].get(words.dimensions[term], 0) for row in rows], np.float32)
    return scores


def coverage(words: Words, terms: Sequence[str], weights: Mapping[int, float], rows: int) -> float:
    """How much of a query a passage holds, from its weights; `rows`: passages of the document."""
    rarity = {term: bm25.rarity(rows, words.occurs.get(term, 0)) for term in terms}
    return lexical.coverage(rarity, {term for term in rarity if words.dimensions.get(term) in weights})
