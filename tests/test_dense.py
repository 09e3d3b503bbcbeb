"""Dense search equals numpy: the inner products of all rows, sorted."""

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import dense
from index.codes import eight_bits, four_bits, widened
from index.types import Search


def unit_rows(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


@given(st.integers(0, 60), st.integers(1, 40), st.integers(0, 80), st.integers(0, 2**32 - 1))
def test_equals_numpy(count: int, dimension: int, k: int, seed: int) -> None:
    rows, query = eight_bits(unit_rows(count, dimension, seed)), unit_rows(1, dimension, seed + 1)[0]
    hits = dense.search(rows, query, k)
    products = widened(rows, dimension) @ query
    assert len(hits) == min(k, count)
    assert len({hit.passage for hit in hits}) == len(hits)
    assert all(hit.search is Search.DENSE for hit in hits)
    np.testing.assert_allclose([hit.score for hit in hits], np.sort(products)[::-1][:k], atol=1e-5)
    np.testing.assert_allclose([hit.score for hit in hits], products[[hit.passage for hit in hits]], atol=1e-5)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_equal_rows_come_in_the_order_of_the_document(count: int, k: int, seed: int) -> None:
    row = unit_rows(1, 384, seed)
    hits = dense.search(eight_bits(np.repeat(row, count, axis=0)), row[0], k)
    assert [hit.passage for hit in hits] == list(range(min(k, count)))


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_many_rows_are_searched_part_by_part(k: int, seed: int) -> None:
    count = 2 * dense.AT_ONCE + 100
    rows, query = four_bits(unit_rows(count, 4, seed)), unit_rows(1, 4, seed + 1)[0]
    products = widened(rows, 4) @ query
    found = [hit.passage for hit in dense.search(rows, query, k)]
    np.testing.assert_allclose(products[found], np.sort(products)[::-1][:k], atol=1e-5)


@pytest.mark.parametrize("dimension", [1, 16, 33, 40])
def test_lists_are_made_as_faiss_itself_makes_them(dimension: int) -> None:
    sample = unit_rows(600, dimension, 5)
    ours = dense.Lists.trained(sample, 12)._index
    theirs = faiss.clone_index(ours)
    theirs.quantizer.reset()
    faiss.copy_array_to_vector(np.zeros(2 * dimension, np.float32), theirs.sq.trained)
    theirs.train(sample)
    assert np.array_equal(faiss.serialize_index(ours), faiss.serialize_index(theirs))


def test_no_row_is_found_where_there_is_none() -> None:
    assert dense.search(eight_bits(unit_rows(0, 8, 0)), unit_rows(1, 8, 1)[0], 5) == []


@pytest.mark.parametrize("layout", ["C", "F"])
def test_rows_may_lie_in_memory_either_way(layout: str) -> None:
    rows = unit_rows(50, 8, 3)
    kept = np.array(eight_bits(rows), order=layout)  # type: ignore[call-overload]
    assert dense.search(kept, rows[7], 1)[0].passage == 7
