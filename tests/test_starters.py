"""Starter questions: made from headings that name a subject, the documents taking turns."""

from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import load
from index.types import Block, BlockKind, Details, Document
from qa.session import Session
from qa.starters import in_turns, starter_questions


def document(*headings: str, title: str = "The Salt Tax") -> Document:
    """A document that consists of headings."""
    text, blocks = "\n\n".join(headings), []
    start = 0
    for heading in headings:
        blocks.append(Block(BlockKind.HEADING, start, start + len(heading), level=1))
        start += len(heading) + 2
    return Document("salt", title, None, None, title, "salt.txt", "", "", tuple(blocks), (), (), text=text)


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("The harbour toll", "What is said about “The harbour toll”?"),
        ("THE HARBOUR TOLL", "What is said about “The harbour toll”?"),
        ("The harbour toll.", "What is said about “The harbour toll”?"),
        ("“A toll of salt”", "What is said about “A toll of salt”?"),
        ("Who paid the toll?", "Who paid the toll?"),
        ("1838", None),
        ("CHAPTER IV", None),
        ("Part 2", None),
        ("Introduction", None),
        ("Notes and References", None),
        ("* * *", None),
        ("The Salt Tax", None),
        ("THE SALT TAX", None),
        ("A very long heading " * 5, None),
    ],
)
def test_a_heading_becomes_a_question_when_it_names_a_subject(heading: str, question: str | None) -> None:
    assert list(starter_questions([document(heading)])) == ([question] if question else [])


def test_questions_come_in_the_order_of_the_text() -> None:
    asked = list(starter_questions([document("CHAPTER I", "Salt", "CHAPTER II", "Iron")]))
    assert asked == ["What is said about “Salt”?", "What is said about “Iron”?"]


def test_the_documents_take_turns_and_their_telling_headings_come_first() -> None:
    first = document("A Vision", "The women of the salt pans", "The price of iron")
    second = document("The End", "Who paid the toll?")
    assert list(starter_questions([first, second])) == [
        "What is said about “The women of the salt pans”?",
        "Who paid the toll?",
        "What is said about “The price of iron”?",
        "What is said about “A Vision”?",
        "What is said about “The End”?",
    ]


def test_only_headings_are_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "salt.txt"
    file.write_text("The salt was taxed by the crown, and the carts went round by the hills.\n", encoding="utf-8")
    assert list(starter_questions([load(file, Details(title="Salt"))])) == []


@given(st.lists(st.lists(st.integers()), max_size=5))
def test_in_turns_takes_from_each_until_all_are_spent(lists: list[list[int]]) -> None:
    rounds = zip_longest(*lists)
    expected = [item for taken in rounds for item in taken if item is not None]
    assert list(in_turns([map(str, items) for items in lists])) == list(map(str, expected))


class TestOfALibrary:
    def test_each_is_answered_and_none_comes_twice(self, library: Session) -> None:
        starters = library.starters()
        assert len(starters) == len(set(starters)) == 4
        for question in starters:
            assert any(side.answer for side in library.ask(question).perspectives)

    def test_they_are_the_headings_own(self, library: Session) -> None:
        documents = [library.document(source.id) for source in library.documents()]
        assert set(library.starters()) <= set(starter_questions(documents))

    def test_no_more_are_made_than_wanted(self, library: Session) -> None:
        assert len(library.starters(1)) == 1
        assert library.starters(0) == ()

    def test_an_empty_library_has_none(self, tmp_path: Path, word_encoder: Callable[[str], object]) -> None:
        assert Session.open(tmp_path, create=True, load_encoder=word_encoder).starters() == ()  # type: ignore[arg-type]
