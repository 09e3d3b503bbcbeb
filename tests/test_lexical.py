"""Lexical search: BM25 against its formula, what a row covers of a query, and what has no words."""

import math

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.bm25 import K1, B
from index.language import is_unspaced
from index.lexical import LexicalIndex, stems, terms
from index.types import Search

WORDS = ("barge", "barges", "lock", "weir", "the", "of", "miller", "x", "1848", "—")
rows = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=12)
queries = st.lists(st.sampled_from((*WORDS, "unheard")), max_size=6).map(lambda words: terms([" ".join(words)])[0])


def bm25(texts: list[str], query: list[str]) -> list[float]:
    """As Lucene scores since version 8: Kamphuis et al., ECIR 2020, table 1, without the factor k1 + 1."""
    corpus = terms(texts)
    mean = sum(map(len, corpus)) / len(corpus) if corpus else 0
    scores = []
    for row in corpus:
        score = 0.0
        for term in query:
            df = sum(term in other for other in corpus)
            if row.count(term):
                idf = math.log(1 + (len(corpus) - df + 0.5) / (df + 0.5))
                score += idf * row.count(term) / (row.count(term) + K1 * (1 - B + B * len(row) / mean))
        scores.append(score)
    return scores


@given(rows, queries)
def test_scores_equal_the_formula(texts: list[str], query: list[str]) -> None:
    scores = LexicalIndex.build(texts).scores(query)
    assert scores.shape == (len(texts),) and scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(texts, query), rtol=1e-5)


@given(rows, queries, st.integers(0, 20))
def test_search_gives_the_best_rows_that_hold_a_term(texts: list[str], query: list[str], k: int) -> None:
    index = LexicalIndex.build(texts)
    hits = index.search(query, k)
    matching = [row for row, found in enumerate(terms(texts)) if set(found) & set(query)]
    scores = index.scores(query)
    assert [hit.passage for hit in hits] == sorted(matching, key=lambda row: (-scores[row], row))[:k]
    assert all(hit.score == scores[hit.passage] and hit.search is Search.LEXICAL for hit in hits)


@given(rows, rows, queries)
def test_made_again_from_its_weights_it_answers_alike(texts: list[str], others: list[str], query: list[str]) -> None:
    index, other = LexicalIndex.build(texts), LexicalIndex.build(others)
    again = LexicalIndex.restore(index.vocabulary(), index.weights())
    assert (again.vocabulary(), again.weights()) == (index.vocabulary(), index.weights())
    assert index.occurrences() == [sum(n in row for row in index.weights()) for n in range(len(index.vocabulary()))]
    assert again.search(query, 20) == index.search(query, 20)
    assert again.holding(query).tolist() == sorted(index.holding(query).tolist())
    assert again.coverage(query, range(len(texts))) == index.coverage(query, range(len(texts)))
    every = np.arange(len(texts))
    assert np.array_equal(again.likeness(every, other), index.likeness(every, other))


