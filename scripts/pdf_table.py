"""Reads PDFs of which the source is known and prints what came back: words, headings, notes, quotations, pages.

Last, how often the boxes that a picture marks hold the letters of a sentence and no others, as PDFium reads a region,
of sentences drawn at random. The sources are the sample documents, set by `tests/pdfs.py` in several ways and printed
by Chromium (`tests/data`).
"""

import random
import sys
import tempfile
from contextlib import closing
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pypdfium2  # noqa: E402
from pdfs import printed, samples  # noqa: E402

from index import split  # noqa: E402
from index.load import load  # noqa: E402
from index.load.pdf.document import read_pdf  # noqa: E402
from index.pictures import places  # noqa: E402
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


SENTENCES = 200


def letters(text: str) -> str:
    """What both ways of reading must agree in; note numbers and hyphens are taken out of a document's text."""
    return "".join(char for char in text if char.isalpha())


def marked(path: Path, document: Document, count: int) -> list[tuple[str, str]]:
    """Sentences drawn at random, each with the words that stand in the boxes marked for it."""
    passages = split.split(document, document.text)
    sentences = [s for p in passages for s in p.sentences if letters(document.text[s.start : s.end])]
    lines = read_pdf(path.read_bytes(), path.name).lines
    found: list[tuple[str, str]] = []
    with closing(pypdfium2.PdfDocument(path)) as pdf:
        for sentence in random.Random(0).sample(sentences, min(count, len(sentences))):
            held = ""
            for place in places(document, lines, sentence.start, sentence.end):
                text = pdf[place.sheet].get_textpage()
                for left, bottom, right, top in place.boxes:
                    held += text.get_text_bounded(left, (2 * bottom + top) / 3, right, (bottom + 2 * top) / 3)
            found.append((document.text[sentence.start : sentence.end], held))
    return found


def main() -> None:
    header = f"{'file':<34} {'words':>6} {'of notes':>8}  " + "  ".join(
        f"{name:>17}" for name in ("headings", "paragraphs", "quotations", "notes", "markers")
    )
    print(header, "(found right, found wrong, missed)", sep="\n")
    boxes: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        files = [*samples(Path(folder)), *printed()]
        for path, source, _ in files:
            document = load(path)
            boxes += marked(path, document, -(-SENTENCES // len(files)))
            row = [f"{path.name:<34}"]
            for notes, width in ((False, 6), (True, 8)):
                row.append(f"{in_order(words(document, notes), words(source, notes)):>{width}.3f}")
            kinds = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE)
            pairs = [(parts(document, kind), parts(source, kind)) for kind in kinds]
            for found, wanted in [*pairs, (pointers(document), pointers(source))]:
                row.append(f"{len(found & wanted):>5} {len(found - wanted):>5} {len(wanted - found):>5}")
            print(" ".join(row[:3]), *row[3:], sep="  ")
    same = sum(letters(quote) == letters(held) for quote, held in boxes)
    print(f"marked boxes hold their sentence: {same / len(boxes):.3f} of {len(boxes)}")


if __name__ == "__main__":
    main()
