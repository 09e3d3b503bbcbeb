"""Text reuse: planted words are found again though some were changed; texts with nothing in common share nothing."""

import random
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.reuse import LEAST, Reuse, reuses
from qa.shingles import REPEATED, Text, meeting

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import reuse as measured


def wordy(kind: str, count: int) -> list[str]:
    """So many different words, none of them in a text of another kind."""
    return [f"{kind}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}{'abc'[n // 676]}" for n in range(count)]


OURS, THEIRS, COMMON = wordy("barge", 300), wordy("tide", 300), wordy("lock", 200)


def found(one: list[str], other: list[str]) -> list[Reuse]:
    return reuses(Text(" ".join(one)), Text(" ".join(other)))


lengths = st.integers(0, 60)


@given(lengths, lengths, st.integers(LEAST, 100), st.integers(0, 100))
def test_what_was_planted_is_found_where_it_stands(before: int, ahead: int, count: int, first: int) -> None:
    planted = COMMON[first : first + count]
    (place,) = found(OURS[:before] + planted + OURS[before:], THEIRS[:ahead] + planted + THEIRS[ahead:])
    assert place.ranges(0) == [(before, before + count)] and place.ranges(1) == [(ahead, ahead + count)]
    assert place.same == count


@given(st.integers(0, 100), st.integers(1, LEAST - 1))
def test_fewer_words_are_a_turn_of_phrase(first: int, count: int) -> None:
    planted = COMMON[first : first + count]
    assert found(OURS[:20] + planted + OURS[20:], THEIRS[:40] + planted + THEIRS[40:]) == []


@given(st.integers(10, 30), st.integers(10, 30), st.integers(9, 70))
def test_a_cut_in_the_middle_makes_one_place_of_two_parts(head: int, tail: int, cut: int) -> None:
    whole = COMMON[: head + cut + tail]
    (place,) = found([*OURS[:9], *whole, *OURS[9:]], [*THEIRS[:5], *whole[:head], *whole[head + cut :], *THEIRS[5:]])
    assert place.ranges(0) == [(9, 9 + head), (9 + head + cut, 9 + head + cut + tail)]
    assert place.ranges(1) == [(5, 5 + head), (5 + head, 5 + head + tail)]
    assert place.same == head + tail


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], list[str], int]:
    """Some words, the same with every seventh left out, changed or followed by another; how many are still there."""
    out: list[str] = []
    kept = 0
    for number, word in enumerate(COMMON[:31]):
        way = draw(st.sampled_from(["drop", "change", "insert"])) if number % 7 == 6 else "keep"
        kept += way in ("keep", "insert")
        out += {"drop": [], "change": [THEIRS[number]], "insert": [word, THEIRS[number]], "keep": [word]}[way]
    return COMMON[:31], out, kept


@given(edited())
def test_changed_words_do_not_hide_it(case: tuple[list[str], list[str], int]) -> None:
    whole, changed, kept = case
    (place,) = found(OURS[:50] + whole + OURS[50:], THEIRS[100:200] + changed + THEIRS[200:])
    assert place.same == kept
    assert place.ranges(0) == [(50, 81)]


texts = st.lists(
    st.integers(0, 180).flatmap(lambda at: st.integers(1, 20).map(lambda n: COMMON[at : at + n])), max_size=12
).map(lambda pieces: [word for piece in pieces for word in piece])


@settings(max_examples=300)
@given(texts, texts)
def test_of_any_texts_every_place_has_the_same_words_and_is_the_same_either_way(
    one: list[str], other: list[str]
) -> None:
    places = found(one, other)
    for place in places:
        assert place.same >= LEAST
        for part in place.parts:
            for run in part:
                assert one[run.one : run.ends[0]] == other[run.other : run.ends[1]]
        for side in (0, 1):
            ranges = place.ranges(side)
            assert all(first < end for first, end in ranges)
            assert all(end <= first for (_, end), (first, _) in pairwise(ranges))
    turned = {place.swapped().parts for place in found(other, one)}
    assert turned == {place.parts for place in places}


@given(st.integers(LEAST, 200))
def test_a_text_shares_all_of_itself_in_one_place(count: int) -> None:
    (place,) = found(COMMON[:count], COMMON[:count])
    assert place.ranges(0) == place.ranges(1) == [(0, count)]


@given(st.lists(st.sampled_from(OURS), max_size=200), st.lists(st.sampled_from(THEIRS), max_size=200))
def test_texts_without_a_word_in_common_do_not_meet(one: list[str], other: list[str]) -> None:
    assert found(one, other) == []
    assert meeting([Text(" ".join(one)), Text(" ".join(other))]) == []


def test_function_words_alone_are_nothing() -> None:
    told = "and then it was not that which he had been to them when they were with us".split()  # noqa: SIM905
    assert found(OURS[:20] + told, THEIRS[:20] + told) == []


def test_what_a_text_says_over_and_over_is_a_formula_and_costs_little() -> None:
    refrain = COMMON[:20]
    many = [word for n in range(200) for word in [*refrain, OURS[n]]]
    assert len(Text(" ".join(many)).shingles) < 5 * 200
    assert found(many, [*THEIRS[:50], *refrain, *THEIRS[50:]]) == []


def test_a_passage_that_both_repeat_goes_with_its_like_once_each() -> None:
    said = COMMON[:20]
    one = [*OURS[:50], *said, *OURS[50:100], *said, *OURS[100:]]
    other = [*THEIRS[:70], *said, *THEIRS[70:90], *said, *THEIRS[90:]]
    assert [(place.ranges(0), place.ranges(1)) for place in found(one, other)] == [
        ([(50, 70)], [(70, 90)]),
        ([(120, 140)], [(110, 130)]),
    ]


@pytest.mark.parametrize("times", range(1, REPEATED + 1))
def test_a_passage_that_one_quotes_again_is_shown_each_time(times: int) -> None:
    often = [word for n in range(times) for word in [*COMMON[:20], *OURS[30 * n : 30 * n + 30]]]
    assert len(found(often, [*THEIRS[:50], *COMMON[:20]])) == times


def test_which_texts_meet_is_told_in_pairs() -> None:
    both = COMMON[:20]
    texts = [Text(" ".join(words)) for words in (OURS, [*THEIRS, *both], wordy("weir", 50), [*both, *OURS[:9]])]
    assert meeting(texts) == [(0, 3), (1, 3)]
    assert meeting([Text(""), Text("")]) == []


def test_damaged_passages_planted_in_a_long_text_are_found_and_little_else() -> None:
    """The measure of `scripts/reuse.py` on text made up of a vocabulary, so that turns of phrase come by chance."""
    chance = random.Random(3)
    source, carrier = (" ".join(chance.choices(OURS, k=12_000)) for _ in range(2))
    recall, precision, told = measured.measure(source, carrier, chance)
    assert recall >= 0.9 and precision == 1.0
    assert told["before"] == 0 and told["joined"] >= 5
