"""Dense search: the passages whose vectors lie nearest a query's, by inner product, with FAISS.

Exact, over the vectors as they lie in memory or in a file that is mapped into it; and approximate, for so many that
looking at each takes too long: an inverted file of vectors in four bits a number. That finds candidates, and who has
the vectors compares these. Nothing here makes vectors.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.codes import Codes, against, cosines, wide
from index.types import Hit, Search

AT_ONCE = 1024
"""So many rows are widened at once, which of 384 numbers are 1.5 MB."""
TRAINED = 50
"""So many vectors a list are looked at when lists are made; FAISS warns below 39."""
_SPREAD = 2.7
"""So many standard deviations of a dimension's numbers four bits reach. Of numbers strewn normally they lose 0.012 of
the variance with 2.4 to 2.7, and 0.014 with 3."""
_TOGETHER = 16
"""Of so many dimensions it is found at once how far four bits reach."""


def ready() -> None:
    """Import FAISS, for which the first search would wait."""
    import faiss  # noqa: F401


def search(vectors: Codes, query: NDArray[np.float32], k: int) -> list[Hit]:
    """The k nearest of unit vectors, shape (n, dimension), to another, shape (dimension,), best first."""
    import faiss

    k = min(k, len(vectors))  # FAISS pads with row -1 beyond it
    if k == 0:
        return []
    asked, found = against(vectors, query[np.newaxis]), []
    for start in range(0, len(vectors), AT_ONCE):
        some = wide(vectors[start : start + AT_ONCE], len(query))
        scores, rows = faiss.knn(asked, some, min(k, len(some)), metric=faiss.METRIC_INNER_PRODUCT)
        found.append((rows[0] + start, scores[0]))
    rows, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return best(rows, scores, k, Search.DENSE)


def best(rows: NDArray[np.integer], scores: NDArray[np.float32], k: int, search: Search) -> list[Hit]:
    """The k rows of the highest scores, best first; equal ones by their numbers."""
    if len(rows) > k > 0:
        kept = scores >= np.partition(scores, -k)[-k]
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:k]
    return [Hit(row, score, search) for row, score in zip(rows[order].tolist(), scores[order].tolist(), strict=True)]


def nearest(
    vectors: Codes, query: NDArray[np.float32], k: int, among: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k nearest of unit vectors to another as `search` has them, but in no order. `among`: which of them count."""
    scores = cosines(vectors, query)
    rows = np.arange(len(scores)) if among is None else np.flatnonzero(among)
    scores = scores[rows]
    if len(rows) > k:
        best = np.argpartition(-scores, k - 1)[:k]
        rows, scores = rows[best], scores[best]
    return rows, scores


class Lists:
    """An approximate index: vectors by the nearest of some centroids. A query looks at the lists nearest it."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401  (FAISS ships no types)
        self._index = index
        self.count: int = index.nlist

    @staticmethod
    def fitting(rows: int) -> int:
        """How many lists suit so many vectors: as many as make choosing the lists and reading them about equal work."""
        return max(int(2 * rows**0.5), 1)

    @classmethod
    def trained(cls, sample: NDArray[np.float32], count: int) -> "Lists":
        """So many lists made of a sample of unit vectors, and empty.

        They are those that FAISS's own `train` makes, which copies the sample twice to find how far the four bits
        reach. It finds that for each dimension by itself; so here a few dimensions are copied at a time.
        """
        import faiss

        dimension = sample.shape[1]
        coarse = faiss.IndexFlatIP(dimension)
        kind = faiss.ScalarQuantizer.QT_4bit
        index = faiss.IndexIVFScalarQuantizer(coarse, dimension, count, kind, faiss.METRIC_INNER_PRODUCT)
        index.sq.rangestat, index.sq.rangestat_arg = faiss.ScalarQuantizer.RS_meanstd, _SPREAD
        index.cp.spherical = True
        index.cp.min_points_per_centroid = 1  # small libraries may have fewer, and lists are not worse for it
        faiss.Clustering(dimension, count, index.cp).train(sample, coarse)
        centroids, nearest = coarse.reconstruct_n(0, count), coarse.search(sample, 1)[1].ravel()
        reaches = []
        for start in range(0, dimension, _TOGETHER):
            some = slice(start, start + _TOGETHER)
            left = sample[:, some] - centroids[nearest, some]
            bits = faiss.ScalarQuantizer(left.shape[1], kind)
            bits.rangestat, bits.rangestat_arg = index.sq.rangestat, index.sq.rangestat_arg
            bits.train(left)
            reaches.append(faiss.vector_to_array(bits.trained).reshape(2, -1))
        faiss.copy_array_to_vector(np.hstack(reaches).ravel(), index.sq.trained)
        index.is_trained = True
        return cls(index)

    def fill(self, chunks: Iterable[NDArray[np.float32]]) -> None:
        """Put unit vectors into the lists; row i is the i-th of all chunks."""
        for chunk in chunks:
            self._index.add(np.ascontiguousarray(chunk))

    def save(self, file: Path) -> None:
        """Write the lists into a file."""
        import faiss

        faiss.write_index(self._index, str(file))

    @classmethod
    def load(cls, file: Path) -> "Lists":
        """What `save` wrote; the lists stay in the file, of which the system keeps in memory what is looked at.

        Raises ValueError where it cannot be read.
        """
        import faiss

        try:
            return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY))
        except RuntimeError as error:  # such as on a system where FAISS maps no files
            raise ValueError(f"{file} cannot be read: {error}") from error

    def candidates(
        self, queries: NDArray[np.float32], k: int, probes: int, among: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Rows near each query, shape (queries, k), -1 where there are fewer; `among`: which rows count."""
        import faiss

        chosen = None
        if among is not None:
            bits = np.packbits(among, bitorder="little")
            chosen = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        how = faiss.SearchParametersIVF(sel=chosen, nprobe=min(probes, self.count))  # type: ignore[call-arg]
        rows: NDArray[np.int64] = self._index.search(queries, k, params=how)[1]
        return rows
