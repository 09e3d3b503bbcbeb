"""A document's parts come back from the bytes that are kept of them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from documents import documents
from hypothesis import given
from hypothesis import strategies as st

from index import parts
from index.packed import Packed, Passages
from index.parts import folded, unfolded
from index.split import split
from index.types import Block, BlockKind, Document, Marker, Passage, Sentence, SourceLine

numbers = st.integers(-(2**63), 2**63 - 1)
blocks = st.lists(
    st.builds(Block, st.sampled_from(BlockKind), numbers, numbers, st.none() | numbers, st.none() | numbers)
)


@given(documents(), st.integers(1, 5))
def test_a_document_s_parts_come_back(made: Document, at_once: int) -> None:
    passages = split(made, made.text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_AT_ONCE", at_once)
        kept = folded(made.blocks, made.markers, made.lines, passages)
    assert unfolded(kept) == (made.blocks, made.markers, made.lines, passages)
    assert all(type(block.kind) is BlockKind for block in unfolded(kept)[0])


@given(blocks)
def test_any_numbers_come_back_as_python_s_own(made: list[Block]) -> None:
    found = unfolded(folded(made, (), (), ()))[0]
    assert list(found) == made
    assert all(type(block.start) is type(block.end) is int for block in found)


@given(documents())
def test_what_is_kept_does_not_go_by_how_the_parts_came(made: Document) -> None:
    """As tuples, as a file is read, or back from what was kept."""
    passages = split(made, made.text)
    kept = folded(made.blocks, made.markers, made.lines, passages)
    assert folded(made.blocks, made.markers, made.lines, tuple(passages)) == kept
    assert folded(*unfolded(kept)) == kept
    rows = ((line.start, line.line, line.page) for line in made.lines)
    assert folded(made.blocks, made.markers, Packed(SourceLine, 3, rows), passages) == kept


def test_nothing_is_kept_of_nothing() -> None:
    kept = folded((), (), (), ())
    assert unfolded(kept) == ((), (), (), ()) and isinstance(unfolded(kept)[3], Passages)
    assert folded((), (Marker(3, 1), Marker(9, 2, 7)), (), ())[1] != kept[1]


def test_a_passage_takes_little_room() -> None:
    """As rows they took two hundred bytes."""
    chance = Random(0)
    at = 0
    tiles: list[Passage] = []
    for _ in range(500):
        ends = [at := at + chance.randint(20, 250) for _ in range(4)]
        starts = [tiles[-1].end if tiles else 0, *ends]
        tiles.append(Passage(starts[0], at, tuple(map(Sentence, starts, ends))))
    made: Sequence[Block] = [Block(BlockKind.PARAGRAPH, tile.start, tile.end, n) for n, tile in enumerate(tiles, 1)]
    lines = [SourceLine(tile.start, n, str(n // 9)) for n, tile in enumerate(tiles, 1)]
    kept = folded(made, (), lines, tiles)
    assert unfolded(kept) == (made, (), lines, tiles)
    assert sum(map(len, kept)) < 16 * len(tiles)


def test_records_of_another_kind_are_refused() -> None:
    with pytest.raises(AttributeError):
        folded((), (), (replace(SourceLine(0, 1)), "no line"), ())  # type: ignore[arg-type]
