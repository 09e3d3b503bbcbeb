"""Records in arrays are the records; a text by pieces is the text."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.packed import Packed, Passages
from index.types import Block, BlockKind, Passage, Sentence, SourceLine

numbers = st.none() | st.integers(-(2**40), 2**40)
blocks = st.lists(st.builds(Block, st.sampled_from(BlockKind), st.integers(0), st.integers(0), numbers, numbers))
bounds = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), max_size=6)


@given(blocks.filter(lambda found: all(max(block.start, block.end) < 2**63 for block in found)))
def test_records_come_back_as_they_were(found: list[Block]) -> None:
    made = Packed(Block, 5, [(b.kind, b.start, b.end, b.number, b.level) for b in found])
    assert made == tuple(found) == made and list(made) == found and hash(made) == hash(tuple(found))
    assert made[1:] == tuple(found[1:]) and made[::-1] == tuple(found[::-1])
    assert all(one == other and type(one.kind) is BlockKind for one, other in zip(made, found, strict=True))
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(IndexError):
        made[len(found)]


def test_others_differ() -> None:
    made = Packed(SourceLine, 3, [(0, 1, "xii"), (9, 2, None)])
    assert made[-1] == SourceLine(9, 2)
    assert made != Packed(SourceLine, 3, [(0, 1, "xii"), (9, 2, "xii")]) and made != made[:1] and made != "xii"


@given(bounds)
def test_passages_come_back_as_they_were(lengths: list[list[int]]) -> None:
    at, ranges = 0, []
    for some in lengths:
        ranges.append([(at := at + length, at + length) for length in some])
    tiles = [tuple(Sentence(start, end) for start, end in some) for some in ranges]
    assert Passages(ranges) == tuple(Passage(some[0].start, some[-1].end, some) for some in tiles)
