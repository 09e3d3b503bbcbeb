"""Reciprocal rank fusion: its formula, its order, its ties."""

from hypothesis import given
from hypothesis import strategies as st

from index.fuse import RANK_CONSTANT, reciprocal_rank
from index.types import Hit, Search

rankings = st.lists(st.lists(st.integers(0, 20), unique=True, max_size=15), max_size=4)


def hits(*passages: int) -> list[Hit]:
    return [Hit(passage, 1.0 - rank, Search.DENSE) for rank, passage in enumerate(passages)]


@given(rankings, st.integers(0, 30))
def test_equals_its_formula(ranked: list[list[int]], k: int) -> None:
    fused = reciprocal_rank([hits(*passages) for passages in ranked], k)
    scores = {
        passage: sum(1 / (RANK_CONSTANT + 1 + passages.index(passage)) for passages in ranked if passage in passages)
        for passage in {passage for passages in ranked for passage in passages}
    }
    assert len(fused) == min(k, len(scores))
    assert fused == sorted(fused, key=lambda hit: (-hit.score, hit.passage))
    assert all(hit.score == scores[hit.passage] and hit.search is Search.FUSED for hit in fused)
    left_out = scores.keys() - {hit.passage for hit in fused}
    assert all(scores[passage] <= fused[-1].score for passage in left_out if fused)


def test_found_by_both_searches_goes_before_first_of_one() -> None:
    assert [hit.passage for hit in reciprocal_rank([hits(1, 2), hits(3, 2)], 3)] == [2, 1, 3]


def test_a_tie_goes_to_the_earlier_passage() -> None:
    assert [hit.passage for hit in reciprocal_rank([hits(9), hits(4)], 2)] == [4, 9]


def test_the_rankings_scores_do_not_count() -> None:
    quiet, loud = [Hit(1, 0.01, Search.DENSE)], [Hit(1, 90.0, Search.LEXICAL)]
    assert reciprocal_rank([quiet], 1) == reciprocal_rank([loud], 1)


def test_nothing_comes_of_nothing() -> None:
    assert reciprocal_rank([], 5) == reciprocal_rank([[], []], 5) == []
