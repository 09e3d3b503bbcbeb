"""Vectors in few bits: rounded once and for all, and near what they stand for."""

from collections.abc import Callable
from math import erf, exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import codes
from index.codes import Codes, cosines, eight_bits, four_bits, widened

SEEDS = st.integers(0, 2**32 - 1)
ROUNDED = st.sampled_from([eight_bits, four_bits])
Rounded = Callable[[NDArray[np.float32]], Codes]


def unit(seed: int, *shape: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


@given(SEEDS, st.integers(1, 400), ROUNDED)
def test_what_was_rounded_is_rounded_to_itself(seed: int, dimension: int, rounded: Rounded) -> None:
    rows = rounded(unit(seed, 9, dimension))
    assert np.array_equal(rounded(widened(rows, dimension)), rows)


def test_they_take_a_byte_a_number_and_half_a_byte() -> None:
    vectors = unit(0, 5, 384)
    assert (eight_bits(vectors).nbytes, four_bits(vectors).nbytes) == (5 * 384, 5 * 192)
    assert four_bits(unit(0, 5, 33)).nbytes == 5 * 17


@given(SEEDS, st.integers(128, 400), st.sampled_from([(eight_bits, 0.04, 0.002), (four_bits, 0.22, 0.015)]))
def test_a_vector_is_off_by_what_its_bits_lose(seed: int, dimension: int, told: tuple[Rounded, float, float]) -> None:
    rounded, whole, product = told
    vectors, others = unit(seed, 20, dimension), unit(seed + 1, 20, dimension)
    off = widened(rounded(vectors), dimension) - vectors
    assert np.linalg.norm(off, axis=1).max() < whole
    assert sqrt(np.mean((off @ others.T) ** 2)) < product


@given(SEEDS, st.integers(64, 400), st.floats(0.1, 0.7), ROUNDED)
def test_one_number_that_stands_out_does_no_harm(seed: int, dimension: int, share: float, rounded: Rounded) -> None:
    vectors = unit(seed, 20, dimension) * np.float32(sqrt(1 - share))
    vectors[:, seed % dimension] += np.float32(sqrt(share))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    off = np.abs(cosines(rounded(vectors), vectors) - vectors @ vectors.T)
    assert off.max() < (0.03 if rounded is eight_bits else 0.15)


def test_vectors_are_turned_and_nothing_else() -> None:
    for dimension in (1, 2, 33, 384, 768):
        turned = codes._turned(np.eye(dimension, dtype=np.float32))
        np.testing.assert_allclose(turned @ turned.T, np.eye(dimension), atol=1e-5)


@given(SEEDS, st.integers(1, 400), st.integers(0, 30), ROUNDED)
def test_equal_vectors_are_rounded_alike_whatever_is_rounded_beside_them(
    seed: int, dimension: int, beside: int, rounded: Rounded
) -> None:
    vectors = unit(seed, beside + 1, dimension)
    assert np.array_equal(rounded(vectors)[-1:], rounded(vectors[-1:]))


def test_the_levels_lose_least_of_what_is_strewn_normally() -> None:
    """Each is the mean of what is rounded to it, each bound midway between two: Lloyd's and Max's conditions."""
    bounds = [-np.inf, *codes._BOUNDS.tolist(), np.inf]
    density = [exp(-b * b / 2) / sqrt(2 * pi) for b in bounds]
    chance = np.diff([(1 + erf(b / sqrt(2))) / 2 for b in bounds])
    means = -np.diff(density) / chance
    np.testing.assert_allclose(codes._LEVELS, means, atol=1e-3)
    assert 1 - np.sum(chance * means**2) < 0.0096  # of the variance


@given(SEEDS, st.integers(0, 30), st.integers(1, 40), st.sampled_from([1, 7, 256]), ROUNDED)
def test_cosines_are_the_products_of_the_wide_vectors(
    seed: int, count: int, dimension: int, at_once: int, rounded: Rounded
) -> None:
    rows, vectors = rounded(unit(seed, count, dimension)), unit(seed + 1, several := seed % 4 + 1, dimension)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codes, "_AT_ONCE", at_once)
        patch.setattr(codes, "_FOR_SEVERAL", at_once)
        found = cosines(rows, vectors), cosines(rows, vectors[0])
    assert found[0].shape == (several, count) and found[1].shape == (count,)
    assert found[0].dtype == found[1].dtype == np.float32
    np.testing.assert_allclose(found[0], vectors @ widened(rows, dimension).T, atol=2e-6)
    np.testing.assert_allclose(found[1], widened(rows, dimension) @ vectors[0], atol=2e-6)


@given(SEEDS, st.integers(1, 400), st.lists(st.integers(0, 400), min_size=1, max_size=9), ROUNDED)
def test_equal_rows_have_equal_cosines_wherever_they_lie(
    seed: int, dimension: int, places: list[int], rounded: Rounded
) -> None:
    rows, query = rounded(unit(seed, 401, dimension)), unit(seed + 1, dimension)
    rows[places] = rows[places[0]]
    assert len(set(cosines(rows, query)[places].tolist())) == 1
    assert np.array_equal(cosines(rows[places], query), cosines(rows, query)[places])


@given(SEEDS, st.integers(2, 64))
def test_what_is_nearer_by_far_is_nearer(seed: int, count: int) -> None:
    vectors = unit(seed, count, 384)
    assume(np.abs(vectors @ vectors.T - np.eye(count)).max() < 0.5)
    for rounded in (eight_bits, four_bits):
        rows: Codes = rounded(vectors)
        assert np.array_equal(cosines(rows, vectors).argmax(axis=1), np.arange(count))
