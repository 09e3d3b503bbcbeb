"""Prints what of one text survives in which format: the sample of the tests, written in each and read back.

`docs/formats.md` holds the table, and a test compares the two.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from formats import SAMPLE, WRITERS  # noqa: E402

from index.load import load  # noqa: E402
from index.types import BlockKind, Document  # noqa: E402

NAMES = {"txt": "plain text", "md": "Markdown", "html": "HTML", "docx": "DOCX", "epub": "EPUB"}


def same(document: Document, kind: BlockKind, rows: bool = False) -> str:
    """How many blocks of a kind come back with their words and levels, of those that the text has."""
    blocks = [(b.kind, document.text[b.start : b.end], b.level) for b in document.blocks]
    wanted = [block for block in SAMPLE.blocks() if block[0] is kind and (" | " in block[1]) == rows]
    return f"{sum(block in blocks for block in wanted)} of {len(wanted)}"


def markers(document: Document) -> str:
    """How many note markers stand after the same words and lead to their note."""
    starts = [document.blocks[document.block_at(marker.position)].start for marker in document.markers]
    found = {
        (m.number, document.text[max(start, m.position - 20) : m.position], document.text[note.start : note.end])
        for start, m in zip(starts, document.markers, strict=True)
        if m.note is not None
        for note in [document.blocks[m.note]]
    }
    wanted = {(number, before, SAMPLE.notes[number]) for number, before in SAMPLE.markers()}
    return f"{len(found & wanted)} of {len(wanted)}"


def said(is_right: bool) -> str:
    return "yes" if is_right else "no"


ROWS: dict[str, Callable[[Document], str]] = {
    "headings with their levels": lambda document: same(document, BlockKind.HEADING),
    "paragraphs": lambda document: same(document, BlockKind.PARAGRAPH),
    "block quotations": lambda document: same(document, BlockKind.QUOTATION),
    "captions": lambda document: same(document, BlockKind.CAPTION),
    "rows of a table": lambda document: same(document, BlockKind.PARAGRAPH, rows=True),
    "notes": lambda document: same(document, BlockKind.FOOTNOTE),
    "markers that lead to their note": markers,
    "title": lambda document: said(document.title == SAMPLE.title),
    "author": lambda document: said(document.author == SAMPLE.author),
    "year": lambda document: said(document.year == SAMPLE.year),
    "lines of the source file": lambda document: said(bool(document.lines)),
}


def table() -> str:
    """The table in Markdown."""
    documents: list[Document] = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in WRITERS.items():
            path = Path(folder) / f"sample.{suffix}"
            path.write_bytes(write(SAMPLE))
            documents.append(load(path))
    rows = [["", *(NAMES[suffix] for suffix in WRITERS)], ["---"] * (len(WRITERS) + 1)]
    rows += [[name, *map(tell, documents)] for name, tell in ROWS.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    print(table())
