"""Unit vectors in fixed point: two bytes a number, one scale for all, as a library keeps them.

Cosines of what was so rounded are off by 1e-5 (root mean square; `docs/indexing.md`), less than an exported encoder may
be. Every place rounds here, so that a document has the same vectors wherever it is.
"""

import numpy as np
from numpy.typing import NDArray

Fixed = NDArray[np.int16]
ONE = 2**15 - 1
"""What stands for 1, which no number of a unit vector is above."""
_AT_ONCE = 256
"""So many rows are widened at once for one vector, which stay in the processor's cache."""
_FOR_SEVERAL = 4096
"""And for several, whose products the threads of the linear algebra share out: each time they have to meet."""


def narrowed(vectors: NDArray[np.float32]) -> Fixed:
    """Unit vectors, each number rounded; of what `widened` gave, the same again."""
    rounded: Fixed = np.rint(vectors * np.float32(ONE)).astype(np.int16)
    return rounded


def widened(rows: Fixed) -> NDArray[np.float32]:
    """The vectors that some rows stand for, in memory."""
    return rows.astype(np.float32) / np.float32(ONE)


def cosines(rows: Fixed, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inner product of a vector with every row, shape (rows,), or of each of several, shape (several, rows).

    With one vector each row is multiplied by itself: then equal rows have equal products, wherever they lie.
    """
    scaled = vectors / np.float32(ONE)
    made = np.empty((*scaled.shape[:-1], len(rows)), np.float32)
    at_once = _AT_ONCE if scaled.ndim == 1 else _FOR_SEVERAL
    for start in range(0, len(rows), at_once):
        wide = rows[start : start + at_once].astype(np.float32)
        product = (wide[:, np.newaxis] @ scaled[:, np.newaxis]).ravel() if scaled.ndim == 1 else scaled @ wide.T
        made[..., start : start + at_once] = product
    return made
