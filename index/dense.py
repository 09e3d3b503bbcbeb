"""Dense search: the passages whose vectors lie nearest a query's, by inner product, with FAISS.

Exact (a flat index), one index a document. Nothing here makes vectors.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.types import Hit, Search

Index = Any  # faiss ships no types


def build(vectors: NDArray[np.float32]) -> Index:
    """An index over unit vectors of shape (n, dimension)."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def search(index: Index, query: NDArray[np.float32], k: int) -> list[Hit]:
    """The k nearest passages to a unit vector of shape (dimension,), best first; fewer where there are fewer."""
    k = min(k, index.ntotal)  # FAISS pads with row -1 beyond it
    if k == 0:
        return []
    scores, rows = index.search(query[np.newaxis, :], k)
    hits = [Hit(int(row), float(score), Search.DENSE) for row, score in zip(rows[0], scores[0], strict=True)]
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage))  # FAISS orders equal scores as it likes
