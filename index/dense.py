"""Dense search: the passages whose vectors lie nearest a query's, by inner product, with FAISS.

Exact, over the vectors as they lie in memory or in a file that is mapped into it. Nothing here makes vectors.
"""

import numpy as np
from numpy.typing import NDArray

from index.types import Hit, Search


def search(vectors: NDArray[np.float32], query: NDArray[np.float32], k: int) -> list[Hit]:
    """The k nearest of unit vectors, shape (n, dimension), to another, shape (dimension,), best first."""
    import faiss

    k = min(k, len(vectors))  # FAISS pads with row -1 beyond it
    if k == 0:
        return []
    scores, rows = faiss.knn(query[np.newaxis, :], vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
    hits = [Hit(int(row), float(score), Search.DENSE) for row, score in zip(rows[0], scores[0], strict=True)]
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage))  # FAISS orders equal scores as it likes
