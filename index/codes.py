"""Unit vectors in few bits, as a library keeps them: a passage's in eight a number, a sentence's in four.

A vector is turned first, all alike: then its numbers are strewn as a normal distribution's are, whatever the model,
none stands out, and one scale holds for all. Turned or not, products are the same. Eight bits are even steps; four are
the sixteen levels that lose least of such numbers (J. Max, "Quantizing for minimum distortion", IRE Transactions on
Information Theory 6, 1960, table I). What that costs is in `docs/indexing.md`. Every place rounds here, so that a
document has the same vectors wherever it is.
"""

from functools import lru_cache
from hashlib import shake_128

import numpy as np
from numpy.typing import NDArray

_Vectors = NDArray[np.float32]
Codes = NDArray[np.int8] | NDArray[np.uint8]
"""Vectors of either kind, a row each: int8, one number a byte, or uint8, two, the first in the lower half."""
_REACH = 4.5
"""The most that eight bits stand for, in standard deviations; one number of 150,000 is beyond it."""
_STEPS = 127
_HALF = np.array([0.1284, 0.3881, 0.6568, 0.9424, 1.256, 1.618, 2.069, 2.733])
_LEVELS = np.concatenate([-_HALF[::-1], _HALF])
_BOUNDS = ((_LEVELS[1:] + _LEVELS[:-1]) / 2).astype(np.float32)
_PAIRS = np.stack([np.tile(_LEVELS, 16), np.repeat(_LEVELS, 16)], axis=1).astype(np.float32)
"""The two numbers that each byte stands for, shape (256, 2)."""
_AT_ONCE = 256
"""So many rows are widened at once for one vector, which stay in the processor's cache."""
_FOR_SEVERAL = 4096
"""And for several, whose products the threads of the linear algebra share out: each time they have to meet."""


def eight_bits(vectors: _Vectors) -> NDArray[np.int8]:
    """Unit vectors in eight bits a number, shape (n, dimension); of what `widened` gave, the same again."""
    steps = np.rint(_in_deviations(vectors) * np.float32(_STEPS / _REACH))
    rounded: NDArray[np.int8] = np.clip(steps, -_STEPS, _STEPS).astype(np.int8)
    return rounded


def four_bits(vectors: _Vectors) -> NDArray[np.uint8]:
    """Unit vectors in four bits a number, shape (n, half the dimension); of what `widened` gave, the same again."""
    levels = np.searchsorted(_BOUNDS, _in_deviations(vectors)).astype(np.uint8)
    if levels.shape[1] % 2:
        levels = np.pad(levels, [(0, 0), (0, 1)])
    return levels[:, ::2] + np.uint8(16) * levels[:, 1::2]


def widened(codes: Codes, dimension: int) -> _Vectors:
    """The vectors that some rows stand for, shape (n, dimension), of unit length but for what eight bits lose."""
    return _shared_out(wide(codes, dimension)) * (_signs(dimension) * _scale(codes, dimension))


def cosines(codes: Codes, vectors: _Vectors) -> _Vectors:
    """The inner product of a vector with every row, shape (rows,), or of each of several, shape (several, rows).

    With one vector each row is multiplied by itself: then equal rows have equal products, wherever they lie.
    """
    asked = against(codes, vectors)
    dimension = asked.shape[-1]
    made = np.empty((*asked.shape[:-1], len(codes)), np.float32)
    at_once = _AT_ONCE if asked.ndim == 1 else _FOR_SEVERAL
    for start in range(0, len(codes), at_once):
        rows = wide(codes[start : start + at_once], dimension)
        product = (rows[:, np.newaxis] @ asked[:, np.newaxis]).ravel() if asked.ndim == 1 else asked @ rows.T
        made[..., start : start + at_once] = product
    return made


def wide(codes: Codes, dimension: int) -> _Vectors:
    """The numbers of some rows, shape (n, dimension), turned and without their scale."""
    if codes.dtype == np.int8:
        return codes.astype(np.float32)
    both = np.take(_PAIRS.view(np.float64).ravel(), codes)  # two numbers of four bytes as one
    numbers: _Vectors = both.view(np.float32)[:, :dimension]
    lengths = np.sqrt(np.einsum("ij,ij->i", numbers, numbers) / dimension)  # which levels do not keep
    numbers /= lengths[:, np.newaxis]
    return numbers


def against(codes: Codes, vectors: _Vectors) -> _Vectors:
    """What to multiply by the rows of `wide` for the products with some vectors; the same shape as these."""
    return _turned(vectors) * _scale(codes, vectors.shape[-1])


def _scale(codes: Codes, dimension: int) -> np.float32:
    """What one step of a row stands for."""
    deviation = dimension**-0.5  # of the numbers of a unit vector
    return np.float32(deviation * _REACH / _STEPS if codes.dtype == np.int8 else deviation)


def _in_deviations(vectors: _Vectors) -> _Vectors:
    """Unit vectors turned, in standard deviations of their numbers."""
    return _turned(vectors) * np.float32(vectors.shape[-1] ** 0.5)


def _turned(vectors: _Vectors) -> _Vectors:
    return _shared_out(vectors * _signs(vectors.shape[-1]))


def _shared_out(vectors: _Vectors) -> _Vectors:
    """Vectors of which each number is shared out among all, by the Hartley transform, which is its own inverse.

    Row by row and on one thread: equal vectors are turned alike, and linear algebra's threads would wait in circles
    on the time of those that encode.
    """
    waves = np.fft.fft(vectors, norm="ortho")
    shared: _Vectors = (waves.real - waves.imag).astype(np.float32, copy=False)
    return shared


@lru_cache
def _signs(dimension: int) -> _Vectors:
    """1 or -1 for each number, drawn once for all: without them a vector that is even or swings would stand out again.

    N. Ailon and B. Chazelle, "The fast Johnson–Lindenstrauss transform", SIAM Journal on Computing 39, 2009. A part of
    the library's format, as the transform is.
    """
    drawn = np.frombuffer(shake_128(b"parallax").digest(dimension // 8 + 1), np.uint8)
    return np.where(np.unpackbits(drawn, count=dimension), np.float32(1), np.float32(-1))
