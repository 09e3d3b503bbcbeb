"""Citations: the quotation is a slice of the text, and its place is where it stands in the file."""

import re
from bisect import bisect_right
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import load
from index.split import split
from index.types import BlockKind, Document, Passage
from qa.cite import CONTEXT, cite, trimmed
from qa.types import Citation

SAMPLES = Path(__file__).resolve().parents[1] / "ui" / "samples"
ESSAY, ARTICLE = "resting-of-the-ground", "how-to-steal-an-oyster-bed"


@cache
def sample(name: str) -> tuple[Document, tuple[Passage, ...], list[str]]:
    """A sample document, its passages, and its source lines."""
    document = load(SAMPLES / f"{name}.txt")
    return document, split(document, document.text), (SAMPLES / f"{name}.txt").read_text("utf-8").split("\n")


@st.composite
def cited(draw: st.DrawFn) -> tuple[str, Citation]:
    """A sample's name and a citation of any range of any of its passages that holds a character to see."""
    name = draw(st.sampled_from([ESSAY, ARTICLE]))
    document, passages, _ = sample(name)
    passage = draw(st.sampled_from(passages))
    start = draw(st.integers(passage.start, passage.end - 1).filter(lambda at: document.text[at].strip()))
    end = draw(st.integers(start + 1, passage.end))
    return name, cite(document, start, end, passage)


def found(name: str, words: str) -> Citation:
    document, passages, _ = sample(name)
    start = document.text.index(words)
    passage = passages[bisect_right([passage.start for passage in passages], start) - 1]
    return cite(document, start, start + len(words), passage)


@given(cited())
def test_a_quotation_is_a_slice_of_the_document_it_names(case: tuple[str, Citation]) -> None:
    name, citation = case
    document, _, _ = sample(name)
    assert citation.quote == document.text[citation.start : citation.end] == citation.quote.strip() != ""
    assert (citation.document, citation.sha256) == (document.id, document.sha256)


@given(cited())
def test_what_stands_around_it_is_kept(case: tuple[str, Citation]) -> None:
    name, citation = case
    before, after = sample(name)[0].text[: citation.start], sample(name)[0].text[citation.end :]
    assert before.endswith(citation.prefix) and len(citation.prefix) == min(CONTEXT, len(before))
    assert after.startswith(citation.suffix) and len(citation.suffix) == min(CONTEXT, len(after))


@given(cited())
def test_the_passage_holds_the_quotation(case: tuple[str, Citation]) -> None:
    name, citation = case
    passage = citation.passage
    assert passage.text == sample(name)[0].text[passage.start : passage.end]
    assert passage.text[citation.start - passage.start : citation.end - passage.start] == citation.quote


@given(cited())
def test_its_lines_are_those_of_the_file(case: tuple[str, Citation]) -> None:
    name, citation = case
    lines = sample(name)[2]
    first, last = citation.lines
    pieces = re.findall(r"[^\s-]+", citation.quote)  # a hyphen may stand at the end of a line
    assert 1 <= first <= last <= len(lines)
    assert not pieces or (pieces[0] in lines[first - 1] and pieces[-1] in lines[last - 1])


@given(cited())
def test_its_page_is_counted_from_the_page_tops(case: tuple[str, Citation]) -> None:
    name, citation = case
    tops = [line for line in sample(name)[2][: citation.lines[0]] if re.match(" [a-z]", line)]  # as that file has them
    assert citation.page == (str(41 + len(tops)) if name == ESSAY else None)


@given(cited())
def test_its_paragraph_is_counted_from_the_beginning(case: tuple[str, Citation]) -> None:
    name, citation = case
    blocks = [block for block in sample(name)[0].blocks if block.start <= citation.start]
    numbered = [block for block in blocks if block.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION)]
    assert citation.paragraph == (len(numbered) if blocks[-1] in numbered else None)


@given(cited())
def test_its_section_is_the_path_of_headings_above_it(case: tuple[str, Citation]) -> None:
    name, citation = case
    document, path = sample(name)[0], {}
    for block in document.blocks:
        if block.kind is BlockKind.HEADING and block.start <= citation.start:
            assert block.level is not None
            path = {level: heading for level, heading in path.items() if level < block.level}
            path[block.level] = document.text[block.start : block.end]
    assert citation.section == tuple(path.values())


@pytest.mark.parametrize(
    ("name", "words", "place"),
    [
        (ESSAY, "CHAPTER III\n\nTHE RETURN", ("CHAPTER III", None, None, "43", (110, 111))),
        (ESSAY, "A purse did that.", ("THE CLOSE", 8, None, "43", (97, 98))),
        (ESSAY, "The rule about crews was Pask’s.", ("THE RETURN", None, 9, "43", (133, 133))),
        (ESSAY, "I do not take that back.", ("THE RETURN", 12, None, "44", (142, 142))),
        (ARTICLE, "What the men got was a wage.", ("Seven years and a day", 12, None, None, (31, 31))),
        (ARTICLE, "A tub was one bushel, heaped", ("A column of figures", None, None, None, (11, 11))),
    ],
)
def test_places_that_were_looked_up_by_hand(
    name: str, words: str, place: tuple[str, int | None, int | None, int | None, tuple[int, int]]
) -> None:
    citation = found(name, words)
    assert (citation.section[-1], citation.paragraph, citation.note, citation.page, citation.lines) == place


@given(st.text(" \n\tab", max_size=8), st.data())
def test_trimming_leaves_what_strip_leaves_and_never_turns_a_range_round(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trimmed(text, start, end)
    assert start <= first <= last <= end
    assert text[first:last] == text[start:end].strip()
