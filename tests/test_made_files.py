"""The sample essay as pandoc, LibreOffice and LaTeX made it (`scripts/format_samples.py`) is read as what it says."""

from pathlib import Path

import pytest

from index.load import load
from index.types import BlockKind, Document

ROOT = Path(__file__).resolve().parents[1]
MADE = ROOT / "tests" / "data" / "tools"
WHOLE = ("pandoc.docx", "pandoc.epub", "libreoffice.docx", "libreoffice.pdf", "latex.pdf")
FLAT = "libreoffice.epub"
"""Its headings but for the chapters', and its quotations, are paragraphs that only a style sheet tells from others."""


@pytest.fixture(scope="module")
def essay() -> Document:
    return load(ROOT / "ui" / "samples" / "resting-of-the-ground.txt")


@pytest.fixture(scope="module")
def read() -> dict[str, Document]:
    return {how: load(MADE / f"ground.{how}") for how in (*WHOLE, FLAT)}


def texts(document: Document, *kinds: BlockKind) -> list[str]:
    """The blocks of some kinds, without the title, which is no heading of the text in every format."""
    blocks = [(block.kind, document.text[block.start : block.end]) for block in document.blocks]
    return [text for kind, text in blocks if kind in kinds and text.casefold() != "the resting of the ground"]


def pointers(document: Document) -> list[tuple[str, str]]:
    """The words before each marker, and the note that it leads to. A book may count the notes of each chapter anew."""
    notes = [(m.position, document.blocks[m.note]) for m in document.markers if m.note is not None]
    return [(document.text[at - 15 : at], document.text[note.start : note.end]) for at, note in notes]


@pytest.mark.parametrize("how", WHOLE)
@pytest.mark.parametrize("kind", [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE])
def test_every_block_comes_back(essay: Document, read: dict[str, Document], how: str, kind: BlockKind) -> None:
    assert texts(read[how], kind) == texts(essay, kind)


@pytest.mark.parametrize("how", [*WHOLE, FLAT])
def test_every_marker_leads_to_its_note(essay: Document, read: dict[str, Document], how: str) -> None:
    assert pointers(read[how]) == pointers(essay)
    assert len(pointers(essay)) == 12


def test_of_a_book_that_marks_nothing_the_words_come_back(essay: Document, read: dict[str, Document]) -> None:
    body = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTATION)
    assert texts(read[FLAT], *body) == texts(essay, *body)
    assert texts(read[FLAT], BlockKind.HEADING) == [
        "INTRODUCTION",
        "CHAPTER I",
        "CHAPTER II",
        "CHAPTER III",
        "CONCLUSION",
    ]
    assert read[FLAT].author is None


def test_the_title_is_told(read: dict[str, Document]) -> None:
    assert {document.title for document in read.values()} == {"The Resting of the Ground"}
