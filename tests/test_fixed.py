"""Vectors in fixed point: rounded once and for all, and near what they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import fixed
from index.fixed import ONE, cosines, narrowed, widened

SEEDS = st.integers(0, 2**32 - 1)


def unit(seed: int, *shape: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


def test_every_number_is_rounded_to_itself() -> None:
    every = np.arange(-ONE, ONE + 1, dtype=np.int16)
    assert np.array_equal(narrowed(widened(every)), every)


@given(SEEDS, st.integers(1, 400))
def test_a_vector_is_off_by_half_a_step_at_most(seed: int, dimension: int) -> None:
    vectors = unit(seed, 5, dimension)
    assert narrowed(vectors).dtype == np.int16
    assert np.abs(widened(narrowed(vectors)) - vectors).max() <= 0.5 / ONE + 1e-7


@given(SEEDS, st.integers(0, 30), st.integers(1, 40), st.integers(1, 4), st.sampled_from([1, 7, 256]))
def test_cosines_are_the_products_of_the_wide_vectors(
    seed: int, count: int, dimension: int, several: int, at_once: int
) -> None:
    rows, vectors = narrowed(unit(seed, count, dimension)), unit(seed + 1, several, dimension)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed, "_AT_ONCE", at_once)
        patch.setattr(fixed, "_FOR_SEVERAL", at_once)
        found = cosines(rows, vectors), cosines(rows, vectors[0])
    assert found[0].shape == (several, count) and found[1].shape == (count,)
    assert found[0].dtype == found[1].dtype == np.float32
    np.testing.assert_allclose(found[0], vectors @ widened(rows).T, atol=1e-6)
    np.testing.assert_allclose(found[1], widened(rows) @ vectors[0], atol=1e-6)


@given(SEEDS, st.integers(1, 400), st.lists(st.integers(0, 400), min_size=1, max_size=9))
def test_equal_rows_have_equal_cosines_wherever_they_lie(seed: int, dimension: int, places: list[int]) -> None:
    rows, query = narrowed(unit(seed, 401, dimension)), unit(seed + 1, dimension)
    rows[places] = rows[places[0]]
    assert len(set(cosines(rows, query)[places].tolist())) == 1
    assert np.array_equal(cosines(rows[places], query), cosines(rows, query)[places])
