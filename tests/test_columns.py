"""Which documents stand in columns: all where they fit; else the pinned, those that answer, those nearest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from test_render import answering, citation, comparison, silent, source

from qa.types import Comparison, Perspective
from ui import render
from ui.chat import Choice
from ui.columns import COLUMNS, columns

SPEAKING = st.lists(st.booleans(), min_size=1, max_size=9)


def asked(speaking: list[bool], order: list[int] | None = None) -> Comparison:
    """A comparison of documents "d0", "d1" … of which some answer; `order`: by how much the question is about them."""
    made: list[Perspective] = []
    for number, speaks in enumerate(speaking):
        side = answering(citation()) if speaks else silent()
        made.append(replace(side, source=source(f"d{number}", f"Label {number}")))
    numbers = order if order is not None else range(len(speaking))
    return replace(comparison(*made), ranking=tuple(f"d{number}" for number in numbers))


def ids(sides: tuple[Perspective, ...]) -> list[str]:
    return [side.source.id for side in sides]


@given(SPEAKING, st.data())
def test_every_document_is_shown_or_told_of_and_the_pinned_stand_first(
    speaking: list[bool], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(speaking))))
    pinned = data.draw(st.lists(st.sampled_from([f"d{n}" for n in range(9)]), unique=True))
    parted = columns(asked(speaking, order), pinned)
    there = [identifier for identifier in pinned if int(identifier[1:]) < len(speaking)]
    shown = ids(parted.shown)
    assert shown[: len(there)] == there
    assert len(shown) == max(min(len(speaking), COLUMNS), len(there))
    assert len(shown) + len(parted.answering) + parted.silent == len(speaking)
    assert all(side.answer is not None for side in parted.answering)
    if any(side.answer is None and side.source.id not in pinned for side in parted.shown) and len(speaking) > COLUMNS:
        assert parted.answering == ()


def test_where_all_fit_they_keep_their_order() -> None:
    assert ids(columns(asked([False, True, True], [2, 1, 0])).shown) == ["d0", "d1", "d2"]
    assert ids(columns(asked([False, True, True]), ["d2"]).shown) == ["d2", "d0", "d1"]


def test_of_more_the_ones_that_answer_come_before_the_silent_each_by_what_the_question_is_about() -> None:
    parted = columns(asked([False, True, False, True, False], [4, 3, 2, 1, 0]))
    assert (ids(parted.shown), parted.answering, parted.silent) == (["d3", "d1", "d4", "d2"], (), 1)
    parted = columns(asked([True] * 6 + [False], [6, 5, 4, 3, 2, 1, 0]), ["d6"])
    assert (ids(parted.shown), ids(parted.answering), parted.silent) == (
        ["d6", "d5", "d4", "d3"],
        ["d2", "d1", "d0"],
        0,
    )


def test_the_page_tells_who_else_answers_with_the_way_there_and_a_pin() -> None:
    told, sources = asked([True] * 6), [source(f"d{n}", f"Label {n}") for n in range(6)]
    html = render.turn(1, told, render.hues(sources), ["d5"])
    assert html.count("<article") == COLUMNS and html.index("Label 5") < html.index("Label 0")
    assert "Two more documents answer" in html and "Label 4" in html
    assert html.count('aria-pressed="true"') == 1 and html.count("px-pin") == 6
    assert html.count("px-jump") == COLUMNS
    assert "px-pin" not in render.turn(1, asked([True] * 4), render.hues(sources))


def test_a_turn_remembers_the_documents_that_were_chosen() -> None:
    sources = [source(f"d{n}") for n in range(6)]
    assert 'data-in="d0 d1"' in render.turn(1, asked([True] * 2), render.hues(sources))
    assert "data-in" not in render.turn(1, asked([True] * 6), render.hues(sources))


def test_a_choice_names_documents_that_are_there_in_their_order_or_all() -> None:
    sources = [source(f"d{n}") for n in range(3)]
    assert Choice(("d2", "gone", "d0")).among(sources) == ("d0", "d2")
    assert Choice(("gone",)).among(sources) is None and Choice().among(sources) is None
    assert Choice.read({"documents": ["d1"], "pinned": "d1"}) == Choice(("d1",))
    for nonsense in (None, [], "d1", {"documents": None}):
        assert Choice.read(nonsense) == Choice()