@given(rows, st.sampled_from([1, 3, 2**20]))
def test_made_in_runs_its_weights_are_those_of_bm25s_to_the_byte(texts: list[str], run: int) -> None:
    engine = bm25s.BM25(k1=K1, b=B, method="lucene")
    found = terms(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.bm25.RUN", run)
        index = LexicalIndex.build(texts)
    assert index.vocabulary() == list(dict.fromkeys(word for row in found for word in row))
    ours = {"data": index._data, "indices": index._places, "indptr": index._bounds}
    if vocabulary := {word: number for number, word in enumerate(index.vocabulary())}:
        engine.index(([[vocabulary[word] for word in row] for row in found], vocabulary), show_progress=False)
        assert all(np.array_equal(ours[name], engine.scores[name]) for name in ours)
        assert ours["data"].dtype == engine.scores["data"].dtype == np.float32


@given(rows, queries)
def test_coverage_is_the_share_of_the_query_that_a_row_holds(texts: list[str], query: list[str]) -> None:
    index = LexicalIndex.build(texts)
    for coverage, found in zip(index.coverage(query, range(len(texts))), terms(texts), strict=True):
        assert 0 <= coverage <= 1
        assert (coverage > 0) == bool(set(query) & set(found))
        assert (coverage == pytest.approx(1)) == (bool(query) and set(query) <= set(found))


def test_a_rare_word_covers_more_than_a_common_one() -> None:
    index = LexicalIndex.build(["the barge", "a lock", "a lock", "a lock"])
    barge, lock = index.coverage(["barg", "lock"], [0, 1])
    assert barge > lock


def test_words_are_stemmed_and_function_words_left_out() -> None:
    assert terms(["The miller's barges were locking", "of the", ""]) == [["miller", "barg", "lock"], [], []]


def test_a_term_said_twice_in_the_query_counts_twice() -> None:
    index = LexicalIndex.build(["barge", "lock"])
    assert index.scores(["barg", "barg"])[0] == pytest.approx(2 * index.scores(["barg"])[0])


@pytest.mark.parametrize("texts", [[], [""], ["the of", "—"]])
def test_without_words_nothing_is_found(texts: list[str]) -> None:
    index = LexicalIndex.build(texts)
    assert index.rows == len(texts)
    assert index.search(["barg"], 5) == index.search([], 5) == []
    assert index.coverage(["barg"], range(len(texts))) == [0] * len(texts)


@given(rows, queries, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4))
def test_terms_held_by_ranges_of_rows_are_counted_once_each(
    texts: list[str], query: list[str], ranges: list[tuple[int, int]]
) -> None:
    first, last = np.array(ranges, np.intp).reshape(-1, 2).T
    held = LexicalIndex.build(texts).held(query, first, last)
    found = terms(texts)
    assert held.tolist() == [
        sum(any(term in row for row in found[start : end + 1]) for term in set(query)) for start, end in ranges
    ]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Die Schwäne am Wehr", "der Schwan"),
        ("fr", "Les cygnes arrivaient", "un cygne"),
        ("ru", "Лебеди у плотины", "кормила лебедей"),
        ("es", "Los cisnes", "el cisne"),
        ("zh", "磨坊主喂天鹅", "天鹅"),
        ("ja", "毎朝白鳥に餌をやった", "白鳥"),
        ("th", "หงส์กินขนมปัง", "หงส์"),
        ("uk", "лебеді біля греблі", "лебеді"),  # no stemmer
        ("hi", "हिन्दी किताब", "किताब"),
    ],
)
def test_words_meet_by_the_rules_of_their_language(language: str, one: str, other: str) -> None:
    here, there = terms([one, other], language)
    assert set(here) & set(there)


@pytest.mark.parametrize(
    ("language", "text"),
    [("de", "und die der"), ("fr", "le la et"), ("ru", "и в не"), ("es", "el la que"), ("en", "the of")],
)
def test_function_words_are_those_of_the_language(language: str, text: str) -> None:
    assert terms([text], language) == [[]]


def test_a_language_without_stemmer_and_list_keeps_its_words() -> None:
    assert terms(["Лебеді біля греблі та"], "uk") == [["лебеді", "біля", "греблі", "та"]]
    assert stems(["лебеді", "та"], "uk") == ["лебеді", "та"]


def test_marks_on_letters_part_no_word() -> None:
    assert terms(["हिन्दी"], "ta") == [["हिन्दी"]]


def test_unspaced_words_are_pairs_and_others_beside_them_words() -> None:
    assert terms(["天鹅湖 Moskau 水"], "zh") == [["天鹅", "鹅湖", "moskau"]]
    assert is_unspaced("誰が？") and not is_unspaced("Кто это?")


@given(st.text(max_size=60), st.sampled_from(["de", "ru", "zh", "th", "hi", "uk", "tlh"]))
def test_any_text_has_terms_in_any_language(text: str, language: str) -> None:
    (found,) = terms([text], language)
    assert all(found) and stems(found, language) is not None
    assert LexicalIndex.build([text], language).coverage(found, [0]) == pytest.approx([1 if found else 0])


def test_a_character_is_the_same_however_it_is_composed() -> None:
    assert (
        terms(["Zoë’s e\ufb03cient cafe\u0301, Ｎｏ"])
        == terms(["Zoe\u0308’s efficient café, No"])
        == [["zoë", "effici", "café"]]
    )
