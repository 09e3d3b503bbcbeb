"""Reads PDFs of which the source is known and prints what came back: words, headings, notes, quotations, pages.

The sources are the sample documents, set by `tests/pdfs.py` in several ways and printed by Chromium (`tests/data`).
"""

import sys
import tempfile
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from pdfs import printed, samples  # noqa: E402

from index.load import load  # noqa: E402
from index.types import Block, BlockKind, Document  # noqa: E402


def words(document: Document, notes: bool) -> list[str]:
    """The words of a document's text, or of its notes, in order."""
    blocks = [b for b in document.blocks if (b.kind is BlockKind.FOOTNOTE) is notes and not _is_starred(b)]
    return " ".join(document.text[b.start : b.end] for b in blocks).split()


def _is_starred(block: Block) -> bool:
    """A note marked by an asterisk; the press sets none."""
    return block.kind is BlockKind.FOOTNOTE and block.number is None


def in_order(found: list[str], wanted: list[str]) -> float:
    """Share of words that both have in the same order, of the longer list."""
    if not found and not wanted:
        return 1.0
    matcher = SequenceMatcher(None, found, wanted, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(len(found), len(wanted))


def parts(document: Document, kind: BlockKind) -> set[str]:
    """The texts of one kind of block."""
    return {document.text[b.start : b.end] for b in document.blocks if b.kind is kind and not _is_starred(b)}


def pointers(document: Document) -> set[tuple[int, str]]:
    """Markers by number, each with the beginning of the note that it points to."""
    notes = [(m.number, document.blocks[m.note]) for m in document.markers if m.note is not None]
    return {(number, document.text[note.start : note.end][:40]) for number, note in notes}


def main() -> None:
    header = f"{'file':<34} {'words':>6} {'of notes':>8}  " + "  ".join(
        f"{name:>17}" for name in ("headings", "paragraphs", "quotations", "notes", "markers")
    )
    print(header, "(found right, found wrong, missed)", sep="\n")
    with tempfile.TemporaryDirectory() as folder:
        for path, source, _ in [*samples(Path(folder)), *printed()]:
            document = load(path)
            row = [f"{path.name:<34}"]
            for notes, width in ((False, 6), (True, 8)):
                row.append(f"{in_order(words(document, notes), words(source, notes)):>{width}.3f}")
            kinds = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE)
            pairs = [(parts(document, kind), parts(source, kind)) for kind in kinds]
            for found, wanted in [*pairs, (pointers(document), pointers(source))]:
                row.append(f"{len(found & wanted):>5} {len(found - wanted):>5} {len(wanted - found):>5}")
            print(" ".join(row[:3]), *row[3:], sep="  ")


if __name__ == "__main__":
    main()
