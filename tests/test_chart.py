"""The strip along a text and its contents: everything stands where it lies."""

import re

import pytest
from documents import document
from hypothesis import given
from hypothesis import strategies as st

from index.types import Block, BlockKind, Document
from qa.types import Citation, Extract
from ui import chart


def headed(levels: list[int]) -> Document:
    """A document with a heading of each level and a paragraph under it."""
    doc = document(
        *(part for _ in levels for part in ((BlockKind.HEADING, "A part"), (BlockKind.PARAGRAPH, "word " * 40)))
    )
    blocks = [
        Block(b.kind, b.start, b.end, None, levels[i // 2] if b.kind is BlockKind.HEADING else None)
        for i, b in enumerate(doc.blocks)
    ]
    return Document(**{name: getattr(doc, name) for name in doc.__dataclass_fields__} | {"blocks": tuple(blocks)})


def cited(start: int, end: int) -> Citation:
    return Citation("a", "0" * 64, start, end, "", "", "", ("A part",), 2, None, None, (1, 1), Extract(0, 1, ""))


@given(st.lists(st.integers(1, 4), min_size=1, max_size=80), st.data())
def test_marks_stand_where_their_places_lie(levels: list[int], data: st.DataObject) -> None:
    doc = headed(levels)
    start = data.draw(st.integers(0, len(doc.text) - 2))
    html = chart.strip(doc, (start, start + 1), [cited(start, start + 1)] * 2)
    hits = re.findall(r'px-hit"[^>]* style="inset-inline-start:([\d.]+)%"', html)
    assert [float(hit) for hit in hits] == [pytest.approx(100 * start / len(doc.text), abs=0.06)] * 2
    assert html.count("px-section") <= chart.SECTIONS
    assert 'aria-label="Answer 1: A part, ¶ 2"' in html


def test_of_too_many_headings_the_higher_levels_are_drawn() -> None:
    assert chart.strip(headed([1, 2, 2] * 30), (0, 1), []).count("px-section") == 30
    assert chart.strip(headed([1, 2, 2] * 10), (0, 1), []).count("px-section") == 30
    assert chart.strip(headed([1] * 90), (0, 1), []).count("px-section") == chart.SECTIONS


def test_the_strip_is_told_in_words() -> None:
    doc = headed([1, 1])
    middle = len(doc.text) // 2
    told = chart.strip(doc, (middle, middle + 1), [cited(0, 5)])
    assert 'aria-label="You are 50.0% into the text; the last question’s answers lie at 0.0%"' in told


def test_contents_list_every_heading_with_its_place() -> None:
    doc = headed([1, 2, 1])
    html = chart.contents(doc)
    starts = [block.start for block in doc.blocks if block.kind is BlockKind.HEADING]
    assert re.findall(r'data-start="(\d+)"', html) == list(map(str, starts))
    assert chart.contents(headed([1])) == ""
